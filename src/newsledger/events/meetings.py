"""Meetings: people came together."""

from __future__ import annotations

from collections.abc import Iterable

from newsledger.events.base import Event, event
from newsledger.fields import Converted, Entities, field, record


@record()
class AgendaItem:
    """A topic of a meeting; ``discussed=False``: expressly not discussed."""

    topic: str = field(at_least=1)
    discussed: bool = True


class Agenda(Converted[Iterable[AgendaItem], tuple[AgendaItem, ...]]):
    """Topics of a meeting."""


@event("MeetingHeld", identity=("participants", "kind"))
class MeetingHeld(Event):
    """Two or more came together.

    ``participants`` are those who met; ``representing`` the states or bodies they stood for, so
    that meetings between states are found too. ``kind``: "talks", "press conference", "summit",
    … .
    """

    participants: Entities = field(at_least=2, distinct=True)
    representing: Entities = field(default=())
    place: str | None = None
    kind: str | None = None
    agenda: Agenda = field(default=())
