"""A verification tells each fault at its position, and nothing else."""

import sqlite3
import zlib
from datetime import UTC, datetime

import msgspec
import pytest

from newsledger import (
    CorruptEntry,
    Event,
    Ledger,
    MembershipStarted,
    MembersListed,
    OutcomeRecorded,
    Progress,
    Report,
    Source,
    StoreError,
    WrongLedger,
    event,
    progress as told_of,
    verify_proof,
)
from newsledger.events import CATALOGUE
from newsledger.ledger import rebuilding, verifying
from newsledger.store import Recorder, SQLiteRecorder, compared

SOURCE = Source("The Daily Example", "2017-02-28", url="https://example.org/a")
COUNT = 1100  # more than a tile


def joined(number):
    return MembershipStarted(organization="EEU", member=f"M{number}", occurred="2015-08-12")


def reports(count=COUNT):
    return [Report(joined(number), SOURCE) for number in range(count)]


@pytest.fixture(scope="module")
def intact(tmp_path_factory):
    """A ledger with chains, outcomes and a kept tile, which is only ever copied."""
    path = tmp_path_factory.mktemp("intact") / "ledger.db"
    with Ledger.open(path) as ledger:
        entries = ledger.extend(reports())
        ledger.correct(entries[9], joined("other"), reason="misread")
        ledger.append(OutcomeRecorded(of=entries[9].id, outcome="kept", occurred="2016"), SOURCE)
        ledger.retract(next(ledger.entries(after=COUNT)), reason="no")
        ledger.digest()
    return path


@pytest.fixture
def path(intact, tmp_path):
    copy = tmp_path / "ledger.db"
    copy.write_bytes(intact.read_bytes())
    return copy


def run(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        assert connection.execute(*statement).rowcount
    connection.close()


def faults(path, mode="r"):
    with Ledger.open(path, mode=mode) as ledger:
        found = ledger.verify()
        assert found.ok is bool(found) is (not found.faults)
        assert found.count == len(found.faults)
        assert found.entries == len(ledger)
        return [(fault.position, fault.kind) for fault in found.faults]


def rewrite(path, position, change=None, tags=None, type=None):
    """Change an entry and all that its store says of it, as whoever knows the format could."""
    connection = sqlite3.connect(path, isolation_level=None)
    text, data, name = connection.execute(
        "SELECT tags, data, name FROM event JOIN type ON id = event.type WHERE position = ?",
        (position,),
    ).fetchone()
    stored = msgspec.json.decode(data)
    if change is not None:
        change(stored)
        data = msgspec.json.encode(stored).decode()
    kept = tags(msgspec.json.decode(text)) if tags else msgspec.json.decode(text)
    name = type or name
    [number] = connection.execute("SELECT id FROM type WHERE name = ?", (name,)).fetchone()
    text = msgspec.json.encode(kept).decode()
    checksum = zlib.crc32(name.encode() + b"\0" + text.encode() + data.encode())
    connection.execute(
        "UPDATE event SET type = ?, tags = ?, data = ?, checksum = ? WHERE position = ?",
        (number, text, data, checksum, position),
    )
    connection.execute("DELETE FROM event_tag WHERE position = ?", (position,))
    connection.executemany(
        "INSERT INTO event_tag VALUES (?, ?, ?)", [(tag, position, number) for tag in kept]
    )
    connection.execute("DELETE FROM tile")
    connection.close()


def test_nothing_is_wrong_with_what_was_recorded(path):
    assert faults(path) == []
    with Ledger.open(path) as ledger:
        assert ledger.verify().ok
        assert str(ledger.verify()) == "1103 entries: no fault"


DAMAGE = {
    "a byte of the data": (
        "UPDATE event SET data = replace(data, 'M299', 'M298') WHERE position = 300",
        [(300, "damaged")],
    ),
    "the type": ("UPDATE event SET type = 3 - type WHERE position = 300", [(300, "damaged")]),
    "a tag of the row": (
        "UPDATE event SET tags = replace(tags, 'e:EEU', 'e:EEC') WHERE position = 300",
        [(300, "damaged")],
    ),
    "no text": (
        "UPDATE event SET tags = CAST(x'ff' AS TEXT) WHERE position = 300",
        [(300, "damaged")],
    ),
    "an event": ("DELETE FROM event WHERE position = 300", [(300, "damaged")]),
    "an event that was amended": ("DELETE FROM event WHERE position = 10", [(10, "damaged")]),
    "an amendment": ("DELETE FROM event WHERE position = 1101", [(1101, "damaged")]),
    "a row of the index": (
        "DELETE FROM event_tag WHERE position = 300 AND tag = 'e:EEU'",
        [(300, "index")],
    ),
    "an amendment's row of the index": (
        "DELETE FROM event_tag WHERE position = 1101 AND tag LIKE 'root:%'",
        [(1101, "index")],
    ),
    "an id in the index": (
        "DELETE FROM event_tag WHERE position = 10 AND tag LIKE 'id:%'",
        [(10, "index")],
    ),
    "one too many": ("INSERT INTO event_tag VALUES ('e:KGZ', 300, 1)", [(300, "index")]),
    "one where nothing is": ("INSERT INTO event_tag VALUES ('e:KGZ', 0, 1)", [(0, "index")]),
    "the type in the index": (
        "UPDATE event_tag SET type = 2 WHERE position = 300 AND tag = 'e:EEU'",
        [(300, "index")],
    ),
    "a tile": ("UPDATE tile SET hash = randomblob(32) WHERE number = 1", [(1, "tile")]),
    "a tile too many": (
        "INSERT INTO tile VALUES (2, randomblob(32))",
        [(None, "tile")],
    ),
    "a missing tile, which is none": ("DELETE FROM tile", []),
    "a checksum": ("UPDATE event SET checksum = 1 + checksum WHERE position = 1", [(1, "damaged")]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_told_at_its_position(path, damage):
    statement, expected = DAMAGE[damage]
    run(path, (statement,))
    assert faults(path) == expected


def test_several_faults_are_all_told_in_order(path):
    run(
        path,
        ("DELETE FROM event WHERE position IN (1, 500, 501, 1024)",),
        ("DELETE FROM event_tag WHERE position = 77 AND tag = 'e:M76'",),
        ("UPDATE event SET checksum = 0 WHERE position = 1030",),
    )
    assert faults(path) == [
        (1, "damaged"),
        (77, "index"),
        (500, "damaged"),
        (501, "damaged"),
        (1024, "damaged"),
        (1030, "damaged"),
    ]


def test_more_faults_than_are_told_are_counted(path, monkeypatch):
    monkeypatch.setattr(verifying, "_TOLD", 3)
    run(path, ("UPDATE event SET checksum = 0 WHERE position BETWEEN 301 AND 310",))
    with Ledger.open(path, mode="r") as ledger:
        found = ledger.verify()
    assert (len(found.faults), found.count, found.ok) == (3, 10, False)
    assert str(found).splitlines()[0] == "1103 entries: 10 faults"
    assert str(found).endswith("and 7 more")


# What the store has no means to know: row, checksum and index agree.
def test_an_entry_that_says_something_else_has_another_id(path):
    rewrite(
        path,
        300,
        lambda stored: stored["event"].update(member="M0"),
        lambda tags: ["e:M0" if tag == "e:M299" else tag for tag in tags],
    )
    assert faults(path) == [(300, "id")]


def test_an_amendment_that_says_something_else_has_another_id(path):
    rewrite(path, 1101, lambda stored: stored.update(reason="other"))
    assert faults(path) == [(1101, "id")]


def test_an_entry_that_cannot_be_read_is_told(path):
    rewrite(path, 300, lambda stored: stored.update(strange=1))
    assert faults(path) == [(300, "unreadable")]
    rewrite(path, 300, lambda stored: [stored.pop("strange"), stored["event"].pop("occurred")])
    assert faults(path) == [(300, "unreadable")]


def test_an_entry_filed_under_another_type_is_told(path):
    rewrite(path, 300, type="correction")
    assert faults(path) == [(300, "type")]


def test_a_stamp_before_the_last_is_told(path):
    rewrite(path, 300, lambda stored: stored.update(recorded="2001-01-01T00:00:00Z"))
    assert faults(path) == [(300, "stamp")]


def test_a_stamp_after_the_next_is_told_there(path):
    rewrite(path, 300, lambda stored: stored.update(recorded="2999-01-01T00:00:00Z"))
    assert faults(path) == [(301, "stamp")]


@pytest.mark.parametrize("position", [300, 1101, 1102])
def test_tags_that_do_not_follow_from_the_entry_are_told(path, position):
    rewrite(path, position, tags=lambda tags: [*tags, "e:KGZ"])
    assert faults(path) == [(position, "tags")]
    rewrite(
        path, position, tags=lambda tags: [tag for tag in tags if tag not in {"e:KGZ", "e:EEU"}]
    )
    assert faults(path) == [(position, "tags")]


def test_beside_damage_what_was_handed_down_is_not_judged_and_all_else_is(path):
    """The report that was amended is lost, so nobody knows what its chain named."""
    run(path, ("DELETE FROM event WHERE position = 10",), ("DELETE FROM tile",))
    assert faults(path) == [(10, "damaged")]
    for position in (300, 1101):
        rewrite(path, position, tags=lambda tags: [*tags, "s:nowhere/2017"])
    rewrite(path, 301, tags=lambda tags: [*tags, "e:KGZ"])
    rewrite(path, 1102, tags=lambda tags: [*tags, "e:KGZ", "was:KGZ"])
    assert faults(path) == [(10, "damaged"), (300, "tags"), (301, "tags"), (1101, "tags")]


def test_inherited_tags_are_rebuilt(path):
    """The correction names another, and the outcome of what was corrected names both."""
    for position in (1101, 1102):
        rewrite(path, position, tags=lambda tags: [tag for tag in tags if tag != "was:M9"])
    assert faults(path) == [(1101, "tags"), (1102, "tags")]


def test_an_amendment_of_nothing_is_told(path):
    missing = "00000000-0000-5000-8000-000000000000"

    def lose(stored):
        stored.update(amends=missing, root=missing)

    rewrite(
        path,
        1101,
        lose,
        lambda tags: [f"root:{missing}" if tag.startswith("root:") else tag for tag in tags],
    )
    assert (1101, "target") in faults(path)
    assert {position for position, _ in faults(path)} <= {1101, 1102, 1103}


def test_an_amendment_in_the_wrong_chain_is_told(path):
    with Ledger.open(path, mode="r") as ledger:
        other = str(next(ledger.entries(after=10, limit=1)).id)
    rewrite(
        path,
        1101,
        lambda stored: stored.update(root=other),
        lambda tags: [f"root:{other}" if tag.startswith("root:") else tag for tag in tags],
    )
    assert (1101, "target") in faults(path)


def test_two_entries_with_one_id_are_told(tmp_path):
    path = tmp_path / "twins.db"
    with Ledger.open(path) as ledger:
        ledger.append(joined(1), SOURCE)
        [found] = ledger._recorder.read()
        ledger._recorder.append([found.event])
        assert [(fault.position, fault.kind) for fault in ledger.verify().faults] == [(None, "id")]


def test_a_file_with_junk_in_it_is_reported_not_raised(path):
    content = path.read_bytes()
    pages = range(4096, len(content), 4096)
    opened = 0
    for start in [*pages][:: len(pages) // 12]:
        path.write_bytes(content[:start] + b"\xa5" * 4096 + content[start + 4096 :])
        try:
            ledger = Ledger.open(path, mode="r")
        except StoreError:
            continue
        opened += 1
        with ledger:
            found = ledger.verify()
        assert not found
        assert {fault.kind for fault in found.faults} <= {"damaged", "index", "store", "target"}
    assert opened > 8


def test_a_reader_of_an_old_event_type_gives_no_fault(tmp_path):
    """An id is that of the body as it was stored, whatever an upcaster makes of it."""

    @event("test.verify.Prize")
    class Prize(Event):
        who: str

    with Ledger.open(tmp_path / "l.db") as ledger:
        entry = ledger.append(Prize(who="Ada", occurred="2017"), SOURCE)
        ledger.correct(entry, Prize(who="Bea", occurred="2017"))
        ledger.correct(entry, Prize(who="Eve", occurred="2017"), reason="again")
    del CATALOGUE._types["test.verify.Prize"]
    with Ledger.open(tmp_path / "l.db") as ledger:
        assert ledger.verify()  # opaque
        old = ledger.digest()

    @event("test.verify.Prize", version=2, upcasters={1: lambda body: {**body, "prize": "Nobel"}})
    class Prize(Event):
        who: str
        prize: str

    try:
        with Ledger.open(tmp_path / "l.db") as ledger:
            assert [one.event.prize for one in ledger.entries()] == ["Nobel"] * 3
            assert ledger.verify()
            assert ledger.digest() == old
    finally:
        del CATALOGUE._types["test.verify.Prize"]


def test_what_an_upcaster_raises_is_told(tmp_path):
    def broken(body):
        return {"winner": body["loser"]}

    @event("test.verify.Race")
    class Race(Event):
        pass

    with Ledger.open(tmp_path / "l.db") as ledger:
        ledger.append(Race(occurred="2017"), SOURCE)
    del CATALOGUE._types["test.verify.Race"]

    @event("test.verify.Race", version=2, upcasters={1: broken})
    class Race(Event):
        winner: str

    try:
        with Ledger.open(tmp_path / "l.db") as ledger:
            [fault] = ledger.verify().faults
            assert (fault.position, fault.kind) == (1, "unreadable")
            assert "upcaster of test.verify.Race from version 1 raised KeyError('loser')" in str(
                fault
            )
    finally:
        del CATALOGUE._types["test.verify.Race"]


class Plain(SQLiteRecorder):
    """A store that keeps no tiles, has no faults of its own, and passes over what it has lost."""

    tiles, keep_tiles, faults = Recorder.tiles, Recorder.keep_tiles, Recorder.faults
    lost = frozenset()

    def read(self, *arguments, **options):
        response = super().read(*arguments, **options)
        return (found for found in response if found.position not in self.lost)


def test_a_store_with_the_defaults_is_verified_too():
    recorder = Plain()
    with Ledger(recorder) as ledger:
        ledger.extend(reports())
        digest = ledger.digest()
        assert ledger.verify()
        assert ledger.prove(5) == ledger.prove(ledger.digest(5), digest)
        with Ledger.open() as other:
            other._recorder.append([found.event for found in recorder.read()])
            assert other.digest() == digest


@pytest.mark.parametrize("lost", [{1}, {2, 3, 700}, {COUNT}, {1024, 1025}])
def test_an_entry_that_a_store_passes_over_is_missed(lost):
    recorder = Plain()
    with Ledger(recorder) as ledger:
        ledger.extend(reports())
        recorder.lost = lost
        found = ledger.verify()
        assert [(fault.position, fault.kind) for fault in found.faults] == [
            (position, "damaged") for position in sorted(lost)
        ]
        with pytest.raises(CorruptEntry) as caught:
            ledger.digest()
        assert caught.value.position == min(lost)


def test_equal_amendments_are_told_apart_by_their_number(tmp_path):
    """The id of the third entry counts the equal one before it."""
    with Ledger.open(tmp_path / "l.db") as ledger:
        entry = ledger.append(joined(1), SOURCE)
        first = ledger.retract(entry)
        ledger.retract(first)
        assert ledger.retract(entry) not in (first, None)
        assert len(ledger) == 4
        assert ledger.verify()


def test_of_very_many_positions_it_is_told_only_that_the_index_differs(path, monkeypatch):
    monkeypatch.setattr(compared, "_EXPLAINED", 1)
    run(
        path,
        ("DELETE FROM event_tag WHERE position IN (20, 30, 50) AND tag = 'e:EEU'",),
        ("UPDATE event SET checksum = 0 WHERE position IN (40, 50)",),
    )
    assert faults(path) == [(20, "index"), (30, "index"), (40, "damaged"), (50, "damaged")]


def test_an_erased_entry_is_no_fault_and_changes_no_digest(path):
    with Ledger.open(path) as ledger:
        digest = ledger.digest()
        entry = next(ledger.entries(after=9, limit=1))
        proof = ledger.prove(entry)
        left = ledger.erase(entry, "a court's order")
    assert faults(path) == []
    with Ledger.open(path) as ledger:
        assert ledger.digest() == digest
        proven = verify_proof(ledger.prove(entry.id), digest)
        assert (proven.position, proven.entry) == (10, None)
        assert proven.fingerprint == left.erased.fingerprint
        assert verify_proof(proof, digest).fingerprint == left.erased.fingerprint


@pytest.fixture
def buried(path):
    """Where entry 10 was erased, which was corrected, and its correction at 1101."""
    with Ledger.open(path) as ledger:
        digest = ledger.digest()
        ledger.erase(next(ledger.entries(after=9, limit=1)), "a court's order", chain=True)
    return path, digest


def test_a_fingerprint_that_is_another_is_told_by_the_kept_hashes_and_the_digest(buried):
    path, digest = buried
    with sqlite3.connect(path) as connection:
        [tile] = connection.execute("SELECT number, hash FROM tile").fetchall()
    connection.close()
    rewrite(path, 10, lambda stored: stored.update(erased="0" * 64))
    assert faults(path) == []  # the ledger alone cannot know
    with Ledger.open(path, mode="r") as ledger:
        for proving in ledger.prove, lambda one: ledger.prove(next(ledger.entries()), one):
            with pytest.raises(WrongLedger):
                proving(digest)
    run(path, ("INSERT INTO tile VALUES (?, ?)", tile))
    assert faults(path) == [(1, "tile")]


def test_what_is_wrong_with_what_is_left_is_told(buried):
    path, _ = buried
    with Ledger.open(path) as ledger:
        assert ledger.verify()
        root = next(ledger.entries(after=9, limit=1)).id
    rewrite(path, 10, lambda stored: stored.update(erased="no hash" * 10))
    assert (10, "unreadable") in faults(path)
    rewrite(path, COUNT + 1, tags=lambda tags: [*tags, "e:somebody"])
    assert (COUNT + 1, "tags") in faults(path)
    rewrite(path, COUNT + 1, tags=lambda tags: [tags[0]])
    assert (COUNT + 1, "tags") in faults(path)
    rewrite(path, COUNT + 1, lambda stored: stored.update(recorded="2001-01-01T00:00:00Z"))
    assert (COUNT + 1, "stamp") in faults(path)
    rewrite(path, COUNT + 1, type="MembershipStarted")
    assert (COUNT + 1, "type") in faults(path)
    rewrite(path, COUNT + 1, lambda stored: stored.update(amends=str(root)[::-1].replace("-", "")))
    found = faults(path)
    assert {kind for position, kind in found if position == COUNT + 1} & {"target", "unreadable"}


def test_progress_is_told_from_nothing_to_all(path, monkeypatch):
    monkeypatch.setattr(told_of, "EACH", 100)
    told = []
    with Ledger.open(path, mode="r") as ledger:
        ledger.verify(progress=told.append)
    assert told[0] == Progress("verify", 0, 1103)
    assert told[-1] == Progress("verify", 1103, 1103)
    done = [report.done for report in told]
    assert done == sorted(set(done))
    assert len(told) > 20


def test_a_verification_is_bounded_by_what_is_referred_to(monkeypatch):
    """Entries that nothing amends or refers to are not remembered."""
    kept = []

    class Past(rebuilding.Past):
        def __init__(self, wanted):
            super().__init__(wanted)
            kept.append(self)

    monkeypatch.setattr(verifying, "Past", Past)
    with Ledger.open() as ledger:
        entries = ledger.extend(reports(50))
        ledger.retract(entries[3])
        assert ledger.verify()
    assert len(kept[-1]._members) == 2


def test_a_clock_that_goes_back_is_no_fault():
    times = iter([datetime(2030, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)])
    with Ledger.open(clock=lambda: next(times)) as ledger:
        ledger.append(joined(1), SOURCE)
        ledger.append(MembersListed(organization="EEU", members=["KGZ"], occurred="2017"), SOURCE)
        assert ledger.verify()
