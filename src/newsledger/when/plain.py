"""Plain dates: a day, a month or a year, the most frequent of all, read without the grammar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsledger.when.extent import LAST_YEAR
from newsledger.when.grammar import Reading

_DAY = timedelta(days=1)
_DECEMBER = 12


def read(text: str) -> Reading | None:
    """Read ``2017``, ``2017-02`` or ``2017-02-28``; None of all else, which the grammar reads."""
    match len(text):
        case 10 if text[4] == "-" and text[7] == "-" and text[5] in "01":
            start = _midnight(text)
            stop = start and start + _DAY
        case 7 if text[4] == "-" and text[5] in "01":
            start = _midnight(f"{text}-01")
            stop = start and _next_month(start)
        case 4 if text.isascii() and text.isdigit():
            start = _midnight(f"{text}-01-01")
            stop = start and start.replace(year=start.year + 1)
        case _:
            return None
    return None if start is None else Reading(text, (start, stop), (start, stop))


def _midnight(day: str) -> datetime | None:
    try:
        start = datetime.fromisoformat(f"{day}T00:00:00Z")
    except ValueError:  # there is no such day
        return None
    return start if start.year <= LAST_YEAR else None


def _next_month(first: datetime) -> datetime:
    year, month = first.year, first.month
    return datetime(year + month // _DECEMBER, month % _DECEMBER + 1, 1, tzinfo=UTC)
