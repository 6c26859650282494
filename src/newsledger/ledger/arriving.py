"""Arriving: how a history along known or recorded time finds where a state changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import datetime
from typing import Any

import attrs

from newsledger.engine import (
    Move,
    Postponed,
    Projection,
    Read,
    Reading,
    Sweep,
    answer_of,
    by_tick,
    has_result,
    keys_of,
    known,
    moves_of,
    pieces_of,
    recorded,
)
from newsledger.ledger.seen import Axis, Seen
from newsledger.ledger.steps import BEGINNING, MICROSECOND, Steps
from newsledger.reports import Entry, Line
from newsledger.when.ticks import moment_of

_MISSING = object()


@attrs.frozen
class Arrival:
    """What arrives at one tick: the first view that shows it, and the entries."""

    end: datetime
    there: Seen
    entries: tuple[Entry, ...]


def along_arrival(view: Seen, projection: Projection[Any], axis: Axis) -> Steps:
    """Walk known or recorded time; an arrival folds again what follows it, as far as it matters."""
    reading = Reading(projection)
    lines = _lines(view, reading, axis)
    causes = dict(_arrivals(view, reading, axis, lines))
    walk = (_Keyed if reading.keyed else _Single)(reading, _pieces(view, reading, axis, lines))
    walk.move(0, view.before_all(axis))
    yield BEGINNING, view.before_all(axis).project(projection), ()
    for tick in sorted(causes):
        arrival = causes[tick]
        if walk.move(tick, arrival.there):
            yield arrival.end - MICROSECOND, walk.answer(arrival.there), arrival.entries


def _lines(view: Seen, reading: Reading, axis: Axis) -> list[Line]:
    """Read what may matter: along recorded time to the end of the log, but only what is known."""
    if axis == "known":
        return view.lines(reading.types, reading.scope, view.position)
    lines = view.lines(reading.types, reading.scope, None)
    return [line for line in lines if line.known <= view.ticks[1]]


def _arrivals(
    view: Seen, reading: Reading, axis: Axis, lines: list[Line]
) -> Iterator[tuple[int, Arrival]]:
    """Yield the ticks at which something arrives that may matter."""
    read = {line.root for line in lines if reading.projection.handler_of(line.entry) is not None}
    # What an outcome refers to decides whose outcome it is.
    read |= {line.of for line in lines if line.of is not None}
    arrives = known if axis == "known" else recorded
    arriving: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.root in read and arrives(line):
            arriving[arrives(line)].append(line)
    for tick, those in arriving.items():
        end = moment_of(tick)
        there = view.at_arrival(axis, end, those[-1].position)
        yield tick, Arrival(end, there, tuple(line.entry for line in those))


def _pieces(view: Seen, reading: Reading, axis: Axis, lines: list[Line]) -> list[Read]:
    """Make what the projection reads at the view's point of valid time, along the axis."""
    valid = view.ticks[0]
    pieces = pieces_of(
        lines,
        view.dates,
        reading.types,
        reading.scope,
        arrives=known if axis == "known" else recorded,
    )
    return [
        (piece, handler)
        for piece in pieces
        if piece.lead <= valid and (handler := reading.handler(piece.line)) is not None
    ]


class _Single:
    """The answer of an unkeyed projection, as pieces come and go."""

    def __init__(self, reading: Reading, read: list[Read]) -> None:
        self._projection = reading.projection
        self._sweep = Sweep(read, reading.projection.initial())
        self._moves = dict(by_tick(moves_of(read)))
        self._last: Any = _MISSING

    def move(self, tick: int, there: Seen) -> bool:
        """Take in what comes and goes at a tick; tell whether the answer is another one."""
        self._sweep.move(tick, self._moves.get(tick, ()))
        last, self._last = self._last, answer_of(self._projection, self._sweep.state, there)
        return bool(self._last != last)

    def answer(self, _: Seen) -> Any:
        """Give the answer as of the last move."""
        return self._last


class _Keyed:
    """The answers of a keyed projection; only keys that are touched are asked again."""

    def __init__(self, reading: Reading, read: list[Read]) -> None:
        self._projection = reading.projection
        by_key: dict[Hashable, list[Read]] = defaultdict(list)
        for piece, handler in read:
            for key in keys_of(reading.projection, piece.line.entry):
                by_key[key].append((piece, handler))
        self._sweeps = {
            key: Sweep(its, reading.projection.initial()) for key, its in by_key.items()
        }
        self._moves: dict[int, list[tuple[Hashable, list[Move]]]] = defaultdict(list)
        for key, its in by_key.items():
            for tick, moves in by_tick(moves_of(its)):
                self._moves[tick].append((key, moves))
        self._last: dict[Hashable, Any] = {}
        # Where the answer is more than the state, it may differ by the view alone.
        self._asks_all = has_result(reading.projection)

    def move(self, tick: int, there: Seen) -> bool:
        those = self._moves.get(tick, ())
        for key, moves in those:
            self._sweeps[key].move(tick, moves)
        touched = self._sweeps if self._asks_all else [key for key, _ in those]
        asked = [self._ask(key, there) for key in touched]  # all of them, whatever the first say
        return any(asked)

    def answer(self, there: Seen) -> Any:
        """Give the answers as of the last move, which are made when somebody looks."""
        return Postponed(lambda: there.project(self._projection))

    def _ask(self, key: Hashable, there: Seen) -> bool:
        sweep = self._sweeps[key]
        last = self._last.pop(key, _MISSING)
        if sweep.places:
            self._last[key] = answer_of(self._projection, sweep.state, there)
        return bool(self._last.get(key, _MISSING) != last)
