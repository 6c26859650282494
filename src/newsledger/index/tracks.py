"""Tracks: the states of one key after each of its pieces, kept up to date as reports arrive.

A track stands at FOREVER of known time. It is taken from the rows of the index without reading a
single body; a report that arrives is put into its place, and only the pieces after it are read, one
after the other, until the state comes to the same again.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from newsledger.engine import (
    ENDLESS,
    Columns,
    Dates,
    Handler,
    Piece,
    Reading,
    Timeline,
    piece,
    same,
    step,
)
from newsledger.index.log import Log
from newsledger.reports import Entry
from newsledger.when.ticks import NEVER


class Track:
    """The pieces of a key that are shown for ever, in fold order, each with the state after it."""

    __slots__ = ("_dates", "_initial", "_log", "_places", "_reading", "leads", "states")

    def __init__(self, log: Log, reading: Reading, dates: Dates) -> None:
        self._log = log
        self._reading = reading
        self._dates: Dates = dates
        self._initial = reading.projection.initial()
        self.leads: list[int] = []
        self.states: list[Any] = []
        # A piece, or the positions of its line and of its report where it was not read yet.
        self._places: list[Piece | tuple[int, int]] = []

    def take(self, columns: Columns, number: int, valid: int) -> None:
        """Take over the rows of a key."""
        begin, end = columns.starts[number : number + 2].tolist()
        untils, leads, lines, reports = (
            column[begin:end].tolist()
            for column in (columns.until, columns.lead, columns.line, columns.report)
        )
        states = columns.states
        for row, until in enumerate(untils):
            if until == ENDLESS and leads[row] <= valid:
                self.leads.append(leads[row])
                self.states.append(states[begin + row])
                self._places.append((lines[row], reports[row]))

    def follow(self, timeline: Timeline, valid: int) -> None:
        """Fold a timeline of the key, as far as it is shown for ever."""
        state = self._initial
        for made, handler in timeline.at(valid, NEVER):
            state = step(handler, state, made.line.entry)
            self.leads.append(made.lead)
            self.states.append(state)
            self._places.append(made)

    def insert(self, made: Piece, handler: Handler) -> None:
        """Put a report that has no amendments into its place."""
        at = bisect_right(self.leads, made.lead)
        while at and self.leads[at - 1] == made.lead and self._piece(at - 1) > made:
            at -= 1
        state = step(handler, self._before(at), made.line.entry)
        self.leads.insert(at, made.lead)
        self.states.insert(at, state)
        self._places.insert(at, made)
        for after in range(at + 1, len(self.leads)):
            entry = self._entry(after)
            follows = self._reading.handler_of(entry)
            if follows is not None:  # else it was erased a moment ago
                state = step(follows, state, entry)
            if same(state, self.states[after]):
                return
            self.states[after] = state

    @property
    def beginning(self) -> tuple[int, int]:
        """The lead of the first piece, and the position of its report."""
        first = self._places[0]
        return self.leads[0], first.report if isinstance(first, Piece) else first[1]

    def _before(self, at: int) -> Any:
        return self.states[at - 1] if at else self._initial

    def _entry(self, at: int) -> Entry:
        place = self._places[at]
        if isinstance(place, Piece):
            return place.line.entry
        [line] = self._log.entries_at([place[0]])
        return line.entry

    def _piece(self, at: int) -> Piece:
        place = self._places[at]
        if not isinstance(place, Piece):
            lines = {line.position: line for line in self._log.lines_at(sorted({*place}))}
            line, report = (lines[position] for position in place)
            place = self._places[at] = piece(line, report, 0, ENDLESS, self._dates)
        return place
