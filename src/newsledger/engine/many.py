"""Many points: the states of one timeline at any number of points, for one pass over it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeAlias

from newsledger.engine.fold import step
from newsledger.engine.sweep import Move, Read, Sweep, by_tick as grouped, moves_of
from newsledger.errors import ProjectionError

Ticks: TypeAlias = tuple[int, int]
"""Exclusive ends of valid time and of the axis."""
# What is late is folded in at a quarter of all pieces, if nothing is known of the states.
_QUARTER = 4


def states_at(read: list[Read], initial: Any, points: Sequence[Ticks]) -> list[Any]:
    """Give the state at each point, in the order of the points.

    The cost is that of one fold, of a look-up for each point, and of what arrived late; at most it
    is about one fold for each different tick of the axis.
    """
    moves = moves_of(read)
    by_tick: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, (valid, tick) in enumerate(points):
        by_tick[tick].append((valid, place))
    found: list[Any] = [initial] * len(points)
    if _late(moves) <= _QUARTER * len(by_tick):
        try:
            _by_sweeping(read, initial, moves, by_tick, found)
        except ProjectionError:
            # It folds more than the points show; only what they show is to be told of.
            found = [initial] * len(points)
        else:
            return found
    _by_folding(read, initial, by_tick, found)
    return found


def _late(moves: list[Move]) -> int:
    """Count the moves that do not just add to the end of fold order."""
    last = late = 0
    for _, comes, place in moves:
        if comes and place >= last:
            last = place
        else:
            late += 1
    return late


def _by_sweeping(
    read: list[Read],
    initial: Any,
    moves: list[Move],
    by_tick: dict[int, list[tuple[int, int]]],
    found: list[Any],
) -> None:
    sweep = Sweep(read, initial)
    leads = [one[0][0] for one in read]
    moving = grouped(moves)
    ahead = next(moving, None)
    for tick in sorted(by_tick):
        while ahead is not None and ahead[0] <= tick:
            sweep.move(*ahead)
            ahead = next(moving, None)
        for valid, place in by_tick[tick]:
            shown = bisect_left(sweep.places, bisect_right(leads, valid))
            found[place] = sweep.after(shown)


def _by_folding(
    read: list[Read],
    initial: Any,
    by_tick: dict[int, list[tuple[int, int]]],
    found: list[Any],
) -> None:
    for tick, those in by_tick.items():
        those.sort()
        there = (one for one in read if one[0][6] <= tick < one[0][7])
        ahead = next(there, None)
        state = initial
        for valid, place in those:
            while ahead is not None and ahead[0][0] <= valid:
                state = step(ahead[1], state, ahead[0][8].entry)
                ahead = next(there, None)
            found[place] = state
