"""Happenings: several reports of one thing that happened, told as one."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import attrs

from newsledger.events import Event
from newsledger.reports import Entry
from newsledger.when import When

_NEVER = datetime.min.replace(tzinfo=UTC)
_EVER = datetime.max.replace(tzinfo=UTC)


@attrs.frozen
class Happening:
    """One happening and its reports, in fold order.

    Reports are of one happening when their type and identity fields are equal and their onset
    windows overlap.
    """

    reports: tuple[Entry, ...]

    @property
    def ranked(self) -> list[Entry]:
        """Its reports, the strongest assertion first, of equals the last published."""
        return sorted(
            self.reports,
            key=lambda e: (e.weight, e.published.stop, e.ordinal, e.root),
            reverse=True,
        )

    @property
    def best(self) -> Entry:
        """The report to tell it by: the strongest assertion, of these the last published."""
        return self.ranked[0]

    @property
    def event(self) -> Event:
        """The event as the best report tells it."""
        return self.best.event

    @property
    def when(self) -> When:
        """The date that tells most: the narrowest one, of equals that of the best report."""
        return min(self.ranked, key=_width).event.occurred

    @property
    def onset(self) -> tuple[datetime | None, datetime | None]:
        """The window that all its reports leave open: when it began, by all that is told."""
        start = max(_bounds(entry)[0] for entry in self.reports)
        stop = min(_bounds(entry)[1] for entry in self.reports)
        return (None if start == _NEVER else start, None if stop == _EVER else stop)

    @property
    def forecast(self) -> bool:
        """Whether it rests on forecasts only."""
        return all(entry.forecast for entry in self.reports)


HasOnset: TypeAlias = Entry | Event | Happening


def happenings(entries: Iterable[Entry]) -> list[Happening]:
    """Group reports into happenings, ordered by onset; the order of ``entries`` plays no part.

    Overlap is not transitive: a report of "2017" overlaps a meeting in February and one in
    August, which are not one. So happenings grow from the narrowest windows, and a wide report
    that fits several goes to the earliest.
    """
    by_identity: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_identity[entry.event.identity].append(entry)
    groups: list[list[Entry]] = []
    for same in by_identity.values():
        groups.extend(_one_each(same))
    found = [Happening(tuple(group)) for group in groups]
    return sorted(found, key=by_onset)


def by_onset(one: Happening) -> tuple[object, ...]:
    """Sort key of happenings: by the window in which they began, then as they were first told."""
    start, stop = one.onset
    first = min((entry.published.stop, entry.ordinal, entry.root) for entry in one.reports)
    return (start or _NEVER, stop or _EVER, first)


def overlap(one: HasOnset, other: HasOnset) -> bool:
    """Tell whether two onset windows overlap, so that either may have come first."""
    (start, stop), (other_start, other_stop) = _bounds(one), _bounds(other)
    return start < other_stop and other_start < stop


def _one_each(same: list[Entry]) -> list[list[Entry]]:
    index = {entry.root: place for place, entry in enumerate(same)}
    # The windows that the groups leave open. A group is opened only by what overlaps none, and
    # windows only shrink; so they are always disjoint, and stay sorted by start and by stop.
    starts: list[datetime] = []
    stops: list[datetime] = []
    groups: list[list[Entry]] = []
    for entry in sorted(same, key=_narrowest_first):
        start, stop = _bounds(entry)
        place = bisect_right(stops, start)  # the earliest that does not end before it
        if place < len(groups) and starts[place] < stop:
            starts[place] = max(starts[place], start)
            stops[place] = min(stops[place], stop)
            groups[place].append(entry)
        else:
            starts.insert(place, start)
            stops.insert(place, stop)
            groups.insert(place, [entry])
    return [sorted(group, key=lambda entry: index[entry.root]) for group in groups]


def _width(entry: Entry) -> timedelta:
    start, stop = _bounds(entry)
    return stop - start


def _narrowest_first(entry: Entry) -> tuple[object, ...]:
    return (_width(entry), _bounds(entry)[0], entry.root)


def _bounds(told: HasOnset) -> tuple[datetime, datetime]:
    start, stop = told.onset
    return (start or _NEVER, stop or _EVER)
