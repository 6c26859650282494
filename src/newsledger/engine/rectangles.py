"""Rectangles: the states of one key, each with the time over which it is the answer.

Rows of a key are laid one upon the other: each covers what lies beneath from its lead on, for as
long as it is there on the known axis. What is seen from above are rectangles: they never overlap,
and together they cover all points at which the key has a state.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from newsledger.engine.pieces import ENDLESS


class Rectangle(NamedTuple):
    """A state and where it is the answer: for valid ends and ticks of known time within bounds.

    Each pair is a first tick, which is included, and a last, which is not; ENDLESS is open.
    """

    valid_from: int
    valid_to: int
    known_from: int
    known_to: int
    state: str


Layer: TypeAlias = tuple[int, int, int, str]
"""A row: (lead, since, until, state), the state as a text that tells it from all others."""
_Strip: TypeAlias = tuple[int, int, int, str]
# A part of the known axis on which a state stands, and since which valid end: (since, until, lead,
# state).
_lead = _since = itemgetter(0)
_side = itemgetter(0, 1, 4, 2)


def rectangles_of(layers: Iterable[Layer]) -> list[Rectangle]:
    """Make the rectangles of rows in fold order.

    Equal states side by side are one, so that no two rectangles have a whole side in common.
    """
    standing: list[_Strip] = []
    made: list[Rectangle] = []
    for lead, those in groupby(layers, _lead):
        # What only others of the same lead cover is seen by nobody.
        seen: list[_Strip] = []
        for _, since, until, state in those:
            _lay(seen, (since, until, lead, state), made)
        for strip in seen:
            _lay(standing, strip, made)
    for since, until, lead, state in standing:
        made.append(Rectangle(lead, ENDLESS, since, until, state))
    return _joined(made)


def _lay(standing: list[_Strip], strip: _Strip, made: list[Rectangle]) -> None:
    """Lay a strip over those that stand; what they showed until then is made rectangles."""
    since, until = strip[:2]
    first = bisect_right(standing, since, key=_since)
    if first and standing[first - 1][1] > since:
        first -= 1
    last = bisect_left(standing, until, key=_since)
    standing[first:last] = _covering(standing[first:last], strip, made)


def _covering(covered: list[_Strip], strip: _Strip, made: list[Rectangle]) -> list[_Strip]:
    """Give what stands where a strip lies over others, which it meets, in order."""
    since, until, lead, state = strip
    parts: list[_Strip] = []
    reached = since
    for begin, end, its_lead, its_state in covered:
        inner, outer = max(begin, since), min(end, until)
        if begin < since:
            parts.append((begin, since, its_lead, its_state))
        if reached < inner:
            parts.append((reached, inner, lead, state))
        if its_state == state:
            parts.append((inner, outer, its_lead, state))
        else:
            if its_lead < lead:
                made.append(Rectangle(its_lead, lead, inner, outer, its_state))
            parts.append((inner, outer, lead, state))
        if end > until:
            parts.append((until, end, its_lead, its_state))
        reached = outer
    if reached < until:
        parts.append((reached, until, lead, state))
    return parts


def _joined(made: list[Rectangle]) -> list[Rectangle]:
    """Put those together that follow each other in known time and are otherwise alike."""
    made.sort(key=_side)
    joined: list[Rectangle] = []
    for one in made:
        if joined:
            last = joined[-1]
            if last.known_to == one.known_from and _alike(last, one):
                joined[-1] = last._replace(known_to=one.known_to)
                continue
        joined.append(one)
    return joined


def _alike(one: Rectangle, other: Rectangle) -> bool:
    return one[:2] == other[:2] and one.state == other.state
