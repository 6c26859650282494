"""What an append promises: all or nothing, in order, and what it refuses."""

from __future__ import annotations

import json
import sqlite3
import threading

import pytest

from newsledger.errors import NewsledgerError, StoreError
from newsledger.store import (
    AppendCondition,
    ConditionFailed,
    Query,
    SQLiteRecorder,
    StoredEvent,
    StoreValueError,
)
from newsledger.store.sqlite import recorder as sqlite_recorder

EVENT = StoredEvent("T", b"data", ["a"])


@pytest.fixture(params=["memory", "file"])
def recorder(request, path):
    with SQLiteRecorder(None if request.param == "memory" else path) as recorder:
        yield recorder


def stored(recorder):
    return [e.event for e in recorder.read()]


def test_nothing_to_append_is_refused(recorder):
    with pytest.raises(StoreError, match="at least one"):
        recorder.append([])


def test_exclusive_does_not_nest(recorder):
    with recorder.exclusive():
        recorder.append([EVENT])
        with pytest.raises(StoreError, match="already"), recorder.exclusive():
            pytest.fail("entered")
        with pytest.raises(StoreError, match="inside"):
            recorder.close()
        recorder.append([EVENT])
    assert recorder.head() == 2


def test_a_lock_that_is_not_let_go_is_an_error_in_time(path):
    with (
        SQLiteRecorder(path, timeout=0.05) as one,
        SQLiteRecorder(path, timeout=0.05) as other,
        one.exclusive(),
    ):
        with pytest.raises(StoreError, match="locked by another process"):
            other.append([EVENT])
        errors = []

        def append():
            try:
                one.append([EVENT])
            except StoreError as error:
                errors.append(str(error))

        thread = threading.Thread(target=append)
        thread.start()
        thread.join()
        assert "locked by another thread" in errors[0]
        assert one.append([EVENT]) == 1
    with SQLiteRecorder(path) as recorder:
        assert stored(recorder) == [EVENT]


def test_a_full_disk_is_an_error_that_records_nothing(recorder):
    recorder.append([EVENT])
    writer = recorder._db._writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages + 3}")
    big = StoredEvent("New", b"x" * 100_000, ["new"])
    with pytest.raises(StoreError, match="full") as caught:
        recorder.append([EVENT, big])
    assert caught.value.errno is not None
    with pytest.raises(StoreError, match=r"undid|full"), recorder.exclusive():
        recorder.append([EVENT])
        with pytest.raises(StoreError, match="full"):
            recorder.append([big])
        recorder.append([EVENT])
        recorder.append([big])
    assert stored(recorder)[0] == EVENT
    writer.execute("PRAGMA max_page_count = 1000000")
    count = recorder.head()
    assert recorder.append([big]) == count + 1
    assert stored(recorder)[-1] == big


def test_an_append_that_breaks_off_is_never_committed_with_its_block(recorder, monkeypatch):
    def breaking(rows, *given):
        yield next(numbered(rows, *given))
        raise KeyboardInterrupt

    numbered = sqlite_recorder._numbered
    with pytest.raises(StoreError, match="undid"), recorder.exclusive():
        recorder.append([EVENT])
        monkeypatch.setattr(sqlite_recorder, "_numbered", breaking)
        with pytest.raises(KeyboardInterrupt):
            recorder.append([EVENT, EVENT])
        monkeypatch.undo()
        for again in (lambda: recorder.append([EVENT])), recorder.head:
            with pytest.raises(StoreError, match="undid"):
                again()
    assert recorder.head() == 0
    assert recorder.append([EVENT]) == 1


def test_a_block_goes_on_after_an_append_that_was_refused(recorder):
    with recorder.exclusive():
        recorder.append([EVENT])
        with pytest.raises(StoreValueError):
            recorder.append([EVENT, StoredEvent("T", b"", ["\ud800"])])
        with pytest.raises(ConditionFailed):
            recorder.append([EVENT], AppendCondition(Query()))
        assert recorder.append([EVENT]) == 2
    assert stored(recorder) == [EVENT] * 2


def test_an_event_too_big_for_sqlite_is_an_error(recorder):
    recorder._db._writer.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000)
    with pytest.raises(StoreError, match="big"):
        recorder.append([EVENT, StoredEvent("T", b"x" * 20_000, [])])
    assert recorder.append([EVENT]) == 1


def test_the_writer_recovers_when_even_the_rollback_fails(path):
    with SQLiteRecorder(path) as recorder:
        recorder.append([EVENT])
        with pytest.raises(NewsledgerError), recorder.exclusive():
            recorder.append([EVENT])
            recorder._db._writer.close()
        assert recorder.append([EVENT]) == 2


def test_a_bulk_of_events_in_one_append(recorder):
    assert recorder.append([StoredEvent("T", b"%d" % n, [f"n{n}"]) for n in range(20_000)]) == 20000
    assert sum(1 for _ in recorder.read()) == 20_000


def test_the_file_is_read_by_any_tool(path):
    events = [
        StoredEvent("Met", '{"n":"né"}'.encode(), ["KGZ", "a\0b"]),
        StoredEvent("Met", b"\xff", []),
        StoredEvent("Left", b"a\0b", ["KGZ"]),
    ]
    with SQLiteRecorder(path) as recorder:
        recorder.append(events)
        identity = recorder.identity
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT position, type, tags, data FROM entry ORDER BY 1").fetchall()
    assert rows[0] == (1, "Met", '["KGZ","a\\u0000b"]', '{"n":"né"}')
    assert rows[1] == (2, "Met", "[]", b"\xff")
    assert rows[2] == (3, "Left", '["KGZ"]', b"a\0b")
    assert [json.loads(row[2]) for row in rows] == [e.tags for e in events]
    tagged = "SELECT position FROM event_tag WHERE tag = 'KGZ'"
    assert connection.execute(tagged).fetchall() == [(1,), (3,)]
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    assert meta["identity"] == identity
    assert meta["created"].endswith("+00:00")
    assert meta["schema"] == "2"
    assert connection.execute("PRAGMA application_id").fetchone() == (0x4E4C4447,)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
