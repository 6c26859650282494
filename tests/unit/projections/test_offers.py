"""Offers: which stand, on which condition, and what became of the others."""

from __future__ import annotations

import pytest

from newsledger import Hop, Ledger, OfferMade, OutcomeRecorded, Source, When
from newsledger.projections import Offers

D = "2017-02-28"
SOURCE = Source("The Daily Example", D)
CHAIN = (Hop("Sputnik", "agency"), Hop("Vladimir Putin", "speaker"))


def offer(condition="Bishkek asks", **fields):
    given = {"by": "RUS", "to": "KGZ", "offer": "close the base", "about": ["base:RUS-KGZ"]}
    return OfferMade(condition=condition, occurred=D, **(given | fields))


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


@pytest.fixture
def made(ledger):
    return ledger.append(offer(), SOURCE, assertion="claim", attribution=CHAIN)


def test_an_offer_stands_with_its_trigger_and_chain(ledger, made):
    (one,) = ledger.as_of("2019").project(Offers()).standing
    assert (one.by, one.to, one.offer, one.trigger) == (
        "RUS",
        "KGZ",
        "close the base",
        "Bishkek asks",
    )
    assert (one.condition, one.chain, one.made) == (one.trigger, CHAIN, When(D))
    assert one.reports == (made,)


def test_two_conditions_are_two_offers_and_an_outcome_ends_one(ledger, made):
    second = ledger.append(offer("own forces suffice", delay="the same day"), SOURCE)
    assert len(ledger.as_of(D).project(Offers()).standing) == 2
    event = OutcomeRecorded(of=second.id, outcome="withdrawn", occurred="2017-03-01")
    ledger.append(event, Source("The Daily Example", "2017-03-01"))
    state = ledger.as_of("2017-03-01").project(Offers())
    assert [one.condition for one in state.standing] == ["Bishkek asks"]
    assert [one.delay for one in state.withdrawn] == ["the same day"]


@pytest.mark.parametrize("said", ["accepted", "declined", "withdrawn", "lapsed", "superseded"])
def test_an_outcome_takes_it_to_its_own_list(ledger, made, said):
    event = OutcomeRecorded(of=made.id, outcome=said, occurred="2017-03-01")
    ledger.append(event, Source("The Daily Example", "2017-03-01"))
    state = ledger.as_of("2017-03-01").project(Offers("base:RUS-KGZ"))
    assert state.standing == ()
    assert getattr(state, said) == state.with_outcome(said) == tuple(state) != ()
    assert len(ledger.as_of(D).project(Offers()).standing) == 1


def test_what_is_postponed_stands(ledger, made):
    event = OutcomeRecorded(of=made.id, outcome="postponed", occurred="2017-03-01")
    ledger.append(event, Source("The Daily Example", "2017-03-01"))
    assert len(ledger.as_of("2018").project(Offers()).standing) == 1


def test_accepted_and_declined_at_once_is_disputed(ledger, made):
    for day, said in (("2017-03-01", "accepted"), ("2017-03", "declined")):
        event = OutcomeRecorded(of=made.id, outcome=said, occurred=day)
        ledger.append(event, Source("The Daily Example", "2017-04-01"))
    state = ledger.as_of("2018").project(Offers())
    assert state.declined == state.disputed != ()


def test_the_chain_is_that_of_the_best_report(ledger, made):
    ledger.append(offer(), Source("The Evening Example", "2017-02-28"))
    (one,) = ledger.as_of("2018").project(Offers())
    assert one.chain == ()
    assert len(one.reports) == 2


def test_it_prints_well(ledger, made):
    ledger.append(offer("own forces suffice"), SOURCE)
    assert "condition='own forces suffice'" in repr(ledger.as_of(D).project(Offers()))
