"""Bases: military and other installations on somebody's soil."""

from __future__ import annotations

from newsledger.events.base import Event, event
from newsledger.fields import Entity, MaybeDated, MaybeEntity, field

BASE_STATUSES = ("planned", "operating", "suspended", "closing", "closed", "handed over")


@event("BaseStatusReported", identity=("base", "status"))
class BaseStatusReported(Event):
    """A base has a status at ``occurred``, and since ``since`` where that is known."""

    base: Entity
    host: MaybeEntity = None
    operator: MaybeEntity = None
    status: str = field(choices=BASE_STATUSES)
    since: MaybeDated = field(default=None)
    name: str | None = None
    agreement: MaybeEntity = None
