"""Expectations and schedules: what is said to come."""

from __future__ import annotations

from newsledger.events.base import Event, event
from newsledger.fields import Dated, Entities, MaybeDated, MaybeEntity, References, field


@event("ExpectationStated", identity=("expectation", "about"))
class ExpectationStated(Event):
    """Something is expected, and nobody promised it.

    ``window``: when it would be so; ``depends_on``: reports of what it hangs on.
    """

    expectation: str = field(at_least=1)
    about: Entities = field(default=())
    window: MaybeDated = field(default=None)
    hedge: str | None = None
    depends_on: References = field(default=())


@event("EventScheduled", identity=("title", "host"))
class EventScheduled(Event):
    """Something was announced for ``window``; ``occurred`` is when that was announced."""

    title: str = field(at_least=1)
    window: Dated
    place: str | None = None
    host: MaybeEntity = None
    participants: Entities = field(default=())
    representing: Entities = field(default=())
