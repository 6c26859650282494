"""A generation of a keyed index: rows up to a position, and what came since, by key.

Every answer is that of a fold of the key's own timeline. Rows spare it where they are right: where
no line of the key lies between the view's position and that of the rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable

import attrs

from newsledger.engine import (
    Columns,
    Dates,
    Handler,
    Reading,
    Timeline,
    chains_of,
    keys_of,
    pieces_of,
)
from newsledger.index.log import Log
from newsledger.index.timelines import Timelines
from newsledger.reports import Line

# So many keys are read from the store at once, where many are folded.
_TOGETHER = 500


@attrs.frozen
class Touched:
    """What came for a key since the rows were made: from which position, the chains whole."""

    since: int
    lines: list[Line]


@attrs.frozen(eq=False)
class Generation:
    """The rows of a projection up to ``upto``, and what came since; safe to read while it grows."""

    log: Log
    reading: Reading
    dates: Dates
    columns: Columns
    upto: int
    _timelines: Timelines
    touched: dict[Hashable, Touched] = attrs.field(factory=dict)
    # Stands for it in the names of timelines, which may outlive it.
    _name: object = attrs.field(factory=object)

    def add(self, lines: Iterable[Line]) -> None:
        """Take in what was recorded since, chains whole."""
        for chain in chains_of(lines).values():
            first = min(line.position for line in chain if line.position > self.upto)
            for key in dict.fromkeys(key for line in chain for key in self.reading.keys(line)):
                there = self.touched.get(key, Touched(first, []))
                known = {line.position for line in there.lines}
                fresh = [line for line in chain if line.position not in known]
                # Never changed in place, since others may be reading it.
                self.touched[key] = Touched(
                    min(there.since, first), sorted([*there.lines, *fresh], key=_position)
                )

    def number(self, key: Hashable, position: int) -> int | None:
        """Find the number of a key whose rows are right at a position; None where none are."""
        number = self.columns.numbers.get(key)
        if number is None or number in self.columns.deep or self.columns.last[number] > position:
            return None
        its = self.touched.get(key)
        return number if its is None or its.since > position else None

    def unready(self, position: int) -> list[Hashable]:
        """List the keys that may have a state at a position and whose rows are not right there."""
        columns = self.columns
        late = (columns.last > position).nonzero()[0].tolist()
        found: dict[Hashable, None] = dict.fromkeys(columns.keys[number] for number in late)
        found.update(dict.fromkeys(columns.keys[number] for number in sorted(columns.deep)))
        # Of a copy, since another thread may be adding keys.
        touched = self.touched.copy()
        found.update((key, None) for key, its in touched.items() if its.since <= position)
        return list(found)

    def timeline(self, key: Hashable, position: int) -> Timeline:
        """Make the timeline of one key from the lines that were recorded by a position."""
        [made] = self.timelines([key], position)
        return made

    def timelines(self, keys: list[Hashable], position: int) -> Iterable[Timeline]:
        """Yield the timelines of several keys, read from the store together."""
        for start in range(0, len(keys), _TOGETHER):
            some = keys[start : start + _TOGETHER]
            names = {key: (self._name, key, self._last(key, position)) for key in some}
            there = {key: self._timelines.get(name) for key, name in names.items()}
            lines = self._lines([key for key in some if there[key] is None], position)
            for key in some:
                made = there[key]
                if made is None:
                    pieces = pieces_of(lines[key], self.dates, self.reading.types)
                    made = Timeline(pieces, _Reach(self.reading, key))
                    self._timelines.keep(names[key], made)
                yield made

    def _positions(self, key: Hashable) -> list[int]:
        number = self.columns.numbers.get(key)
        return [] if number is None else self.columns.positions_of(number)

    def _last(self, key: Hashable, position: int) -> int:
        """Give the last position of a key's lines up to a position: what lies between is alike."""
        its = self.touched.get(key)
        positions = self._positions(key)
        if its is not None:
            positions = sorted({*positions, *(line.position for line in its.lines)})
        index = bisect_right(positions, position)
        return positions[index - 1] if index else 0

    def _lines(self, keys: list[Hashable], position: int) -> dict[Hashable, list[Line]]:
        there: dict[Hashable, dict[int, Line]] = {}
        wanted: set[int] = set()
        for key in keys:
            its = self.touched.get(key)
            there[key] = {line.position: line for line in its.lines} if its is not None else {}
            wanted.update(p for p in self._positions(key) if p not in there[key] and p <= position)
        read = {line.position: line for line in self.log.lines_at(sorted(wanted))}
        found = {}
        for key in keys:
            its_lines = there[key] | {p: read[p] for p in self._positions(key) if p in read}
            found[key] = [its_lines[p] for p in sorted(its_lines) if p <= position]
        return found


class _Reach:
    """The handler of a line for one key."""

    __slots__ = ("_key", "_reading")

    def __init__(self, reading: Reading, key: Hashable) -> None:
        self._reading = reading
        self._key = key

    def __call__(self, line: Line) -> Handler | None:
        handler = self._reading.handler(line)
        if handler is None or self._key not in keys_of(self._reading.projection, line.entry):
            return None
        return handler


def _position(line: Line) -> int:
    return line.position
