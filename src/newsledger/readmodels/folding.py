"""Folding: which keys an entry goes to, and the rows of a key.

A row says: in views whose last instants of valid and known time lie from the first instant of each
pair on, and before the second, the answer of the key is this state. A second instant that is
missing is open. Rows of a key never overlap, and cover all points at which it is in the mapping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from newsledger.engine import (
    ENDLESS,
    Dates,
    Read,
    Reading,
    Rectangle,
    all_rows_of,
    answer_of,
    chains_of,
    pieces_of,
    rectangles_of,
)
from newsledger.errors import ProjectionError
from newsledger.index.log import Log
from newsledger.readmodels.tables import Row
from newsledger.readmodels.texts import Encode, key_text, state_text
from newsledger.reports import Line

_Name: TypeAlias = tuple[type, Any]
"""A key as the projection gives it; 1 and True are two."""


@attrs.frozen(eq=False)
class Folding:
    """Makes rows of what a projection reads in a log."""

    log: Log
    reading: Reading
    dates: Dates
    encode: Encode | None
    instant: Callable[[int], Any]

    def gathered(self, after: int, upto: int) -> list[Line]:
        """Read what was recorded after a position and may matter, with whole chains."""
        reading = self.reading
        return self.log.gather(reading.types, reading.scope, after=after, upto=upto)

    def sorted_in(self, lines: Iterable[Line]) -> dict[str, set[int]]:
        """Put the positions of lines under the keys of their chains.

        A chain may have gone to other keys before it was corrected, and still does in views that
        do not know of that: it is put under all of them.
        """
        sorted_in: dict[str, set[int]] = defaultdict(set)
        for chain in chains_of(lines).values():
            positions = [line.position for line in chain]
            for key in {key_text(key) for line in chain for key in self.reading.keys(line)}:
                sorted_in[key].update(positions)
        return sorted_in

    def rows(self, entries: Mapping[str, list[int]]) -> Iterator[Row]:
        """Fold keys, whose entries stand at these positions, and yield their rows."""
        positions = sorted({position for its in entries.values() for position in its})
        lines = {line.position: line for line in self.log.lines_at(positions)}
        keyed = {position: self._keyed(line) for position, line in lines.items()}
        for key, its in entries.items():
            read: list[Read] = []
            names: set[_Name] = set()
            for piece in pieces_of((lines[p] for p in its), self.dates, self.reading.types):
                keys, handler = keyed[piece.line.position]
                if key in keys:
                    read.append((piece, handler))
                    names |= keys[key]
            yield from self._rows(key, read, names)

    def all_rows(self, upto: int) -> Iterator[Row]:
        """Fold all that the projection reads up to a position, and yield the rows of each key."""
        reading = self.reading
        read: dict[str, list[Read]] = defaultdict(list)
        names: dict[str, set[_Name]] = defaultdict(set)
        lines = self.gathered(0, upto)
        for piece in pieces_of(lines, self.dates, reading.types, reading.scope):
            keys, handler = self._keyed(piece.line)
            for key, its_names in keys.items():
                read[key].append((piece, handler))
                names[key] |= its_names
        for key, its in read.items():
            yield from self._rows(key, its, names[key])

    def _keyed(self, line: Line) -> tuple[dict[str, set[_Name]], Any]:
        """Give the texts of a line's keys, each with the keys that are written so."""
        keys, handler = self.reading.keyed_handler(line)
        named: dict[str, set[_Name]] = {}
        for key in keys:
            named.setdefault(key_text(key), set()).add((type(key), key))
        return named, handler

    def _rows(self, key: str, read: list[Read], names: set[_Name]) -> Iterator[Row]:
        if len(names) > 1:
            told = " and ".join(sorted(repr(name) for _, name in names))
            raise ProjectionError(
                f"{type(self.reading.projection).__name__}.keys gives {told}, which are both "
                f"written as {key!r}: give keys of one type"
            )
        initial = self.reading.projection.initial()
        layers = (
            # No view is before the first of all instants.
            (max(lead, 1), since, until, self._state(key, state))
            for lead, since, until, _, _, state in all_rows_of(read, initial)
        )
        for one in rectangles_of(layers):
            yield self._row(key, one)

    def _row(self, key: str, one: Rectangle) -> Row:
        begin, end, known, forgotten, state = one
        instant = self._instant
        return key, instant(begin), instant(end), instant(known), instant(forgotten), state

    def _instant(self, tick: int) -> Any:
        """Give the first instant at which a view shows what is so from an exclusive end on."""
        # It sees what ends with its last instant.
        return None if tick == ENDLESS else self.instant(tick - 1)

    def _state(self, key: str, state: Any) -> str:
        projection = self.reading.projection
        return state_text(projection, key, answer_of(projection, state, _NOWHERE), self.encode)


class _Nowhere:
    """Stands for the view where an answer is to be the same at all points of a row."""

    def __getattr__(self, name: str) -> Any:
        raise TypeError(
            f"it looks at view.{name}, so its answers change without news, which no table can "
            f"hold: make a read model of a projection whose result does not ask the view"
        )


_NOWHERE: Any = _Nowhere()
