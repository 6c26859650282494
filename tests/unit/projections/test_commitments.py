"""Commitments: open, overdue, and by outcome."""

from __future__ import annotations

import pytest

from newsledger import FOREVER, All, CommitmentMade, Ledger, OutcomeRecorded, Source, When
from newsledger.projections import Commitments


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


def paper(day, outlet="The Daily Example"):
    return Source(outlet, day)


def promise(**fields):
    given = {"by": "KGZ", "promise": "settle", "due": "[..2017-12-31]", "occurred": "2017-02-28"}
    return CommitmentMade(**(given | fields))


@pytest.fixture
def made(ledger):
    return ledger.append(promise(hedge="sure"), paper("2017-02-28"), assertion="claim")


def outcome(ledger, of, what, day, published=None, **fields):
    event = OutcomeRecorded(of=of, outcome=what, occurred=day, **fields)
    return ledger.append(event, paper(published or "2019-01-01"))


def test_seen_on_its_last_day_it_is_open_and_not_overdue(ledger, made):
    state = ledger.as_of("2017-12-31").project(Commitments())
    assert [one.promise for one in state.open] == ["settle"]
    assert state.overdue == ()


def test_from_the_day_after_it_is_overdue_and_still_open_and_never_broken(ledger, made):
    for day in ("2018-01-01", "2400", FOREVER):
        state = ledger.as_of(day).project(Commitments())
        assert state.overdue == state.open != ()
        assert state.broken == ()


@pytest.mark.parametrize("due", [None, "[2017..]", "2017/.."])
def test_a_due_without_an_end_is_never_over(ledger, due):
    ledger.append(promise(due=due), paper("2017-02-28"))
    state = ledger.as_of("2400").project(Commitments())
    assert len(state.open) == 1
    assert state.overdue == ()


@pytest.mark.parametrize(
    ("said", "listed"),
    [
        ("kept", "kept"),
        ("partly kept", "partly_kept"),
        ("broken", "broken"),
        ("stalled", "stalled"),
        ("withdrawn", "withdrawn"),
        ("lapsed", "lapsed"),
        ("cancelled", "cancelled"),
        ("superseded", "superseded"),
    ],
)
def test_an_outcome_takes_it_from_the_open_to_its_own_list(ledger, made, said, listed):
    outcome(ledger, made.id, said, "2018-02-01")
    state = ledger.as_of("2018-03-01").project(Commitments())
    (one,) = getattr(state, listed)
    assert (one.outcome, one.overdue, state.open, state.overdue) == (said, False, (), ())
    assert state.with_outcome(said) == (one,)
    assert [entry.event.outcome for entry in one.outcomes] == [said]
    before = ledger.as_of("2018-01-31").project(Commitments())
    assert len(before.overdue) == 1


def test_postponed_moves_the_due_and_leaves_it_open(ledger, made):
    outcome(ledger, made.id, "postponed", "2017-12-01", new_window="2018-06")
    (one,) = ledger.as_of("2018-06-30").project(Commitments()).open
    assert (one.due, one.overdue) == (When("2018-06"), False)
    assert len(ledger.as_of("2018-07-01").project(Commitments()).overdue) == 1


def test_postponed_to_nobody_knows_when_it_is_not_overdue(ledger, made):
    outcome(ledger, made.id, "postponed", "2017-12-01")
    (one,) = ledger.as_of("2400").project(Commitments()).open
    assert (one.due, one.overdue) == (None, False)


def test_the_last_outcome_in_time_decides_whatever_came_in_last(ledger, made):
    outcome(ledger, made.id, "kept", "2018-05-01")
    outcome(ledger, made.id, "stalled", "2018-02-01", published="2019-02-01")
    (one,) = ledger.as_of("2019").project(Commitments())
    assert (one.outcome, one.disputed) == ("kept", ())
    assert [entry.event.outcome for entry in one.outcomes] == ["stalled", "kept"]


def test_outcomes_that_contradict_each_other_are_disputed_and_the_last_decides(ledger, made):
    outcome(ledger, made.id, "kept", "2018-05")
    outcome(ledger, made.id, "broken", "2018-05-31", published="2019-02-01")
    state = ledger.as_of("2019").project(Commitments())
    assert state.broken == state.disputed != ()
    assert {entry.event.outcome for entry in state.disputed[0].disputed} == {"kept", "broken"}
    pairs = ledger.as_of("2019").undetermined(Commitments())
    assert [{entry.event.outcome for entry in pair} for pair in pairs] == [{"kept", "broken"}]


def test_outcomes_one_after_the_other_or_alike_are_not_disputed(ledger, made):
    outcome(ledger, made.id, "broken", "2018-04")
    outcome(ledger, made.id, "kept", "2018-05")
    outcome(ledger, made.id, "kept", "2018-05-03", published="2019-02-01")
    outcome(ledger, made.id, "postponed", "2018-05", published="2019-02-02")
    outcome(ledger, made.id, "kept", "2018-05", published="2019-02-03")
    (one,) = ledger.as_of("2019").project(Commitments()).kept
    assert one.disputed == ()
    assert ledger.as_of("2018-12").undetermined(Commitments()) != ()


def test_an_outcome_is_found_by_any_report_of_the_promise(ledger, made):
    again = ledger.append(promise(), paper("2017-03-01", "The Evening Example"))
    outcome(ledger, again.id, "kept", "2017-11-01")
    (one,) = ledger.as_of("2019").project(Commitments())
    assert one.outcome == "kept"
    assert {entry.id for entry in one.reports} == {made.id, again.id}
    assert one.hedge == "sure"


def test_the_strongest_report_tells_what_reports_tell_differently(ledger, made):
    ledger.append(promise(due="2018", to=["EEU"]), paper("2017-02-28", "b"))
    ledger.append(promise(due="2016", to=["RUS"]), paper("2017-03-01", "c"), assertion="claim")
    (one,) = ledger.as_of("2017-03-01").project(Commitments())
    assert (one.due, one.hedge, set(one.to)) == (When("2018"), "sure", {"EEU", "RUS"})


def test_an_outcome_that_names_a_correction_means_the_report(ledger, made):
    corrected = ledger.correct(made, promise(due="2018"), reason="misread")
    outcome(ledger, corrected.id, "kept", "2018-01-01")
    (one,) = ledger.as_of("2019").project(Commitments()).kept
    assert one.due == When("2018")


def test_an_outcome_dated_before_its_promise_is_joined_all_the_same(ledger):
    made = ledger.append(promise(occurred="2017"), paper("2018-01-01"))
    outcome(ledger, made.id, "kept", "2017-06")
    assert len(ledger.as_of("2018").project(Commitments()).kept) == 1


def test_outcomes_of_other_things_and_denied_ones_change_nothing(ledger, made):
    other = ledger.append(promise(promise="build"), paper("2017-02-28"))
    outcome(ledger, other.id, "kept", "2017-05")
    event = OutcomeRecorded(of=made.id, outcome="kept", occurred="2017-05")
    ledger.append(event, paper("2018"), denied=True)
    assert [one.promise for one in ledger.as_of("2017-06").project(Commitments()).open] == [
        "settle"
    ]


def test_about_selects_the_promises_and_with_them_their_outcomes(ledger, made):
    ledger.append(promise(by="RUS", to=["KGZ"]), paper("2017-02-28"))
    outcome(ledger, made.id, "kept", "2017-05")
    view = ledger.as_of("2019")
    assert [one.by for one in view.project(Commitments("RUS"))] == ["RUS"]
    assert len(view.project(Commitments(iter(["RUS", "KGZ"])))) == 2
    assert len(view.project(Commitments(All("RUS", "KGZ")))) == 1
    projection = Commitments(iter(["RUS"]))
    assert len(view.project(projection)) == len(view.project(projection)) == 1
    assert view.project(Commitments("KGZ")).kept[0].by == "KGZ"


def test_only_facts_and_claims_are_read_unless_accept_says_so(ledger):
    ledger.append(promise(), paper("2017-02-28"), assertion="rumour")
    view = ledger.as_of("2017-02-28")
    assert len(view.project(Commitments())) == 0
    assert len(view.project(Commitments(accept=["rumour"]))) == 1


@pytest.mark.parametrize("accept", ["fact", [], ["facts"], [None]])
def test_what_accept_cannot_mean_is_refused(accept):
    with pytest.raises(ValueError, match="accept="):
        Commitments(accept=accept)


def test_history_finds_the_day_on_which_it_becomes_overdue(ledger, made):
    history = ledger.as_of("2017-02-28").history(Commitments())
    changes = [(when.isoformat()[:19], len(state.overdue), why) for when, state, why in history]
    assert changes == [
        ("2017-02-28T23:59:59", 0, (made,)),
        ("2018-01-01T00:00:00", 1, ()),
    ]


def test_another_report_of_the_same_changes_no_answer(ledger, made):
    before = ledger.as_of("2018").project(Commitments())
    ledger.append(promise(), paper("2017-03-01", "The Evening Example"), assertion="claim")
    after = ledger.as_of("2018").project(Commitments())
    assert len(before[0].reports) != len(after[0].reports)
    assert before == after
    assert hash(before) == hash(after)


def test_it_prints_well(ledger, made):
    assert repr(ledger.as_of("2018-01-01").project(Commitments())) == (
        "CommitmentsState([\n"
        "  Commitment(by='KGZ', promise='settle', due='[..2017-12-31]', hedge='sure', "
        "made='2017-02-28', overdue=True),\n"
        "])"
    )
    assert repr(ledger.as_of("2016").project(Commitments())) == "CommitmentsState([])"


def test_long_lists_are_cut_in_print(ledger):
    ledger.extend([promise(promise=str(n)) for n in range(12)], paper("2017-02-28"))
    assert "… and 2 more" in repr(ledger.as_of("2018").project(Commitments()))


def test_it_is_a_sequence(ledger, made):
    state = ledger.as_of("2018").project(Commitments())
    assert (len(state), state[0], state[:1]) == (1, *state, tuple(state))


def test_a_diff_names_what_changed(ledger, made):
    diff = ledger.as_of("2017-06").diff(ledger.as_of("2018"), Commitments())
    assert set(diff.changed) == {"open", "overdue"}
