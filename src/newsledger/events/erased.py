"""Erased events: what is left of an event that was taken out of a ledger for good."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from newsledger.events.base import Event
from newsledger.events.catalogue import EventType
from newsledger.fields import record


@record(kw_only=True)
class ErasedEvent(Event):
    """An event that was erased: when it occurred is known, and nothing else of it.

    No projection reads it and no view shows it. ``fingerprint`` stands for the entry as it was.
    """

    fingerprint: str
    began_from: datetime | None
    began_until: datetime | None

    @property
    def onset(self) -> tuple[datetime | None, datetime | None]:
        """The window in which it began."""
        return (self.began_from, self.began_until)

    @property
    def entities(self) -> frozenset[str]:
        """None: whom it named is erased."""
        return frozenset()

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """Nothing else is the same happening, as far as anybody can tell."""
        return (self.fingerprint,)


ErasedEvent.TYPE = EventType(
    name="newsledger.erased",
    version=1,
    cls=ErasedEvent,
    identity=(),
    entity_fields=(),
    reference_fields=(),
)
