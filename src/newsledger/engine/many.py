"""Many points: the states of one timeline at any number of points, for one pass over it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from newsledger.engine.fold import step
from newsledger.engine.sweep import Read, Row, rows_of
from newsledger.engine.timeline import Timeline

Ticks: TypeAlias = tuple[int, int]
"""Exclusive ends of valid time and of the axis."""
Through: TypeAlias = Callable[[Iterable[Read], int], Iterable[Read]]
"""What passes on so many pieces, one after the other."""
# From so many comparisons on, columns pay for themselves.
_MANY = 20_000
# So many comparisons are made at once.
_TOGETHER = 4_000_000


def states_at(
    timeline: Timeline, initial: Any, points: Sequence[Ticks], through: Through | None = None
) -> list[Any]:
    """Give the state at each point, in the order of the points.

    The cost is that of one fold, of a look-up for each point, and of what arrived late. Where the
    states never forget (see `rows_of`) it is one fold for each different tick of the axis.
    """
    read: Iterable[Read] = timeline.all()
    if through is not None:
        read = through(read, len(timeline))
    rows = rows_of(list(read), initial)
    if rows is None:
        return _by_folding(timeline, initial, points)
    if len(rows) * len(points) <= _MANY:
        leads = [row[0] for row in rows]
        return [_at(rows, leads, initial, point) for point in points]
    return _by_columns(rows, initial, points)


def _at(rows: list[Row], leads: list[int], initial: Any, point: Ticks) -> Any:
    valid, tick = point
    for index in range(bisect_right(leads, valid) - 1, -1, -1):
        _, since, until, _, _, state = rows[index]
        if since <= tick < until:
            return state
    return initial


def _by_columns(rows: list[Row], initial: Any, points: Sequence[Ticks]) -> list[Any]:
    import numpy as np  # noqa: PLC0415 (only many points pay for it)

    lead, since, until = (
        np.fromiter((row[place] for row in rows), np.int64, len(rows)) for place in range(3)
    )
    states = [row[-1] for row in rows]
    found: list[Any] = []
    asked = np.array(points, dtype=np.int64)
    many = max(1, _TOGETHER // len(rows))
    for start in range(0, len(points), many):
        valid, tick = asked[start : start + many, :1], asked[start : start + many, 1:]
        alive = (lead <= valid) & (since <= tick) & (tick < until)
        # Counted from the end, since the last row that is alive tells the state.
        back = alive[:, ::-1].argmax(axis=1)
        last = np.where(alive.any(axis=1), len(rows) - 1 - back, -1)
        found += [initial if row < 0 else states[row] for row in last.tolist()]
    return found


def _by_folding(timeline: Timeline, initial: Any, points: Sequence[Ticks]) -> list[Any]:
    by_tick: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, (valid, tick) in enumerate(points):
        by_tick[tick].append((valid, place))
    found: list[Any] = [None] * len(points)
    for tick, those in by_tick.items():
        those.sort()
        read = timeline.at(those[-1][0], tick)
        ahead = next(read, None)
        state = initial
        for valid, place in those:
            while ahead is not None and ahead[0].lead <= valid:
                state = step(ahead[1], state, ahead[0].line.entry)
                ahead = next(read, None)
            found[place] = state
    return found
