"""Damage is told, never read as news."""

from __future__ import annotations

import sqlite3

import pytest

from newsledger.errors import CorruptEntry, LedgerClosed, NewsledgerError, StoreError
from newsledger.store import Query, QueryItem, SQLiteRecorder, StoredEvent


def everything_raises_our_errors(path, mode):
    """Whether anything was wrong; what is not ours fails the test by passing through."""
    try:
        with SQLiteRecorder(path, mode=mode) as recorder:
            recorder.head()
            list(recorder.read())
            list(recorder.read(Query([QueryItem(tags=["all"])])))
            list(recorder.read(Query([QueryItem(types=["T1"])])))
            list(recorder.tag_counts())
            if mode != "r":
                recorder.append([StoredEvent("T1", b"new", ["all"])])
    except NewsledgerError:
        return True
    return False


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "ledger.db"
    with SQLiteRecorder(path) as recorder:
        recorder.append(
            [
                StoredEvent(f"T{n % 3}", b"data %d" % n * 20, [f"id:{n}", "all"])
                for n in range(1, 501)
            ]
        )
    return path


def tamper(path, statement):
    connection = sqlite3.connect(path, isolation_level=None)
    assert connection.execute(statement).rowcount
    connection.close()


DAMAGE = [
    "UPDATE event SET data = data || ' ' WHERE position = 300",
    "UPDATE event SET data = x'00' WHERE position = 300",
    "UPDATE event SET data = 7 WHERE position = 300",
    "UPDATE event SET data = CAST(x'ff' AS TEXT) WHERE position = 300",
    "UPDATE event SET tags = '[]' WHERE position = 300",
    "UPDATE event SET tags = 'no json' WHERE position = 300",
    "UPDATE event SET tags = CAST(x'ff' AS TEXT) WHERE position = 300",
    "UPDATE event SET type = 1 + type % 3 WHERE position = 300",
    "UPDATE event SET type = 99 WHERE position = 300",
    "UPDATE event SET checksum = checksum + 1 WHERE position = 300",
    "DELETE FROM event WHERE position = 300",
]


@pytest.mark.parametrize("statement", DAMAGE)
@pytest.mark.parametrize("query", [None, "streamed", "gathered"])
def test_a_damaged_entry_is_named_and_the_others_are_read(ledger, statement, query):
    tamper(ledger, statement)
    if query == "streamed":
        query = Query([QueryItem(tags=["all"])])
    elif query == "gathered":
        query = Query([QueryItem(tags=[f"id:{n}"]) for n in range(1, 501)])
    with SQLiteRecorder(ledger) as recorder:
        with pytest.raises(CorruptEntry, match="position 300") as caught:
            list(recorder.read(query))
        assert caught.value.position == 300
        assert [e.position for e in recorder.read(query, upto=299)] == list(range(1, 300))
        assert [e.position for e in recorder.read(query, after=300)] == list(range(301, 501))


def test_a_type_name_that_was_changed_is_noticed(ledger):
    tamper(ledger, "UPDATE type SET name = 'Other' WHERE name = 'T1'")
    with SQLiteRecorder(ledger) as recorder, pytest.raises(CorruptEntry) as caught:
        list(recorder.read())
    assert caught.value.position == 1


def test_a_lost_identity_is_an_error(ledger):
    tamper(ledger, "DELETE FROM meta WHERE key = 'identity'")
    with pytest.raises(StoreError, match="identity"):
        SQLiteRecorder(ledger)


@pytest.mark.parametrize("mode", ["a", "r", "r+"])
@pytest.mark.parametrize("share", [0.003, 0.1, 0.5, 0.9, 0.999, 0.99999])
def test_a_truncated_file_is_an_error(ledger, mode, share):
    content = ledger.read_bytes()
    ledger.write_bytes(content[: int(len(content) * share)])
    assert everything_raises_our_errors(ledger, mode)


@pytest.mark.parametrize("mode", ["a", "r"])
def test_overwritten_pages_are_errors(ledger, mode):
    content = ledger.read_bytes()
    noticed = 0
    for start in range(0, len(content), 4096):
        junk = content[:start] + b"\xa5" * 4096 + content[start + 4096 :]
        for companion in ledger.parent.glob("ledger.db-*"):
            companion.unlink()
        ledger.write_bytes(junk)
        noticed += everything_raises_our_errors(ledger, mode)
    # The odd page is not visited by any of these reads, or is free.
    assert noticed > len(content) // 4096 * 0.7


def test_a_file_overwritten_while_it_is_open_is_an_error(ledger):
    with SQLiteRecorder(ledger) as recorder:
        with ledger.open("r+b") as file:
            file.write(b"\0" * 40_000)
        with pytest.raises(StoreError):
            list(recorder.read())


def test_after_close_everything_says_so(ledger):
    recorder = SQLiteRecorder(ledger)
    halfway = iter(recorder.read(Query([QueryItem(tags=["all"])])))
    next(halfway)
    recorder.close()
    recorder.close()
    calls = [
        recorder.head,
        recorder.read,
        recorder.tag_counts,
        recorder.subscribe,
        recorder.changes,
        lambda: recorder.append([StoredEvent("T", b"", [])]),
        lambda: recorder.exclusive().__enter__(),
        lambda: list(halfway),
    ]
    for call in calls:
        with pytest.raises(LedgerClosed, match="closed"):
            call()
    assert recorder.identity
    assert not ledger.with_name("ledger.db-wal").exists()


def test_after_close_memory_says_so():
    recorder = SQLiteRecorder()
    recorder.append([StoredEvent("T", b"", [])])
    recorder.close()
    for call in recorder.head, recorder.read, recorder.tag_counts:
        with pytest.raises(LedgerClosed):
            call()
