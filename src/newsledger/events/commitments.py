"""Commitments and offers: somebody said what they will do, or would do."""

from __future__ import annotations

from newsledger.events.base import Event, event
from newsledger.fields import Entities, Entity, MaybeDated, field


@event("CommitmentMade", identity=("by", "promise"))
class CommitmentMade(Event):
    """Somebody promised something; ``due``: by when, ``hedge``: how sure the words were."""

    by: Entity
    promise: str = field(at_least=1)
    due: MaybeDated = field(default=None)
    to: Entities = field(default=())
    hedge: str | None = None


@event("OfferMade", identity=("by", "to", "offer", "condition"))
class OfferMade(Event):
    """Somebody offered something, on a condition.

    Two conditions make two offers. ``delay``: how soon after the condition is met.
    """

    by: Entity
    to: Entity
    offer: str = field(at_least=1)
    condition: str | None = None
    delay: str | None = None
    about: Entities = field(default=())
