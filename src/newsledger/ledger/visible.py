"""What a view shows: the steps of the contract in their order, each a few lines.

1. recorded, 2. known, 3. amended, 4. valid, 5. fold order. Steps 3 to 5 are the engine's; here
they meet the log, and the questions about entities.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import attrs

from newsledger.codec import type_name
from newsledger.engine import Dates, Scope, Settled, Shown, begun, in_order, settle
from newsledger.events import OutcomeRecorded
from newsledger.ledger.log import Log
from newsledger.reports import Entry, Source, tags

Predicate = Callable[[Entry], object]


@attrs.frozen
class Point:
    """A point on the axes: exclusive ends of valid and known time (None: for ever), a position."""

    valid: datetime | None
    known: datetime | None
    position: int


@attrs.frozen
class Supposed:
    """An entry that was never recorded, and from when it is supposed to have been known."""

    entry: Entry
    known_from: datetime


@attrs.frozen(eq=False)
class Visible:
    """The entries that a question about some types and entities needs, seen from any point."""

    log: Log
    wheres: tuple[Predicate, ...] = ()
    supposed: tuple[Supposed, ...] = ()
    _gathered: dict[tuple[frozenset[str], Scope, int], list[Entry]] = attrs.field(factory=dict)

    def settled(self, types: frozenset[str], scope: Scope, point: Point) -> Settled:
        """Settle what is recorded and known by the point (steps 1 to 3)."""
        candidates = self.candidates(types, scope, point.position)
        return settle(entry for entry in candidates if self._is_known(entry, point.known))

    def candidates(self, types: frozenset[str], scope: Scope, position: int) -> list[Entry]:
        """Read what was recorded by the position (step 1), passes ``where`` and may matter."""
        key = (types, scope, position)
        if key not in self._gathered:
            entries = self.log.gather(types, scope, upto=position)
            entries = [e for e in entries if all(where(e) for where in self.wheres)]
            there = {entry.id for entry in entries}
            entries += [
                # After everything, wherever the view stands.
                attrs.evolve(one.entry, position=position + number)
                for number, one in enumerate(self.supposed, 1)
                if one.entry.id not in there
            ]
            self._gathered[key] = entries
        return self._gathered[key]

    def next_ordinal(self, source: Source, position: int) -> int:
        """Give the place that another report of a source would have."""
        recorded = self.log.tagged([tags.source_tag(source)], upto=position)
        reports = [*recorded, *(one.entry for one in self.supposed)]
        return 1 + max(
            (one.ordinal for one in reports if one.amends is None and one.source.id == source.id),
            default=0,
        )

    def known_from(self, entry: Entry) -> datetime:
        """Tell from which (exclusive) end of known time an entry is visible."""
        published = entry.published.stop
        assert published is not None  # noqa: S101 (a Source without one is refused)
        supposed = [one.known_from for one in self.supposed if one.entry.id == entry.id]
        return min([published, *supposed])

    def _is_known(self, entry: Entry, end: datetime | None) -> bool:
        """Tell whether an entry was known by the end of a point (step 2)."""
        return end is None or self.known_from(entry) <= end


def shown_at(
    settled: Settled, types: frozenset[str], scope: Scope, end: datetime | None, dates: Dates
) -> list[Shown]:
    """Keep what has begun, is of the types and names the entities, in fold order (4 and 5)."""
    return in_order(
        (
            one
            for one in settled.shown.values()
            if (not types or type_name(one.entry.event) in types)
            and scope.admits(entities_shown(one.entry, settled))
            and begun(one, end, dates)
        ),
        dates,
    )


def entities_shown(entry: Entry, settled: Settled) -> frozenset[str]:
    """Give the entities that an entry names here; an outcome's are those of what it refers to."""
    named: set[str] = set()
    seen: set[UUID] = set()
    while True:
        named.update(entry.event.entities)
        if not isinstance(entry.event, OutcomeRecorded):
            return frozenset(named)
        target = settled.shown.get(entry.root_of(entry.event.of))
        if target is None or target.report.id in seen:
            return frozenset(named)
        seen.add(target.report.id)
        entry = target.entry
