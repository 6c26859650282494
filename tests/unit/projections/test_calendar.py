"""Calendar: what is to come, and what came of it."""

from __future__ import annotations

import pytest

from newsledger import (
    FOREVER,
    EventScheduled,
    ExpectationStated,
    Ledger,
    OutcomeRecorded,
    Source,
    When,
)
from newsledger.projections import Calendar

D = "2017-02-28"
SOURCE = Source("The Daily Example", D)
LATER = Source("The Daily Example", "2019-01-01")
WINDOW = "[2017-04..2017-05]"


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


@pytest.fixture
def summit(ledger):
    event = EventScheduled(title="summit", host="KGZ", place="Bishkek", window=WINDOW, occurred=D)
    return ledger.append(event, SOURCE, assertion="claim")


@pytest.fixture
def visit(ledger, summit):
    event = ExpectationStated(
        expectation="visit",
        about=["Vladimir Putin"],
        window=WINDOW,
        hedge="might",
        depends_on=[summit.id],
        occurred=D,
    )
    return ledger.append(event, SOURCE, assertion="claim")


def outcome(ledger, of, what, day, **fields):
    return ledger.append(OutcomeRecorded(of=of, outcome=what, occurred=day, **fields), LATER)


def status(ledger, day):
    (item,) = ledger.as_of(day).project(Calendar())
    return item.status


def test_it_is_pending_until_its_window_is_over_and_then_past_without_word(ledger, summit):
    assert status(ledger, "2017-03-15") == "pending"
    assert status(ledger, "2017-05-31") == "pending"
    assert status(ledger, "2017-06-01") == "past without word"
    state = ledger.as_of(FOREVER).project(Calendar())
    assert (state.pending, len(state.past_without_word)) == ((), 1)


@pytest.mark.parametrize("window", ["[2017..]", "2017/..", None])
def test_a_window_without_an_end_stays_pending(ledger, window):
    event = ExpectationStated(expectation="thaw", window=window, occurred=D)
    ledger.append(event, SOURCE)
    assert status(ledger, "2400") == "pending"


@pytest.mark.parametrize(
    ("said", "listed"),
    [
        ("happened", "happened"),
        ("did not happen", "did_not_happen"),
        ("cancelled", "cancelled"),
        ("superseded", "superseded"),
    ],
)
def test_an_outcome_decides(ledger, summit, said, listed):
    outcome(ledger, summit.id, said, "2017-04-14")
    state = ledger.as_of("2019").project(Calendar())
    (item,) = getattr(state, listed)
    assert item.status == said
    assert state.with_status(said) == (item,)
    assert state.pending == state.past_without_word == state.postponed == ()


def test_postponed_tells_to_when_and_can_pass_without_word_in_its_turn(ledger, summit):
    outcome(ledger, summit.id, "postponed", "2017-04-10", new_window="2017-10")
    state = ledger.as_of("2017-06-01").project(Calendar())
    (item,) = state.postponed
    assert (item.window, item.first_window) == (When("2017-10"), When(WINDOW))
    assert status(ledger, "2017-11-01") == "past without word"


def test_postponed_without_a_date_stays_postponed(ledger, summit):
    outcome(ledger, summit.id, "postponed", "2017-04-10")
    (item,) = ledger.as_of("2400").project(Calendar()).postponed
    assert item.window is None


def test_postponed_and_then_happened(ledger, summit):
    outcome(ledger, summit.id, "happened", "2017-10-12")
    outcome(ledger, summit.id, "postponed", "2017-04-10", new_window="2017-10")
    (item,) = ledger.as_of("2019").project(Calendar()).happened
    assert (item.window, item.disputed) == (When("2017-10"), ())
    assert status(ledger, "2017-09") == "postponed"


def test_contradicting_outcomes_are_disputed(ledger, summit):
    outcome(ledger, summit.id, "happened", "2017-04-14")
    outcome(ledger, summit.id, "cancelled", "2017-04")
    state = ledger.as_of("2019").project(Calendar())
    assert state.cancelled == state.disputed != ()
    assert len(state.disputed[0].disputed) == 2


def test_expectations_know_what_they_hang_on(ledger, visit, summit):
    state = ledger.as_of(D).project(Calendar())
    (expected,) = (item for item in state if item.expected)
    (scheduled,) = (item for item in state if not item.expected)
    assert expected.depends_on == (summit.id,)
    assert state.needed_by(expected) == (scheduled,)
    assert state.needed_by(scheduled) == ()
    assert (expected.hedge, expected.about) == ("might", ("Vladimir Putin",))
    assert (scheduled.place, scheduled.about) == ("Bishkek", ("KGZ",))
    assert {item.stated for item in state} == {When(D)}


def test_a_dependency_on_a_correction_means_the_report(ledger, summit):
    corrected = ledger.correct(
        summit,
        EventScheduled(title="summit", host="KGZ", window="2017-04", occurred=D),
        reason="misread",
    )
    event = ExpectationStated(expectation="visit", depends_on=[corrected.id], occurred=D)
    ledger.append(event, SOURCE)
    (expected,) = (i for i in ledger.as_of(D).project(Calendar()) if i.expected)
    assert expected.depends_on == (summit.id,)


def test_about_selects(ledger, visit):
    assert [i.what for i in ledger.as_of(D).project(Calendar("Vladimir Putin"))] == ["visit"]
    assert [i.what for i in ledger.as_of(D).project(Calendar(["KGZ"]))] == ["summit"]


def test_history_finds_what_passes_without_word(ledger, summit):
    outcome(ledger, summit.id, "postponed", "2017-06-10", new_window="2017-10")
    changes = [
        (when.isoformat()[:19], state[0].status)
        for when, state, _ in ledger.as_of(D).history(Calendar())
    ]
    assert changes == [
        ("2017-02-28T23:59:59", "pending"),
        ("2017-06-01T00:00:00", "past without word"),
        ("2017-06-10T23:59:59", "postponed"),
        ("2017-11-01T00:00:00", "past without word"),
    ]


def test_it_prints_well(ledger, visit):
    assert repr(ledger.as_of(D).project(Calendar("KGZ"))[0]) == (
        "CalendarItem(what='summit', status='pending', window='[2017-04..2017-05]', "
        "stated='2017-02-28', about=('KGZ',), place='Bishkek')"
    )
