"""Plain dates: a day, a month or a year, the most frequent of all, read without the grammar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsledger.when.extent import LAST_YEAR
from newsledger.when.grammar import Reading

_DAY = timedelta(days=1)
_YEAR, _MONTH, _DATE = 4, 7, 10  # by the length of their texts
_DECEMBER = 12


def read(text: str) -> Reading | None:
    """Read ``2017``, ``2017-02`` or ``2017-02-28``; None of all else, which the grammar reads."""
    length = len(text)
    if length not in {_YEAR, _MONTH, _DATE} or not text.isascii():
        return None
    parts = text.split("-")
    if [*map(len, parts)] != [4, 2, 2][: len(parts)] or not "".join(parts).isdigit():
        return None
    year, month, day = map(int, (*parts, "1", "1")[:3])
    try:
        start = datetime(year, month, day, tzinfo=UTC)
    except ValueError:  # no such day; or a season, or a quarter
        return None
    if year > LAST_YEAR:
        return None
    if length == _DATE:
        stop = start + _DAY
    elif length == _MONTH:
        stop = datetime(year + month // _DECEMBER, month % _DECEMBER + 1, 1, tzinfo=UTC)
    else:
        stop = datetime(year + 1, 1, 1, tzinfo=UTC)
    return Reading(text, (start, stop), (start, stop))
