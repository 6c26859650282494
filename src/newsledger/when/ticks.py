"""Ticks: instants as whole numbers, which sort and fit into columns.

A tick is a microsecond; tick 0 is the first instant of year 1 in UTC. An open start is `ALWAYS`,
before every instant, and an open stop `NEVER`, after every instant.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from newsledger.when.points import PointLike, as_point, end_of
from newsledger.when.value import When

ALWAYS: Final = -1
NEVER: Final = 1 << 62
_FIRST = datetime.min.replace(tzinfo=UTC)
_DAY = 86_400
_SECOND = 1_000_000
_DAY_LENGTH = len("2017-02-28")
_NO_YEAR = 9999


def ticks(moment: datetime) -> int:
    """Count the microseconds from the first instant of year 1 to an aware datetime."""
    since = moment - _FIRST
    return (since.days * _DAY + since.seconds) * _SECOND + since.microseconds


def moment_of(tick: int) -> datetime:
    """Give the aware UTC datetime of a tick that is neither ALWAYS nor NEVER."""
    return _FIRST + timedelta(microseconds=tick)


def start_ticks(start: datetime | None) -> int:
    """Read an inclusive start; None is open."""
    return ALWAYS if start is None else ticks(start)


def stop_ticks(stop: datetime | None) -> int:
    """Read an exclusive stop; None is open."""
    return NEVER if stop is None else ticks(stop)


def point_ticks(value: PointLike, *, name: str = "valid_at", today: date | None = None) -> int:
    """Give the exclusive end of a query point, NEVER for ``FOREVER``; as `as_point` reads it."""
    # Questions at very many points ask about plain days.
    if type(value) is date and value.year < _NO_YEAR:
        return value.toordinal() * _DAY * _SECOND
    if type(value) is str:
        day = _day(value)
        if day is not None:
            return day
    return stop_ticks(end_of(as_point(value, name=name, today=today)))


@lru_cache(maxsize=2**15)
def _day(text: str) -> int | None:
    """Give the end of a text that is a plain day, and None for all others."""
    if len(text) != _DAY_LENGTH or text[4] != "-" or text[7] != "-" or text >= str(_NO_YEAR):
        return None
    try:
        return date.fromisoformat(text).toordinal() * _DAY * _SECOND
    except ValueError:
        return None


# As many as When keeps: the dates of a ledger repeat.
@lru_cache(maxsize=2**15)
def onset_ticks(text: str) -> tuple[int, int]:
    """Give the window, from an inclusive start to an exclusive stop, in which a date began."""
    start, stop = When(text).onset
    return start_ticks(start), stop_ticks(stop)


@lru_cache(maxsize=2**15)
def end_ticks(text: str) -> int:
    """Give the exclusive end of a date's extent."""
    return stop_ticks(When(text).stop)
