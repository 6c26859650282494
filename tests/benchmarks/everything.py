"""Questions about all bases, at random points of valid and known time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import peers_polars
from arena import Arena
from bars import ratio
from folds import LatestStatus
from measuring import Case, Work, timed
from ours import Newsledger
from points import Point
from question import Question, as_changes, same, turns

SAMPLE = 3
BEHIND = 5000


def compare_statuses(arena: Arena, ours: Newsledger) -> None:
    for point in arena.points(SAMPLE, "compare statuses"):
        expected = ours.statuses(point)
        for peer in arena.peers:
            same(expected, peer.statuses(point), peer.name, point)


def lazily(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Make the mapping and read 100 keys, where other tools compute all."""
    ours = arena.asked
    compare_statuses(arena, ours)
    points = arena.points(100, "lazily")

    def some(turn: int) -> Work:
        return lambda: ours.some(points[turn], arena.some_bases(turn))

    def whole(peer: Any) -> Callable[[int], Work]:
        return lambda turn: lambda: peer.whole(points[turn])

    yield Case("newsledger", arena.size, timed(some), turns(arena.size, few=30))
    for peer in arena.peers:
        yield Case(peer.name, arena.size, timed(whole(peer)), turns(arena.size, few=30))


def named(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Make the mapping and read 100 keys, where other tools are told which 100."""
    ours = arena.asked
    points = arena.points(100, "named")
    bases, point = arena.some_bases(0), points[0]
    expected = dict(zip(bases, ours.some(point, bases), strict=True))
    for peer in arena.peers:
        found = peer.some(point, bases)
        same(expected, {base: found.get(base) for base in bases}, peer.name, point)

    def of(who: Any) -> Callable[[int], Work]:
        return lambda turn: lambda: who.some(points[turn], arena.some_bases(turn))

    for who in (ours, *arena.peers):
        yield Case(who.name, arena.size, timed(of(who)), turns(arena.size, few=30))


def as_a_dict(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    ours = arena.asked
    points = arena.points(100, "as a dict")

    def of(who: Any) -> Callable[[int], Work]:
        return lambda turn: lambda: who.statuses(points[turn])

    for who in (ours, *arena.peers):
        yield Case(who.name, arena.size, timed(of(who)), turns(arena.size, few=30))


def first(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Ask a ledger that was asked nothing yet: whatever it builds, it builds now."""
    points = arena.points(100, "first")
    opened_last = closing.enter_context(ExitStack())

    def ask(turn: int) -> Work:
        opened_last.close()
        ours = arena.open(opened_last)
        return lambda: ours.some(points[turn], arena.some_bases(turn))

    yield Case("newsledger", arena.size, timed(ask), turns(arena.size, few=3), warm_ups=0)


def earlier(position_of: Callable[[int], int]) -> Callable[[Arena, ExitStack], Iterator[Case]]:
    """Make a question to a view of an earlier position."""

    def cases(arena: Arena, closing: ExitStack) -> Iterator[Case]:
        ours = arena.asked
        position = position_of(arena.size)
        frame = peers_polars.Polars(arena.stored.table(arena.size, position))
        points = arena.points(100, "earlier")
        ours.some(points[0], [])
        expected = frame.statuses(points[1])
        view = ours.view(points[1], recorded_at=position)
        same(dict(view.project(LatestStatus())), expected, "a table of that time", points[1])

        def ask(turn: int) -> Work:
            bases, here = arena.some_bases(turn), position - 7 * (turn + 1)
            return lambda: ours.some(points[turn + 2], bases, recorded_at=here)

        few = turns(arena.size, few=3)
        yield Case("newsledger", arena.size, timed(ask), few, warm_ups=0)

    return cases


def changes(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Ask what changed at one point of valid time by what became known within a month."""
    ours = arena.asked
    pairs = [
        (point, Point(point.valid, point.known + timedelta(30)))
        for point in arena.points(100, "changes")
    ]
    expected = as_changes(ours.changes(*pairs[0]))
    for peer in arena.peers:
        same(expected, as_changes(peer.changes(*pairs[0])), peer.name, pairs[0])

    def of(who: Any) -> Callable[[int], Work]:
        return lambda turn: lambda: who.changes(*pairs[turn])

    for who in (ours, *arena.peers):
        yield Case(who.name, arena.size, timed(of(who)), turns(arena.size, few=30))


QUESTIONS = (
    Question(
        "statuses",
        "Latest status of every base, 100 of them read",
        "at a random (V, K), asked before; the mapping is lazy, the other tools compute the whole",
        lazily,
        (ratio("DuckDB", 0.35),),
        drawn=True,
    ),
    Question(
        "statuses-dict",
        "Latest status of every base, all in a dict",
        "as above, everything materialised as Python objects",
        as_a_dict,
        (ratio("DuckDB", 1),),
        drawn=True,
    ),
    Question(
        "statuses-named",
        "Latest status of 100 named bases",
        "as the first, but the other tools are told which 100 are wanted",
        named,
    ),
    Question(
        "statuses-first",
        "Latest status, the first question since the ledger was opened",
        "100 bases read; the index is built",
        first,
    ),
    Question(
        "statuses-behind",
        f"Latest status, from a view {BEHIND:,} entries behind the head",
        "100 bases read, each time from another position; of 10k entries, from half of them",
        earlier(lambda size: size - min(BEHIND, size // 2)),
    ),
    Question(
        "statuses-half",
        "Latest status, from a view at half of the ledger",
        "100 bases read, each time from another position",
        earlier(lambda size: size // 2),
    ),
    Question(
        "changes",
        "What changed in a month of known time",
        "the difference between two views of all bases; the other tools join two states",
        changes,
        (ratio("DuckDB", 0.5),),
        drawn=True,
    ),
)
