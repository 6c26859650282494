"""Offers: who would do what for whom, on which condition, and what became of it."""

from __future__ import annotations

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import OfferMade, OutcomeRecorded
from newsledger.projections.base import Collected, Listing, all_told, brief, counted, part, told
from newsledger.projections.outcomes import POSTPONED, Fate, Joining, fates
from newsledger.reports import Entry, Hop
from newsledger.when import When


@attrs.frozen(repr=False)
class Offer:
    """An offer, and what became of it; the same with another condition is another offer.

    ``delay``: how soon after the condition is met. ``chain``: through whom it came, by the best
    report. ``outcome``: the last recorded, or None. ``disputed``: outcomes that contradict each
    other and may be equally late. Behind it: ``reports`` and ``outcomes``, as entries.
    """

    by: str
    to: str
    offer: str
    condition: str | None = None
    delay: str | None = None
    about: tuple[str, ...] = ()
    made: When = attrs.field(kw_only=True)
    chain: tuple[Hop, ...] = ()
    outcome: str | None = None
    disputed: tuple[Entry, ...] = attrs.field(default=(), eq=bool, repr=counted)
    reports: tuple[Entry, ...] = attrs.field(default=(), eq=False, repr=False)
    outcomes: tuple[Entry, ...] = attrs.field(default=(), eq=False, repr=False)

    __repr__ = brief

    @property
    def trigger(self) -> str | None:
        """Another word for the condition."""
        return self.condition

    @property
    def standing(self) -> bool:
        """Whether it still stands: it has no outcome, or was only postponed."""
        return self.outcome in {None, POSTPONED}


@attrs.frozen(repr=False)
class OffersState(Listing[Offer]):
    """All offers, in the order in which they were made; each stands or has one outcome.

    ``disputed``: those whose outcomes contradict each other, listed by the last in fold order too.
    """

    standing: tuple[Offer, ...] = part(lambda one: one.standing)
    accepted: tuple[Offer, ...] = part(lambda one: one.outcome == "accepted")
    declined: tuple[Offer, ...] = part(lambda one: one.outcome == "declined")
    withdrawn: tuple[Offer, ...] = part(lambda one: one.outcome == "withdrawn")
    lapsed: tuple[Offer, ...] = part(lambda one: one.outcome == "lapsed")
    superseded: tuple[Offer, ...] = part(lambda one: one.outcome == "superseded")
    disputed: tuple[Offer, ...] = part(lambda one: bool(one.disputed))

    def with_outcome(self, outcome: str | None) -> tuple[Offer, ...]:
        """Give those whose outcome is this one, also where no attribute lists them."""
        return tuple(one for one in self if one.outcome == outcome)


class Offers(Joining[OffersState]):
    """Offers about anything, or about some entities, that stand, and by outcome.

    >>> from newsledger import Ledger, OfferMade, OutcomeRecorded, Source
    >>> from newsledger.projections import Offers
    >>> ledger = Ledger.open()
    >>> paper = Source("The Daily Example", "2017-02-28")
    >>> offer = OfferMade(
    ...     by="RUS", to="KGZ", offer="close the base", condition="Bishkek asks",
    ...     occurred="2017-02-28",
    ... )
    >>> made = ledger.append(offer, paper)
    >>> [one.trigger for one in ledger.as_of("2017-02-28").project(Offers()).standing]
    ['Bishkek asks']
    >>> later = Source("The Daily Example", "2017-06-01")
    >>> _ = ledger.append(
    ...     OutcomeRecorded(of=made.id, outcome="declined", occurred="2017-05-31"), later
    ... )
    >>> ledger.as_of("2017-06-01").project(Offers("KGZ")).declined[0].offer
    'close the base'
    """

    @on(OfferMade, OutcomeRecorded)
    def collect(
        self, state: Collected, event: OfferMade | OutcomeRecorded, entry: Entry
    ) -> Collected:
        """Keep the report."""
        return (state, entry)

    def result(self, state: Collected, view: Vantage, /) -> OffersState:
        """Join offers and outcomes."""
        return OffersState(items=tuple(offer_of(fate) for fate in fates(state)))


def offer_of(fate: Fate) -> Offer:
    """Tell an offer by its reports and outcomes."""
    happening = fate.happening
    return Offer(
        by=told(happening, "by"),
        to=told(happening, "to"),
        offer=told(happening, "offer"),
        condition=told(happening, "condition"),
        delay=told(happening, "delay"),
        about=all_told(happening, "about"),
        made=happening.when,
        chain=happening.best.attribution,
        outcome=fate.outcome,
        disputed=fate.disputed,
        reports=happening.reports,
        outcomes=fate.outcomes,
    )
