"""News: reports from small pools, so that steps are drawn fast, collide, and shrink to little."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import strategies as st

from newsledger.events import (
    Event,
    MeetingHeld,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
    Money,
    StatementMade,
    TradeReported,
)
from newsledger.fields import changed
from newsledger.reports import Hop, Report, Source
from newsledger.when import When

# The simplest come first: that is where examples shrink to.
_DATES = (
    *("2017-02-28", "2017-03-01", "2015", "2017-02", "2015-08-12", "201X", "2016-24", "2017-33"),
    *("2017-02-28T08:05:00Z", "2017-02-28T23:59:59.999999Z", "[2017-04..2017-05]", "2017-XX"),
    *("[2017-02-28,2017-06]", "2017?-02-28", "2015-08-12/..", "[..2017-02-28]", "[2017..]", "20XX"),
)
_PUBLISHED = ("2017-02-28", "2015", "2017-02-28T23:59:59.999999Z", "2017-03-01", "[..2017-12-31]")
_STATES = ("KGZ", "RUS")
_CLUBS = ("EEU", "CIS")


def _events() -> list[Event]:
    """Make events of several types, at every date."""
    made: list[Event] = []
    for kind in (MembershipStarted, MembershipEnded, MembershipConfirmed):
        made += [
            kind(organization=club, member=who, occurred=date)
            for date, who, club in product(_DATES, _STATES, _CLUBS)
        ]
    for date in _DATES:
        made += [
            MembersListed(organization="EEU", members=["KGZ"], occurred=date),
            MembersListed(organization="EEU", members=["RUS", "KAZ"], occurred=date),
            MeetingHeld(participants=["KGZ", "Putin"], occurred=date),
            StatementMade(speaker="Putin", summary="No.", occurred=date),
            TradeReported(
                period=date,
                partner="KGZ",
                reporter="RUS",
                flow="total",
                amount=Money("1.2e9", "USD"),
            ),
            MembershipConfirmed(
                organization="EEU", member="KGZ", since=date, occurred="2017-02-28"
            ),
        ]
    return made


_FIELDS: tuple[dict[str, Any], ...] = (
    *({}, {}, {}, {"assertion": "claim"}, {"assertion": "rumour"}, {"assertion": "opinion"}),
    *({"denied": True}, {"background": True}, {"ordinal": 2}, {"ordinal": 1}),
    {"attribution": (Hop("Putin", "speaker", ("RUS",)),), "assertion": "claim"},
    {"ref": "data:1", "quote": "“Да.”", "confidence": 99.5},
)

CHANGES: tuple[dict[str, Any], ...] = (
    *({}, {"assertion": "rumour"}, {"denied": True}),
    {"background": True, "assertion": "claim"},
)
"""What a correction may change beside the event."""

dates = st.sampled_from(_DATES).map(When)
sources = st.sampled_from(
    [
        Source(outlet, published, url=url)
        for published, outlet, url in product(
            _PUBLISHED, ("AP", "TASS"), (None, "https://example.org/a")
        )
    ]
)
events = st.sampled_from(_events())
reports = st.builds(
    lambda event, source, fields: Report(event, source, **fields),
    events,
    sources,
    st.sampled_from(_FIELDS),
)


def dated(event: Event, date: When) -> Event:
    """Give an event with another date."""
    return changed(event, **{"period" if isinstance(event, TradeReported) else "occurred": date})
