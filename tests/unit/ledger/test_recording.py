"""Recording: what becomes an entry, what is there already, and what is refused."""

import os
import threading
import warnings
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from newsledger import (
    AppendConflict,
    FuturePublication,
    InvalidEvent,
    Ledger,
    LedgerClosed,
    MeetingHeld,
    MembershipEnded,
    MembershipStarted,
    OutcomeRecorded,
    Projection,
    Report,
    Source,
    StoreError,
    UnknownEntry,
    WrongLedger,
    on,
)

SOURCE = Source("The Daily Example", "2017-02-28", url="https://example.org/a")
LATER = Source("The Daily Example", "2017-03-05", url="https://example.org/a")


def joined(member="KGZ", occurred="2015-08-12"):
    return MembershipStarted(organization="EEU", member=member, occurred=occurred)


class Members(Projection[frozenset[str]]):
    def about(self):
        return "EEU"

    def initial(self):
        return frozenset()

    @on(MembershipStarted)
    def start(self, state, event, entry):
        return state | {event.member}

    @on(MembershipEnded)
    def end(self, state, event, entry):
        return state - {event.member}


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


def members(ledger, day="2020", **axes):
    return ledger.as_of(day, **axes).project(Members())


def test_an_entry_has_all_of_its_report_and_its_place(ledger):
    entry = ledger.append(joined(), SOURCE, assertion="claim", ref="x:1", confidence=50)
    assert (entry.position, entry.kind, entry.root, entry.amends) == (1, "report", entry.id, None)
    assert (entry.assertion, entry.ref, entry.confidence, entry.ordinal) == ("claim", "x:1", 50, 1)
    assert entry.recorded.tzinfo is UTC
    assert entry.id == Report(joined(), SOURCE, assertion="claim").id


def test_the_same_report_is_the_entry_that_is_there(ledger):
    first = ledger.append(joined(), SOURCE)
    assert ledger.append(joined(), SOURCE, note="seen again") == first
    assert ledger.extend([joined(), joined("ARM"), joined()], SOURCE)[::2] == [first, first]
    assert len(ledger) == 2


def test_a_retracted_report_that_comes_again_stays_retracted(ledger):
    entry = ledger.append(joined(), SOURCE)
    retraction = ledger.retract(entry)
    assert ledger.append(joined(), SOURCE) == entry
    assert members(ledger) == frozenset()
    ledger.retract(retraction)
    assert members(ledger) == {"KGZ"}
    again = ledger.retract(entry)
    assert again.id != retraction.id
    assert members(ledger) == frozenset()


def test_the_same_amendment_is_kept_while_it_stands(ledger):
    entry = ledger.append(joined(), SOURCE)
    a = ledger.correct(entry, joined(occurred="2015-08-06"))
    assert ledger.correct(entry, joined(occurred="2015-08-06")) == a
    b = ledger.correct(entry, joined(occurred="2015-08-07"))
    back = ledger.correct(entry, joined(occurred="2015-08-06"))
    assert len({a.id, b.id, back.id}) == 3
    assert ledger.correct(entry, joined(occurred="2015-08-06")) == back
    theirs = ledger.correct(entry, joined(occurred="2015-08-08"), LATER)
    assert ledger.correct(entry, joined(occurred="2015-08-08"), LATER) == theirs
    # Ours no longer decides, so saying it again is a new entry; theirs stands however it ranks.
    assert ledger.correct(entry, joined(occurred="2015-08-06")).id != back.id
    assert ledger.correct(entry, joined(occurred="2015-08-08"), LATER) == theirs


def test_a_reason_makes_another_amendment(ledger):
    entry = ledger.append(joined(), SOURCE)
    assert ledger.retract(entry, reason="a").id != ledger.retract(entry, reason="b").id


def test_a_correction_inherits_what_is_not_given(ledger):
    entry = ledger.append(joined(), SOURCE, assertion="claim", quote="q", ref="r")
    ours = ledger.correct(entry, note="checked")
    assert (ours.event, ours.assertion, ours.quote, ours.note) == (
        entry.event,
        "claim",
        "q",
        "checked",
    )
    assert (ours.ours, ours.source, ours.amends, ours.root) == (True, SOURCE, entry.id, entry.id)
    theirs = ledger.correct(ours, joined("ARM"), LATER)
    assert (theirs.ours, theirs.source, theirs.amends, theirs.root) == (
        False,
        LATER,
        ours.id,
        entry.id,
    )
    assert ledger.chain(theirs) == ledger.chain(entry.id) == (entry, ours, theirs)
    assert ledger.find("r") == (entry,)


def test_a_correction_is_known_from_its_publication_ours_from_the_reports(ledger):
    entry = ledger.append(joined(), SOURCE)
    ledger.correct(entry, joined("ARM"), LATER)
    assert members(ledger, known_at="2017-03-04") == {"KGZ"}
    assert members(ledger, known_at="2017-03-05") == {"ARM"}
    ledger.retract(ledger.append(joined("BLR"), SOURCE))
    assert members(ledger, known_at="2017-02-28", recorded_at=3) == {"KGZ", "BLR"}
    assert members(ledger, known_at="2017-02-28") == {"KGZ"}


def test_withdraw_takes_back_every_version_of_a_page_and_leaves_others(ledger):
    other = Source("Another", "2017-04-01")
    mine, theirs = ledger.append(joined(), SOURCE), ledger.append(joined("ARM"), other)
    ledger.correct(theirs, joined("BLR"), LATER)
    ledger.correct(ledger.append(joined("RUS"), SOURCE), joined("KAZ"), other)
    assert members(ledger) == {"KGZ", "BLR", "KAZ"}
    withdrawn = ledger.withdraw(SOURCE.url, reason="fabricated")
    assert [entry.kind for entry in withdrawn] == ["retraction"] * 3
    assert mine.id in {entry.amends for entry in withdrawn}
    assert members(ledger) == {"ARM", "KAZ"}
    assert ledger.withdraw(SOURCE.url) == []
    assert ledger.withdraw("https://example.org/nothing") == []


def test_expecting_fails_when_what_the_projection_reads_was_overtaken(ledger):
    first = ledger.append(joined(), SOURCE)
    question = ledger.as_of("2020").question(Members())
    ledger.append(MeetingHeld(participants=["EEU", "B"], occurred="2017"), SOURCE)
    ledger.append(joined("ARM"), SOURCE, expecting=question)
    with pytest.raises(AppendConflict) as caught:
        ledger.append(joined("BLR"), SOURCE, expecting=question)
    assert [entry.event.member for entry in caught.value.entries] == ["ARM"]
    question = ledger.as_of("2020").question(Members())
    retraction = ledger.retract(first)
    with pytest.raises(AppendConflict) as caught:
        ledger.extend([joined("BLR")], SOURCE, expecting=question)
    assert caught.value.entries == (retraction,)
    assert len(ledger) == 4
    with Ledger.open() as other, pytest.raises(WrongLedger):
        other.append(joined(), SOURCE, expecting=question)


def test_a_failed_extend_records_nothing(ledger):
    with pytest.raises(InvalidEvent, match="expected an event or a Report"):
        ledger.extend([joined(), "no event"], SOURCE)
    with pytest.raises(InvalidEvent, match="no source"):
        ledger.append(joined())
    with pytest.raises(TypeError, match="unexpected field 'colour'"):
        ledger.append(joined(), SOURCE, colour="red")
    assert len(ledger) == 0


@pytest.mark.parametrize("unknown", [UUID(int=1), str(UUID(int=2)), "no id"])
def test_amending_what_is_unknown_records_nothing(ledger, unknown):
    with pytest.raises(UnknownEntry, match=str(unknown)):
        ledger.correct(unknown, joined())
    with pytest.raises(UnknownEntry):
        ledger.retract(unknown)
    with pytest.raises(KeyError):
        ledger.get(unknown)
    assert len(ledger) == 0


def test_load_streams_counts_and_can_be_run_again(ledger):
    reports = [Report(joined(f"M{i}"), SOURCE) for i in range(7)]
    seen = []
    done = ledger.load(
        [*reports[:5], "junk", reports[0], *reports[5:]], batch=3, progress=seen.append
    )
    assert (done.recorded, done.known, done.total) == (7, 1, 9)
    assert [(r.index, r.reason) for r in done.rejected] == [(5, "expected a Report, got str")]
    assert [p.total for p in seen] == [3, 6, 9]
    assert [e.ordinal for e in ledger.entries()] == [1, 2, 3, 4, 5, 6, 7]
    again = ledger.load(iter(reports))
    assert (again.recorded, again.known) == (0, 7)


def test_an_interrupted_load_keeps_whole_batches(ledger):
    def broken():
        yield from (Report(joined(f"M{i}"), SOURCE) for i in range(5))
        raise RuntimeError("connection lost")

    with pytest.raises(RuntimeError):
        ledger.load(broken(), batch=2)
    assert len(ledger) == 4


def test_ordinals_count_within_a_source_also_across_ledgers(tmp_path):
    path = tmp_path / "l.db"
    with Ledger.open(path) as one, Ledger.open(path) as two:
        assert one.append(joined("A"), SOURCE).ordinal == 1
        assert two.append(joined("B"), SOURCE).ordinal == 2
        assert one.append(joined("C"), SOURCE, ordinal=10).ordinal == 10
        assert two.append(joined("D"), SOURCE).ordinal == 11
        assert one.append(joined("D"), LATER).ordinal == 1
        assert one.append(joined("E"), SOURCE).ordinal == 12
        assert [e.position for e in two.entries()] == [1, 2, 3, 4, 5, 6]


def test_stamps_never_decrease_even_when_the_clock_does(tmp_path):
    times = [datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]
    path = tmp_path / "l.db"
    with Ledger.open(path, clock=lambda: times[0]) as ledger:
        ledger.append(joined("A"), SOURCE)
    with Ledger.open(path, clock=lambda: times[1]) as ledger:
        assert ledger.append(joined("B"), SOURCE).recorded == times[0]


def test_a_naive_clock_is_refused():
    with Ledger.open(clock=lambda: datetime(2026, 1, 1)) as ledger:  # noqa: DTZ001
        with pytest.raises(ValueError, match="aware"):
            ledger.append(joined(), SOURCE)
        assert len(ledger) == 0


def test_a_publication_after_the_recording_warns_and_is_recorded():
    now = datetime(2017, 2, 27, 12, tzinfo=UTC)
    with Ledger.open(clock=lambda: now) as ledger:
        with pytest.warns(FuturePublication, match="2017-02-28"):
            ledger.append(joined(), SOURCE)
        assert len(ledger) == 1
        with warnings.catch_warnings(), pytest.raises(FuturePublication):
            warnings.simplefilter("error")
            ledger.append(joined("ARM"), SOURCE)
        assert len(ledger) == 1


def test_an_outcome_may_come_before_what_it_refers_to(ledger):
    report = Report(joined(), SOURCE)
    outcome = ledger.append(OutcomeRecorded(of=report.id, outcome="kept", occurred="2016"), SOURCE)
    assert list(ledger.entries(about="KGZ")) == []
    entry = ledger.append(report)
    assert list(ledger.entries(about="KGZ")) == [outcome, entry]
    assert list(ledger.as_of("2020").entries(about="KGZ")) == [entry, outcome]
    ledger.correct(entry, joined("ARM"))
    assert [e.kind for e in ledger.as_of("2020").entries(about="ARM")] == ["correction", "report"]
    assert list(ledger.as_of("2020").entries(about="KGZ")) == []
    retracted = ledger.retract(entry)
    assert list(ledger.as_of("2020").entries(about="ARM")) == []
    assert outcome in list(ledger.as_of("2020").entries())
    assert retracted in list(ledger.entries(about="ARM"))


def test_a_reference_to_an_amendment_stands_for_its_root(ledger):
    entry = ledger.append(joined(), SOURCE)
    correction = ledger.correct(entry, joined("ARM"))
    outcome = ledger.append(
        OutcomeRecorded(of=correction.id, outcome="kept", occurred="2016"), SOURCE
    )
    assert outcome.root_of(outcome.event.of) == entry.id
    assert ledger.get(outcome.id).root_of(correction.id) == entry.id


def test_entities_are_counted_by_what_entries_name(ledger):
    entry = ledger.append(joined(), SOURCE)
    ledger.correct(entry, joined("ARM"))
    assert ledger.entities() == {"ARM": 1, "EEU": 2, "KGZ": 1}
    assert ledger.entities("K") == {"KGZ": 1}


def test_sources_are_counted(ledger):
    entry = ledger.append(joined(), SOURCE)
    ledger.correct(entry, joined("ARM"))
    ledger.correct(entry, joined("BLR"), LATER)
    assert ledger.sources() == {SOURCE: 1, LATER: 1}


@pytest.mark.parametrize(
    "call",
    [
        lambda ledger: ledger.append(joined(), SOURCE),
        lambda ledger: list(ledger.entries()),
        lambda ledger: ledger.as_of("2020"),
        lambda ledger: ledger.position,
        lambda ledger: ledger.get(UUID(int=1)),
    ],
)
def test_a_closed_ledger_says_so(call):
    ledger = Ledger.open()
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerClosed):
        call(ledger)


def test_a_view_of_a_closed_ledger_says_so():
    ledger = Ledger.open()
    view = ledger.as_of("2020")
    ledger.close()
    with pytest.raises(LedgerClosed):
        list(view.entries())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_is_told_to_open_its_own(tmp_path):
    read, write = os.pipe()
    with Ledger.open(tmp_path / "l.db") as ledger:
        ledger.append(joined(), SOURCE)
        if (child := os.fork()) == 0:
            try:
                ledger.append(joined("ARM"), SOURCE)
                os.write(write, b"recorded")
            except LedgerClosed:
                os.write(write, b"LedgerClosed")
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert os.read(read, 100) == b"LedgerClosed"
        assert ledger.append(joined("ARM"), SOURCE).position == 2


def test_a_read_only_ledger_reads(tmp_path):
    path = tmp_path / "l.db"
    with Ledger.open(path, mode="x") as ledger:
        ledger.append(joined(), SOURCE)
    with Ledger.open(path, mode="r") as ledger:
        assert members(ledger) == {"KGZ"}
        with pytest.raises(StoreError, match="read"):
            ledger.append(joined("ARM"), SOURCE)
        with pytest.raises(StoreError):
            ledger.retract(next(ledger.entries()))
    with pytest.raises(StoreError, match="exist"):
        Ledger.open(path, mode="x")
    with pytest.raises(StoreError, match=r"missing\.db"):
        Ledger.open(tmp_path / "missing.db", mode="r+")


@pytest.mark.parametrize("url", ["umadb://localhost:1", "ftp://x"])
def test_stores_that_are_not_there_yet_say_so(url):
    with pytest.raises(StoreError, match=url.partition(":")[0]):
        Ledger.open(url)


def test_two_ledgers_on_one_file_see_each_other(tmp_path):
    path = tmp_path / "l.db"
    with Ledger.open(path) as one, Ledger.open(path) as two:
        entry = one.append(joined(), SOURCE)
        assert two.append(joined(), SOURCE) == entry
        assert two.get(entry.id) == entry
        assert two.retract(entry).position == 2
        assert members(one) == frozenset()


def test_threads_share_a_ledger():
    with Ledger.open() as ledger:

        def work(number):
            for i in range(20):
                ledger.append(joined(f"M{number}-{i}"), SOURCE)
                ledger.append(joined(f"shared-{i}"), SOURCE)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ledger) == 4 * 20 + 20
        assert sorted(e.ordinal for e in ledger.entries()) == list(range(1, 101))


def test_subscribers_hear_what_is_there_and_what_comes(ledger):
    first = ledger.append(joined(), SOURCE)
    ledger.append(MeetingHeld(participants=["A", "B"], occurred="2017"), SOURCE)
    with ledger.subscribe(about="KGZ", timeout=10) as subscription:
        assert next(subscription) == first
        thread = threading.Thread(target=lambda: ledger.retract(first))
        thread.start()
        assert next(subscription).kind == "retraction"
        thread.join()
        subscription.stop()
        assert list(subscription) == []


def test_a_subscription_ends_after_its_timeout_and_with_its_ledger(ledger):
    ledger.append(joined(), SOURCE)
    assert len(list(ledger.subscribe(timeout=0))) == 1
    heard = []
    thread = threading.Thread(target=lambda: heard.extend(ledger.subscribe()))
    thread.start()
    ledger.append(joined("ARM"), SOURCE)
    ledger.close()
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_positions_and_instants_of_recorded_time():
    times = iter(
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=d) for d in (0, 0, 0, 3, 9, 9, 9)
    )
    now = [next(times)]
    with Ledger.open(clock=lambda: now[0]) as ledger:
        for member in ("A", "B"):
            ledger.append(joined(member), SOURCE)
        now[0] = datetime(2026, 1, 4, tzinfo=UTC)
        ledger.append(joined("C"), SOURCE)
        at = {
            "2025": 0,
            "2026-01-01": 2,
            "2026-01-03": 2,
            "2026-01-04": 3,
            "2030": 3,
            datetime(2026, 1, 1, tzinfo=UTC): 2,
            datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC): 0,
            1: 1,
            0: 0,
            3: 3,
        }
        for point, position in at.items():
            assert ledger.as_of("2020", recorded_at=point).position == position, point
        with pytest.raises(ValueError, match="0 to 3"):
            ledger.as_of("2020", recorded_at=4)


@pytest.mark.parametrize("reason", [None, 5, ["a"], b"x", "\ud800"])
def test_a_reason_is_text_or_nothing_is_recorded(ledger, reason):
    entry = ledger.append(joined(), SOURCE)
    for amend in (ledger.retract, ledger.correct):
        with pytest.raises(InvalidEvent, match="reason"):
            amend(entry, reason=reason)
    with pytest.raises(InvalidEvent, match="reason"):
        ledger.withdraw(SOURCE, reason=reason)
    assert len(ledger) == 1


def test_another_note_or_confidence_is_another_amendment(ledger):
    entry = ledger.append(joined(), SOURCE)
    first = ledger.correct(entry, confidence=90)
    second = ledger.correct(entry, confidence=20)
    assert (first.confidence, second.confidence) == (90, 20)
    assert ledger.correct(entry, confidence=20) == second
    [shown] = ledger.as_of("2020").entries()
    assert shown == second


def test_a_report_keeps_its_source(ledger):
    report = Report(joined(), SOURCE)
    with pytest.raises(InvalidEvent, match="who reports it"):
        ledger.append(report, LATER)
    with pytest.raises(InvalidEvent, match="who reports it"):
        ledger.extend([report, joined("ARM")], LATER)
    assert ledger.append(report, SOURCE).source == SOURCE
    assert len(ledger) == 1


def test_an_event_of_no_type_is_refused_and_set_aside(ledger):
    from newsledger import Event, UnknownEventType

    nothing = Event(occurred="2017")
    with pytest.raises(UnknownEventType, match="Event"):
        ledger.append(nothing, SOURCE)
    done = ledger.load([Report(nothing, SOURCE), Report(joined(), SOURCE)])
    assert (done.recorded, len(done.rejected)) == (1, 1)


def test_an_outcome_carries_the_entities_of_what_it_refers_to(ledger):
    entry = ledger.append(joined(), SOURCE)
    outcome = ledger.append(OutcomeRecorded(of=entry, outcome="kept", occurred="2016"), SOURCE)
    assert outcome.entities == {"EEU", "KGZ"} == ledger.get(outcome.id).entities
    assert outcome.event.of == entry.id


@pytest.mark.parametrize(
    "call",
    [
        lambda ledger: ledger.append(joined(), SOURCE, expecting="question"),
        lambda ledger: ledger.withdraw(5),
        lambda ledger: ledger.get(5),
    ],
)
def test_what_cannot_be_meant_is_a_type_error(ledger, call):
    with pytest.raises(TypeError):
        call(ledger)
    assert len(ledger) == 0
