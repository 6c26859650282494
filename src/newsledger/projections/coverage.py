"""Coverage: who reported what, and from how many origins it really comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from functools import cached_property
from typing import Any
from uuid import UUID

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import Event
from newsledger.projections.base import (
    DEFAULT_ACCEPT,
    Collected,
    Collecting,
    Listing,
    collected,
    ids,
    part,
)
from newsledger.projections.happenings import Happening, by_onset, happenings, overlap
from newsledger.reports import Entry, Hop

AGENCY_WORDS = ("agency", "wire")
"""What the role of a :class:`~newsledger.Hop` contains, in any case, whose agent is the origin."""


def _is_agency(hop: Hop) -> bool:
    return any(word in hop.role.casefold() for word in AGENCY_WORDS)


def origin_of(entry: Entry) -> str:
    """Tell where a report really comes from: the agency in its chain, or else the outlet.

    Of several agencies it is the one furthest from the outlet: what one agency took over from
    another comes from the other. See :data:`AGENCY_WORDS`.
    """
    agencies = (hop.agent for hop in reversed(entry.attribution) if _is_agency(hop))
    return next(agencies, entry.source.outlet)


@attrs.frozen(repr=False)
class Covered:
    """One happening, with the reports of it and the ``denials``: reports that it did not happen.

    Without ``reports`` it was only denied.
    """

    reports: tuple[Entry, ...] = attrs.field(eq=ids)
    denials: tuple[Entry, ...] = attrs.field(default=(), eq=ids)

    def __repr__(self) -> str:
        said = f"origins={sorted(self.origins)}" if self.reports else "only denied"
        return f"<Covered {self.event!r}: reports={len(self.reports)}, {said}>"

    @property
    def event(self) -> Event:
        """The event as the best report (or else denial) tells it."""
        return Happening(self.reports or self.denials).event

    @property
    def outlets(self) -> frozenset[str]:
        """Who published reports of it."""
        return frozenset(entry.source.outlet for entry in self.reports)

    @property
    def origins(self) -> frozenset[str]:
        """Where the reports come from: forty outlets with one agency's wire are one origin."""
        return frozenset(map(origin_of, self.reports))

    @property
    def corroborated(self) -> bool:
        """Whether it comes from two or more origins."""
        return len(self.origins) > 1

    @property
    def single_sourced(self) -> bool:
        """Whether it comes from one origin."""
        return len(self.origins) == 1

    @property
    def first(self) -> tuple[Entry, ...]:
        """The first to report it: all whose publication ends earliest."""
        return tuple(e for e in self.reports if _published(e) == min(map(_published, self.reports)))


@attrs.frozen(repr=False)
class CoverageState(Listing[Covered]):
    """All happenings with their reports, in order of their onset.

    It is a sequence of them; :meth:`find` looks one up.
    """

    happenings: tuple[Covered, ...] = part()
    corroborated: tuple[Covered, ...] = part(lambda one: one.corroborated)
    single_sourced: tuple[Covered, ...] = part(lambda one: one.single_sourced)
    denied: tuple[Covered, ...] = part(lambda one: bool(one.denials))

    def find(self, sought: Event | Entry | UUID) -> Covered | None:
        """Find the happening of an event, of an entry or of a report by its root, or None.

        An event finds the happening that has this very report, or else the first with its
        identity that may have begun when it did.
        """
        if isinstance(sought, Event):
            alike = self._by_identity.get(sought.identity, ())
            told = [one for one in alike if sought in {entry.event for entry in one.reports}]
            fitting = told or [one for one in alike if overlap(one, sought)]
            return self[self._by_root[fitting[0].best.root]] if fitting else None
        place = self._by_root.get(sought.root if isinstance(sought, Entry) else sought)
        return None if place is None else self[place]

    @cached_property
    def _by_root(self) -> dict[UUID, int]:
        return {
            entry.root: place
            for place, one in reversed(list(enumerate(self)))
            for entry in (*one.denials, *one.reports)
        }

    @cached_property
    def _by_identity(self) -> dict[Hashable, list[Happening]]:
        found: dict[Hashable, list[Happening]] = defaultdict(list)
        for one in self:
            found[one.event.identity].append(Happening(one.reports or one.denials))
        return dict(found)


class Coverage(Collecting[CoverageState]):
    """Every happening of every type with its reports, outlets and origins.

    >>> from newsledger import Hop, Ledger, MeetingHeld, Source
    >>> from newsledger.projections import Coverage
    >>> ledger = Ledger.open()
    >>> talks = MeetingHeld(participants=["A", "B"], occurred="2017-02-28")
    >>> for outlet in ("The Daily Example", "The Evening Example"):
    ...     source = Source(outlet, "2017-02-28")
    ...     _ = ledger.append(talks, source, attribution=[Hop("TASS", "agency")])
    >>> (covered,) = ledger.as_of("2017-02-28").project(Coverage())
    >>> len(covered.outlets), covered.origins, covered.corroborated
    (2, frozenset({'TASS'}), False)
    """

    def __init__(self, *, accept: Iterable[str] = DEFAULT_ACCEPT) -> None:
        super().__init__(accept=accept)

    @on(Event)
    @on(Event, denied=True)
    def collect(self, state: Collected, event: Event, entry: Entry) -> Collected:
        """Keep the report."""
        return (state, entry)

    def result(self, state: Collected, view: Vantage, /) -> CoverageState:
        """Merge the reports of each happening; a denial counts against all that it may mean."""
        entries = collected(state)
        told = happenings(entry for entry in entries if not entry.denied)
        by_identity: dict[Hashable, list[Happening]] = defaultdict(list)
        for one in told:
            by_identity[one.event.identity].append(one)
        against: dict[Any, list[Entry]] = defaultdict(list)
        only_denied = []
        for denial in (entry for entry in entries if entry.denied):
            meant = [h for h in by_identity[denial.event.identity] if overlap(h, denial)]
            for one in meant:
                against[one.reports[0].root].append(denial)
            if not meant:
                only_denied.append(denial)
        covered = [(one, Covered(one.reports, tuple(against[one.reports[0].root]))) for one in told]
        covered += [(one, Covered((), one.reports)) for one in happenings(only_denied)]
        covered.sort(key=lambda pair: by_onset(pair[0]))
        return CoverageState(items=tuple(one for _, one in covered))


def _published(entry: Entry) -> Any:
    return entry.published.stop
