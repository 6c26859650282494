"""Sweeping: a fold kept up to date while pieces come and go along an axis.

An arrival is put into its place in fold order, and what follows it is folded again, but only until
a state comes out that nobody can tell from the one that was there: from then on nothing changes.
News mostly arrives in the order in which it happens, and most states forget; then an arrival costs
a step or two, however long the past is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from sys import getsizeof
from typing import Any, TypeAlias

import attrs

from newsledger.engine.fold import Handler, step
from newsledger.engine.pieces import ENDLESS, Piece
from newsledger.engine.sameness import same

Read: TypeAlias = tuple[Piece, Handler]
Row: TypeAlias = tuple[int, int, int, Any, Piece]
"""A state that held from one tick of the axis to another: (lead, since, until, state, piece)."""

_FORGOTTEN: Any = object()
_SPARSE = 64
_MOST_BYTES = 32 << 20
# What rows may take: for each piece, and in any case.
_ROWS_EACH, _ROWS_ANYHOW = 8, 64
_BYTES_EACH, _BYTES_ANYHOW = 512, 1 << 16
_LOOKED_INTO = 8
_LIGHT = frozenset({int, bool, float, type(None)})


class Sweep:
    """The states after the pieces that are there, in fold order.

    Every state is remembered as long as they are few and small. Of many, or of such that never
    forget, only every 64th is, and a late arrival folds again from the one before it.
    """

    __slots__ = ("_bytes", "_initial", "_read", "places", "rows", "since", "states", "sparse")

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

    @property
    def bytes(self) -> int:
        """How many bytes all states that ever were take, counted without what they share."""
        return self._bytes

    def move(self, tick: int, gone: Iterable[int], come: Iterable[int]) -> None:
        """Take pieces out and put pieces in, by their place in fold order, all at one tick."""
        for place in gone:
            at = bisect_left(self.places, place)
            self._close(at, tick)
            del self.places[at], self.states[at], self.since[at]
            self._refold(at, tick)
        for place in come:
            at = bisect_left(self.places, place)
            self.places.insert(at, place)
            self.states.insert(at, _FORGOTTEN)
            self.since.insert(at, tick)
            self._refold(at, tick)
        if self.sparse:
            self._forget(range(max(0, len(self.states) - 2), len(self.states) - 1))
        elif self._bytes > _MOST_BYTES and self.rows is None:
            self.sparse = True
            self._forget(range(len(self.states) - 1))

    def _refold(self, at: int, tick: int) -> None:
        """Fold what stands from a place on, until a state comes out that was there."""
        if not self.states:
            return
        # The last state is always asked for, so it is what a removal at the end leaves.
        at = min(at, len(self.states) - 1)
        state = self._before(at)
        while at < len(self.places):
            piece, handler = self._read[self.places[at]]
            state = step(handler, state, piece[8].entry)
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

    def _before(self, at: int) -> Any:
        """Give the state before a place, by folding on from the last that is remembered."""
        kept = at - 1
        while kept >= 0 and self.states[kept] is _FORGOTTEN:
            kept -= 1
        state = self.states[kept] if kept >= 0 else self._initial
        for place in self.places[kept + 1 : at]:
            piece, handler = self._read[place]
            state = step(handler, state, piece[8].entry)
        return state

    def _close(self, at: int, tick: int) -> None:
        if self.rows is not None and self.since[at] < tick:
            self.rows.append((self.places[at], self.since[at], tick, self.states[at]))

    def _forget(self, places: Iterable[int]) -> None:
        for at in places:
            if at % _SPARSE:
                self.states[at] = _FORGOTTEN


def arrivals(read: list[Read]) -> Iterator[tuple[int, list[int], list[int]]]:
    """Yield the ticks at which pieces go or come, each with the places of both."""
    moves = [(read[place][0][6], 1, place) for place in range(len(read))]
    moves += [(one[0][7], 0, place) for place, one in enumerate(read) if one[0][7] < ENDLESS]
    moves.sort()
    for tick, group in groupby(moves, key=itemgetter(0)):
        gone: list[int] = []
        come: list[int] = []
        for _, comes, place in group:
            (come if comes else gone).append(place)
        yield tick, gone, come


def rows_of(read: list[Read], initial: Any) -> list[Row] | None:
    """List the state after every piece at every tick of the axis, in fold order.

    At a point the answer is that of the last row whose lead is not above its valid end and which
    is alive at its tick. None where that would take too much: where a state never forgets, each
    late arrival changes all that follow it, and each state is as large as the past is long.
    """
    most_rows = _ROWS_EACH * len(read) + _ROWS_ANYHOW
    most_bytes = _BYTES_EACH * len(read) + _BYTES_ANYHOW
    if all(one[0][7] == ENDLESS for one in read) and _in_turn(read):
        return _plain_rows(read, initial, most_bytes)
    sweep = Sweep(read, initial, keep_rows=True)
    assert sweep.rows is not None  # noqa: S101 (asked for)
    for tick, gone, come in arrivals(read):
        sweep.move(tick, gone, come)
        if len(sweep.rows) + len(sweep.places) > most_rows or sweep.bytes > most_bytes:
            return None
    sweep.rows += zip(
        sweep.places, sweep.since, [ENDLESS] * len(sweep.places), sweep.states, strict=True
    )
    sweep.rows.sort(key=itemgetter(0, 1))
    return [
        (read[place][0][0], since, until, state, read[place][0])
        for place, since, until, state in sweep.rows
    ]


def weight(state: Any) -> int:
    """Count the bytes of a state and of what it holds directly, small change left out."""
    if type(state) in _LIGHT:
        return 0
    held = getsizeof(state)
    for part in _parts(state):
        if type(part) not in _LIGHT:
            held += getsizeof(part)
    return held


def _parts(state: Any) -> Iterable[Any]:
    if type(state) is tuple and len(state) <= _LOOKED_INTO:
        return state
    if attrs.has(type(state)):
        return [getattr(state, field.name) for field in attrs.fields(type(state))]
    return ()


def _in_turn(read: list[Read]) -> bool:
    """Tell whether all arrive in fold order, so that nothing is ever folded again."""
    since = 0
    for piece, _ in read:
        if piece[6] < since:
            return False
        since = piece[6]
    return True


def _plain_rows(read: list[Read], initial: Any, most_bytes: int) -> list[Row] | None:
    rows: list[Row] = []
    state = initial
    held = 0
    for piece, handler in read:
        state = step(handler, state, piece[8].entry)
        held += weight(state)
        if held > most_bytes:
            return None
        rows.append((piece[0], piece[6], ENDLESS, state, piece))
    return rows
