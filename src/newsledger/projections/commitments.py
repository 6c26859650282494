"""Commitments: who promised what, by when, and what became of it."""

from __future__ import annotations

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import CommitmentMade, OutcomeRecorded
from newsledger.projections.base import Collected, Listing, all_told, brief, counted, part, told
from newsledger.projections.outcomes import POSTPONED, Fate, Joining, fates, is_over
from newsledger.reports import Entry
from newsledger.when import When


@attrs.frozen(repr=False)
class Commitment:
    """A promise, and what became of it.

    ``due``: by when, as it was last postponed. ``outcome``: the last recorded, or None.
    ``overdue``: open although its due is over. ``disputed``: outcomes that contradict each other
    and may be equally late. Behind it: ``reports`` of the promise and ``outcomes``, as entries.
    """

    by: str
    promise: str
    to: tuple[str, ...] = ()
    due: When | None = None
    hedge: str | None = None
    made: When = attrs.field(kw_only=True)
    outcome: str | None = None
    overdue: bool = False
    disputed: tuple[Entry, ...] = attrs.field(default=(), eq=bool, repr=counted)
    reports: tuple[Entry, ...] = attrs.field(default=(), eq=False, repr=False)
    outcomes: tuple[Entry, ...] = attrs.field(default=(), eq=False, repr=False)

    __repr__ = brief

    @property
    def open(self) -> bool:
        """Whether it still stands: it has no outcome, or was only postponed."""
        return self.outcome in {None, POSTPONED}


@attrs.frozen(repr=False)
class CommitmentsState(Listing[Commitment]):
    """All commitments, in the order in which they were made; each is open or has one outcome.

    ``open``: without an outcome, or postponed; ``overdue`` are some of these. ``disputed``: those
    whose outcomes contradict each other, listed by the last in fold order too.
    """

    open: tuple[Commitment, ...] = part(lambda one: one.open)
    overdue: tuple[Commitment, ...] = part(lambda one: one.overdue)
    kept: tuple[Commitment, ...] = part(lambda one: one.outcome == "kept")
    partly_kept: tuple[Commitment, ...] = part(lambda one: one.outcome == "partly kept")
    broken: tuple[Commitment, ...] = part(lambda one: one.outcome == "broken")
    stalled: tuple[Commitment, ...] = part(lambda one: one.outcome == "stalled")
    withdrawn: tuple[Commitment, ...] = part(lambda one: one.outcome == "withdrawn")
    lapsed: tuple[Commitment, ...] = part(lambda one: one.outcome == "lapsed")
    cancelled: tuple[Commitment, ...] = part(lambda one: one.outcome == "cancelled")
    superseded: tuple[Commitment, ...] = part(lambda one: one.outcome == "superseded")
    disputed: tuple[Commitment, ...] = part(lambda one: bool(one.disputed))

    def with_outcome(self, outcome: str | None) -> tuple[Commitment, ...]:
        """Give those whose outcome is this one, also where no attribute lists them."""
        return tuple(one for one in self if one.outcome == outcome)


class Commitments(Joining[CommitmentsState]):
    """Commitments about anything, or about some entities, by outcome.

    Time alone breaks nothing: a promise whose due is over without an outcome is overdue. It is so
    in views whose end lies beyond ``due.stop``; a due that is open is never over.

    >>> from newsledger import CommitmentMade, Ledger, Source
    >>> from newsledger.projections import Commitments
    >>> ledger = Ledger.open()
    >>> promise = CommitmentMade(
    ...     by="KGZ", promise="settle the rest", due="[..2017-12-31]", occurred="2017-02-28"
    ... )
    >>> _ = ledger.append(promise, Source("The Daily Example", "2017-02-28"))
    >>> ledger.as_of("2017-12-31").project(Commitments()).overdue
    ()
    >>> ledger.as_of("2018-01-01").project(Commitments("KGZ")).overdue[0].promise
    'settle the rest'
    """

    @on(CommitmentMade, OutcomeRecorded)
    def collect(
        self, state: Collected, event: CommitmentMade | OutcomeRecorded, entry: Entry
    ) -> Collected:
        """Keep the report."""
        return (state, entry)

    def result(self, state: Collected, view: Vantage, /) -> CommitmentsState:
        """Join promises and outcomes, and look at the calendar."""
        return CommitmentsState(items=tuple(_commitment(fate, view) for fate in fates(state)))


def _commitment(fate: Fate, view: Vantage) -> Commitment:
    happening = fate.happening
    due = fate.date(told(happening, "due"))
    return Commitment(
        by=told(happening, "by"),
        promise=told(happening, "promise"),
        to=all_told(happening, "to"),
        due=due,
        hedge=told(happening, "hedge"),
        made=happening.when,
        outcome=fate.outcome,
        overdue=fate.unsettled and is_over(due, view),
        disputed=fate.disputed,
        reports=happening.reports,
        outcomes=fate.outcomes,
    )
