"""Extents: the stretch of UTC time that a simple date covers.

All are pairs (start, stop) of aware UTC datetimes, the start inclusive and the stop exclusive. What
is no day of the proleptic Gregorian calendar between the years 0001 and 9998 is a ``Fault``.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias

from newsledger.when.faults import Fault

Extent: TypeAlias = tuple[datetime | None, datetime | None]
Closed: TypeAlias = tuple[datetime, datetime]

FIRST_YEAR = 1
# A stop is exclusive, so that of year 9998 is in 9999, the last year that datetime can hold.
LAST_YEAR = 9998
MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_MONTHS = 12

# The second component of a date that is no month: its first month, and how many months it spans.
# EDTF calls 21 to 24 seasons "independent of location"; they are read here as the meteorological
# ones of the northern hemisphere, where winter runs on into the next year.
_SPANS = {
    21: (3, 3),
    22: (6, 3),
    23: (9, 3),
    24: (12, 3),
    33: (1, 3),
    34: (4, 3),
    35: (7, 3),
    36: (10, 3),
}


def of_years(first: int, count: int) -> Closed:
    """Give the extent of ``count`` years, all of which must be in 0001 to 9998."""
    last = first + count - 1
    for year in (first, last):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Fault(f"year {year:04} is not in {FIRST_YEAR:04} to {LAST_YEAR}")
    return datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)


def of_part_of_year(year: int, part: int) -> Closed:
    """Give the extent of a month (1 to 12), season (21 to 24) or quarter (33 to 36)."""
    of_years(year, 1)
    if part in _SPANS:
        month, count = _SPANS[part]
    else:
        _check_month(part)
        month, count = part, 1
    return _first_day(year, month), _first_day(year, month + count)


def of_day(year: int, month: int, day: int) -> Closed:
    """Give the extent of a calendar day."""
    of_years(year, 1)
    _check_day(year, month, day)
    start = datetime(year, month, day, tzinfo=UTC)
    return start, start + _DAY


def of_instant(moment: datetime) -> Closed:
    """Give the extent of an aware datetime: the one microsecond that begins with it, in UTC."""
    try:
        start = moment.astimezone(UTC)
    except OverflowError:
        raise Fault(f"in UTC it is not in the years {FIRST_YEAR:04} to {LAST_YEAR}") from None
    if start.year > LAST_YEAR:
        raise Fault(f"its year in UTC is not in {FIRST_YEAR:04} to {LAST_YEAR}")
    return start, start + MICROSECOND


def moment_of(clock: tuple[int, int, int], day: tuple[int, int, int], offset: int) -> datetime:
    """Make the datetime of a wall clock (hour, minute, second) ``offset`` minutes ahead of UTC."""
    hour, minute, second = clock
    for name, value, limit in (("hour", hour, 23), ("minute", minute, 59), ("second", second, 59)):
        if value > limit:
            raise Fault(f"there is no {name} {value:02}: {name}s run from 00 to {limit}")
    # Not of_day, which knows no 9999: its first hours east of Greenwich are still 9998 in UTC.
    if day[0] < FIRST_YEAR:
        raise Fault(f"year 0000 is not in {FIRST_YEAR:04} to {LAST_YEAR}")
    _check_day(*day)
    return datetime(*day, *clock, tzinfo=timezone(timedelta(minutes=offset)))


def _check_month(month: int) -> None:
    if not 1 <= month <= _MONTHS:
        raise Fault(
            f"there is no month {month:02}: 01 to 12 are months, 21 to 24 seasons, 33 to 36 "
            f"quarters"
        )


def _check_day(year: int, month: int, day: int) -> None:
    if month in _SPANS:
        raise Fault(f"a season or quarter ({month}) has no days")
    _check_month(month)
    length = monthrange(year, month)[1]
    if not 1 <= day <= length:
        raise Fault(f"there is no day {day:02}: {year:04}-{month:02} has {length} days")


def _first_day(year: int, month: int) -> datetime:
    carried, month = divmod(month - 1, _MONTHS)
    return datetime(year + carried, month + 1, 1, tzinfo=UTC)
