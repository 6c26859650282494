"""What a read model refuses, and that it leaves everything as it was."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing

import pytest

from newsledger import (
    FOREVER,
    BaseStatusReported,
    Ledger,
    LedgerClosed,
    Projection,
    ProjectionError,
    StoreError,
    WrongLedger,
    on,
)

DUMP = "SELECT * FROM {0}_rows ORDER BY 1, 2, 3, 5"


class Told(Projection):
    """Gives what it is told to."""

    def __init__(self, give, keys=None):
        self._give = give
        self._keys = keys

    def keys(self, event, entry):
        return (event.base,) if self._keys is None else self._keys

    def initial(self):
        return None

    @on(BaseStatusReported)
    def reported(self, state, event, entry):
        return self._give(event)


def test_a_projection_without_keys(ledger, into):
    class Unkeyed(Projection):
        def initial(self):
            return 0

    with pytest.raises(TypeError, match="Unkeyed has no keys"):
        ledger.materialize(Unkeyed(), into)
    assert not into.exists()


def test_an_answer_that_hangs_on_more_of_the_view_than_its_entries(ledger, news, into, ask):
    class Aged(Told):
        def result(self, state, view):
            return [state, str(view.end)]

    news.record(ledger, 3)
    with pytest.raises(ProjectionError, match=r"Aged.result failed.*it looks at view.end"):
        ledger.materialize(Aged(lambda event: event.status), into, name="Aged")
    assert ask(into, "SELECT * FROM aged") == []


@pytest.mark.parametrize(
    ("state", "fault"),
    [
        (object(), "JSON knows nothing like object"),
        (float("nan"), "JSON has no number nan"),
        ({(1, 2): 3}, r"named by text, not by \(1, 2\)"),
        (["\ud800"], "surrogates"),
        (b"bytes", "JSON knows nothing like bytes"),
    ],
)
def test_a_state_that_is_no_json_changes_nothing(ledger, news, into, ask, state, fault):
    news.record(ledger, 30)
    give = [lambda event: event.status]
    chosen = Told(lambda event: give[0](event))  # noqa: PLW0108 (another one each time)
    with ledger.materialize(chosen, into, name="Told") as model:
        before = ask(into, DUMP.format("told"))
        give[0] = lambda _: state
        news.record(ledger, 3)
        with pytest.raises(ProjectionError, match=fault):
            model.update()
        assert model.position == 30
        assert ask(into, DUMP.format("told")) == before
        give[0] = lambda event: event.status
        assert model.update().position == 33


def test_a_handler_that_raises_is_told_with_its_entry(ledger, news, into):
    entries = news.record(ledger, 5)
    with pytest.raises(ProjectionError) as caught:
        ledger.materialize(Told(lambda event: 1 / 0), into, name="Told")
    assert caught.value.entry in entries


def test_keys_that_would_be_one_in_the_table(ledger, news, into):
    news.record(ledger, 2)
    with pytest.raises(ProjectionError, match=r"keys gives '1' and 1, which are both written as"):
        ledger.materialize(Told(lambda event: 0, keys=["1", 1]), into, name="Told")


# -- ledgers -------------------------------------------------------------------------------------


def test_the_file_of_a_ledger(tmp_path, ledger, news, projection):
    news.record(ledger, 3)
    other = tmp_path / "other.db"
    Ledger.open(other).close()
    for path in tmp_path / "news.db", other, str(other), f"sqlite:///{other}":
        with pytest.raises(StoreError, match="is a ledger"):
            ledger.materialize(projection, path)
    with closing(sqlite3.connect(tmp_path / "news.db")) as db:
        names = {name for [name] in db.execute("SELECT name FROM sqlite_schema")}
    assert not any("latest" in name for name in names)


def test_a_table_of_another_ledger_or_of_more_than_there_is(
    tmp_path, ledger, news, projection, into
):
    news.record(ledger, 5)
    ledger.close()
    shutil.copy(tmp_path / "news.db", tmp_path / "copy.db")
    with Ledger.open(tmp_path / "news.db") as ledger:
        news.record(ledger, 1)
        ledger.materialize(projection, into).close()
    with Ledger.open() as other, pytest.raises(WrongLedger, match="made from another ledger"):
        other.materialize(projection, into)
    with (
        Ledger.open(tmp_path / "copy.db") as copy,
        pytest.raises(WrongLedger, match="reaches to position 6, and the ledger to 5"),
    ):
        copy.materialize(projection, into)


def test_other_dates_in_the_same_place(ledger, projection, into):
    ledger.materialize(projection, into, dates="possible").close()
    with pytest.raises(ValueError, match="made with dates='possible', not 'certain'"):
        ledger.materialize(projection, into)
    with pytest.raises(ValueError, match="dates= takes"):
        ledger.materialize(projection, into, dates="sure")


# -- places --------------------------------------------------------------------------------------


def test_something_else_of_that_name(ledger, projection, into, ask):
    with closing(sqlite3.connect(into)) as db:
        db.execute("CREATE TABLE latest_status (mine)")
    with pytest.raises(StoreError, match="called 'latest_status' already"):
        ledger.materialize(projection, into)
    assert ask(into, "SELECT name FROM sqlite_schema") == [("latest_status",)]
    ledger.materialize(projection, into, table="theirs").close()


@pytest.mark.parametrize("table", ["", "a-b", 'a"b', "1st", "x" * 41, 7])
def test_names_that_are_none(ledger, projection, into, table):
    with pytest.raises(ValueError, match="is no name for a table"):
        ledger.materialize(projection, into, table=table)


@pytest.mark.parametrize("into", [None, ":memory:", "", b"read.db", "sqlite://x"])
def test_places_that_are_none(ledger, projection, into):
    with pytest.raises(StoreError, match="is no place for a read model"):
        ledger.materialize(projection, into)
    with pytest.raises(StoreError, match="is no place for a read model"):
        ledger.materialize(projection, "mysql://localhost/news")


def test_a_folder_that_is_not_there_or_a_file_that_is_no_database(tmp_path, ledger, projection):
    with pytest.raises(StoreError, match="there is no folder"):
        ledger.materialize(projection, tmp_path / "none" / "read.db")
    (tmp_path / "text.db").write_text("no database " * 100)
    with pytest.raises(StoreError, match="not an SQLite file"):
        ledger.materialize(projection, tmp_path / "text.db")


def test_a_server_that_is_not_there(ledger, projection):
    with pytest.raises(StoreError, match="PostgreSQL says: "):
        ledger.materialize(projection, "postgresql://localhost:1/news?connect_timeout=2")


def test_without_psycopg_it_says_what_to_install(ledger, projection, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'pip install "newsledger\[postgres\]"'):
        ledger.materialize(projection, "postgresql://localhost/news")


def test_batches_and_versions_that_are_none(ledger, projection, into):
    with pytest.raises(ValueError, match="batch: expected at least 1"):
        ledger.materialize(projection, into, batch=0)
    projection.version = "two"
    with pytest.raises(TypeError, match=r"version: expected 1, 2, 3, …, got 'two'"):
        ledger.materialize(projection, into)


def test_a_model_or_a_ledger_that_is_closed(ledger, projection, into):
    model = ledger.materialize(projection, into)
    model.close()
    model.close()
    for ask in (model.update, model.rebuild, lambda: model.at(FOREVER), lambda: model.position):
        with pytest.raises(LedgerClosed):
            ask()
    assert list(model.follow()) == []
    with ledger.materialize(projection, into) as model:
        ledger.close()
        with pytest.raises(LedgerClosed):
            model.update()
        with pytest.raises(LedgerClosed):
            ledger.materialize(projection, into)
