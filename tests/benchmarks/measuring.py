"""Measuring: everybody in turn, over and over, so that a noisy machine slows all of them.

Only ratios between what was measured in the same turn mean something, and medians over all turns.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Work = Callable[[], object]


class Skip(Exception):
    """A question that cannot be asked here, and why."""


class Case(NamedTuple):
    """One of those who are asked a question at one size; ``turn`` gives a number for a turn."""

    who: str
    size: int
    turn: Callable[[int], float]
    turns: int = 30
    warm_ups: int = 1


class Measured(NamedTuple):
    """What came of a case: medians and quartiles, in seconds or bytes."""

    who: str
    size: int
    turns: int
    median: float
    low: float
    high: float


def timed(prepare: Callable[[int], Work]) -> Callable[[int], float]:
    """Time what ``prepare`` gives for a turn, and not the preparation nor the clearing away."""

    def turn(number: int) -> float:
        work = prepare(number)
        start = time.perf_counter()
        answer = work()
        seconds = time.perf_counter() - start
        del answer
        return seconds

    return turn


def in_turns(cases: Iterable[Case], most: int) -> list[Measured]:
    """Measure all cases, one turn of each after the other, starting with another each time."""
    cases = [case._replace(turns=min(case.turns, most)) for case in cases]
    numbers: list[list[float]] = [[] for _ in cases]
    for case in cases:
        for warm_up in range(case.warm_ups):
            case.turn(-1 - warm_up)
    # What is in memory already is nobody's to look through while another is being measured.
    gc.collect()
    gc.freeze()
    try:
        for turn in range(max(case.turns for case in cases)):
            for offset in range(len(cases)):
                index = (turn + offset) % len(cases)
                if turn < cases[index].turns:
                    numbers[index].append(cases[index].turn(turn))
    finally:
        gc.unfreeze()
    return [_measured(case, values) for case, values in zip(cases, numbers, strict=True)]


def _measured(case: Case, values: list[float]) -> Measured:
    low, median, high = (
        statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    )
    return Measured(case.who, case.size, len(values), median, low, high)


class Results:
    """All that was measured for one question, and what follows from it."""

    def __init__(self, measured: Iterable[Measured]) -> None:
        self.measured = list(measured)
        self._by_case = {(one.who, one.size): one.median for one in self.measured}
        self.sizes = sorted({one.size for one in self.measured})
        self.everybody = list(dict.fromkeys(one.who for one in self.measured))

    def median(self, who: str, size: int) -> float | None:
        return self._by_case.get((who, size))

    def largest(self, who: str) -> int:
        return max((size for name, size in self._by_case if name == who), default=0)

    def ratio(self, who: str, other: str, size: int) -> float | None:
        one, two = self.median(who, size), self.median(other, size)
        return None if one is None or not two else one / two

    def growth(self, who: str) -> float | None:
        """Say what the largest ledger costs against the smallest."""
        small, large = self.median(who, self.sizes[0]), self.median(who, self.sizes[-1])
        return large / small if small and large and len(self.sizes) > 1 else None

    def as_json(self) -> list[dict[str, Any]]:
        return [one._asdict() for one in self.measured]
