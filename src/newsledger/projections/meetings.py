"""Meetings: who met, when, and what they talked about."""

from __future__ import annotations

from datetime import datetime

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import AgendaItem, MeetingHeld
from newsledger.projections.base import (
    Collected,
    Collecting,
    Listing,
    all_told,
    brief,
    collected,
    ids,
    part,
    told,
)
from newsledger.projections.happenings import Happening, happenings
from newsledger.reports import Entry
from newsledger.when import When


@attrs.frozen(repr=False)
class Meeting:
    """One meeting, told from all its reports.

    ``representing`` and ``agenda`` hold what any of them names; ``when`` is the narrowest date
    told, ``onset`` the window that all of them leave open. ``forecast``: it rests on reports
    published before it can have begun.
    """

    participants: tuple[str, ...]
    representing: tuple[str, ...] = ()
    when: When = attrs.field(kw_only=True)
    kind: str | None = None
    place: str | None = None
    agenda: tuple[AgendaItem, ...] = ()
    forecast: bool = False
    onset: tuple[datetime | None, datetime | None] = attrs.field(kw_only=True, repr=False)
    reports: tuple[Entry, ...] = attrs.field(default=(), eq=ids, repr=False)

    __repr__ = brief

    @property
    def sides(self) -> frozenset[str]:
        """Who took part or was represented."""
        return frozenset(self.participants).union(self.representing)

    @property
    def discussed(self) -> tuple[str, ...]:
        """Topics that a report says were discussed."""
        return tuple(item.topic for item in self.agenda if item.discussed)

    @property
    def not_discussed(self) -> tuple[str, ...]:
        """Topics that a report says were expressly not discussed."""
        return tuple(item.topic for item in self.agenda if not item.discussed)

    @property
    def disputed(self) -> tuple[str, ...]:
        """Topics of which both is said."""
        return tuple(topic for topic in self.discussed if topic in self.not_discussed)


@attrs.frozen(repr=False)
class MeetingsState(Listing[Meeting]):
    """Meetings in order of their onset; it is a sequence of them."""

    meetings: tuple[Meeting, ...] = part()

    def between(self, a: str, b: str) -> tuple[Meeting, ...]:
        """Give the meetings in which both took part or were represented."""
        return tuple(meeting for meeting in self if {a, b} <= meeting.sides)

    def last(self, a: str, b: str) -> Meeting | None:
        """Give the last meeting between the two, or None."""
        return next(reversed(self.between(a, b)), None)

    @property
    def discussed(self) -> tuple[str, ...]:
        """Topics discussed in any meeting, each once."""
        return tuple(dict.fromkeys(topic for one in self for topic in one.discussed))

    @property
    def not_discussed(self) -> tuple[str, ...]:
        """Topics expressly not discussed in some meeting, each once."""
        return tuple(dict.fromkeys(topic for one in self for topic in one.not_discussed))

    @property
    def disputed(self) -> tuple[str, ...]:
        """Topics of which both is said of one meeting, each once."""
        return tuple(dict.fromkeys(topic for one in self for topic in one.disputed))


class Meetings(Collecting[MeetingsState]):
    """Meetings, all of them or those about some entities, each with its reports.

    ``about`` selects reports: one that does not name the entities asked for adds nothing to its
    meeting. :meth:`MeetingsState.between` counts whom the participants represent.

    >>> from newsledger import Ledger, MeetingHeld, Source
    >>> from newsledger.projections import Meetings
    >>> ledger = Ledger.open()
    >>> talks = MeetingHeld(
    ...     participants=["Vladimir Putin", "Almazbek Atambayev"], representing=["RUS", "KGZ"],
    ...     kind="talks", occurred="2017-02-28",
    ... )
    >>> _ = ledger.append(talks, Source("The Daily Example", "2017-02-28"))
    >>> ledger.as_of("2017-03-15").project(Meetings()).last("RUS", "KGZ").when
    When('2017-02-28')
    """

    @on(MeetingHeld)
    def collect(self, state: Collected, event: MeetingHeld, entry: Entry) -> Collected:
        """Keep the report."""
        return (state, entry)

    def result(self, state: Collected, view: Vantage, /) -> MeetingsState:
        """Merge the reports of each meeting."""
        return MeetingsState(items=tuple(map(_meeting, happenings(collected(state)))))


def _meeting(happening: Happening) -> Meeting:
    return Meeting(
        participants=told(happening, "participants"),
        representing=all_told(happening, "representing"),
        when=happening.when,
        kind=told(happening, "kind"),
        place=told(happening, "place"),
        agenda=all_told(happening, "agenda"),
        forecast=happening.forecast,
        onset=happening.onset,
        reports=happening.reports,
    )
