"""Order: what has begun by a day, and in which order a fold meets it.

These are the fourth and fifth steps of what a view shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, TypeAlias

from newsledger.engine.settle import Shown

Dates: TypeAlias = Literal["certain", "possible"]
# An open start sorts before every instant, an open stop after: the flag leads, and the instant
# beside it is never compared with another's of the other kind.
_OPEN_START = (0, None)
_OPEN_STOP = (1, None)


def begun(shown: Shown, end: datetime | None, dates: Dates) -> bool:
    """Tell whether it has certainly (or possibly) begun by ``end``, exclusive; None: ever."""
    start, stop = shown.entry.onset
    if dates == "certain":
        return stop is not None and (end is None or stop <= end)
    return start is None or end is None or start < end


def fold_key(shown: Shown, dates: Dates) -> tuple[object, ...]:
    """Sort key of fold order.

    Onset, weight and publication are those of the entry shown, ordinal and root those of its
    report; so a later day only ever adds to the end, and the order of arrival plays no part.
    """
    entry, report = shown.entry, shown.report
    start, stop = entry.onset
    first = _OPEN_START if start is None else (1, start)
    last = _OPEN_STOP if stop is None else (0, stop)
    window = (last, first) if dates == "certain" else (first, last)
    return (*window, entry.weight, entry.published.stop, report.ordinal, report.root)


def in_order(shown: Iterable[Shown], dates: Dates) -> list[Shown]:
    """Sort into fold order."""
    return sorted(shown, key=lambda one: fold_key(one, dates))
