"""The vocabulary: one class an act of the world, one file a noun."""

from newsledger.events.agreements import AgreementReached, TreatyActionTaken
from newsledger.events.base import Event, event
from newsledger.events.bases import BaseStatusReported
from newsledger.events.catalogue import CATALOGUE, ERASED, RESERVED, Catalogue, EventType
from newsledger.events.commitments import CommitmentMade, OfferMade
from newsledger.events.erased import ErasedEvent
from newsledger.events.expectations import EventScheduled, ExpectationStated
from newsledger.events.interactions import InteractionReported
from newsledger.events.meetings import AgendaItem, MeetingHeld
from newsledger.events.memberships import (
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
)
from newsledger.events.opaque import OpaqueEvent
from newsledger.events.outcomes import OutcomeRecorded
from newsledger.events.roles import RoleEnded, RoleHeld, RoleStarted
from newsledger.events.statements import StatementMade
from newsledger.events.trade import Money, TradeReported

__all__ = [
    "CATALOGUE",
    "ERASED",
    "RESERVED",
    "AgendaItem",
    "AgreementReached",
    "BaseStatusReported",
    "Catalogue",
    "CommitmentMade",
    "ErasedEvent",
    "Event",
    "EventScheduled",
    "EventType",
    "ExpectationStated",
    "InteractionReported",
    "MeetingHeld",
    "MembersListed",
    "MembershipConfirmed",
    "MembershipEnded",
    "MembershipStarted",
    "Money",
    "OfferMade",
    "OpaqueEvent",
    "OutcomeRecorded",
    "RoleEnded",
    "RoleHeld",
    "RoleStarted",
    "StatementMade",
    "TradeReported",
    "TreatyActionTaken",
    "event",
]
