"""Outcomes: what became of a promise, an offer, an expectation, a schedule."""

from __future__ import annotations

from newsledger.events.base import Event, event
from newsledger.fields import MaybeDated, Reference, References, field

OUTCOMES = (
    "kept",
    "partly kept",
    "broken",
    "stalled",
    "accepted",
    "declined",
    "withdrawn",
    "lapsed",
    "happened",
    "did not happen",
    "postponed",
    "cancelled",
    "superseded",
)


@event("OutcomeRecorded", identity=("of",))
class OutcomeRecorded(Event):
    """What became of something reported earlier; time alone never decides that.

    ``of``: the id of any report of the happening. ``new_window``: to when it was postponed.
    ``evidence``: reports that show it. Questions about an entity find an outcome by the entities
    of what it refers to.
    """

    of: Reference
    outcome: str = field(choices=OUTCOMES)
    new_window: MaybeDated = field(default=None)
    evidence: References = field(default=())
