"""Digests and proofs of a ledger: what they cost, what is kept, and what is refused."""

import pickle
import sqlite3
import threading
import zlib
from uuid import uuid4

import attrs
import pytest

from newsledger import (
    ConsistencyProof,
    CorruptEntry,
    Digest,
    InclusionProof,
    InvalidProof,
    Ledger,
    MembershipStarted,
    Progress,
    Report,
    Source,
    StoreError,
    UnknownEntry,
    WrongLedger,
    progress as told_of,
    read_proof,
    verify_proof,
)
from newsledger.index import tree
from newsledger.store import SQLiteRecorder

SOURCE = Source("The Daily Example", "2017-02-28", url="https://example.org/a")
TILE = 8


def reports(count, first=0):
    return [
        Report(MembershipStarted(organization="EEU", member=f"M{n}", occurred="2015-08-12"), SOURCE)
        for n in range(first, first + count)
    ]


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    """Tiles of eight, so that few entries make many."""
    monkeypatch.setattr(tree, "TILE", TILE)
    monkeypatch.setattr(tree, "_TOGETHER", 3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path):
    with Ledger.open(path, durability="normal") as opened:
        opened.extend(reports(100))
        yield opened


def kept(path):
    with SQLiteRecorder(path, mode="r") as recorder:
        return recorder.tiles()


class Reads:
    """Counts the events that a recorder gives."""

    def __init__(self, monkeypatch):
        self.count = 0
        read = SQLiteRecorder.read

        def counted(recorder, *arguments, **options):
            for found in read(recorder, *arguments, **options):
                self.count += 1
                yield found

        monkeypatch.setattr(SQLiteRecorder, "read", counted)

    def take(self):
        count, self.count = self.count, 0
        return count


def test_a_digest_reads_each_entry_once_and_then_less_than_a_tile(ledger, path, monkeypatch):
    reads = Reads(monkeypatch)
    digest = ledger.digest()
    assert reads.take() == 100
    assert len(kept(path)) == 12
    assert (ledger.digest(), reads.take()) == (digest, 4)
    assert ledger.digest(80) == ledger.digest(80)
    assert reads.take() == 0
    with Ledger.open(path) as again:
        assert (again.digest(), reads.take()) == (digest, 4)
        again.digest(39)
        assert reads.take() == 7
    ledger.extend(reports(10, 100))
    ledger.digest()
    assert reads.take() < 4 + 10 + TILE


def test_a_proof_reads_a_tile_more(ledger, monkeypatch):
    entries = list(ledger.entries())
    digest = ledger.digest()
    reads = Reads(monkeypatch)
    ledger.prove(entries[50], digest)
    assert reads.take() <= 1 + TILE + 4
    ledger.prove(Digest(51, ledger.digest(51).root), digest)
    assert reads.take() <= 3 * TILE


@pytest.mark.parametrize("size", [1, 7, 8, 9, 16, 63, 64, 65, 100])
def test_tiles_change_no_digest_and_no_proof(ledger, monkeypatch, size):
    entry = next(ledger.entries(after=size - 1))
    found = [ledger.digest(size), ledger.prove(entry), ledger.prove(size)]
    monkeypatch.setattr(tree, "TILE", 1 << 20)
    with Ledger.open() as other:
        other._recorder.append([one.event for one in ledger._recorder.read()])
        assert [other.digest(size), other.prove(entry), other.prove(size)] == found


def test_who_only_reads_keeps_nothing_in_the_file(ledger, path, monkeypatch):
    content = path.read_bytes()
    reads = Reads(monkeypatch)
    with Ledger.open(path, mode="r") as reader:
        reader.digest()
        assert reads.take() == 100
        reader.digest()
        assert reads.take() == 4
    assert kept(path) == []
    assert path.read_bytes() == content


def test_what_was_interrupted_is_gone_on_with(ledger, path, monkeypatch):
    monkeypatch.setattr(told_of, "EACH", 10)

    def stop(progress):
        if progress.done >= 50:
            raise TimeoutError

    reads = Reads(monkeypatch)
    with pytest.raises(TimeoutError):
        ledger.digest(progress=stop)
    reads.take()
    assert len(kept(path)) == 6
    with Ledger.open(path) as again:
        again.digest()
        assert reads.take() == 52


def test_progress_is_told_of_what_was_not_hashed_before(ledger, monkeypatch):
    monkeypatch.setattr(told_of, "EACH", 10)
    told = []
    ledger.digest(40, progress=told.append)
    assert told[0] == Progress("digest", 0, 40)
    assert told[-1] == Progress("digest", 40, 40)
    told.clear()
    ledger.digest(progress=told.append)
    assert told[0] == Progress("digest", 0, 56)
    told.clear()
    ledger.digest(progress=told.append)
    assert told == []


def test_the_ledgers_own_progress_is_told_where_none_is_given(path, monkeypatch):
    monkeypatch.setattr(told_of, "EACH", 10)
    told = []
    with Ledger.open(path, progress=told.append) as ledger:
        ledger.extend(reports(40))
        ledger.prove(next(ledger.entries()))
        ledger.verify()
    assert {report.what for report in told} == {"digest", "verify"}


def test_a_question_is_answered_where_the_answer_cannot_be_kept(ledger, path, monkeypatch):
    def full(*_):
        tried.append(_)
        raise StoreError("the disk is full")

    tried = []

    monkeypatch.setattr(SQLiteRecorder, "keep_tiles", full)
    digest = ledger.digest()
    assert kept(path) == []
    assert len(tried) == 1
    monkeypatch.undo()
    assert ledger.digest() == digest


def test_after_a_tile_that_is_missing_all_are_made_again(ledger, path, monkeypatch):
    digest = ledger.digest()
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DELETE FROM tile WHERE number = 3")
        connection.execute("UPDATE tile SET hash = zeroblob(32) WHERE number = 5")
    connection.close()
    assert len(kept(path)) == 2
    with Ledger.open(path) as again:
        assert again.digest() == digest
        assert len(kept(path)) == 12
        assert again.verify()


def test_no_proof_is_given_of_what_was_changed_since_it_was_hashed(ledger, path):
    """Somebody who knows the format put another entry in the place of the 20th."""
    entry, digest = next(ledger.entries(after=19)), ledger.digest()
    connection = sqlite3.connect(path)
    with connection:
        text, data = connection.execute(
            "SELECT tags, replace(data, 'M19', 'XXX') FROM event WHERE position = 20"
        ).fetchone()
        checksum = zlib.crc32(f"MembershipStarted\0{text}{data}".encode())
        connection.execute(
            "UPDATE event SET data = ?, checksum = ? WHERE position = 20", (data, checksum)
        )
    connection.close()
    with Ledger.open(path) as again:
        assert again.digest() == digest  # by what was kept
        with pytest.raises(CorruptEntry, match="not what it was") as caught:
            again.prove(entry)
        assert caught.value.position == 20
        with pytest.raises(CorruptEntry, match="not what it was"):
            again.prove(21, digest)
        with pytest.raises(CorruptEntry, match="not what it was"):
            again.prove(next(again.entries(after=20)))
        assert again.prove(24, digest)


def test_who_asks_while_others_do_adds_no_tile_twice(ledger, monkeypatch):
    monkeypatch.setattr(told_of, "EACH", 10)
    asked = []

    def meanwhile(progress):
        if not asked:
            asked.append(progress)
            asked.append(ledger.digest(64, progress=lambda _: None))

    digest = ledger.digest(progress=meanwhile)
    with Ledger.open() as other:
        other._recorder.append([one.event for one in ledger._recorder.read()])
        assert (other.digest(), other.digest(64)) == (digest, asked[1])
    assert ledger.digest() == digest


def test_threads_agree(ledger):
    start, found = threading.Barrier(4), []

    def work():
        start.wait()
        found.extend(ledger.digest(position) for position in (100, 64, 33))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 3
    assert len(ledger._prover._tree._tiles) == 12
    assert ledger.verify()


def test_a_missing_entry_is_told_and_never_hashed_over(ledger, path):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DELETE FROM event WHERE position = 30")
    connection.close()
    with pytest.raises(CorruptEntry, match="30") as caught:
        ledger.digest()
    assert caught.value.position == 30
    assert ledger.digest(29)


def test_a_damaged_entry_is_never_hashed(ledger, path):
    before = ledger.digest()
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DELETE FROM tile")
        connection.execute("UPDATE event SET data = replace(data, 'EEU', 'CIS') WHERE position = 5")
        connection.execute("DROP TABLE tile")
    connection.close()
    with Ledger.open(path, mode="r") as again, pytest.raises(CorruptEntry):
        again.digest()
    assert ledger.digest() == before  # by the hashes that it holds


# -- digests ----------------------------------------------------------------------------------


def test_a_digest_prints_compares_and_travels(ledger):
    digest = ledger.digest(5)
    assert str(digest) == f"newsledger-digest:5:{digest.root}"
    assert Digest.parse(str(digest)) == digest == pickle.loads(pickle.dumps(digest))
    assert len({digest, ledger.digest(5), ledger.digest(6)}) == 2
    assert digest.position == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "newsledger-digest:5",
        "newsledger-digest:05:" + "a" * 64,
        "newsledger-digest:-5:" + "a" * 64,
        "newsledger-digest:5:" + "a" * 63,
        "newsledger-digest:5:" + "A" * 64,
        "newsledger-digest:5:" + "a" * 64 + "\n",
        "newsledger-digest:\u0665:" + "a" * 64,
    ],
)
def test_what_is_no_digest_is_refused(text):
    with pytest.raises(InvalidProof, match="no digest"):
        Digest.parse(text)


@pytest.mark.parametrize(
    ("position", "root"),
    [(-1, "a" * 64), ("5", "a" * 64), (True, "a" * 64), (5, b"a"), (5, "x" * 64)],
)
def test_a_digest_that_is_none_cannot_be_made(position, root):
    with pytest.raises(InvalidProof):
        Digest(position, root)


@pytest.mark.parametrize("position", [-1, 101])
def test_a_position_that_is_not_there_is_refused(ledger, position):
    with pytest.raises(ValueError, match="positions 0 to 100"):
        ledger.digest(position)
    with pytest.raises(ValueError, match="positions 0 to 100"):
        ledger.prove(position)


# -- proofs -----------------------------------------------------------------------------------


def test_a_proof_prints_and_travels(ledger):
    entry = next(ledger.entries())
    inclusion, consistency = ledger.prove(entry), ledger.prove(3)
    assert repr(inclusion) == "<InclusionProof of entry 1 in the first 100>"
    assert repr(consistency) == "<ConsistencyProof of the first 3 in the first 100>"
    for proof in inclusion, consistency:
        assert pickle.loads(pickle.dumps(proof)) == proof == read_proof(str(proof))
        assert "\n" not in str(proof)


def test_an_entry_is_proven_by_itself_its_id_or_its_text(ledger):
    entry = next(ledger.entries(after=9))
    assert ledger.prove(entry) == ledger.prove(entry.id) == ledger.prove(str(entry.id))


def test_a_state_is_named_by_its_digest_its_text_or_its_position(ledger):
    older, newer = ledger.digest(50), ledger.digest()
    assert ledger.prove(older) == ledger.prove(str(older), newer) == ledger.prove(50, str(newer))
    entry = next(ledger.entries())
    assert ledger.prove(entry, older) == ledger.prove(entry, str(older)) == ledger.prove(entry, 50)
    with pytest.raises(InvalidProof, match="no digest"):
        ledger.prove("newsledger-digest:50:x")
    with pytest.raises(TypeError):
        ledger.prove(entry, entry)
    with pytest.raises(TypeError):
        ledger.prove(50.0)


def test_what_is_not_there_cannot_be_proven(ledger):
    with pytest.raises(UnknownEntry):
        ledger.prove(uuid4())
    with pytest.raises(ValueError, match="entry 51 was recorded after position 50"):
        ledger.prove(next(ledger.entries(after=50)), 50)
    with pytest.raises(ValueError, match="comes first"):
        ledger.prove(50, 49)


def test_a_digest_of_another_ledger_is_refused(ledger):
    entry = next(ledger.entries())
    with Ledger.open() as other:
        other.extend(reports(101, 1))
        for foreign in other.digest(), other.digest(50):
            with pytest.raises(WrongLedger, match="never the digest of this ledger"):
                ledger.prove(foreign)
            with pytest.raises(WrongLedger):
                ledger.prove(entry, foreign)
            with pytest.raises(WrongLedger):
                ledger.prove(10, foreign)


def test_a_proof_is_checked_against_the_digest_it_is_about(ledger):
    entry = next(ledger.entries())
    older, newer = ledger.digest(50), ledger.digest()
    proof = ledger.prove(entry, older)
    assert verify_proof(proof, older).entry == entry
    with pytest.raises(InvalidProof, match="about a digest at position 50, not at 100"):
        verify_proof(proof, newer)
    grown = ledger.prove(older, newer)
    assert verify_proof(grown, older, newer) == newer
    with pytest.raises(InvalidProof):
        verify_proof(grown, newer, older)
    with pytest.raises(InvalidProof):
        verify_proof(grown, Digest(50, "0" * 64), newer)
    with pytest.raises(InvalidProof):
        verify_proof(grown, older, Digest(100, "0" * 64))


def test_the_wrong_number_of_digests_is_refused(ledger):
    digest = ledger.digest()
    inclusion, consistency = ledger.prove(next(ledger.entries())), ledger.prove(5)
    for proof, digests in [
        (inclusion, ()),
        (inclusion, (digest, digest)),
        (consistency, ()),
        (consistency, (digest,)),
        (consistency, (digest,) * 3),
    ]:
        with pytest.raises(TypeError, match="digest"):
            verify_proof(proof, *digests)
    with pytest.raises(TypeError):
        verify_proof(inclusion, None)
    with pytest.raises(TypeError):
        verify_proof(None, digest)


def test_everything_begins_with_nothing_and_with_itself(ledger):
    none, all_ = ledger.digest(0), ledger.digest()
    assert verify_proof(ledger.prove(none), none, all_) == all_
    assert verify_proof(ledger.prove(all_), all_, all_) == all_
    with pytest.raises(InvalidProof):
        verify_proof(ledger.prove(none), Digest(0, "0" * 64), all_)
    with pytest.raises(InvalidProof):
        verify_proof(ledger.prove(all_), Digest(100, "0" * 64), all_)
    with pytest.raises(InvalidProof):
        verify_proof(ConsistencyProof(0, 100, ("0" * 64,)), none, all_)


def test_an_entry_cannot_be_passed_off_as_erased_or_the_other_way_round(ledger):
    entry = next(ledger.entries())
    digest, proof = ledger.digest(), ledger.prove(entry)
    proven = verify_proof(proof, digest)
    held_back = InclusionProof(1, 100, None, proven.fingerprint, proof.path)
    assert verify_proof(held_back, digest).entry is None
    for fake in [
        InclusionProof(1, 100, None, None, proof.path),
        InclusionProof(1, 100, proof.entry, proven.fingerprint, proof.path),
        InclusionProof(1, 100, None, "0" * 64, proof.path),
        InclusionProof(2, 100, proof.entry, None, proof.path),
        InclusionProof(0, 100, proof.entry, None, proof.path),
    ]:
        with pytest.raises(InvalidProof):
            verify_proof(fake, digest)


def test_a_tombstone_is_not_taken_for_an_entry(ledger):
    """Its fingerprint is what it says: it would lead anywhere."""
    entry = next(ledger.entries())
    digest, proof = ledger.digest(), ledger.prove(entry)
    stated = f'{{"erased":"{verify_proof(proof, digest).fingerprint}","note":"anything"}}'
    with pytest.raises(InvalidProof, match="tombstone"):
        verify_proof(attrs.evolve(proof, entry=attrs.evolve(proof.entry, data=stated)), digest)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text + " ",
        lambda text: text.replace(":", ": ", 1),
        lambda text: text.replace('"path"', '"strange":1,"path"'),
        lambda text: text.replace("inclusion", "consistency"),
        lambda text: text.replace("inclusion", "other"),
        lambda text: text.replace("M0", "\\u004d0"),
        lambda text: "[]",
        lambda text: '{"proof":"inclusion"}',
        lambda text: text.replace('"position":1', '"position":1.0'),
    ],
)
def test_what_is_no_proof_to_the_letter_is_refused(ledger, change):
    proof = str(ledger.prove(next(ledger.entries())))
    assert change(proof) != proof
    with pytest.raises(InvalidProof):
        verify_proof(change(proof), ledger.digest())
