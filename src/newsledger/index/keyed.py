"""Keyed: the index from which a keyed projection answers at any point, without a replay.

Built once from all that the projection reads, it holds the rows of every key up to a position of
the log. What is recorded later, or late, repairs only its own keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from threading import RLock
from typing import Any

from newsledger.engine import (
    ENDLESS,
    Dates,
    Handler,
    Piece,
    Reading,
    chains_of,
    columns_of,
    piece,
    report_of,
    rows_of,
    spans,
)
from newsledger.errors import ProjectionError
from newsledger.index.generation import Generation
from newsledger.index.log import Log
from newsledger.index.pausing import no_collections
from newsledger.index.timelines import Timelines
from newsledger.progress import Meter
from newsledger.reports import Line
from newsledger.when.ticks import NEVER

Read = list[tuple[Piece, Handler]]
# When so many lines, and so large a part, came since the rows were made, they are made anew.
_MANY = 20_000
_LARGE = 0.2
# Entries are read, sorted under their keys, and folded into rows.
PASSES = 3


class Keyed:
    """The index of one projection, for one reading of dates."""

    def __init__(self, log: Log, reading: Reading, dates: Dates, timelines: Timelines) -> None:
        self._log = log
        self._timelines = timelines
        self._reading = reading
        self._dates = dates
        self._lock = RLock()
        self._head = 0
        self._came = 0
        self._generation: Generation | None = None
        self._failed = 0

    def reaching(self, position: int, meter: Meter) -> Generation | None:
        """Give a generation that has taken in what was recorded up to a position.

        None where the keys of something that was recorded cannot be told: who looks at a point
        that shows it is to be told so, and nobody else.
        """
        with self._lock:
            if position > self._head and position < self._failed * (1 + _LARGE):
                return None  # it would hardly be another time, and to find out takes long
            try:
                return self._reaching(position, meter)
            except ProjectionError:
                self._failed = position
                return None

    def _reaching(self, position: int, meter: Meter) -> Generation:
        if self._generation is None or self._outgrown():
            self._generation = self._built(max(position, self._head), meter)
            self._head, self._came = self._generation.upto, 0
        elif position > self._head:
            reading = self._reading
            lines = self._log.gather(
                reading.types, reading.scope, after=self._head, upto=position, seen=meter.seen
            )
            self._generation.add(lines)
            self._head = position
            self._came += len(lines)
        return self._generation

    def _outgrown(self) -> bool:
        assert self._generation is not None  # noqa: S101 (asked of one that is there)
        held = len(self._generation.columns.positions)
        return self._came > _MANY and self._came > _LARGE * held

    def _built(self, position: int, meter: Meter) -> Generation:
        with no_collections():
            reading = self._reading
            lines = self._log.gather(reading.types, reading.scope, upto=position, seen=meter.seen)
            count = len(lines)
            read: dict[Hashable, Read] = defaultdict(list)
            members: dict[Hashable, list[int]] = defaultdict(list)
            chains = chains_of(lines)
            del lines
            for chain in meter.through(chains.values(), len(chains), count):
                self._sort_in(chain, read, members)
            chains.clear()
            columns = columns_of(meter.through(self._rows(read, members), len(members), count))
        return Generation(self._log, reading, self._dates, columns, position, self._timelines)

    def _sort_in(
        self,
        chain: list[Line],
        read: dict[Hashable, Read],
        members: dict[Hashable, list[int]],
    ) -> None:
        """Sort the pieces of a chain under their keys, and the chain under all that it names."""
        if len(chain) == 1:
            [line] = chain
            keys, handler = self._reading.keyed_handler(line)
            if handler is not None:
                read_once = (piece(line, line, line.known, ENDLESS, self._dates), handler)
                for key in keys:
                    members[key].append(line.position)
                    if not self._is_never(line):
                        read[key].append(read_once)
            return
        its = {line.position: self._reading.keyed_handler(line) for line in chain}
        for since, until, line in spans(chain):
            keys, handler = its[line.position]
            if handler is not None and not self._is_never(line):
                made = piece(line, report_of(chain), since, until, self._dates)
                for key in keys:
                    read[key].append((made, handler))
        for key in dict.fromkeys(key for keys, _ in its.values() for key in keys):
            members[key] += its

    def _is_never(self, line: Line) -> bool:
        return self._dates == "certain" and line.stop == NEVER

    def _rows(
        self, read: dict[Hashable, Read], members: dict[Hashable, list[int]]
    ) -> Iterator[tuple[Hashable, Any, list[int]]]:
        initial = self._reading.projection.initial
        for key, positions in members.items():
            its = read.pop(key, [])
            its.sort()
            positions.sort()
            yield key, rows_of(its, initial()), positions
