"""What is erased is gone: from answers, from memory, and from files."""

from __future__ import annotations

import gc
import json
import sqlite3
import subprocess
import sys
import textwrap
import threading
import warnings
from datetime import UTC, datetime

import pytest

from newsledger import (
    All,
    EntryErased,
    ErasedEvent,
    ErasureUnfinished,
    Event,
    Hop,
    InvalidEvent,
    Ledger,
    MembershipStarted,
    OutcomeRecorded,
    Projection,
    Report,
    Source,
    StatementMade,
    StoreError,
    UnknownEntry,
    on,
)
from newsledger.index import indexes
from newsledger.projections import Membership
from newsledger.reports import Line, source as sources
from newsledger.store.sqlite import erasing as sqlite_erasing

MARK = "Zanzibar Quux"
SOURCE = Source("The Daily Example", "2017-02-28", url="https://example.org/a")
SECRET = Source(
    f"{MARK} Times", "2017-02-28", title=f"All about {MARK}", author=MARK, archive=f"at {MARK}"
)


def joined(member="KGZ", **more):
    return MembershipStarted(organization="EEU", member=member, occurred="2015-08-12", **more)


def secret(**more):
    """A report that says the mark wherever a report can."""
    event = StatementMade(speaker=MARK, summary=f"{MARK}. " * 2000, occurred="2017-02-27")
    given = {"quote": f"“{MARK}”", "note": MARK, "ref": f"data:{MARK}", "assertion": "claim"}
    return Report(event, SECRET, attribution=(Hop(MARK, "speaker"),), **given, **more)


def members(view):
    return view.project(Membership("EEU")).members


def test_a_report_gives_way_to_its_place(tmp_path):
    times = iter(datetime(2030, 1, day, tzinfo=UTC) for day in range(1, 31))
    with Ledger.open(tmp_path / "ledger.db", clock=lambda: next(times)) as ledger:
        ledger.append(joined(), SOURCE)
        entry = ledger.append(secret(ordinal=7))
        left = ledger.erase(entry, "a court's order")
        assert left == ledger.get(entry.id) == list(ledger.entries())[1]
        assert (left.id, left.position, left.recorded) == (entry.id, 2, entry.recorded)
        assert (left.published, left.onset, left.ordinal) == (entry.published, entry.onset, 7)
        assert left.erased.reason == "a court's order"
        assert left.erased.at == datetime(2030, 1, 3, tzinfo=UTC)
        assert left.event == ErasedEvent(
            occurred="2017-02-27",
            fingerprint=left.erased.fingerprint,
            began_from=entry.onset[0],
            began_until=entry.onset[1],
        )
        assert MARK not in repr(left) + repr(left.event) + repr(left.report)
        assert "erased 2030-01-03: a court's order" in repr(left)
        assert ledger.entities() == {"EEU": 1, "KGZ": 1}
        assert ledger.find(f"data:{MARK}") == ()
        assert list(ledger.sources()) == [SOURCE]
        assert list(ledger.entries(about=MARK)) == list(ledger.entries(types=[StatementMade])) == []


def test_views_say_what_was_erased():
    with Ledger.open() as ledger:
        entry = ledger.append(joined(), SOURCE)
        other = ledger.append(joined("RUS"), Source("Another", "2018"))
        view = ledger.as_of("2020")
        left = ledger.erase(entry, "law")
        assert members(view) == {"RUS"}
        assert view.erased == (left,)
        assert list(view.entries()) == [other]
        assert view.explain(Membership("EEU")) == (other,)
        assert ledger.as_of("2014").erased == ()
        assert ledger.as_of("2015-08-12T08:00:00Z").erased == ()
        assert ledger.as_of("2015-08-12T08:00:00Z", dates="possible").erased == (left,)
        assert ledger.as_of("2020", known_at="2016").erased == ()
        assert ledger.as_of("2020", recorded_at=0).erased == ()
        assert ledger.as_known("2017-02-28").erased == (left,)
        [finding] = ledger.as_of("2020").audit().of("erased")
        assert finding.entries == (left,)
        assert "law" in str(finding)


def test_what_stands_in_a_chain_is_what_stood_there():
    with Ledger.open() as ledger:
        report = ledger.append(joined(), SOURCE)
        correction = ledger.correct(report, joined("RUS"))
        ledger.erase(report, "law")
        assert members(ledger.as_of()) == {"RUS"}
        assert ledger.as_of().erased == ()
        # As of before the correction it was shown.
        assert [e.id for e in ledger.as_of(recorded_at=1).erased] == [report.id]
        ledger.erase(correction, "law")
        # It had taken the report's place, which does not come back.
        assert members(ledger.as_of()) == set()
        assert list(ledger.as_of().entries()) == []
        assert [e.id for e in ledger.as_of().erased] == [correction.id]


def test_an_erased_retraction_still_takes_out():
    with Ledger.open() as ledger:
        report = ledger.append(joined(), SOURCE)
        retraction = ledger.retract(report, Source("Another", "2018"))
        ledger.erase(retraction, "law")
        assert members(ledger.as_of()) == set()
        assert members(ledger.as_of(known_at="2017")) == {"KGZ"}
        assert ledger.as_of().erased == ()


def test_the_whole_chain_goes_where_that_is_asked():
    with Ledger.open() as ledger:
        report = ledger.append(joined(), SOURCE)
        correction = ledger.correct(report, joined("RUS"))
        bystander = ledger.append(joined("ARM"), SOURCE)
        left = ledger.erase(correction, "law", chain=True)
        assert left.id == correction.id
        assert [bool(e.erased) for e in ledger.entries()] == [True, True, False]
        assert ledger.chain(report) == tuple(ledger.entries(limit=2))
        assert ledger.entities() == {"EEU": 1, "ARM": 1}
        assert ledger.get(bystander.id) == bystander
        assert ledger.verify()


def test_what_refers_to_it_stays():
    with Ledger.open() as ledger:
        report = ledger.append(joined(), SOURCE)
        outcome = ledger.append(
            OutcomeRecorded(of=report.id, outcome="happened", occurred="2016"), SOURCE
        )
        ledger.erase(report, "law")
        later = ledger.append(
            OutcomeRecorded(of=report.id, outcome="kept", occurred="2017"), SOURCE
        )
        shown = list(ledger.as_of().entries())
        assert shown == [outcome, later]
        assert shown[0].root_of(report.id) == report.id
        assert ledger.verify()
        left = ledger.erase(outcome, "law")
        assert list(ledger.as_of().entries()) == [later]
        assert ledger.as_of().erased == (ledger.get(report.id), left)


def test_the_same_again_changes_nothing():
    with Ledger.open() as ledger:
        report = ledger.append(joined(), SOURCE)
        given = {"reason": "misread", "quote": "“RUS”"}
        correction = ledger.correct(report, joined("RUS"), **given)
        left = ledger.erase(correction, "law")
        assert ledger.correct(report, joined("RUS"), **given) == left
        left = ledger.erase(report, "law")
        assert ledger.append(joined(), SOURCE) == left
        assert ledger.extend([Report(joined(), SOURCE)]) == [left]
        assert ledger.load([Report(joined(), SOURCE)]).known == 1
        assert ledger.erase(report, "another reason") == left
        assert ledger.position == 2


def test_what_is_not_there_cannot_be_amended():
    with Ledger.open() as ledger:
        report = ledger.append(joined(), SOURCE)
        ledger.erase(report, "law")
        for amend in ledger.correct, ledger.retract:
            with pytest.raises(EntryErased, match="entry 1 was erased"):
                amend(report)
        assert ledger.withdraw(SOURCE) == []
        assert ledger.position == 1


def test_erasing_takes_an_entry_and_a_reason():
    with Ledger.open() as ledger:
        report = ledger.append(joined(), SOURCE)
        with pytest.raises(UnknownEntry, match="nothing was erased"):
            ledger.erase("00000000-0000-0000-0000-000000000000", "law")
        for nothing in "", "  ", None:
            with pytest.raises(InvalidEvent, match="reason"):
                ledger.erase(report, nothing)
        assert ledger.get(report.id) == report
        assert ledger.erase(str(report.id), "law").erased


def test_a_ledger_that_is_only_read_refuses(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        report = ledger.append(joined(), SOURCE)
    with Ledger.open(path, mode="r") as ledger:
        with pytest.raises(StoreError, match="read-only"):
            ledger.erase(report, "law")
        assert ledger.get(report.id) == report


def test_no_predicate_and_no_handler_meets_it():
    class Everything(Projection[tuple[int, ...]]):
        def initial(self):
            return ()

        @on(Event)
        def told(self, state, event, entry):
            return (*state, entry.position)

    class Whatever(Everything):
        def handler_of(self, entry):
            return self.told

    with Ledger.open() as ledger:
        one, two = ledger.extend([joined(), joined("RUS")], SOURCE)
        ledger.erase(one, "law")
        assert ledger.as_of().project(Everything()) == (2,)
        assert ledger.as_of().project(Whatever()) == (2,)
        live = ledger.live(Whatever())
        ledger.erase(two, "law")
        assert live.state == ()
        two = ledger.append(joined("RUS"), Source("Another", "2018"))
        view = ledger.as_of().where(lambda entry: entry.event.member == "RUS")
        assert list(view.entries()) == [two]
        supposed = ledger.as_of().suppose(joined("ARM"))
        assert members(supposed) == {"RUS", "ARM"}


# -- memory -------------------------------------------------------------------------------------


def kept_texts(mark):
    """What objects of this process hold the mark, except those of the test itself."""
    gc.collect()
    return [o for o in gc.get_objects() if isinstance(o, Line) and mark in repr(o._data)]


def test_nothing_of_it_is_kept_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(indexes, "FEWEST", 0)

    class BySpeaker(Projection[int]):
        def keys(self, event, entry):
            return [event.speaker]

        def initial(self):
            return 0

        @on(StatementMade)
        def told(self, state, event, entry):
            return state + 1

    with (
        Ledger.open(tmp_path / "ledger.db") as ledger,
        Ledger.open(tmp_path / "ledger.db") as other,
    ):
        entry = ledger.append(secret())
        for one in ledger, other:
            one.get(entry.id)
            list(one.as_of().entries(about=MARK))
            assert one.as_of().project(BySpeaker())[MARK] == 1
        for one in ledger, other:
            assert one._visible.subjects._kept
            assert one._visible.indexes._kept
        ledger.erase(entry, "law")
        assert other.position == 1  # it looks, and notices
        for one in ledger, other:
            log, visible = one._log, one._visible
            kept = [log._entries, log._own, log._last[1], visible.subjects._kept]
            kept += [visible.timelines._kept, visible.indexes._kept, visible.orders._kept]
            assert not any(kept)
            assert MARK not in one.as_of().project(BySpeaker())
        assert sources._identified.cache_info().currsize == 0
        assert kept_texts(MARK) == []


# -- files --------------------------------------------------------------------------------------


def traces(path, mark=MARK):
    """How often the mark is in each file of a ledger, in whatever case of escaping."""
    found = {
        one.name: one.read_bytes().count(mark.encode()) for one in path.parent.glob(path.name + "*")
    }
    return {name: count for name, count in found.items() if count}


def crowd(first, last):
    """Reports whose tags make the index split its pages where the mark stands in it."""
    return [
        Report(
            joined(f"Zanzibar {chr(65 + n * 7 % 26)}{n * 7919 % 100_000} {'x' * (n % 60)}"), SOURCE
        )
        for n in range(first, last)
    ]


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A ledger in which the mark is in the middle of everything, and was moved about."""
    path = tmp_path_factory.mktemp("marked") / "ledger.db"
    counts = []
    with Ledger.open(path, durability="normal") as ledger:
        with ledger._recorder._db.alone() as connection:
            # As SQLite is by default, though not everywhere.
            connection.execute("PRAGMA secure_delete = OFF")
        ledger.extend(crowd(0, 100))
        ledger.append(secret())
        ledger.append(Report(joined(MARK), SOURCE))
        for first in range(100, 700, 10):
            ledger.extend(crowd(first, first + 10))
            with ledger._recorder._db.alone() as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            counts.append(traces(path)[path.name])
            if counts[-1] > counts[0]:
                return path
    raise AssertionError("no page was split so that a copy was left behind")


@pytest.fixture
def crowded(marked, tmp_path):
    copy = tmp_path / "ledger.db"
    copy.write_bytes(marked.read_bytes())
    return copy


def erase_marked(ledger):
    for entry in list(ledger.entries(about=MARK)):
        ledger.erase(entry, "law")


def test_no_file_holds_a_trace_of_it(crowded):
    """Not the rows, the index, overflowing pages, free ones, the slack of pages, or the -wal."""
    with Ledger.open(crowded) as ledger, Ledger.open(crowded) as other:
        list(other.entries(limit=3))
        erase_marked(ledger)
        assert traces(crowded) == {}
        assert other.position == ledger.position
        assert other.verify()
    assert traces(crowded) == {}


def test_the_file_that_is_written_anew_is_the_same_ledger(crowded):
    with Ledger.open(crowded) as ledger:
        before, digest = list(ledger.entries()), ledger.digest()
        token = ledger.as_of("2020").token
        erase_marked(ledger)
    with Ledger.open(crowded) as ledger:
        assert [e for e in ledger.entries() if not e.erased] == [
            e for e in before if MARK not in repr(e.event)
        ]
        assert ledger.digest() == digest
        assert len(ledger.view(token).erased) == 2
        assert ledger.verify()


KILLED = """
import os, sys, signal
from newsledger import Ledger
from newsledger.store.sqlite import erasing as sqlite_erasing

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

ledger = Ledger.open(sys.argv[1])
if sys.argv[2] == "before":
    sqlite_erasing.scrub = killed
else:
    # As the statement that follows it would run.
    class Killing:
        def __init__(self, connection): self.connection = connection
        def execute(self, sql, *more):
            if sys.argv[2] in sql:
                killed()
            return self.connection.execute(sql, *more)
    from contextlib import contextmanager
    from newsledger.store.sqlite.connections import Connections
    alone = Connections.alone
    @contextmanager
    def killing(self):
        with alone(self) as connection:
            yield Killing(connection)
    Connections.alone = killing
for entry in list(ledger.entries(about=sys.argv[3])):
    ledger.erase(entry, "law")
"""


@pytest.mark.parametrize("moment", ["before", "VACUUM", "wal_checkpoint", "DELETE FROM meta"])
def test_who_is_killed_half_way_leaves_the_rest_to_the_next(crowded, moment):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), crowded, moment, MARK], check=False
    )
    assert done.returncode == -9
    with Ledger.open(crowded) as ledger:
        # One was erased, and its traces were removed when it was opened.
        assert len(ledger.as_of().erased) == 1
        assert traces(crowded, f"{MARK}. {MARK}") == {}
        assert ledger.verify()
        erase_marked(ledger)
        assert traces(crowded) == {}


def test_who_reads_for_long_holds_up_the_last_step_which_is_made_up_for(crowded, monkeypatch):
    monkeypatch.setattr("newsledger.store.sqlite.open.SYNCHRONOUS", {"full": "NORMAL"})
    long = sqlite3.connect(crowded, isolation_level=None)
    with Ledger.open(crowded) as ledger:
        with ledger._recorder._db.alone() as connection:
            connection.execute("PRAGMA busy_timeout = 50")
        long.execute("BEGIN")
        long.execute("SELECT count(*) FROM event").fetchall()
        [entry, other] = ledger.entries(about=MARK)
        with pytest.warns(ErasureUnfinished, match="may hold traces"):
            left = ledger.erase(entry, "law")
        assert ledger.get(entry.id) == left
        assert traces(crowded)
        long.execute("COMMIT")
        long.close()
        assert ledger.erase(left, "law") == left  # finishes it
        with ledger._recorder._db.alone() as connection:
            assert not sqlite_erasing.is_pending(connection)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ledger.erase(other, "law")
        assert traces(crowded) == {}


def test_a_read_model_lets_go_of_it_too(crowded, tmp_path):
    class Said(Projection[tuple[str, ...]]):
        def keys(self, event, entry):
            return [event.speaker]

        def initial(self):
            return ()

        @on(StatementMade)
        def told(self, state, event, entry):
            return (*state, event.summary)

    into = tmp_path / "models.db"
    with Ledger.open(crowded) as ledger, ledger.materialize(Said(), into) as model:
        ledger.append(StatementMade(speaker="Other", summary="No.", occurred="2017"), SOURCE)
        model.update()
        assert traces(into)
        assert set(model.at()) == {MARK, "Other"}
        erase_marked(ledger)
        update = model.update()
        assert update.removed == 1
        assert set(model.at()) == {"Other"}
        assert traces(into) == {}
        assert model.update().keys == 0


def test_a_tombstone_is_plain_json(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        report = ledger.append(joined(), SOURCE)
        left = ledger.erase(ledger.correct(report, joined("RUS"), reason="x"), "law")
    connection = sqlite3.connect(path)
    [[name, tags, data]] = connection.execute(
        "SELECT type, tags, data FROM entry WHERE position = 2"
    ).fetchall()
    connection.close()
    assert (name, json.loads(tags)) == ("erased", [f"id:{left.id}", f"root:{report.id}"])
    assert data.startswith(f'{{"erased":"{left.erased.fingerprint}"')
    assert json.loads(data).keys() == {
        *("erased", "at", "reason", "id", "recorded", "published", "occurred", "ordinal", "kind"),
        *("amends", "root", "ours"),
    }


def test_all_and_any_find_a_correction_that_was_erased():
    """It bears no entities any more, and yet decides over those that do."""
    with Ledger.open() as ledger:
        report = ledger.append(joined(), SOURCE)
        ledger.erase(ledger.correct(report, joined("RUS")), "law")
        for about in "KGZ", ["KGZ", "ARM"], All("KGZ", "EEU"):
            assert list(ledger.as_of().entries(about=about)) == []
            assert len(list(ledger.entries(about=about))) == 2


def test_who_asks_while_others_erase_never_gets_back_what_was_erased(tmp_path):
    """Threads and another ledger ask all the time; once erased, it is in no later answer."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path, durability="normal") as ledger, Ledger.open(path) as other:
        reports = ledger.extend([joined(f"M{n}") for n in range(40)], SOURCE)
        corrections = [ledger.correct(one, joined(f"C{n}")) for n, one in enumerate(reports)]
        gone: set[str] = set()
        wrong, done = [], threading.Event()

        def ask(one):
            while not done.is_set():
                before = set(gone)
                shown = set(members(one.as_of()))
                # Neither what was erased, nor what it had taken the place of.
                wrong.extend(before & shown)

        threads = [threading.Thread(target=ask, args=(one,)) for one in (ledger, ledger, other)]
        for thread in threads:
            thread.start()
        for number, correction in enumerate(corrections[:12]):
            ledger.erase(correction, "law")
            gone |= {f"C{number}", f"M{number}"}
        done.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        expected = {f"C{n}" for n in range(12, 40)}
        assert members(ledger.as_of()) == members(other.as_of()) == expected
