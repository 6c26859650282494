"""Timelines: the pieces that one question reads, in fold order, and the fold at any point of them.

A timeline knows one axis whole, known time or recorded time; a point on it is a pair of ticks, the
exclusive ends of valid time and of that axis. It is the plain reading of the rules, from which all
faster ways are made and against which they are held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeAlias

from newsledger.engine.about import Scope
from newsledger.engine.naming import Standing, within_scope
from newsledger.engine.pieces import (
    Arrival,
    Chains,
    Dates,
    Piece,
    chains_of,
    known,
    piece,
    report_of,
    spans,
    spans_at,
)
from newsledger.events import OutcomeRecorded
from newsledger.reports import Line
from newsledger.when.ticks import NEVER

Reach: TypeAlias = Callable[[Line], Any]
"""What becomes of a line in a question: anything true where it is read."""
_OUTCOME = OutcomeRecorded.TYPE.name


def pieces_of(
    lines: Iterable[Line],
    dates: Dates,
    types: frozenset[str] = frozenset(),
    scope: Scope = Scope(),  # noqa: B008 (frozen)
    *,
    arrives: Arrival = known,
    at: int | None = None,
) -> list[Piece]:
    """Make the pieces of some lines, with whole chains, in fold order.

    Kept are the contents of the wanted types. Of what is asked for by ``scope`` only outcomes are
    sifted here, since that takes the other chains; see `admits`. ``at``: only what stands at that
    tick of the axis.
    """
    chains = chains_of(lines)
    standing = _standing(chains, arrives, at)
    sifted = bool(scope) and sifts_outcomes(types)
    made: list[Piece] = []
    for root, those in standing.items():
        report: Line | None = None
        for span in those:
            line = span[2]
            if types and line.name not in types:
                continue
            if dates == "certain" and line.stop == NEVER:
                continue  # it is never certain to have begun
            if report is None:
                report = report_of(chains[root])
            if sifted and line.of is not None:
                made += [
                    piece(line, report, since, until, dates)
                    for since, until, _ in within_scope(span, standing, scope)
                ]
            else:
                made.append(piece(line, report, span[0], span[1], dates))
    made.sort()
    return made


def _standing(chains: Chains, arrives: Arrival, at: int | None) -> Standing:
    standing = {}
    for root, chain in chains.items():
        those = spans(chain, arrives) if at is None else spans_at(chain, at, arrives)
        if found := list(those):
            standing[root] = found
    return standing


def sifts_outcomes(types: frozenset[str]) -> bool:
    """Tell whether outcomes are among some types; none are all."""
    return not types or _OUTCOME in types


def admits(line: Line, scope: Scope) -> bool:
    """Tell whether a content names what is asked for; of outcomes their pieces tell it."""
    return not scope or line.of is not None or scope.admits(line.entry.event.entities)


class Walk(Protocol):
    """Whatever can be walked at a point."""

    def at(self, valid: int, tick: int) -> Iterator[tuple[Piece, Any]]:
        """Yield what is read at a point, in fold order, each with its handler."""

    def __len__(self) -> int:
        """Count the pieces on it, read or not."""


class Timeline:
    """Pieces in fold order, and which of them a question reads."""

    __slots__ = ("_reach", "_read", "pieces")

    def __init__(self, pieces: list[Piece], reach: Reach) -> None:
        self.pieces = pieces
        self._reach = reach
        self._read: dict[Line, Any] = {}

    def __len__(self) -> int:
        return len(self.pieces)

    def at(self, valid: int, tick: int) -> Iterator[tuple[Piece, Any]]:
        """Yield what is read at a point, in fold order, each with what ``reach`` says of it."""
        read, reach = self._read, self._reach
        for one in self.pieces:
            if one[0] > valid:
                return
            if one[6] <= tick < one[7]:
                line = one[8]
                try:
                    how = read[line]
                except KeyError:
                    how = read[line] = reach(line)
                if how:
                    yield one, how

    def all(self) -> Iterator[tuple[Piece, Any]]:
        """Yield what is read anywhere, in fold order."""
        for one in self.pieces:
            line = one[8]
            how = self._read.get(line) or self._reach(line)
            if how:
                yield one, how
