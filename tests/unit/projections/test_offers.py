"""Offers: which stand, on which condition, and what became of the others."""

from __future__ import annotations

import pytest

from newsledger import Hop, OfferMade, OutcomeRecorded, Source
from newsledger.projections import Offers
from newsledger.testing import given, report, state

D = "2017-02-28"
SOURCE = Source("The Daily Example", D)
CHAIN = (Hop("Sputnik", "agency"), Hop("Vladimir Putin", "speaker"))


def offer(condition="Bishkek asks", source=SOURCE, **fields):
    given = {"by": "RUS", "to": "KGZ", "offer": "close the base", "about": ["base:RUS-KGZ"]}
    told = {name: fields.pop(name) for name in ("assertion", "attribution") if name in fields}
    return report(OfferMade(condition=condition, occurred=D, **(given | fields)), source, **told)


MADE = offer(assertion="claim", attribution=CHAIN)


def outcome(said, day="2017-03-01", of=MADE):
    return report(OutcomeRecorded(of=of.id, outcome=said, occurred=day))


def test_an_offer_stands_with_its_trigger_and_chain():
    one = state.standing[0]
    given(MADE).as_of("2019").then(
        Offers(),
        one.by == "RUS",
        one.to == "KGZ",
        one.offer == "close the base",
        one.trigger == "Bishkek asks",
        one.condition == "Bishkek asks",
        one.chain == CHAIN,
        one.made == D,
        lambda offers: [entry.id for entry in offers[0].reports] == [MADE.id],
    )


def test_two_conditions_are_two_offers_and_an_outcome_ends_one():
    second = offer("own forces suffice", delay="the same day")
    both = given(MADE, second, outcome("withdrawn", of=second))
    both.as_of(D).then(Offers(), lambda offers: len(offers.standing) == 2)
    both.as_of("2017-03-01").then(
        Offers(),
        lambda offers: [one.condition for one in offers.standing] == ["Bishkek asks"],
        lambda offers: [one.delay for one in offers.withdrawn] == ["the same day"],
    )


@pytest.mark.parametrize("said", ["accepted", "declined", "withdrawn", "lapsed", "superseded"])
def test_an_outcome_takes_it_to_its_own_list(said):
    seen = given(MADE, outcome(said)).as_of("2017-03-01")
    seen.then(
        Offers("base:RUS-KGZ"),
        state.standing == (),
        lambda offers: getattr(offers, said) == offers.with_outcome(said) == tuple(offers) != (),
    )
    seen.as_of(D).then(Offers(), lambda offers: len(offers.standing) == 1)


def test_what_is_postponed_stands():
    given(MADE, outcome("postponed")).then(Offers(), lambda offers: len(offers.standing) == 1)


def test_accepted_and_declined_at_once_is_disputed():
    given(MADE, outcome("accepted"), outcome("declined", "2017-03")).then(
        Offers(), lambda offers: offers.declined == offers.disputed != ()
    )


def test_the_chain_is_that_of_the_best_report():
    again = offer(source=Source("The Evening Example", D))
    given(MADE, again).then(
        Offers(), state[0].chain == (), lambda offers: len(offers[0].reports) == 2
    )


def test_it_prints_well():
    offers = given(MADE, offer("own forces suffice")).as_of(D).project(Offers())
    assert "condition='own forces suffice'" in repr(offers)
