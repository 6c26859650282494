"""The questions that are built in, one file a read model."""

from newsledger.projections.bases import BaseState, BaseStatus
from newsledger.projections.calendar import Calendar, CalendarItem, CalendarState
from newsledger.projections.commitments import Commitment, Commitments, CommitmentsState
from newsledger.projections.coverage import Coverage, CoverageState, Covered, origin_of
from newsledger.projections.figures import Figure, Series
from newsledger.projections.happenings import Happening, happenings
from newsledger.projections.meetings import Meeting, Meetings, MeetingsState
from newsledger.projections.membership import Membership, MembershipState
from newsledger.projections.offers import Offer, Offers, OffersState
from newsledger.projections.reducers import Count, Last, Reducer, Sum
from newsledger.projections.roles import Roles, RoleSpell, RolesState
from newsledger.projections.rounding import rounding_range
from newsledger.projections.statements import Position, Statements, StatementsState
from newsledger.projections.trade import Trade, TradeState

__all__ = [
    "BaseState",
    "BaseStatus",
    "Calendar",
    "CalendarItem",
    "CalendarState",
    "Commitment",
    "Commitments",
    "CommitmentsState",
    "Count",
    "Coverage",
    "CoverageState",
    "Covered",
    "Figure",
    "Happening",
    "Last",
    "Meeting",
    "Meetings",
    "MeetingsState",
    "Membership",
    "MembershipState",
    "Offer",
    "Offers",
    "OffersState",
    "Position",
    "Reducer",
    "RoleSpell",
    "Roles",
    "RolesState",
    "Series",
    "Statements",
    "StatementsState",
    "Sum",
    "Trade",
    "TradeState",
    "happenings",
    "origin_of",
    "rounding_range",
]
