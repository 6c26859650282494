"""Copying: the same ledger in another store, whatever happens on the way."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from newsledger import (
    CorruptEntry,
    Ledger,
    MembershipStarted,
    OutcomeRecorded,
    Source,
    StoreError,
    WrongLedger,
    copy,
)
from newsledger.index import tree
from newsledger.ledger import copying
from newsledger.ledger.parts import in_parts
from newsledger.reports.fingerprint import fingerprint
from newsledger.store import BatchTooLarge, SQLiteRecorder, StoredEvent, open_recorder
from newsledger.testing.conformance.contract import together

SOURCE = Source("The Daily Example", "2017-02-28")
KINDS = ["sqlite", "postgresql", "umadb"]
CORPUS = Path(__file__).parents[2] / "corpus"


def joined(member):
    return MembershipStarted(organization="EEU", member=member, occurred="2015-08-12")


def record(ledger, *members):
    """Record a report of each, and what may follow one: an outcome and amendments."""
    for member in members:
        entry = ledger.append(joined(member), SOURCE)
        event = OutcomeRecorded(of=entry.id, outcome="kept", occurred="2016")
        outcome = ledger.append(event, SOURCE, quote="“so it was”")
        ledger.correct(entry, joined(f"{member}'"), reason="misread")
        ledger.retract(outcome, SOURCE)


def foreign(number):
    """What this process knows nothing of, as a store holds it, and what stands for an erased one.

    The second has tags of an entry that is gone, so that its fingerprint cannot be computed.
    """
    stored = StoredEvent(
        "somebodys:own", b"no JSON \x00\xff %d" % number, [f"id:{number}", "é" * 90]
    )
    gone = fingerprint("T", ["a"], b"%d" % number).hex()
    erased = b'{"erased":"' + gone.encode() + b'","reason":"by law"}'
    return [stored, StoredEvent("somebodys:own", erased, [f"gone:{number}"])]


def numbered(count):
    return [StoredEvent("T", b"%d" % number, ["all", f"n:{number}"]) for number in range(count)]


def stored(url):
    with open_recorder(url, mode="r") as recorder:
        return held(recorder)


def held(recorder):
    found = [
        (f.position, f.event.type, sorted(f.event.tags), f.event.data) for f in recorder.read()
    ]
    return found, list(recorder.tag_counts())


@pytest.fixture
def new(request, tmp_path, start_umadb):
    """Give the address of a store of some kind that nobody has made yet."""
    names = map("{}.db".format, itertools.count())
    with ExitStack() as stack:

        def place(kind):
            if kind == "umadb":
                return stack.enter_context(start_umadb()).url
            if kind == "postgresql":
                server = request.getfixturevalue("postgres")
                return server.url(stack.enter_context(server.schema()))
            return tmp_path / next(names)

        yield place


@pytest.fixture
def made(new):
    """Give the address of a new store that holds some events."""

    def place(events, kind="sqlite"):
        url = new(kind)
        with open_recorder(url) as recorder:
            for start in range(0, len(events), 1000):
                recorder.append(events[start : start + 1000])
        return url

    return place


# -- from any store to any other -----------------------------------------------------------------


@pytest.mark.parametrize("to", KINDS)
@pytest.mark.parametrize("of", KINDS)
def test_a_copy_is_the_same_ledger(new, of, to):
    source, target = new(of), new(to)
    with Ledger.open(source) as ledger:
        record(ledger, "KAZ", "KGZ")
        entries, digest = list(ledger.entries()), ledger.digest()
        done = copy(source, target)
        assert (done.copied, done.known, done.position) == (8, 0, 8)
        assert done.digest == digest
        with Ledger.open(target) as other:
            assert list(other.entries()) == entries
            assert [one.recorded for one in other.entries()] == [one.recorded for one in entries]
            assert other.digest() == digest
            assert other.verify().ok
            assert other._recorder.identity != ledger._recorder.identity
            # What is recorded already is known by its id, there as here.
            assert other.append(joined("KAZ"), SOURCE).position == 1
        # It grows, also by what nobody here can read.
        ledger.append(joined("RUS"), SOURCE)
        ledger._recorder.append(foreign(1))
        done = copy(source, target)
        assert (done.copied, done.known) == (3, 8)
        assert done.digest == ledger.digest()
    assert stored(target) == stored(source)


def test_what_is_copied_already_is_left_alone(made, new):
    source, target = made(numbered(2_500)), new("sqlite")
    copy(source, target)
    before = target.read_bytes()
    done = copy(source, target)
    assert (done.copied, done.known) == (0, 2_500)
    assert target.read_bytes() == before


def test_an_empty_ledger_can_be_copied(made, new):
    source, target = made([]), new("sqlite")
    done = copy(source, target)
    assert (done.copied, done.known, done.position) == (0, 0, 0)
    with Ledger.open(target, mode="r") as ledger:
        assert ledger.digest() == done.digest


def test_the_hashes_of_the_copy_are_kept_with_it(made, new):
    source, target = made(numbered(2_500)), new("sqlite")
    copy(source, target)
    with open_recorder(target, mode="r") as recorder:
        assert len(recorder.tiles()) == 2
    with Ledger.open(target) as ledger:
        assert [fault for fault in ledger.verify().faults if fault.kind == "tile"] == []


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_file_of_an_older_version_is_read_as_it_is(new, tmp_path, version):
    source, target = tmp_path / "old.db", new("sqlite")
    source.write_bytes((CORPUS / version / "ledger.db").read_bytes())
    before = source.read_bytes()
    done = copy(source, target)
    assert source.read_bytes() == before
    assert stored(target) == stored(source)
    with Ledger.open(target) as ledger, Ledger.open(source, mode="r") as old:
        assert ledger.digest() == old.digest() == done.digest
        assert list(ledger.entries()) == list(old.entries())


def test_open_ledgers_are_copied_and_stay_open(tmp_path):
    with Ledger.open() as memory, Ledger.open() as other:
        record(memory, "KGZ")
        assert copy(memory, tmp_path / "kept.db").copied == 4
        assert copy(memory, other).copied == 4
        assert copy(memory, memory).copied == 0
        assert list(other.entries()) == list(memory.entries())
        assert memory.append(joined("RUS"), SOURCE).position == 5
        assert copy(memory, other).known == 4
    with Ledger.open(tmp_path / "kept.db", mode="r") as kept:
        assert kept.position == 4


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        *(("sqlite", wrong) for wrong in (1, 1_024, 1_025, 2_500)),
        ("umadb", 2),
        ("postgresql", 2_300),
    ],
)
def test_a_target_that_holds_something_else_is_refused(made, kind, wrong):
    events = numbered(2_500)
    other = list(events)
    other[wrong - 1] = StoredEvent("T", events[wrong - 1].data, ["all", "another"])
    source, target = made(events + numbered(3)), made(other, kind)
    before = stored(target)
    file = target.read_bytes() if kind == "sqlite" else None
    with pytest.raises(WrongLedger, match=rf"position {wrong} "):
        copy(source, target)
    assert stored(target) == before
    assert kind != "sqlite" or target.read_bytes() == file


def test_a_target_that_is_ahead_is_refused(made):
    source, target = made(numbered(1_100)), made(numbered(1_101))
    before = stored(target)
    with pytest.raises(WrongLedger, match="1101 entries, which begin with the 1100"):
        copy(source, target)
    assert stored(target) == before
    assert copy(target, source).copied == 1


@pytest.mark.parametrize("memory", [None, ":memory:"])
def test_memory_has_no_address(made, memory):
    file = made(numbered(1))
    for pair in (file, memory), (memory, file):
        with pytest.raises(StoreError, match="give the ledger itself") as caught:
            copy(*pair)
        assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("no_place", [5, ["news.db"], b"news.db"])
def test_what_is_no_place_is_refused(made, no_place):
    with pytest.raises(StoreError, match="path"):
        copy(made([]), no_place)


def test_where_there_is_nothing_to_copy_nothing_is_made(tmp_path):
    with pytest.raises(StoreError, match=r"none\.db"):
        copy(tmp_path / "none.db", tmp_path / "made.db")
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_is_open_to_read_is_refused(made):
    source, target = made(numbered(3)), made(numbered(2))
    with Ledger.open(target, mode="r") as ledger, pytest.raises(StoreError, match="read-only"):
        copy(source, ledger)
    assert stored(target)[0] == stored(made(numbered(2)))[0]


# -- damage --------------------------------------------------------------------------------------


def changed(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    "damage",
    ["UPDATE event SET data = 'x' WHERE position = 31", "DELETE FROM event WHERE position = 31"],
)
def test_damage_stops_it_and_what_comes_before_is_saved(made, new, damage):
    source, target = made(numbered(50)), new("sqlite")
    expected = stored(source)[0][:30]
    changed(source, damage)
    for _ in range(2):
        with pytest.raises(CorruptEntry, match="position 31 ") as caught:
            copy(source, target)
        assert caught.value.position == 31
        assert stored(target)[0] == expected


def test_a_source_that_lost_its_end_meanwhile_is_no_endless_work(made, new, monkeypatch):
    source, target = made(numbered(50)), new("sqlite")
    with open_recorder(source, mode="r") as recorder, Ledger.open(target) as ledger:
        monkeypatch.setattr(recorder, "head", lambda: 52)
        with pytest.raises(CorruptEntry, match="position 51 is missing"):
            copy(Ledger(recorder), ledger)


class Forgetful(SQLiteRecorder):
    """A store that loses a tag of one event, and says nothing."""

    def append(self, events, condition=None):
        events = list(events)
        events[17] = StoredEvent(events[17].type, events[17].data, ["all"])
        return super().append(events, condition)


def test_what_did_not_arrive_as_it_was_is_found(made, tmp_path):
    source = made(numbered(50))
    with (
        Ledger(Forgetful(tmp_path / "target.db")) as ledger,
        pytest.raises(CorruptEntry, match="position 18 was copied, and is not") as caught,
    ):
        copy(source, ledger)
    assert caught.value.position == 18


def test_a_kept_hash_that_is_wrong_is_told_apart_from_another_ledger(made):
    source, target = made(numbered(2_100)), made(numbered(2_050))
    with open_recorder(target) as recorder:
        recorder.keep_tiles(1, [b"x" * 32, b"y" * 32])
    with pytest.raises(CorruptEntry, match="kept hash of the entries 1 to 1024"):
        copy(source, target)


# -- others, meanwhile ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_several_copy_to_one_target_at_once(made, new, monkeypatch, kind):
    monkeypatch.setattr(copying, "_MOST", 9)
    source, target = made(numbered(300)), new(kind)
    start = threading.Barrier(4)

    def work():
        start.wait(30)
        return copy(source, target)

    done = together(*[work] * 4)
    assert sum(one.copied for one in done) == 300
    assert {one.copied + one.known for one in done} == {300}
    assert stored(target) == stored(source)


def between(monkeypatch, act):
    """Act once, when the first batch was recorded."""
    record, left = copying._Copy._record, [act]

    def recorded(self, events):
        record(self, events)
        while left:
            left.pop()()

    monkeypatch.setattr(copying, "_MOST", 10)
    monkeypatch.setattr(copying._Copy, "_record", recorded)


def test_who_records_in_the_target_meanwhile_stops_it(made, new, monkeypatch):
    source, target = made(numbered(50)), new("sqlite")

    def intrude():
        with open_recorder(target) as recorder:
            recorder.append([StoredEvent("Another", b"", [])])

    between(monkeypatch, intrude)
    with pytest.raises(WrongLedger, match="position 11 "):
        copy(source, target)
    found = stored(target)[0]
    assert len(found) == 11
    assert found[:10] == stored(source)[0][:10]


def test_another_copy_that_began_later_may_bring_more(made, new, monkeypatch):
    source, target = made(numbered(50)), new("sqlite")

    def grow():
        with open_recorder(source) as recorder:
            recorder.append(foreign(1))
        assert copy(source, target).copied == 42

    between(monkeypatch, grow)
    done = copy(source, target)
    assert (done.copied, done.known, done.position) == (10, 42, 52)
    assert stored(target) == stored(source)


def test_what_the_source_gains_meanwhile_is_left_for_another_call(made, new, monkeypatch):
    source, target = made(numbered(50)), new("sqlite")

    def grow():
        with open_recorder(source) as recorder:
            recorder.append(foreign(1))

    between(monkeypatch, grow)
    assert copy(source, target).position == 50
    assert copy(source, target).copied == 2
    assert stored(target) == stored(source)


# -- how much at once ----------------------------------------------------------------------------


def test_a_store_gets_no_more_than_it_takes_at_once(new, made):
    body = bytes(range(256)) * 2_000
    events = [StoredEvent("T", body + b"%d" % number, ["all"]) for number in range(24)]
    source, target = made(events), new("umadb")
    assert copy(source, target).copied == 24
    assert stored(target) == stored(source)


def test_one_that_a_store_cannot_take_stops_it_there(new, made):
    events = [*numbered(40), StoredEvent("T", b"x" * 4_100_000, []), *numbered(2)]
    source, target = made(events), new("umadb")
    for _ in range(2):
        with pytest.raises(BatchTooLarge, match="4 MB"):
            copy(source, target)
        assert stored(target)[0] == stored(source)[0][:40]


def test_a_batch_holds_what_memory_should(made, monkeypatch):
    monkeypatch.setattr(copying, "_BYTES", 1_000)
    monkeypatch.setattr(copying, "_MOST", 30)
    events = [*numbered(70), *[StoredEvent("T", b"x" * 600, [])] * 5]
    with open_recorder(made(events), mode="r") as recorder:
        batches = list(copying._batches(recorder, 0, 75))
    assert [len(batch) for batch in batches] == [30, 30, 12, 2, 1]
    assert [event for batch in batches for event in batch] == events


def test_parts_get_smaller_until_the_store_takes_them():
    taken = []

    def record(part):
        if sum(part) > 100:
            raise BatchTooLarge("too much", part=100 / sum(part))
        taken.append(list(part))

    items = [*[1] * 50, *[30] * 20, *[1] * 9]
    most = in_parts(items, 1_000, record)
    assert [one for part in taken for one in part] == items
    assert 1 <= most <= 3
    assert in_parts([], 7, record) == 7
    with pytest.raises(BatchTooLarge):
        in_parts([1, 1, 200, 1], 10, record)
    assert sum(map(len, taken)) == len(items) + 2


# -- progress ------------------------------------------------------------------------------------


def test_it_tells_how_far_it_has_come(made, new, monkeypatch):
    monkeypatch.setattr(copying, "_MOST", 5_000)
    source, target = made(numbered(21_000)), new("sqlite")
    told = []

    def tell(progress):
        told.append(progress)
        if len(told) == 2:
            raise TimeoutError("somebody waits")

    with pytest.raises(TimeoutError):
        copy(source, target, progress=tell)
    assert [(one.what, one.done, one.total) for one in told] == [
        ("copy", 0, 21_000),
        ("copy", 10_000, 21_000),
    ]
    done = copy(source, target, progress=told.append)
    assert (done.copied, done.known) == (11_000, 10_000)
    copied = [(one.done, one.total) for one in told[2:] if one.what == "copy"]
    assert copied == [(done, 11_000) for done in (0, 10_000, 11_000)]
    # After that, either side is hashed from what is stored there.
    assert told[-1].what == "digest"
    assert told[-1].done == told[-1].total == 21_000 // tree.TILE * tree.TILE - 9 * tree.TILE
