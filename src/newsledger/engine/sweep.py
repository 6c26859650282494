"""Sweeping: a fold kept up to date while pieces come and go along an axis.

An arrival is put into its place in fold order, and what follows it is folded again, but only until
a state comes out that nobody can tell from the one that was there: from then on nothing changes.
News mostly arrives in the order in which it happens, and most states forget; then an arrival costs
a step or two, however long the past is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from math import inf
from operator import itemgetter
from sys import getsizeof
from typing import Any, TypeAlias

from newsledger.engine.fold import Handler, step
from newsledger.engine.pieces import ENDLESS, Piece
from newsledger.engine.sameness import same
from newsledger.errors import ProjectionError
from newsledger.events import Event
from newsledger.reports import Entry

Read: TypeAlias = tuple[Piece, Handler]
Row: TypeAlias = tuple[int, int, int, int, int, Any]
"""A state that held from one tick of the axis to another.

(lead, since, until, position of the line, position of its report, state)
"""
Move: TypeAlias = tuple[int, bool, int]
"""At which tick, whether a piece comes or goes, and its place in fold order."""

_FORGOTTEN: Any = object()
_SPARSE = 64
_MOST_BYTES = 32 << 20
# What rows may take: for each piece, and in any case.
_ROWS_EACH, _ROWS_ANYHOW = 8, 64
_BYTES_EACH, _BYTES_ANYHOW = 512, 1 << 16
_LOOKED_INTO = 64
_DEEPEST = 2
_CONTAINERS = (tuple, list, dict, set, frozenset)
_LIGHT = frozenset({int, bool, float, type(None)})
_tick = itemgetter(0)
_place_and_tick = itemgetter(0, 1)


class Sweep:
    """The states after the pieces that are there, in fold order.

    Every state is remembered as long as they are few and small. Of many, or of such that never
    forget, only every 64th is, and a late arrival folds again from the one before it.
    """

    __slots__ = ("_bytes", "_initial", "_read", "places", "rows", "since", "sparse", "states")

    def __init__(self, read: list[Read], initial: Any, *, keep_rows: bool = False) -> None:
        """Prepare to sweep over pieces in fold order, none of which is there yet.

        ``keep_rows``: note each state that comes to its end in ``rows``.
        """
        self._read = read
        self._initial = initial
        self._bytes = 0
        self.places: list[int] = []
        self.states: list[Any] = []
        self.since: list[int] = []
        self.rows: list[tuple[int, int, int, Any]] | None = [] if keep_rows else None
        self.sparse = False

    @property
    def state(self) -> Any:
        """The state after all that is there."""
        return self.states[-1] if self.states else self._initial

    def run(self, moves: list[Move], *, most_rows: float, most_bytes: float) -> bool:
        """Make all of some moves, in order, or stop and tell that it would take too much."""
        read, places, states, since = self._read, self.places, self.states, self.since
        rows = [] if self.rows is None else self.rows
        begin, count = 0, len(moves)
        while begin < count:
            tick, comes, place = moves[begin]
            end = begin + 1
            while end < count and moves[end][0] == tick:
                end += 1
            if comes and end - begin == 1 and (not places or place > places[-1]):
                # What most do: to come alone, and last in fold order.
                piece, handler = read[place]
                state = step(handler, states[-1] if states else self._initial, piece[8].entry)
                places.append(place)
                states.append(state)
                since.append(tick)
                self._bytes += weight(state)
            else:
                self.move(tick, moves[begin:end])
            if self._bytes > most_bytes or len(rows) > most_rows:
                return False
            begin = end
        return True

    def move(self, tick: int, moves: Iterable[Move]) -> None:
        """Put pieces into their places in fold order, or take them out, at a tick of the axis.

        ``moves`` are all of that tick, in order. They are folded together: a correction comes
        where its target goes, and what lies between the two is no state that any view has.
        """
        places = self.places
        moved: list[int] = []
        for _, comes, place in moves:
            if comes and not moved and (not places or place > places[-1]):
                piece, handler = self._read[place]
                state = step(handler, self.state, piece[8].entry)
                places.append(place)
                self.states.append(state)
                self.since.append(tick)
                self._bytes += weight(state)
                continue
            at = bisect_left(places, place)
            if comes:
                places.insert(at, place)
                self.states.insert(at, _FORGOTTEN)
                self.since.insert(at, tick)
            else:
                self._close(at, tick)
                del places[at], self.states[at], self.since[at]
            moved.append(place)
        moved.sort(reverse=True)
        while moved and self.states:
            self._refold(moved, tick)
        if self._bytes > _MOST_BYTES and self.rows is None:
            self._thin()

    def _refold(self, moved: list[int], tick: int) -> None:
        """Fold what stands from the least of some places on, until a state is the same as before.

        Places that are passed are taken from ``moved``, of which the least is the last.
        """
        # The last state is always asked for, so it is what a removal at the end leaves.
        at = min(bisect_left(self.places, moved.pop()), len(self.states) - 1)
        state = self.after(at)
        while at < len(self.places):
            piece, handler = self._read[self.places[at]]
            state = step(handler, state, piece[8].entry)
            while moved and moved[-1] <= self.places[at]:
                moved.pop()
            there = self.states[at]
            if there is not _FORGOTTEN:
                if same(state, there):
                    return
                self._close(at, tick)
            elif self.sparse and at % _SPARSE and at < len(self.places) - 1:
                at += 1
                continue
            self.states[at] = state
            self.since[at] = tick
            self._bytes += weight(state)
            at += 1
        moved.clear()

    def after(self, count: int) -> Any:
        """Give the state after the first so many pieces, folded on from one that is remembered."""
        kept = count - 1
        while kept >= 0 and self.states[kept] is _FORGOTTEN:
            kept -= 1
        state = self.states[kept] if kept >= 0 else self._initial
        for place in self.places[kept + 1 : count]:
            piece, handler = self._read[place]
            state = step(handler, state, piece[8].entry)
        return state

    def _close(self, at: int, tick: int) -> None:
        if self.rows is not None and self.since[at] < tick:
            self.rows.append((self.places[at], self.since[at], tick, self.states[at]))

    def _thin(self) -> None:
        """Forget all but some of the states, from now on that which was the last, too."""
        last = len(self.states) - 1
        for at in range(max(0, last - 1) if self.sparse else 0, last):
            if at % _SPARSE:
                self.states[at] = _FORGOTTEN
        self.sparse = True


def moves_of(read: list[Read]) -> list[Move]:
    """List how pieces come and go, in the order of the axis; at one tick they go first."""
    moves = [(one[0][6], True, place) for place, one in enumerate(read)]
    moves += [(one[0][7], False, place) for place, one in enumerate(read) if one[0][7] < ENDLESS]
    moves.sort()
    return moves


def by_tick(moves: Iterable[Move]) -> Iterator[tuple[int, list[Move]]]:
    """Yield the ticks of the axis at which something moves, with all that does."""
    for tick, those in groupby(moves, _tick):
        yield tick, [*those]


def rows_of(read: list[Read], initial: Any) -> list[Row] | None:
    """List the state after every piece at every tick of the axis, in fold order.

    At a point the answer is that of the last row whose lead is not above its valid end and which
    is alive at its tick. None where that would take too much: where a state never forgets, each
    late arrival changes all that follow it, and each state is as large as the past is long. None
    also where a handler raises: only who looks at a point that shows it is to be told.
    """
    most_rows = _ROWS_EACH * len(read) + _ROWS_ANYHOW
    most_bytes = _BYTES_EACH * len(read) + _BYTES_ANYHOW
    try:
        return _rows_of(read, initial, most_rows, most_bytes)
    except ProjectionError:
        return None


def all_rows_of(read: list[Read], initial: Any) -> list[Row]:
    """List the same however much it takes; ProjectionError where a handler raises."""
    rows = _rows_of(read, initial, inf, inf)
    assert rows is not None  # noqa: S101 (nothing is too much)
    return rows


def _rows_of(
    read: list[Read], initial: Any, most_rows: float, most_bytes: float
) -> list[Row] | None:
    if _in_turn(read):
        return _plain_rows(read, initial, most_bytes)
    sweep = Sweep(read, initial, keep_rows=True)
    rows = sweep.rows
    assert rows is not None  # noqa: S101 (asked for)
    if not sweep.run(moves_of(read), most_rows=most_rows, most_bytes=most_bytes):
        return None
    for place, since, state in zip(sweep.places, sweep.since, sweep.states, strict=True):
        rows.append((place, since, ENDLESS, state))
    rows.sort(key=_place_and_tick)
    made: list[Row] = []
    for place, since, until, state in rows:
        piece = read[place][0]
        made.append((piece[0], since, until, piece[8].position, piece[9], state))
    return made


def weight(state: Any, depth: int = 0) -> int:
    """Count the bytes of a state and of what it holds, as far as that may grow; not small change.

    What grows is often wrapped: in a record, in a dict, in a tuple with something else.
    """
    kind = type(state)
    if kind in _LIGHT:
        return 0
    if kind is str:
        return len(state)
    held = getsizeof(state)
    if depth < _DEEPEST:
        for part in _parts(state, kind):
            if type(part) is str:
                held += len(part)
            elif type(part) not in _LIGHT and (not depth or isinstance(part, _CONTAINERS)):
                held += weight(part, depth + 1)
    return held


def _parts(state: Any, kind: type) -> Iterable[Any]:
    if isinstance(state, _CONTAINERS):
        # One that holds more weighs enough by itself.
        if len(state) > _LOOKED_INTO:
            return ()
        parts: Iterable[Any] = state.values() if isinstance(state, dict) else state
        return parts
    return [getattr(state, name, None) for name in _names(kind)] + [
        *getattr(state, "__dict__", {}).values()
    ]


@lru_cache(maxsize=1024)
def _names(kind: type) -> tuple[str, ...]:
    """List the slots of a class; entries and events are shared with whoever holds them."""
    if issubclass(kind, Entry | Event):
        return ()
    slots = (vars(base).get("__slots__", ()) for base in kind.__mro__)
    return tuple(name for those in slots for name in those if not name.startswith("__"))


def _in_turn(read: list[Read]) -> bool:
    """Tell whether all arrive in fold order and stay, so that nothing is ever folded again."""
    since = 0
    for piece, _ in read:
        if piece[6] < since or piece[7] != ENDLESS:
            return False
        since = piece[6]
    return True


def _plain_rows(read: list[Read], initial: Any, most_bytes: float) -> list[Row] | None:
    rows: list[Row] = []
    state = initial
    held = 0
    for piece, handler in read:
        state = step(handler, state, piece[8].entry)
        held += weight(state)
        if held > most_bytes:
            return None
        rows.append((piece[0], piece[6], ENDLESS, piece[8].position, piece[9], state))
    return rows
