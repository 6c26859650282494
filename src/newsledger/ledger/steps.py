"""Steps: how a history finds where a state changes.

A view's point means its last instant, so what is certain from an exclusive end ``e`` on is first
shown by the instant one microsecond before it. Walks go by exclusive ends; what they yield are
instants, the first of them the state before any change.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, TypeAlias

from newsledger.engine import Handler, KeyedPrefix, Projection, answer_of, is_keyed, keys_of, step
from newsledger.ledger.seen import Seen
from newsledger.reports import Entry
from newsledger.when.ticks import moment_of

Steps: TypeAlias = Iterator[tuple[datetime, Any, tuple[Entry, ...]]]
Read: TypeAlias = tuple[Entry, Handler]
MICROSECOND = timedelta(microseconds=1)
BEGINNING = datetime.min.replace(tzinfo=UTC)
_MISSING = object()


def along_valid(view: Seen, projection: Projection[Any]) -> Steps:
    """Walk valid time in one pass: a later day only ever adds to the end of fold order."""
    walk = (_Keyed if is_keyed(projection) else _Single)(view, projection)
    groups = groupby(view.at_end(None).reading(projection), key=lambda one: one[0].lead)
    ahead = next(groups, None)
    always: list[Read] = []
    if ahead is not None and ahead[0] == 0:
        always = [(piece.line.entry, handler) for piece, handler in ahead[1]]
        ahead = next(groups, None)
    walk.advance(always, BEGINNING)
    yield BEGINNING, walk.answer(BEGINNING), ()
    while ahead is not None:
        end = moment_of(ahead[0])
        read = [(piece.line.entry, handler) for piece, handler in ahead[1]]
        yield from _time_passing(walk, until=end)
        if walk.advance(read, end):
            yield end - MICROSECOND, walk.answer(end), tuple(entry for entry, _ in read)
        ahead = next(groups, None)
    yield from _time_passing(walk, until=None)


def _time_passing(walk: _Single | _Keyed, until: datetime | None) -> Steps:
    """Yield the changes that come without an entry, before ``until``."""
    while walk.moments and (until is None or walk.moments[0] < until):
        end = walk.moments[0]
        if walk.advance([], end):
            yield end - MICROSECOND, walk.answer(end), ()


class _Single:
    """The running state of an unkeyed projection."""

    def __init__(self, view: Seen, projection: Projection[Any]) -> None:
        self._view = view
        self._projection = projection
        self._state = projection.initial()
        self._answer: Any = _MISSING
        self.moments: list[datetime] = []

    def advance(self, read: list[Read], end: datetime) -> bool:
        """Fold entries and move to ``end``; tell whether the answer is another one."""
        for entry, handler in read:
            self._state = step(handler, self._state, entry)
        self.moments = sorted(
            moment + MICROSECOND
            for moment in set(self._projection.moments(self._state))
            if moment + MICROSECOND > end
        )
        last, self._answer = self._answer, self.answer(end)
        return bool(self._answer != last)

    def answer(self, end: datetime) -> Any:
        return answer_of(self._projection, self._state, self._view.at_end(end))


class _Keyed:
    """The running states of a keyed projection; only keys that are touched are asked again."""

    def __init__(self, view: Seen, projection: Projection[Any]) -> None:
        self._view = view
        self._projection = projection
        self._states: dict[Hashable, Any] = {}
        self._answers: dict[Hashable, Any] = {}
        self._read: dict[Hashable, list[Read]] = {}
        self._indexes: dict[Hashable, list[int]] = {}
        self._count = 0
        self._due: list[tuple[datetime, int, Hashable]] = []

    @property
    def moments(self) -> list[datetime]:
        return [self._due[0][0]] if self._due else []

    def advance(self, read: list[Read], end: datetime) -> bool:
        touched: dict[Hashable, None] = {}
        for entry, handler in read:
            for key in keys_of(self._projection, entry):
                state = self._states.get(key, _MISSING)
                state = self._projection.initial() if state is _MISSING else state
                self._states[key] = step(handler, state, entry)
                self._read.setdefault(key, []).append((entry, handler))
                self._indexes.setdefault(key, []).append(self._count)
                touched[key] = None
            self._count += 1
        while self._due and self._due[0][0] <= end:
            touched[heapq.heappop(self._due)[2]] = None
        changed = False
        vantage = self._view.at_end(end)
        for key in touched:
            state = self._states[key]
            for moment in set(self._projection.moments(state)):
                if moment + MICROSECOND > end:
                    self._count += 1
                    heapq.heappush(self._due, (moment + MICROSECOND, self._count, key))
            answer = answer_of(self._projection, state, vantage)
            changed |= bool(answer != self._answers.get(key, _MISSING))
            self._answers[key] = answer
        return changed

    def answer(self, end: datetime) -> Any:
        return KeyedPrefix(
            self._projection,
            self._read,
            self._indexes,
            self._view.at_end(end),
            upto=self._count,
        )
