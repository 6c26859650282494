"""Bars: what a result is held against. They are judged at the largest size that was measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from measuring import Results

US = "newsledger"


class Bar(NamedTuple):
    """A limit; ``value`` is worked out of what was measured, None where that is not there."""

    what: str
    value: Callable[[Results], float | None]
    limit: float
    unit: str = "x"
    at_least: bool = False
    ranked: Callable[[Results], float | None] | None = None  # the same against a frozen table

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


def ratio(other: str, most: float, who: str = US) -> Bar:
    """Cost at most so many times what it costs another."""
    return Bar(
        f"{who} / {other}",
        lambda r: r.ratio(who, other, r.sizes[-1]),
        most,
        ranked=lambda r: r.ratio(who, f"{other}, ranked", r.sizes[-1]),
    )


def rate(other: str, least: float) -> Bar:
    """Do at least so many times of what another does in the same time."""
    return Bar(
        f"rate of {US} / rate of {other}",
        lambda r: r.ratio(other, US, r.sizes[-1]),
        least,
        at_least=True,
    )


def growth(most: float) -> Bar:
    """Grow at most so many times from the smallest ledger to the largest."""
    return Bar(f"growth of {US}, smallest to largest", lambda r: r.growth(US), most)


def cost(most: float, unit: str) -> Bar:
    """Cost at most so much: ms, µs or bytes."""
    scale = {"ms": 1e3, "µs": 1e6, "bytes": 1.0}[unit]

    def value(results: Results) -> float | None:
        median = results.median(US, results.sizes[-1])
        return None if median is None else median * scale

    return Bar(US, value, most, unit)
