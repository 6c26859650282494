"""Pieces: what stands in each report's place, from when to when, in fold order.

Amendments come and go along an axis: of known time as they are published, of recorded time as they
arrive. A piece is a content that stands in the place of a report from one tick of that axis, which
is included, to another, which is not. A report without amendments is one piece that never ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from newsledger.engine.settle import settle
from newsledger.reports import Line
from newsledger.when.ticks import NEVER

Dates: TypeAlias = Literal["certain", "possible"]
Arrival: TypeAlias = Callable[[Line], int]
"""The tick of an axis from which a line is there."""
Chains: TypeAlias = dict[str, list[Line]]
"""The lines of each chain, by root."""

# A view from FOREVER looks from NEVER, and what never ends is still there.
ENDLESS = NEVER + 1


def known(line: Line) -> int:
    """Arrival on the known axis: the exclusive end of its publication."""
    return line.known


def recorded(line: Line) -> int:
    """Arrival on the recorded axis: the exclusive end of the instant of its recording."""
    return line.recorded + 1


_new = tuple.__new__


class Piece(NamedTuple):
    """A content in a report's place; pieces sort in fold order.

    ``lead``: the first exclusive end of valid time at which it is shown. ``since``, ``until``:
    where on the axis it begins and ends. ``report``: the position of its report.
    """

    lead: int
    other: int
    weight: int
    published: int
    ordinal: int
    root: str
    since: int
    until: int
    line: Line
    report: int


def piece(line: Line, report: Line, since: int, until: int, dates: Dates) -> Piece:
    """Give a content its place in fold order: the fourth and fifth steps of what a view shows.

    Onset, weight and publication are those of the entry shown, ordinal and root those of its
    report; so a later day only ever adds to the end, and the order of arrival plays no part.
    """
    if dates == "certain":
        lead, other = line.stop, line.start
    else:
        # What may have begun is shown when its start lies before the end of the view's point.
        lead, other = line.start + 1, line.stop
    # What Piece(...) does, without a call of Python between.
    return _new(
        Piece,
        (
            lead,
            other,
            line.weight,
            line.published,
            report.ordinal,
            report.root,
            since,
            until,
            line,
            report.position,
        ),
    )


def chains_of(lines: Iterable[Line]) -> Chains:
    """Sort lines under the roots of their chains."""
    chains: Chains = defaultdict(list)
    for line in lines:
        chains[line.root].append(line)
    return chains


def spans(chain: list[Line], arrives: Arrival = known) -> Iterator[tuple[int, int, Line]]:
    """Yield from when to when which content of a chain stands in its report's place."""
    if len(chain) == 1:
        [line] = chain
        if line.amends is None and not line.erased:
            yield arrives(line), ENDLESS, line
        return
    root = chain[0].root
    standing: Line | None = None
    since = 0
    for tick in sorted(set(map(arrives, chain))):
        now = settle(line for line in chain if arrives(line) <= tick).shown.get(root)
        if now is not standing:
            if standing is not None:
                yield since, tick, standing
            standing, since = now, tick
    if standing is not None:
        yield since, ENDLESS, standing


def spans_at(
    chain: list[Line], tick: int, arrives: Arrival = known
) -> Iterator[tuple[int, int, Line]]:
    """Yield what stands in the report's place at one tick, as if it stood there for ever."""
    there = [line for line in chain if arrives(line) <= tick]
    if len(there) == 1:
        if there[0].amends is None and not there[0].erased:
            yield 0, ENDLESS, there[0]
    elif there:
        shown = settle(there).shown.get(there[0].root)
        if shown is not None:
            yield 0, ENDLESS, shown


def report_of(chain: list[Line]) -> Line:
    """Give the report at the start of a chain of which something stands."""
    return next(line for line in chain if line.amends is None)
