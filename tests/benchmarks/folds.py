"""The projections that are asked, written as a user of the library would write them."""

from __future__ import annotations

from newsledger import BaseStatusReported, MembershipEnded, MembershipStarted, Projection, on


class Members(Projection[frozenset[str]]):
    """Who belongs to one organisation."""

    def __init__(self, organization):
        self.organization = organization

    def about(self):
        return self.organization

    def initial(self):
        return frozenset()

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return state | {event.member}

    @on(MembershipEnded)
    def left(self, state, event, entry):
        return state - {event.member}


class LatestStatus(Projection[str]):
    """The last status of each base."""

    def keys(self, event, entry):
        return (event.base,)

    def initial(self):
        return None

    @on(BaseStatusReported)
    def reported(self, state, event, entry):
        return event.status


class Turns(Projection[tuple[int, str | None]]):
    """How often the news of bases turned: depends on every entry and on their order."""

    def initial(self):
        return 0, None

    @on(BaseStatusReported)
    def reported(self, state, event, entry):
        turns, before = state
        return turns + (event.status != before), event.status
