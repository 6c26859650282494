"""Roles: who holds an office."""

from __future__ import annotations

from newsledger.events.base import Event, event
from newsledger.events.spells import refuse_whole_spells
from newsledger.fields import Entity, MaybeDated, field


@event("RoleHeld", identity=("person", "office", "of"))
class RoleHeld(Event):
    """An observation: in office at ``occurred``, and since ``since`` where that is known."""

    person: Entity
    office: str = field(at_least=1)
    of: Entity
    since: MaybeDated = field(default=None)

    def __attrs_post_init__(self) -> None:
        refuse_whole_spells(self)


@event("RoleStarted", identity=("person", "office", "of"))
class RoleStarted(Event):
    """A change: in office from ``occurred``."""

    person: Entity
    office: str = field(at_least=1)
    of: Entity

    def __attrs_post_init__(self) -> None:
        refuse_whole_spells(self)


@event("RoleEnded", identity=("person", "office", "of"))
class RoleEnded(Event):
    """A change: ``occurred`` is the last day in office, at whose end it is over."""

    person: Entity
    office: str = field(at_least=1)
    of: Entity

    def __attrs_post_init__(self) -> None:
        refuse_whole_spells(self)
