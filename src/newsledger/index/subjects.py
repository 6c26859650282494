"""Subjects: the lines that questions about some types and entities need, kept between questions.

What is kept only ever grows at its end, as the ledger does, so it is right for every position up
to the last that was looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

import attrs

from newsledger.engine import Scope
from newsledger.index.log import Log
from newsledger.reports import Line

Wanted: TypeAlias = tuple[frozenset[str], Scope, int]
"""Types, entities, and the log's epoch when lines were decoded."""
# So many lines are kept, over all subjects and of a single one; a decoded line takes about 2 kB.
KEPT = 100_000
LARGEST = 20_000
SUBJECTS = 10_000


@attrs.frozen(eq=False)
class Subject:
    """All lines that matter to a subject, up to a position of the ledger, as of the log's epoch."""

    upto: int
    lines: list[Line]
    positions: list[int]
    epoch: int

    def cut(self, position: int) -> list[Line]:
        """Give the lines up to a position."""
        if position >= self.upto:
            return self.lines
        return self.lines[: bisect_right(self.positions, position)]

    def last(self, position: int) -> int:
        """Give the last position that matters, up to a position: what lies between is alike."""
        index = bisect_right(self.positions, position)
        return self.positions[index - 1] if index else 0


class Subjects:
    """The subjects of one ledger that were asked about last."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._lock = Lock()
        self._kept: OrderedDict[Wanted, Subject] = OrderedDict()
        self._lines = 0
        self._large: set[Wanted] = set()
        log.forget_with(self)

    def forget(self) -> None:
        """Let go of all lines."""
        with self._lock:
            self._kept.clear()
            self._large.clear()
            self._lines = 0

    def is_large(self, types: frozenset[str], scope: Scope) -> bool:
        """Tell whether a subject was found to have more lines than are kept of one."""
        return (types, scope, self.log.epoch) in self._large

    def subject(
        self,
        types: frozenset[str],
        scope: Scope,
        position: int,
        seen: Callable[[int], object] | None = None,
    ) -> Subject:
        """Read what matters up to a position, and not again what was read before."""
        wanted = (types, scope, self.log.epoch)
        with self._lock:
            there = self._kept.get(wanted)
            if there is not None:
                self._kept.move_to_end(wanted)
        if there is not None and position <= there.upto:
            return there
        if there is None:
            lines = self.log.gather(types, scope, upto=position, seen=seen)
        else:
            new = self.log.gather(types, scope, after=there.upto, upto=position, seen=seen)
            lines = _joined(there.lines, new)
        grown = Subject(position, lines, [line.position for line in lines], wanted[2])
        self._keep(wanted, grown)
        return grown

    def _keep(self, wanted: Wanted, grown: Subject) -> None:
        with self._lock:
            if wanted[2] != self.log.epoch:
                return  # some of it may have been erased since
            before = self._kept.get(wanted)
            if before is not None and before.upto >= grown.upto:
                return  # another thread was faster
            self._drop(wanted)
            if len(grown.lines) > LARGEST:
                self._large.add(wanted)
                return
            self._kept[wanted] = grown
            self._lines += len(grown.lines)
            while self._lines > KEPT or len(self._kept) > SUBJECTS:
                self._drop(next(iter(self._kept)))

    def _drop(self, wanted: Wanted) -> None:
        dropped = self._kept.pop(wanted, None)
        if dropped is not None:
            self._lines -= len(dropped.lines)


def _joined(lines: list[Line], new: list[Line]) -> list[Line]:
    """Put lines together by position; one that is there keeps what it has decoded."""
    if not new:
        return lines
    there = {line.position for line in lines}
    fresh = [line for line in new if line.position not in there]
    if not fresh:
        return lines
    if not lines or fresh[0].position > lines[-1].position:
        return lines + fresh
    return sorted(lines + fresh, key=lambda line: line.position)
