"""A gallery of wrong projections: mistakes that people make, by the law that tells of each.

They are what the laws are tested with, and read well as a list of what not to do. ``WRONG`` has
them by law; a mistake may break further laws, ``ALSO``, of which :func:`check_projection` tells
the first.
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

from newsledger.engine import Projection, on
from newsledger.events import (
    CommitmentMade,
    MeetingHeld,
    MembershipEnded,
    MembershipStarted,
    StatementMade,
)

# ruff: noqa: D101, D102, ARG002, ANN001, ANN201, ANN202, ANN204, DTZ011
# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg"


class _Joined(Projection[Any]):
    """What most of them read."""

    def initial(self):
        return ()

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return (*state, event.member)


# -- never_raises --------------------------------------------------------------------------------


class TakesDueForGranted(Projection[Any]):
    """Many promises name no date."""

    def initial(self):
        return ()

    @on(CommitmentMade)
    def promised(self, state, event, entry):
        return (*state, event.due.stop)


class TakesOneForGranted(_Joined):
    """Before the first report there is none."""

    def result(self, state, view):
        return max(state)


class KeysAreLists(Projection[Any]):
    """A list is no key of a mapping."""

    def initial(self):
        return 0

    def keys(self, event, entry):
        return [list(event.participants)]

    @on(MeetingHeld)
    def met(self, state, event, entry):
        return state + 1


# -- leaves_its_arguments_alone ------------------------------------------------------------------


class AddsToItsList(_Joined):
    def initial(self):
        return []

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        state.append(event.member)
        return state


class ChangesItsDict(_Joined):
    def initial(self):
        return {}

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        state[event.member] = str(event.occurred)
        return state


class SortsInResult(_Joined):
    def initial(self):
        return []

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return [*state, event.member]

    def result(self, state, view):
        state.sort()
        return tuple(state)


# -- is_pure -------------------------------------------------------------------------------------


class KeepsARunningList(_Joined):
    """It is empty the first time only."""

    def __init__(self):
        self.members = []

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        self.members.append(event.member)
        return tuple(self.members)


class ReadsTheClock(Projection[Any]):
    """The view knows what day it is; today is another one tomorrow."""

    def initial(self):
        return ()

    @on(CommitmentMade)
    def promised(self, state, event, entry):
        return (*state, event.due)

    def result(self, state, view):
        today = date.today()
        return sum(
            due is not None and due.stop is not None and due.stop.date() < today for due in state
        )


class MakesUpIds(_Joined):
    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return (*state, (uuid.uuid4(), event.member))


class TakesASample(_Joined):
    def result(self, state, view):
        return random.sample(state, k=min(2, len(state)))


class _Meeting:
    """Two of them are never equal, whatever they hold."""

    def __init__(self, participants):
        self.participants = participants


class ComparesByIdentity(Projection[Any]):
    def initial(self):
        return None

    @on(MeetingHeld)
    def met(self, state, event, entry):
        return _Meeting(event.participants)


# -- ignores_arrival -----------------------------------------------------------------------------


class TakesPositionForTime(Projection[Any]):
    """What was recorded last need not have happened last."""

    def initial(self):
        return (0, None)

    @on(StatementMade)
    def said(self, state, event, entry):
        return max(state, (entry.position, event.summary))

    def result(self, state, view):
        return state[1]


class DatesByRecording(Projection[Any]):
    def initial(self):
        return None

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return entry.recorded.date()


# -- goes_on_as_afresh ---------------------------------------------------------------------------


class RemembersByPosition(_Joined):
    """A position is asked about from many points."""

    def __init__(self):
        self.known = {}

    def result(self, state, view):
        if view.position not in self.known:
            self.known[view.position] = state
        return self.known[view.position]


class RemembersByDay(_Joined):
    """What is known of a day grows with the ledger."""

    def __init__(self):
        self.known = {}

    def result(self, state, view):
        return self.known.setdefault(view.valid_at, state)


# -- answers_by_key ------------------------------------------------------------------------------


class _Pair:
    """It compares by identity, so that no other finds it."""

    def __init__(self, one, other):
        self.pair = (one, other)


class KeysWithoutEquality(Projection[Any]):
    def initial(self):
        return 0

    def keys(self, event, entry):
        return [_Pair(event.organization, event.member)]

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return state + 1


class _Name:
    """Equal names have different hashes."""

    def __init__(self, name, role):
        self.name, self.role = name, role

    def __eq__(self, other):
        return self.name == other.name

    def __hash__(self):
        return hash((self.name, self.role))


class KeysWithTwoHashes(Projection[Any]):
    def initial(self):
        return 0

    def keys(self, event, entry):
        return [_Name(event.member, event.role)]

    @on(MembershipStarted, MembershipEnded)
    def told(self, state, event, entry):
        return state + 1


# -- lives_as_afresh -----------------------------------------------------------------------------

EVERYBODY = object()


class ComparesWithASentinel(_Joined):
    """A copy of the sentinel is another object, and a live view keeps a copy."""

    def __init__(self, member=EVERYBODY):
        self.member = member

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        wanted = self.member is EVERYBODY or self.member == event.member
        return (*state, event.member) if wanted else state


class ForgetsWhenCopied(_Joined):
    """What is left out of a copy is missing there."""

    def __init__(self):
        self.seen = frozenset({"KGZ", "RUS"})
        self.note = object()

    def __getstate__(self):
        return {"seen": frozenset(), "note": None}

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return (*state, event.member) if event.member in self.seen else state


# -- has_a_history -------------------------------------------------------------------------------


class OverdueWithoutMoments(Projection[Any]):
    """Nothing says when its answer becomes another."""

    def initial(self):
        return None

    @on(CommitmentMade)
    def promised(self, state, event, entry):
        return event.due and event.due.stop

    def result(self, state, view):
        return state is not None and (view.end is None or view.end > state)


class CountsKnownDays(Projection[Any]):
    """It is another one each day, and a history along known time looks at what arrives."""

    def initial(self):
        return None

    @on(MeetingHeld)
    def met(self, state, event, entry):
        return entry.published.stop

    def result(self, state, view):
        start = getattr(view.known_at, "start", None) or datetime(2040, 1, 1, tzinfo=UTC)
        return None if state is None else (start - state).days


# -- travels -------------------------------------------------------------------------------------


class HoldsALambda(Projection[Any]):
    """Nobody can pickle the default of its dict."""

    def initial(self):
        return defaultdict(lambda: 0)

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        made = state.copy()
        made[event.member] += 1
        return made


NOBODY = object()


class StartsWithASentinel(Projection[Any]):
    """A copy of the state holds another object."""

    def initial(self):
        return (NOBODY,)

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return (*state, event.member)

    def result(self, state, view):
        return tuple(one for one in state if one is not NOBODY)


# -- is_the_same_elsewhere -----------------------------------------------------------------------


class ListsASet(Projection[Any]):
    """The order of a set is another one in each process."""

    def initial(self):
        return ()

    @on(MeetingHeld)
    def met(self, state, event, entry):
        return (*state, ", ".join(set(event.participants)))


class PicksFromASet(Projection[Any]):
    def initial(self):
        return None

    @on(MeetingHeld)
    def met(self, state, event, entry):
        return next(iter(event.entities))


WRONG: dict[str, tuple[type[Projection[Any]], ...]] = {
    "never_raises": (TakesDueForGranted, TakesOneForGranted, KeysAreLists),
    "leaves_its_arguments_alone": (AddsToItsList, ChangesItsDict, SortsInResult),
    "is_pure": (KeepsARunningList, ReadsTheClock, MakesUpIds, TakesASample, ComparesByIdentity),
    "ignores_arrival": (TakesPositionForTime, DatesByRecording),
    "answers_by_key": (KeysWithoutEquality, KeysWithTwoHashes),
    "goes_on_as_afresh": (RemembersByPosition, RemembersByDay),
    "lives_as_afresh": (ComparesWithASentinel, ForgetsWhenCopied),
    "has_a_history": (OverdueWithoutMoments, CountsKnownDays),
    "travels": (HoldsALambda, StartsWithASentinel),
    "is_the_same_elsewhere": (ListsASet, PicksFromASet),
}
"""Wrong projections by the law that tells of them."""

ALSO: dict[type[Projection[Any]], frozenset[str]] = {
    # An index asks for the keys of an entry again, and does not find them.
    KeysWithoutEquality: frozenset({"goes_on_as_afresh"}),
    # A projection that is sent to another process is copied on the way.
    ComparesWithASentinel: frozenset({"is_the_same_elsewhere"}),
    ForgetsWhenCopied: frozenset({"is_the_same_elsewhere"}),
}
"""Further laws that some of them break when these are asked alone."""
