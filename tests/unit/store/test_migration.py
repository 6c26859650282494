"""A file of an older version is brought up to date once, whole, and only by who may write."""

import logging
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from newsledger.errors import StoreError
from newsledger.store import SQLiteRecorder, StoredEvent
from newsledger.store.sqlite import migration as sqlite_migration, schema as sqlite_schema

OLD = Path(__file__).parents[2] / "corpus" / "v1" / "ledger.db"
EVENT = StoredEvent("T", b"data", ["a"])


@pytest.fixture
def old(path):
    shutil.copy(OLD, path)
    return path


def look(path):
    """The version that the file says it has, that of ``meta``, and whether there are tiles."""
    # To write: of who was killed, SQLite may have to roll something back first.
    connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    schema = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0]
    tiles = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'tile'").fetchone()
    connection.close()
    return version, schema, tiles[0]


def events(path, mode="r"):
    with SQLiteRecorder(path, mode=mode) as recorder:
        return recorder.identity, [found.event for found in recorder.read()]


OLD_LOOK, NEW_LOOK = (1, "1", 0), (2, "2", 1)


@pytest.mark.parametrize("mode", ["a", "r+"])
def test_who_may_write_brings_it_up_to_date_and_says_so(old, mode, caplog):
    before = events(old)
    with caplog.at_level(logging.INFO, "newsledger"):
        assert events(old, mode) == before
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert str(old) in record.getMessage()
    assert "from schema 1 to 2" in record.getMessage()
    assert look(old) == NEW_LOOK


def test_it_is_done_once(old, caplog):
    events(old, "a")
    caplog.clear()
    events(old, "a")
    assert not caplog.records


def test_a_new_ledger_needs_none(path, caplog):
    SQLiteRecorder(path).close()
    SQLiteRecorder().close()
    assert not caplog.records
    assert look(path) == NEW_LOOK


def test_an_old_file_and_a_new_one_have_the_same_tables(old, path, tmp_path):
    events(old, "a")
    SQLiteRecorder(tmp_path / "new.db").close()

    def tables(file):
        connection = sqlite3.connect(file)
        found = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        connection.close()
        return sorted(found, key=str)

    assert tables(old) == tables(tmp_path / "new.db")


def test_who_only_reads_leaves_it_as_it_is(old, caplog):
    content = old.read_bytes()
    with SQLiteRecorder(old, mode="r") as recorder:
        assert len(list(recorder.read())) == recorder.head() == 26
        assert recorder.tiles() == []
        assert list(recorder.faults(26)) == []
    assert old.read_bytes() == content
    assert look(old) == OLD_LOOK
    assert not caplog.records


def test_who_reads_an_old_file_goes_on_when_another_migrates_it(old):
    with SQLiteRecorder(old, mode="r") as reader:
        assert reader.tiles() == []
        with SQLiteRecorder(old) as recorder:
            recorder.append([EVENT])
            recorder.keep_tiles(1, [b"x" * 32])
            assert reader.head() == 27
            assert reader.tiles() == [b"x" * 32]


def test_what_an_old_writer_appends_meanwhile_counts(old):
    """The statements of version 1, on a connection that was open before."""
    writer = sqlite3.connect(old, isolation_level=None)
    writer.execute("SELECT count(*) FROM event").fetchone()
    with SQLiteRecorder(old) as recorder:
        [first] = recorder.read(limit=1)
        assert recorder.head() == 26
        with writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute(
                "INSERT INTO event SELECT 27, type, tags, data, checksum FROM event"
                " WHERE position = 1"
            )
        writer.close()
        assert [found.event for found in recorder.read(after=26)] == [first.event]


def test_a_step_that_fails_changes_nothing(old, monkeypatch):
    before = events(old)
    steps = (sqlite_schema.TILE, "CREATE TABLE other (a)", "no sql")
    monkeypatch.setitem(sqlite_migration.STEPS, 1, steps)
    with pytest.raises(StoreError, match="syntax"):
        SQLiteRecorder(old)
    assert look(old) == OLD_LOOK
    monkeypatch.undo()
    assert events(old, "a") == before
    assert look(old) == NEW_LOOK


def test_there_is_a_step_from_every_version():
    assert set(sqlite_migration.STEPS) == set(range(sqlite_schema.OLDEST, sqlite_schema.VERSION))


def test_a_file_that_another_is_writing_is_waited_for(old):
    writer = sqlite3.connect(old, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        SQLiteRecorder(old, timeout=0.05)
    writer.execute("ROLLBACK")
    writer.close()
    assert look(old) == OLD_LOOK
    events(old, "a")


@pytest.mark.parametrize("version", [0, -1, 3])
def test_a_version_that_never_was_and_a_newer_one_are_refused(old, version):
    connection = sqlite3.connect(old)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    content = old.read_bytes()
    for mode in "a", "r":
        with pytest.raises(StoreError, match="newer newsledger" if version == 3 else "damaged"):
            SQLiteRecorder(old, mode=mode)
    assert old.read_bytes() == content


def test_threads_that_open_it_at_once_migrate_it_once(old, caplog):
    start, failed = threading.Barrier(6), []

    def work():
        try:
            start.wait()
            with SQLiteRecorder(old, durability="normal") as recorder:
                recorder.append([EVENT])
        except BaseException as error:  # noqa: BLE001 (it would be lost in the thread)
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(caplog.records) == 1
    assert len(events(old)[1]) == 32


OPEN = """
import sys
from newsledger.store import SQLiteRecorder, StoredEvent
print("ready", flush=True)
sys.stdin.readline()
with SQLiteRecorder(sys.argv[1]) as recorder:
    print(recorder.append([StoredEvent("T", b"data", ["a"])]))
"""


def test_processes_that_open_it_at_once_migrate_it_once(old, run):
    processes = [run(OPEN, old) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate() for process in processes]
    assert sorted(int(out) for out, _ in ended) == [27, 28, 29, 30]
    # Unless told otherwise, logging writes warnings to stderr.
    assert sum("was migrated from schema 1 to 2" in err for _, err in ended) == 1
    assert look(old) == NEW_LOOK


DIE = """
import os, signal, sys
from newsledger.store import SQLiteRecorder
from newsledger.store.sqlite import migration as sqlite_migration

class Deadly:
    "Statements that kill who runs so many of them."
    def __iter__(self):
        steps = [*STEPS, *(f"CREATE TABLE filler{n} (a)" for n in range(5))]
        for number, step in enumerate([*steps, None]):
            if number == int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)
            if step:
                yield step

STEPS = sqlite_migration.STEPS[1]
sqlite_migration.STEPS[1] = Deadly()
if len(sys.argv) > 3:
    sqlite_migration._LOG.warning = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
SQLiteRecorder(sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("step", [0, 1, 3, 6])
def test_who_is_killed_leaves_the_old_version(old, run, step):
    before = events(old)
    process = run(DIE, old, step)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert look(old) == OLD_LOOK
    assert events(old) == before
    assert events(old, "a") == before
    assert look(old) == NEW_LOOK


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_who_is_killed_when_it_is_done_leaves_the_new_version(old, run):
    before = events(old)
    process = run(DIE, old, 99, "when done")
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert look(old) == NEW_LOOK
    assert events(old, "a") == before


KILLED = """
import sys
from newsledger.store import SQLiteRecorder
from newsledger.store.sqlite import migration as sqlite_migration
filler = tuple(f"CREATE TABLE filler{n} (a)" for n in range(200))
sqlite_migration.STEPS[1] = (*sqlite_migration.STEPS[1], *filler)
print("ready", flush=True)
SQLiteRecorder(sys.argv[1])
"""


@pytest.mark.campaign
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_who_is_killed_at_any_moment_leaves_the_old_version_or_the_new(path, run):
    shutil.copy(OLD, path)
    before, seen = events(path), []
    for number in range(120):
        for companion in path.parent.glob("ledger.db*"):
            companion.unlink()
        shutil.copy(OLD, path)
        process = run(KILLED, path)
        assert process.stdout.readline() == "ready\n"
        try:
            process.wait(timeout=number * 0.0005)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        found = look(path)
        assert found in {OLD_LOOK, NEW_LOOK}
        assert events(path, "a") == before
        seen.append(found)
    assert set(seen) == {OLD_LOOK, NEW_LOOK}
