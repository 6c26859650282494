"""Which files each mode opens, and what it says of the others."""

from __future__ import annotations

import errno
import os
import sqlite3
import struct
from pathlib import Path

import pytest

from newsledger.errors import StoreError
from newsledger.store import Query, QueryItem, SQLiteRecorder, StoredEvent, open_recorder
from newsledger.store.sqlite import file as sqlite_file, schema as sqlite_schema

EVENT = StoredEvent("T", b"data", ["a"])


@pytest.fixture
def ledger(path):
    """A closed ledger with one event."""
    with SQLiteRecorder(path) as recorder:
        recorder.append([EVENT])
    return path


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def refused(path, mode="a", **options):
    """The sentence and errno with which it is refused, having checked that nothing changed."""
    before = contents(path.parent) if path.parent.is_dir() else None
    with pytest.raises(StoreError) as caught:
        SQLiteRecorder(path, mode=mode, **options)
    if before is not None:
        assert contents(path.parent) == before
    sentence = str(caught.value)
    assert not sentence.startswith("[Errno")
    assert path.name in sentence
    return sentence, caught.value.errno


@pytest.mark.parametrize("mode", ["a", "x"])
def test_a_and_x_make_a_ledger(path, mode):
    with SQLiteRecorder(path, mode=mode) as recorder:
        assert recorder.append([EVENT]) == 1
        assert not recorder.read_only


@pytest.mark.parametrize("mode", ["a", "r+"])
def test_a_and_r_plus_go_on_with_one(ledger, mode):
    with SQLiteRecorder(ledger, mode=mode) as recorder:
        assert recorder.append([EVENT]) == 2
        assert not recorder.read_only


def test_r_reads_and_does_not_write(ledger):
    before = ledger.read_bytes()
    with SQLiteRecorder(ledger, mode="r") as recorder:
        assert recorder.read_only
        assert [e.event for e in recorder.read()] == [EVENT]
        assert [e.event for e in recorder.read(Query([QueryItem(tags=["a"])]))] == [EVENT]
        with pytest.raises(StoreError, match="read-only"):
            recorder.append([EVENT])
        with pytest.raises(StoreError, match="read-only"), recorder.exclusive():
            pytest.fail("entered")
        assert recorder.head() == 1
    assert ledger.read_bytes() == before


def test_r_sees_what_others_commit_and_have_not_folded_into_the_file(ledger):
    with SQLiteRecorder(ledger) as writer, SQLiteRecorder(ledger, mode="r") as reader:
        writer.append([EVENT])
        assert reader.head() == 2
        writer.append([EVENT])
        assert len(list(reader.read())) == 3


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_r_and_r_plus_ask_for_a_file(path, mode):
    sentence, number = refused(path, mode)
    assert "does not exist" in sentence
    assert number == errno.ENOENT
    assert not path.exists()


def test_x_refuses_a_ledger(ledger):
    sentence, number = refused(ledger, "x")
    assert "exists already" in sentence
    assert number == errno.EEXIST


@pytest.mark.parametrize("mode", ["a", "x", "r", "r+"])
def test_a_folder_is_refused(tmp_path, mode):
    (tmp_path / "folder").mkdir()
    _, number = refused(tmp_path / "folder", mode)
    assert number == (errno.EEXIST if mode == "x" else errno.EISDIR)


@pytest.mark.parametrize("mode", ["a", "x", "r", "r+"])
def test_a_missing_folder_is_refused(tmp_path, mode):
    _, number = refused(tmp_path / "missing" / "ledger.db", mode)
    assert number == errno.ENOENT


@pytest.mark.parametrize("mode", ["a", "r", "r+"])
def test_a_file_as_a_folder_is_refused(ledger, mode):
    _, number = refused(ledger / "ledger.db", mode)
    assert number == errno.ENOTDIR


@pytest.mark.parametrize("mode", ["a", "r", "r+"])
@pytest.mark.parametrize(
    "content", [b"x", b"Dear diary" * 100, b"SQLite format 3\0", b"\0" * 4096], ids=len
)
def test_what_is_not_sqlite_is_refused(path, mode, content):
    path.write_bytes(content)
    sentence, _ = refused(path, mode)
    assert "not an SQLite file" in sentence


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_an_empty_file_is_refused(path, mode):
    path.touch()
    sentence, _ = refused(path, mode)
    assert "empty" in sentence


def test_an_empty_file_becomes_a_ledger(path):
    path.touch()
    with SQLiteRecorder(path) as recorder:
        assert recorder.append([EVENT]) == 1


def foreign(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("mode", ["a", "r", "r+"])
@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE recipe (name)"],
        ["PRAGMA application_id = 42", "CREATE TABLE event (position)"],
        ["PRAGMA journal_mode = WAL", "CREATE TABLE event (position)"],
        ["PRAGMA user_version = 1"],
    ],
)
def test_the_database_of_another_program_is_refused(path, mode, statements):
    foreign(path, *statements)
    sentence, _ = refused(path, mode)
    assert "not a newsledger ledger" in sentence


@pytest.mark.parametrize("mode", ["a", "r", "r+"])
def test_a_newer_schema_is_refused(ledger, mode):
    foreign(ledger, f"PRAGMA user_version = {sqlite_schema.VERSION + 1}")
    sentence, _ = refused(ledger, mode)
    assert "upgrade newsledger" in sentence


def test_a_newer_schema_that_is_still_in_the_wal_is_refused(ledger):
    holder = sqlite3.connect(ledger, isolation_level=None)
    holder.execute(f"PRAGMA user_version = {sqlite_schema.VERSION + 1}")
    with pytest.raises(StoreError, match="upgrade newsledger"):
        SQLiteRecorder(ledger)
    holder.close()


def test_a_device_is_refused():
    _, number = refused_device()
    assert number == errno.EINVAL


def refused_device():
    with pytest.raises(StoreError) as caught:
        SQLiteRecorder(os.devnull)
    return str(caught.value), caught.value.errno


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_memory_is_always_new(mode):
    with pytest.raises(StoreError, match="memory"):
        SQLiteRecorder(None, mode=mode)


@pytest.mark.parametrize("mode", ["a", "x"])
def test_each_memory_is_its_own(mode):
    with SQLiteRecorder(mode=mode) as one, SQLiteRecorder(mode=mode) as other:
        one.append([EVENT])
        assert (one.head(), other.head()) == (1, 0)
        assert one.identity != other.identity


@pytest.mark.parametrize("mode", ["w", "", "rb", None])
def test_the_four_modes_are_named(path, mode):
    with pytest.raises(StoreError, match=r"'a'.*'r'.*'r\+'.*'x'") as caught:
        open_recorder(path, mode=mode)
    assert isinstance(caught.value, ValueError)


def test_durability_is_full_or_normal(path):
    with pytest.raises(StoreError, match="'full' nor 'normal'") as caught:
        open_recorder(path, durability="off")
    assert isinstance(caught.value, ValueError)
    assert not path.exists()


@pytest.mark.parametrize(("durability", "level"), [("full", 2), ("normal", 1)])
def test_durability_sets_what_sqlite_synchronises(path, durability, level):
    with SQLiteRecorder(path, durability=durability) as recorder:
        writer = recorder._db._writer
        assert writer.execute("PRAGMA synchronous").fetchone() == (level,)
        assert writer.execute("PRAGMA journal_mode").fetchone() == (b"wal",)


@pytest.mark.parametrize("name", ["sp ace.db", "a?b#c%20.db", "ä😀.db", "-x", "file:x.db"])
def test_odd_file_names(tmp_path, name):
    with SQLiteRecorder(tmp_path / name) as recorder:
        recorder.append([EVENT])
        recorder.head()
        assert (tmp_path / name).exists()
    with SQLiteRecorder(tmp_path / name, mode="r") as recorder:
        assert recorder.head() == 1


def test_a_relative_path_is_fixed_when_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SQLiteRecorder("ledger.db") as recorder:
        (tmp_path / "other").mkdir()
        monkeypatch.chdir(tmp_path / "other")
        recorder.append([EVENT])
        assert recorder.head() == 1
    assert (tmp_path / "ledger.db").exists()


def test_urls(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for url in "one.db", Path("two.db"), "sqlite:///three.db", f"sqlite:///{tmp_path}/four.db":
        with open_recorder(url) as recorder:
            recorder.append([EVENT])
    assert {p.name for p in tmp_path.iterdir()} == {"one.db", "two.db", "three.db", "four.db"}
    for url in None, ":memory:":
        with open_recorder(url) as recorder:
            assert recorder.append([EVENT]) == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://localhost/news", "mysql.*sqlite:///"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("", "no path"),
        ("a\0b", "no path"),
        (b"ledger.db", "path or URL"),
        (7, "path or URL"),
    ],
)
def test_other_urls_are_refused(url, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=words):
        open_recorder(url)
    assert not list(tmp_path.iterdir())


def test_of_two_that_found_no_file_one_makes_it(path):
    sqlite_file._prepare_new(path, "x", "here")
    with pytest.raises(StoreError, match="exists already") as caught:
        sqlite_file._prepare_new(path, "x", "here")
    assert caught.value.errno == errno.EEXIST


@pytest.fixture
def half_made(path):
    """A ledger whose maker was killed in the commit: SQLite will take it back to nothing."""
    connection = sqlite3.connect(path, isolation_level=None)
    sqlite_schema.create(connection)
    connection.close()
    # The header of a rollback journal: magic, no pages, nonce, 0 pages before, sector, page size.
    header = struct.pack(">8s5I", bytes.fromhex("d9d505f920a163d7"), 0, 7, 0, 512, 4096)
    path.with_name(path.name + "-journal").write_bytes(header.ljust(512, b"\0"))
    return path


def test_what_a_killed_maker_left_is_made_again(half_made):
    with SQLiteRecorder(half_made) as recorder:
        assert recorder.append([EVENT]) == 1
    with SQLiteRecorder(half_made, mode="r") as recorder:
        assert recorder.head() == 1


def test_what_a_killed_maker_left_is_no_ledger_to_go_on_with(half_made):
    with pytest.raises(StoreError, match=r"empty.*mode 'a'"):
        SQLiteRecorder(half_made, mode="r+")
    with pytest.raises(StoreError):
        SQLiteRecorder(half_made, mode="r")


MAKE = """
import sys
from newsledger.store import SQLiteRecorder, StoredEvent
from newsledger.errors import StoreError
print("ready", flush=True)
sys.stdin.readline()
try:
    with SQLiteRecorder(sys.argv[1], mode=sys.argv[2]) as recorder:
        recorder.append([StoredEvent("T", b"data", ["a"])])
        print(recorder.identity)
except StoreError as error:
    print(error.errno)
"""


@pytest.fixture
def make_at_once(run, said):
    def make(path, mode, count=4):
        processes = [run(MAKE, path, mode) for _ in range(count)]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        return [word for process in processes for word in said(process)]

    return make


def test_processes_that_make_one_ledger_at_once_make_one(path, make_at_once):
    assert len(set(make_at_once(path, "a"))) == 1
    with SQLiteRecorder(path) as recorder:
        assert recorder.head() == 4


def test_of_processes_that_insist_on_a_new_ledger_one_gets_it(path, make_at_once):
    said = make_at_once(path, "x")
    assert said.count(str(errno.EEXIST)) == 3
    with SQLiteRecorder(path) as recorder:
        assert recorder.head() == 1
        assert recorder.identity in said


def test_a_file_that_was_replaced_is_noticed(ledger, tmp_path):
    with SQLiteRecorder(ledger) as recorder:
        with SQLiteRecorder(tmp_path / "other.db") as other:
            other.append([EVENT])
        (tmp_path / "other.db").rename(ledger)
        with pytest.raises(StoreError, match="replaced"):
            recorder.head()
