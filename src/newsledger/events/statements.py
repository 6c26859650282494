"""Statements: somebody said something."""

from __future__ import annotations

from newsledger.events.base import Event, event
from newsledger.fields import Entities, Entity, MaybeReference, Texts, field


@event("StatementMade", identity=("speaker", "summary"))
class StatementMade(Event):
    """Somebody took a position.

    ``summary`` is the proposition in positive form. ``stance``: "assessment", "denial",
    "position", … . ``denies``: the report whose content is denied.
    """

    speaker: Entity
    summary: str = field(at_least=1)
    about: Entities = field(default=())
    topics: Texts = field(default=())
    on_behalf_of: Entities = field(default=())
    stance: str | None = None
    denies: MaybeReference = field(default=None)
