"""Where a store cannot lock, a batch that somebody overtook is planned anew."""

from __future__ import annotations

import warnings
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from newsledger import (
    AppendConflict,
    FuturePublication,
    Ledger,
    MembershipStarted,
    Projection,
    Source,
    StoreError,
    on,
)
from newsledger.store import SQLiteRecorder, rounds

SOURCE = Source("The Daily Example", "2017-02-28")
OTHER = Source("Another", "2017-04-01")


def joined(member):
    return MembershipStarted(organization="EEU", member=member, occurred="2015-08-12")


class Members(Projection[frozenset[str]]):
    def about(self):
        return "EEU"

    def initial(self):
        return frozenset()

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return state | {event.member}


class Lockless(SQLiteRecorder):
    """A store without a lock, in which somebody appends just before each of the next appends."""

    def __init__(self, path):
        super().__init__(path, durability="normal")
        self.meanwhile = []
        self.tried = 0

    def exclusive(self):
        return nullcontext()

    def append(self, events, condition=None):
        self.tried += 1
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return super().append(events, condition)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def other(path):
    with Ledger.open(path, durability="normal") as other:
        yield other


@pytest.fixture
def ledger(path, other):
    with Ledger(Lockless(path)) as ledger:
        yield ledger


@contextmanager
def overtaken(ledger, *meanwhile):
    """Check that each of these comes between planning and recording, and costs one more try."""
    recorder = ledger._recorder
    recorder.meanwhile, recorder.tried = list(meanwhile), 0
    yield
    assert recorder.meanwhile == []
    assert recorder.tried in {len(meanwhile), len(meanwhile) + 1}


def test_a_report_that_others_recorded_meanwhile_is_theirs(ledger, other):
    theirs = []
    with overtaken(ledger, lambda: theirs.append(other.append(joined("KGZ"), SOURCE))):
        mine = ledger.append(joined("KGZ"), SOURCE)
    assert [mine] == theirs == list(ledger.entries())


def test_the_rest_of_a_batch_is_recorded_and_numbered_anew(ledger, other):
    first = ledger.append(joined("A"), SOURCE)
    with overtaken(
        ledger,
        lambda: other.extend([joined("B"), joined("C")], SOURCE),
        lambda: other.append(joined("D"), OTHER),
        lambda: other.append(joined("E"), SOURCE),
    ):
        entries = ledger.extend([joined("F"), joined("B"), joined("A"), joined("G")], SOURCE)
    assert [entry.position for entry in entries] == [6, 2, 1, 7]
    assert entries[2] == first
    assert [(e.event.member, e.ordinal) for e in ledger.entries() if e.source == SOURCE] == [
        *(("A", 1), ("B", 2), ("C", 3), ("E", 4), ("F", 5), ("G", 6))
    ]
    assert ledger.append(joined("H"), SOURCE).ordinal == 7
    assert list(other.entries()) == list(ledger.entries())


def test_stamps_do_not_fall_behind_those_of_who_was_faster(path, other):
    early = datetime(2020, 1, 1, tzinfo=UTC)
    with Ledger(Lockless(path), clock=lambda: early) as ledger:
        with overtaken(ledger, lambda: other.append(joined("A"), SOURCE)):
            mine = ledger.append(joined("B"), SOURCE)
        assert mine.recorded == ledger.get(next(ledger.entries()).id).recorded > early


def test_what_was_expected_is_looked_at_again(ledger, other):
    question = ledger.as_of("2020").question(Members())
    theirs = []
    with (
        overtaken(ledger, lambda: theirs.append(other.append(joined("A"), SOURCE))),
        pytest.raises(AppendConflict) as caught,
    ):
        ledger.append(joined("A"), SOURCE, expecting=question)
    assert list(caught.value.entries) == theirs == list(ledger.entries())


def test_what_is_no_matter_of_what_was_expected_costs_a_round_only(ledger, other):
    question = ledger.as_of("2020").question(Members())
    elsewhere = MembershipStarted(organization="NATO", member="B", occurred="2015")
    with overtaken(ledger, lambda: other.append(elsewhere, SOURCE)):
        assert ledger.append(joined("A"), SOURCE, expecting=question).position == 2


def test_an_amendment_is_measured_by_the_chain_as_it_is_then(ledger, other):
    entry = ledger.append(joined("A"), SOURCE)
    theirs = []
    with overtaken(ledger, lambda: theirs.append(other.correct(entry, joined("B")))):
        assert [ledger.correct(entry, joined("B"))] == theirs
    with overtaken(ledger, lambda: other.correct(entry, joined("C"))):
        again = ledger.correct(entry, joined("D"))
    assert [e.event.member for e in ledger.chain(entry)] == ["A", "B", "C", "D"]
    assert again.position == 4
    assert ledger.as_of("2020").project(Members()) == {"D"}


def test_all_of_several_amendments_survive_a_second_round(ledger, other):
    ledger.extend([joined("A"), joined("B"), joined("C")], SOURCE)
    with overtaken(ledger, lambda: other.append(joined("D"), OTHER)):
        gone = ledger.withdraw(SOURCE)
    assert [entry.position for entry in gone] == [5, 6, 7]
    assert ledger.as_of("2020").project(Members()) == {"D"}


def test_a_warning_is_given_once(ledger, other):
    tomorrow = Source("Tomorrow", (datetime.now(UTC) + timedelta(days=3)).date())
    with (
        overtaken(ledger, lambda: other.append(joined("D"), OTHER)),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        ledger.append(joined("A"), tomorrow)
    assert [(one.category, one.filename) for one in caught] == [(FuturePublication, __file__)]


def test_a_round_that_came_to_nothing_leaves_nothing_behind(ledger, other):
    ledger.append(joined("A"), SOURCE)

    def fail():
        raise KeyError

    with (
        pytest.raises(KeyError),
        overtaken(ledger, lambda: other.append(joined("B"), SOURCE), fail),
    ):
        ledger.extend([joined("C"), joined("D")], SOURCE)
    other.extend([joined("C"), joined("E")], SOURCE)
    ledger.append(joined("F"), SOURCE)
    assert [(e.event.member, e.ordinal) for e in ledger.entries()] == [
        *(("A", 1), ("B", 2), ("C", 3), ("E", 4), ("F", 5))
    ]
    assert ledger.as_of("2020").project(Members()) == set("ABCEF")
    assert [e.position for e in ledger.subscribe(timeout=0)] == [1, 2, 3, 4, 5]


def test_it_gives_up_in_the_end(ledger, other, monkeypatch):
    monkeypatch.setattr("newsledger.ledger.writer.rounds", lambda: range(3))
    names = iter("BCD")
    meanwhile = [lambda: other.append(joined(next(names)), SOURCE)] * 3
    with (
        overtaken(ledger, *meanwhile),
        pytest.raises(StoreError, match=r"without a break for 30 seconds.*larger batches"),
    ):
        ledger.append(joined("A"), SOURCE)
    assert [entry.event.member for entry in ledger.entries()] == ["B", "C", "D"]


def test_rounds_come_to_an_end():
    assert list(rounds(patience=0)) == [0]
    assert next(iter(rounds())) == 0
    several = list(rounds(patience=0.05))
    assert several == list(range(len(several)))
    assert len(several) > 2
