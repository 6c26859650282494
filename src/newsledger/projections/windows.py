"""Windows: when something may have begun, and what reports tell of one date between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from newsledger.reports import Entry
from newsledger.when import When

Window: TypeAlias = tuple[datetime, datetime]
"""Inclusive start and exclusive stop; an open side is the first or the last datetime."""

NEVER = datetime.min.replace(tzinfo=UTC)
EVER = datetime.max.replace(tzinfo=UTC)


def window_of(onset: tuple[datetime | None, datetime | None]) -> Window:
    """Close the open sides of an onset, so that windows compare."""
    return (onset[0] or NEVER, onset[1] or EVER)


def before(one: Window, other: Window) -> bool:
    """Tell whether one is wholly before the other."""
    return one[1] <= other[0]


def overlap(one: Window, other: Window) -> bool:
    """Tell whether neither is wholly before the other, so that each may have come first."""
    return one[0] < other[1] and other[0] < one[1]


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Sort into the fold order of certain dates, each once."""

    def order(entry: Entry) -> tuple[object, ...]:
        start, stop = window_of(entry.onset)
        return (stop, start, entry.weight, entry.published.stop, entry.ordinal, entry.root)

    return tuple(sorted({entry.root: entry for entry in entries}.values(), key=order))


def date_told(claims: Sequence[tuple[Entry, When]]) -> tuple[When | None, tuple[Entry, ...]]:
    """Choose among dates told of one change, and name the reports that cannot all be right.

    What was reported afterwards is preferred to forecasts; of dates that disagree the first one,
    of those that agree with it the narrowest, and then the strongest and last word.
    """
    firm = [(entry, when) for entry, when in claims if not entry.forecast]
    told = [(window_of(when.onset), entry, when) for entry, when in firm or claims]
    if not told:
        return None, ()
    stop, start = min(w[1] for w, _, _ in told), max(w[0] for w, _, _ in told)
    first = max(w for w, _, _ in told if w[1] == stop)
    near = [claim for claim in told if overlap(claim[0], first)]
    _, _, when = min(
        reversed(near), key=lambda claim: (claim[0][1] - claim[0][0], -claim[1].weight)
    )
    # Forecasts that prove wrong are no dispute; they say what was planned.
    return when, tuple(e for w, e, _ in told if firm and (w[0] >= stop or w[1] <= start))


def denials(
    behind: Iterable[Entry], denied: Iterable[Entry], *, since: Window | None = None
) -> tuple[Entry, ...]:
    """Give reports that a denial takes aim at, with the denials.

    A denial takes aim at a report of the same happening. One of an observation also does so at
    whatever else says that it is so: ``behind``, since the window ``since``.
    """
    behind = tuple(behind)
    found: list[Entry] = []
    for denial in denied:
        window = window_of(denial.onset)
        hit = [
            entry
            for entry in behind
            if entry.event.identity == denial.event.identity
            and overlap(window_of(entry.onset), window)
        ]
        if not hit and since and hasattr(denial.event, "since") and not before(window, since):
            hit = list(behind)
        found += [*hit, denial] if hit else []
    return in_order(found)
