"""Statements: positions over time."""

from __future__ import annotations

import pytest

from newsledger import Hop, Ledger, Source, StatementMade, When
from newsledger.projections import Statements

D = "2017-02-28"
TCA = Source("The Times of Central Asia", D)
ALL = ("fact", "claim", "opinion")


def said(summary, speaker="Vladimir Putin", day=D, **fields):
    return StatementMade(speaker=speaker, summary=summary, occurred=day, **fields)


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


@pytest.fixture
def told(ledger):
    ledger.append(said("step up cooperation", topics=["military"]), TCA, assertion="claim")
    ledger.append(
        said("the base matters", about=["base:RUS-KGZ"], on_behalf_of=["RUS", "KGZ"]),
        TCA,
        assertion="opinion",
    )
    ledger.append(
        said("joining was right", "Almazbek Atambayev", "2017-02-27", topics=["EEU"]),
        TCA,
        attribution=[Hop("press service", "office")],
        assertion="claim",
    )
    return ledger


def test_positions_come_in_the_order_of_their_onset(told):
    state = told.as_of(D).project(Statements())
    assert [one.summary for one in state] == ["joining was right", "step up cooperation"]
    assert state.positions == tuple(state)


def test_opinions_are_read_when_accept_names_them(told):
    state = told.as_of(D).project(Statements(accept=ALL))
    assert len(state) == 3
    assert [one.summary for one in state.on_behalf_of("KGZ")] == ["the base matters"]


def test_by_on_and_latest(told):
    told.append(said("cooperation is enough", day="2017-06-01", topics=["military"]), TCA)
    state = told.as_of("2018").project(Statements(accept=ALL))
    assert len(state.by("Vladimir Putin")) == 3
    assert [one.summary for one in state.on("base:RUS-KGZ")] == ["the base matters"]
    assert state.latest("Vladimir Putin").summary == "cooperation is enough"
    assert state.latest("Vladimir Putin", "base:RUS-KGZ").summary == "the base matters"
    assert state.latest("Vladimir Putin", "EEU") is None
    assert state.latest("KGZ") is None


def test_speaker_and_topic_select(told):
    view = told.as_of(D)
    assert len(view.project(Statements("Almazbek Atambayev"))) == 1
    assert len(view.project(Statements("KGZ", accept=ALL))) == 0
    assert len(view.project(Statements(topic="base:RUS-KGZ", accept=ALL))) == 1
    assert len(view.project(Statements("Almazbek Atambayev", "military"))) == 0


def test_any_report_of_a_statement_may_tell_its_topic(told):
    told.append(said("joining was right", "Almazbek Atambayev", "2017-02-27"), TCA)
    (one,) = told.as_of(D).project(Statements(topic="EEU"))
    assert len(one.reports) == 2
    assert {entry.attribution for entry in one.reports} == {
        (),
        (Hop("press service", "office"),),
    }


def test_denials_lead_to_what_they_deny(told):
    claim = told.append(said("the base will grow", "a minister"), TCA)
    corrected = told.correct(claim, said("the base may grow", "a minister"), reason="misread")
    denial = said("the base will grow", stance="denial", denies=corrected.id, day="2017-03-01")
    told.append(denial, Source("AKIpress", "2017-03-01"))
    state = told.as_of("2018").project(Statements())
    (one,) = state.denials
    assert (one.stance, one.denies, one.when) == ("denial", claim.id, When("2017-03-01"))
    shown = next(iter(told.as_of("2018").entries(about="a minister")))
    assert state.denials_of(shown) == state.denials_of(claim.id) == (one,)
    assert state.denials_of(denial_root := one.reports[0].root) == () != denial_root


@pytest.mark.parametrize("arguments", [{"speaker": ["a"]}, {"topic": ["a"]}, {"speaker": 7}])
def test_one_name_each(arguments):
    with pytest.raises(TypeError, match="takes one name"):
        Statements(**arguments)


def test_it_prints_well(told):
    assert "Position(speaker='Almazbek Atambayev', summary='joining was right'" in repr(
        told.as_of(D).project(Statements())
    )
