"""Traces: projections that tell all that they read, in order, so that nothing goes unnoticed."""

from __future__ import annotations

from collections.abc import Iterable

from newsledger.engine import Projection, on
from newsledger.events import Event
from newsledger.reports import Entry


class Trace(Projection[tuple[str, ...]]):
    """The ids of all that is shown, in fold order, marked where it is denied."""

    def initial(self) -> tuple[str, ...]:
        """Nothing was shown yet."""
        return ()

    @on(Event)
    def said(self, state: tuple[str, ...], _: Event, entry: Entry) -> tuple[str, ...]:
        """Add one."""
        return (*state, str(entry.id))

    @on(Event, denied=True)
    def denied(self, state: tuple[str, ...], _: Event, entry: Entry) -> tuple[str, ...]:
        """Add one that says that something did not happen."""
        return (*state, f"not {entry.id}")


class TraceByName(Trace):
    """The same for each entity."""

    def keys(self, event: Event, _: Entry) -> Iterable[str]:
        """Give the entities that are named."""
        return event.entities
