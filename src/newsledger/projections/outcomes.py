"""Outcomes: what became of happenings, joined to them whatever came first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs

from newsledger.engine import Vantage
from newsledger.events import OutcomeRecorded
from newsledger.projections.base import Collected, Collecting, S_co, collected
from newsledger.projections.happenings import Happening, happenings, overlap
from newsledger.reports import Entry
from newsledger.when import When

POSTPONED = "postponed"


@attrs.frozen
class Fate:
    """What became of one happening, by the outcomes that name any of its reports.

    ``outcome``: the last in fold order, or None. ``disputed``: entries of final outcomes that
    differ from it although each may have come last, and its own; none where all agree.
    """

    happening: Happening
    outcomes: tuple[Entry, ...] = ()

    @property
    def outcome(self) -> str | None:
        """The outcome that decides: the last one."""
        return _outcome(self.outcomes[-1]).outcome if self.outcomes else None

    @property
    def unsettled(self) -> bool:
        """Whether nothing final is recorded."""
        return self.outcome in {None, POSTPONED}

    def date(self, first: When | None) -> When | None:
        """Give the date that ``first`` was moved to: that of the last postponement, if any."""
        moved = [e for e in map(_outcome, self.outcomes) if e.outcome == POSTPONED]
        return moved[-1].new_window if moved else first

    @property
    def rivals(self) -> tuple[Entry, ...]:
        """Outcomes that say otherwise than the last one and may be as late."""
        if not self.outcomes:
            return ()
        last = self.outcomes[-1]
        said = _said(last)
        return tuple(e for e in self.outcomes if _said(e) != said and overlap(e, last))

    @property
    def disputed(self) -> tuple[Entry, ...]:
        """The last outcome and the final ones that contradict it, in fold order."""
        if self.outcome == POSTPONED:
            return ()
        agreeing = {POSTPONED, self.outcome}
        against = [e for e in self.rivals if _outcome(e).outcome not in agreeing]
        return (*against, self.outcomes[-1]) if against else ()


class Joining(Collecting[S_co]):
    """A projection of happenings whose outcomes matter."""

    def moments(self, state: Any) -> Iterable[datetime]:
        """Name the ends of all dates that lie ahead: time alone makes something of them."""
        for entry in collected(state):
            for name in ("due", "window", "new_window"):
                date: When | None = getattr(entry.event, name, None)
                if date is not None and date.stop is not None:
                    yield date.stop

    def undetermined(self, state: Any) -> Iterable[tuple[Entry, Entry]]:
        """Pairs of outcomes of one happening of which either may be the last."""
        return [(rival, fate.outcomes[-1]) for fate in fates(state) for rival in fate.rivals]


def fates(state: Collected) -> list[Fate]:
    """Join what was collected: each happening, in order, with its outcomes in fold order."""
    reports: list[Entry] = []
    outcomes: list[Entry] = []
    for entry in collected(state):
        (outcomes if isinstance(entry.event, OutcomeRecorded) else reports).append(entry)
    found = happenings(reports)
    place = {entry.root: n for n, one in enumerate(found) for entry in one.reports}
    joined: dict[int, list[Entry]] = defaultdict(list)
    for entry in outcomes:
        target = place.get(entry.root_of(_outcome(entry).of))
        if target is not None:
            joined[target].append(entry)
    return [Fate(one, tuple(joined[n])) for n, one in enumerate(found)]


def is_over(date: When | None, view: Vantage) -> bool:
    """Tell whether a date is wholly before the end of a view; one that is open never is."""
    if date is None or date.stop is None:
        return False
    return view.end is None or date.stop < view.end


def _outcome(entry: Entry) -> OutcomeRecorded:
    assert isinstance(entry.event, OutcomeRecorded)  # noqa: S101 (sorted by type)
    return entry.event


def _said(entry: Entry) -> tuple[object, ...]:
    return (_outcome(entry).outcome, _outcome(entry).new_window)
