"""Interactions: who did what to whom, as coded event data sets say it."""

from __future__ import annotations

from newsledger.errors import InvalidEvent
from newsledger.events.base import Event, event
from newsledger.fields import MaybeEntity, field


@event("InteractionReported", identity=("actor", "target", "action", "code"))
class InteractionReported(Event):
    """An actor did something to a target; for rows of coded sets where no richer type fits.

    ``scheme`` and ``code``: as "CAMEO" and "042". ``intensity``: on the scheme's scale.
    """

    actor: MaybeEntity = None
    target: MaybeEntity = None
    action: str = field(at_least=1)
    scheme: str | None = None
    code: str | None = None
    place: str | None = None
    intensity: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.actor is None and self.target is None:
            raise InvalidEvent(
                "InteractionReported.actor: an actor or a target must be named",
                field="InteractionReported.actor",
            )
