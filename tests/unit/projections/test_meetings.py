"""Meetings: merged from their reports, in order, between whom, about what."""

from __future__ import annotations

import pytest

from newsledger import AgendaItem, Ledger, MeetingHeld, Source, When
from newsledger.projections import Meetings

D = "2017-02-28"
TCA = Source("The Times of Central Asia", D)


def talks(day=D, who=("Vladimir Putin", "Almazbek Atambayev"), **fields):
    return MeetingHeld(participants=who, **({"kind": "talks", "occurred": day} | fields))


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


@pytest.fixture
def article(ledger):
    """The meeting of the seed article, in its four reports, and the press conference after it."""
    base = AgendaItem("expansion of the base", discussed=False)
    topics = [AgendaItem("terrorism"), AgendaItem("drug trafficking")]
    ledger.append(talks(representing=["RUS", "KGZ"], place="Bishkek"), TCA)
    ledger.append(talks(agenda=topics), TCA, assertion="claim")
    ledger.append(talks(agenda=[base]), TCA, assertion="claim")
    ledger.append(talks("2017-02", agenda=[base]), Source("AKIpress", D), assertion="claim")
    ledger.append(talks(kind="press conference", representing=["RUS", "KGZ"]), TCA)
    return ledger


def test_reports_of_one_meeting_are_one_meeting(article):
    state = article.as_of("2017-03-15").project(Meetings())
    meeting, press = state
    assert (meeting.kind, len(meeting.reports)) == ("talks", 4)
    assert (press.kind, len(press.reports)) == ("press conference", 1)
    assert (meeting.place, meeting.when) == ("Bishkek", When(D))
    assert set(meeting.representing) == {"RUS", "KGZ"}
    assert state.meetings == tuple(state)


def test_topics_discussed_and_expressly_not(article):
    state = article.as_of("2017-03-15").project(Meetings())
    for told in (state, state[0]):
        assert told.discussed == ("terrorism", "drug trafficking")
        assert told.not_discussed == ("expansion of the base",)
        assert told.disputed == ()


def test_a_topic_of_which_both_is_said_is_disputed(article):
    said = talks(agenda=[AgendaItem("expansion of the base")])
    article.append(said, Source("The Daily Example", D))
    state = article.as_of("2017-03-15").project(Meetings())
    assert state.disputed == state[0].disputed == ("expansion of the base",)
    later = talks("2017-06-01", agenda=[AgendaItem("terrorism", discussed=False)])
    article.append(later, Source("The Daily Example", "2017-06-01"))
    state = article.as_of("2017-06-15").project(Meetings())
    assert state.disputed == ("expansion of the base",)


def test_between_counts_participants_and_whom_they_represent(article):
    state = article.as_of("2017-03-15").project(Meetings())
    assert state.between("RUS", "KGZ") == state.between("KGZ", "RUS") == tuple(state)
    assert state.between("Vladimir Putin", "KGZ") == tuple(state)
    assert state.between("RUS", "KAZ") == ()


def test_russia_and_kyrgyzstan_last_met(article):
    article.append(talks("2016-09-17", representing=["KGZ", "RUS"]), TCA)
    article.append(talks("2018-01-01", ("Vladimir Putin", "Donald Trump")), TCA)
    state = article.as_of("2019").project(Meetings())
    assert state.last("RUS", "KGZ").when == When(D)
    assert state.last("RUS", "KGZ").kind in {"talks", "press conference"}
    assert state.between("RUS", "KGZ")[0].when == When("2016-09-17")
    assert state.last("RUS", "USA") is None


def test_order_goes_by_onset_whatever_the_order_of_arrival(ledger):
    for day in ("2017-03-01", "2015-05", "2016"):
        ledger.append(talks(day), TCA)
    state = ledger.as_of("2018").project(Meetings())
    assert [str(one.when) for one in state] == ["2015-05", "2016", "2017-03-01"]


def test_the_date_is_the_narrowest_told(ledger):
    ledger.append(talks("2017-02"), TCA)
    ledger.append(talks(D), Source("AKIpress", D), assertion="claim")
    (meeting,) = ledger.as_of("2018").project(Meetings())
    assert meeting.when == When(D)
    assert meeting.onset == When(D).onset


def test_about_selects_reports(article):
    everything = article.as_of("2018").project(Meetings("Almazbek Atambayev"))
    assert len(everything[0].reports) == 4
    named = article.as_of("2018").project(Meetings("KGZ"))
    assert [len(one.reports) for one in named] == [1, 1]


def test_a_meeting_that_was_only_announced_says_so(ledger):
    ledger.append(talks("2017-04-14"), TCA)
    (meeting,) = ledger.as_of("2018").project(Meetings())
    assert meeting.forecast
    ledger.append(talks("2017-04-14"), Source("AKIpress", "2017-04-15"))
    (meeting,) = ledger.as_of("2018").project(Meetings())
    assert not meeting.forecast


def test_another_report_is_another_answer(article):
    before = article.as_of("2018").project(Meetings())
    article.append(talks(), Source("The Daily Example", D))
    assert article.as_of("2018").project(Meetings()) != before


def test_order_decides_nothing(article):
    assert article.as_of("2018").undetermined(Meetings()) == ()


def test_it_prints_well(ledger):
    ledger.append(talks(), TCA)
    assert repr(ledger.as_of("2018").project(Meetings())) == (
        "MeetingsState([\n"
        "  Meeting(participants=('Vladimir Putin', 'Almazbek Atambayev'), when='2017-02-28', "
        "kind='talks'),\n"
        "])"
    )
