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
    QueryItem,
    SQLiteRecorder,
    StoredEvent,
)

EVENT = StoredEvent("T", b"data", ["a"])


@pytest.fixture(params=["memory", "file"])
def recorder(request, path):
    with SQLiteRecorder(None if request.param == "memory" else path) as recorder:
        yield recorder


def stored(recorder):
    return [e.event for e in recorder.read()]


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", "né😀\ufeff".encode(), b"\xef\xbb\xbf{}", b"\0", b"a\0b", b"\xff",
     b"\xed\xa0\x80", b"\r\n", b"1", b" ", bytes(range(256)) * 5000],
    ids=range(12),
)  # fmt: skip
def test_data_comes_back_byte_for_byte(recorder, data):
    recorder.append([StoredEvent("T", data, [])])
    assert next(recorder.read()).event.data == data


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "😀", "\uffff", "\u2028", '"', "\\", "\x7f"])
def test_odd_types_and_tags_come_back(recorder, text):
    event = StoredEvent(text, b"", [text, text + "x"])
    recorder.append([event])
    assert stored(recorder) == [event]
    assert [e.event for e in recorder.read(Query([QueryItem([text], [text])]))] == [event]


@pytest.mark.parametrize(
    "bad",
    [
        StoredEvent("\ud800", b"", []),
        StoredEvent("T", b"", ["ok", "a\udfffb"]),
        StoredEvent("T", b"", [7]),
        StoredEvent("T", b"", "abc"),
        StoredEvent("T", b"", None),
        StoredEvent(None, b"", []),
        StoredEvent(["T"], b"", []),
        StoredEvent("T", "text", []),
        StoredEvent("T", None, []),
    ],
    ids=range(9),
)
def test_what_cannot_be_kept_is_refused_with_its_batch(recorder, bad):
    recorder.append([EVENT])
    with pytest.raises(StoreError) as caught:
        recorder.append([StoredEvent("New", b"", ["new"]), bad])
    assert isinstance(caught.value, ValueError)
    assert stored(recorder) == [EVENT]
    assert list(recorder.tag_counts()) == [("a", 1)]
    assert recorder.append([EVENT]) == 2


def test_nothing_to_append_is_refused(recorder):
    with pytest.raises(StoreError, match="at least one"):
        recorder.append([])


def test_an_empty_condition_asks_for_an_empty_ledger(recorder):
    assert recorder.append([EVENT], AppendCondition()) == 1
    with pytest.raises(ConditionFailed):
        recorder.append([EVENT], AppendCondition())
    with pytest.raises(ConditionFailed):
        recorder.append([EVENT], AppendCondition(after=0))
    assert recorder.append([EVENT], AppendCondition(after=1)) == 2
    assert recorder.append([EVENT], AppendCondition(after=1 << 70)) == 3


def test_a_condition_on_thousands_of_ids(recorder):
    recorder.append([StoredEvent("T", b"", [f"id:{n}"]) for n in range(3000)])

    def none_of(ids):
        return AppendCondition(Query([QueryItem(tags=[f"id:{n}"]) for n in ids]))

    recorder.append([EVENT], none_of(range(3000, 12000)))
    with pytest.raises(ConditionFailed):
        recorder.append([EVENT], none_of(range(2999, 12000)))


def test_a_condition_on_types_nobody_knows_holds(recorder):
    recorder.append([EVENT])
    condition = AppendCondition(Query([QueryItem(types=["nobody"])]))
    assert recorder.append([EVENT], condition) == 2


def test_exclusive_commits_all_at_its_end(recorder):
    with recorder.exclusive():
        assert recorder.append([EVENT]) == 1
        assert recorder.head() == 1
        assert recorder.append([EVENT, EVENT]) == 3
        assert dict(recorder.tag_counts()) == {"a": 3}
    assert recorder.head() == 3


def test_an_append_that_fails_inside_exclusive_leaves_the_others(recorder):
    with recorder.exclusive():
        recorder.append([EVENT])
        with pytest.raises(ConditionFailed):
            recorder.append([StoredEvent("New", b"", [])], AppendCondition())
        with pytest.raises(StoreError):
            recorder.append([StoredEvent("New", b"", ["b"]), StoredEvent("T", b"", ["\ud800"])])
        recorder.append([StoredEvent("Newer", b"", [])])
    assert stored(recorder) == [EVENT, StoredEvent("Newer", b"", [])]
    assert list(recorder.tag_counts()) == [("a", 1)]


def test_exclusive_does_not_nest(recorder):
    with recorder.exclusive():
        recorder.append([EVENT])
        with pytest.raises(StoreError, match="already"), recorder.exclusive():
            pytest.fail("entered")
        with pytest.raises(StoreError, match="inside"):
            recorder.close()
        recorder.append([EVENT])
    assert recorder.head() == 2


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, GeneratorExit])
def test_exclusive_undoes_all_when_it_raises(recorder, error):
    recorder.append([EVENT])
    with pytest.raises(error), recorder.exclusive():
        recorder.append([StoredEvent("New", b"", ["new"])])
        raise error
    assert stored(recorder) == [EVENT]
    recorder.append([StoredEvent("Other", b"", [])])
    assert stored(recorder)[1].type == "Other"
    assert recorder.head() == 2


def test_other_threads_neither_see_nor_enter_an_open_block(recorder):
    recorder.append([EVENT])
    seen = []
    appending = threading.Event()

    def look():
        seen.append(recorder.head())
        seen.append(len(list(recorder.read())))
        seen.append(list(recorder.tag_counts()))
        seen.append(len(list(recorder.read(Query([QueryItem(types=["New"])])))))
        appending.set()
        seen.append(recorder.append([EVENT]))

    with recorder.exclusive():
        recorder.append([StoredEvent("New", b"", ["new"])])
        thread = threading.Thread(target=look)
        thread.start()
        appending.wait()
        recorder.append([EVENT])
    thread.join()
    assert seen == [1, 1, [("a", 1)], 0, 4]


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
