"""Questions about one organisation, at random points of valid and known time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from arena import Arena
from bars import growth, ratio
from measuring import Case, Skip, Work, timed
from ours import Newsledger
from question import Question, as_sets, same

MANY = 1000
SAMPLE = 30


def compare_members(arena: Arena, ours: Newsledger) -> None:
    for number, point in enumerate(arena.points(SAMPLE, "compare members")):
        organization = arena.organization(number)
        members = ours.members(organization, point)
        for peer in arena.peers:
            same(members, peer.members(organization, point), peer.name, (organization, point))


def warm(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Ask about organisations that were asked about before, from other points."""
    ours = arena.open(closing)
    compare_members(arena, ours)
    asked = [arena.organization(number) for number in range(10)]
    for organization in asked:
        for point in arena.points(2, "earlier"):
            ours.members(organization, point)
    points = arena.points(200, "warm")

    def of(who: Any) -> Callable[[int], Work]:
        return lambda turn: lambda: who.members(asked[turn % len(asked)], points[turn])

    for who in (ours, *arena.peers):
        yield Case(who.name, arena.size, timed(of(who)), turns=100, warm_ups=10)


class Unasked:
    """Gives organisations that this ledger was never asked about; it opens anew when none is left.

    The first question to a ledger also pays for its opening, so one of them is asked to that end.
    """

    def __init__(self, arena: Arena, closing: ExitStack) -> None:
        self._arena, self._opened_last = arena, closing.enter_context(ExitStack())
        self._next = 0
        self.ours = self._opened()

    def _opened(self) -> Newsledger:
        self._opened_last.close()
        ours = self._arena.open(self._opened_last)
        ours.members(self._arena.organization(0), self._arena.points(1, "opening")[0])
        return ours

    def next(self) -> str:
        self._next += 1
        organization = self._arena.organization(self._next)
        if organization == self._arena.organization(0):
            self.ours = self._opened()
            return self.next()
        return organization


def cold(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Ask about an organisation for the first time since the ledger was opened."""
    unasked = Unasked(arena, closing)
    points = arena.points(200, "cold")

    def ours(turn: int) -> Work:
        organization = unasked.next()
        return lambda: unasked.ours.members(organization, points[turn])

    def of(peer: Any) -> Callable[[int], Work]:
        return lambda turn: lambda: peer.members(arena.organization(turn + 1), points[turn])

    yield Case("newsledger", arena.size, timed(ours))
    for peer in arena.peers:
        yield Case(peer.name, arena.size, timed(of(peer)))


def many(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Ask about one organisation from a thousand points at once."""
    unasked = Unasked(arena, closing)
    if not hasattr(unasked.ours.ledger, "project_many"):
        raise Skip("this version of newsledger has no Ledger.project_many")
    points = arena.points(MANY, "many")
    organization = unasked.next()
    expected = as_sets(unasked.ours.members_at(organization, points), MANY)
    for point, members in list(zip(points, expected, strict=True))[:SAMPLE]:
        same(unasked.ours.members(organization, point), members, "project_many", point)
    for peer in arena.peers:
        answer = as_sets(peer.members_at(organization, points), MANY)
        same(expected, answer, peer.name, organization)

    def ours(_: int) -> Work:
        organization = unasked.next()
        return lambda: unasked.ours.members_at(organization, points)

    def of(peer: Any) -> Callable[[int], Work]:
        return lambda turn: lambda: peer.members_at(arena.organization(turn + 1), points)

    yield Case("newsledger", arena.size, timed(ours))
    for peer in arena.peers:
        yield Case(peer.name, arena.size, timed(of(peer)))


QUESTIONS = (
    Question(
        "one-warm",
        "Members of one organisation, asked about before",
        "about 200 entries; at a random (V, K), from an open ledger",
        warm,
        (ratio("DuckDB", 0.3), ratio("SQLite", 1), growth(2)),
        drawn=True,
    ),
    Question(
        "one-cold",
        "Members of one organisation, never asked about",
        "as above; the first question about this organisation since the ledger was opened",
        cold,
        (ratio("DuckDB", 0.3), ratio("SQLite", 1), growth(2)),
    ),
    Question(
        "many-points",
        "Members of one organisation at 1,000 points",
        "random (V, K), in one call or one join; never asked about, so index build included",
        many,
        (ratio("DuckDB", 0.5),),
        drawn=True,
    ),
)
