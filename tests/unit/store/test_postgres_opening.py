"""Which schemas of which servers are opened, and what is said of the others."""

from __future__ import annotations

import errno
import sys

import pytest

from newsledger.errors import StoreError
from newsledger.store import AppendCondition, Query, QueryItem, StoredEvent, open_recorder
from newsledger.testing.conformance.contract import Waiting, positions

EVENT = StoredEvent("T", b"data", ["a"])


def refused(url, **options):
    with pytest.raises(StoreError) as caught:
        open_recorder(url, **options)
    assert not str(caught.value).startswith("[Errno")
    return str(caught.value), caught.value.errno


def test_a_ledger_has_a_schema_of_its_own(postgres):
    with postgres.schema() as one, postgres.schema() as other:
        with open_recorder(postgres.url(one)) as a, open_recorder(postgres.url(other)) as b:
            a.append([EVENT, EVENT])
            b.append([StoredEvent("U", b"", [])])
            assert (a.head(), b.head()) == (2, 1)
            assert a.identity != b.identity
        assert postgres.root.execute(
            "SELECT count(*) FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace"
            " WHERE nspname IN (%s, %s)",
            (one, other),
        ).fetchone() == (0,)


def test_the_default_schema_and_the_other_scheme(postgres):
    url = postgres.url("x").replace("&schema=x", "").replace("postgresql:", "postgres:")
    with open_recorder(url, mode="x") as recorder:
        recorder.append([EVENT])
    assert postgres.root.execute("SELECT count(*) FROM newsledger.event").fetchone() == (1,)
    postgres.root.execute("DROP SCHEMA newsledger CASCADE")


@pytest.mark.parametrize("name", ['Ä "quoted" %s', "a;b", "%(x)s {y}", "select"])
def test_odd_names_of_schemas(postgres, name):
    with open_recorder(postgres.url(name)) as recorder:
        recorder.append([EVENT])
        assert positions(recorder.read(Query([QueryItem(tags=["a"])]))) == [1]
    with open_recorder(postgres.url(name), mode="r") as recorder:
        assert recorder.head() == 1
    doubled = name.replace('"', '""')
    postgres.root.execute(f'DROP SCHEMA "{doubled}" CASCADE'.encode())


@pytest.mark.parametrize("name", ["", "x" * 64, "pg_mine", "information_schema", "a\0b"])
def test_no_names_of_schemas(postgres, name):
    sentence, _ = refused(postgres.url(name))
    assert "schema=" in sentence


def test_a_schema_that_was_made_for_it_is_filled(postgres, url, schema):
    postgres.root.execute(f"CREATE SCHEMA {schema}")
    with open_recorder(url) as recorder:
        assert recorder.append([EVENT]) == 1


@pytest.mark.parametrize("table", ["recipe (name text)", "meta (key text)", "event (id int)"])
@pytest.mark.parametrize("mode", ["a", "x", "r", "r+"])
def test_a_schema_of_another_program_is_left_alone(postgres, url, schema, table, mode):
    postgres.root.execute(f"CREATE SCHEMA {schema}")
    postgres.root.execute(f"CREATE TABLE {schema}.{table}")
    sentence, _ = refused(url, mode=mode)
    assert ("another program" if mode in "ax" else "does not exist") in sentence
    count = "SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace"
    assert postgres.root.execute(count, (schema,)).fetchone() == (1,)


@pytest.mark.parametrize("mode", ["a", "r", "r+"])
def test_a_newer_schema_is_refused(postgres, url, schema, mode):
    open_recorder(url).close()
    postgres.root.execute(f"UPDATE {schema}.meta SET value = '9' WHERE key = 'schema'")
    assert "upgrade newsledger" in refused(url, mode=mode)[0]
    postgres.root.execute(f"DELETE FROM {schema}.meta WHERE key = 'identity'")
    postgres.root.execute(f"UPDATE {schema}.meta SET value = '1' WHERE key = 'schema'")
    assert "identity" in refused(url, mode=mode)[0]


def test_errors_tell_what_to_do_and_keep_the_password(postgres, url):
    secret = url.replace("postgres@", "postgres:open%20sesame@")
    for bad in (
        secret.replace("/postgres?", "/nowhere?"),
        secret.replace("//postgres:", "//stranger:"),
        secret + "&port=1",
        secret + "&nonsense=1",
    ):
        with pytest.raises(StoreError) as caught:
            open_recorder(bad)
        assert "sesame" not in f"{caught.value} {caught.value.__cause__}"
    assert refused(url + "&port=1")[1] == errno.ECONNREFUSED
    assert "server is away" in refused(url + "&port=1")[0]
    assert "nowhere" in refused(url.replace("/postgres?", "/nowhere?"))[0]
    assert "cannot be read" in refused(url + "&nonsense=1")[0]
    with open_recorder(secret) as recorder:
        assert "sesame" not in repr(recorder)
        assert "sesame" not in repr(vars(recorder._db))


def test_a_database_of_another_encoding_is_refused(postgres):
    postgres.root.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    sentence, _ = refused(postgres.url("news", database="latin"))
    assert "LATIN1" in sentence
    postgres.root.execute("DROP DATABASE latin")


@pytest.mark.parametrize(("durability", "level"), [("full", "on"), ("normal", "off")])
def test_durability_sets_what_a_commit_waits_for(postgres, url, durability, level):
    postgres.root.execute("ALTER ROLE postgres SET synchronous_commit TO off")
    try:
        with open_recorder(url, durability=durability) as recorder:
            recorder.append([EVENT])
            row = recorder._db._writer.execute("SHOW synchronous_commit").fetchone()
            assert row == (level,)
    finally:
        postgres.root.execute("ALTER ROLE postgres RESET synchronous_commit")
    if durability == "full":
        more = "&options=-c%20synchronous_commit%3Dremote_apply"
        with open_recorder(url + more) as recorder:
            assert recorder._db.fetch("SHOW synchronous_commit") == [(b"remote_apply",)]
    assert "'full' nor 'normal'" in refused(url, durability="off")[0]


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_another_level_of_isolation_by_default_changes_nothing(postgres, url, level):
    level = level.replace(" ", "%5C%20")
    url += f"&options=-c%20default_transaction_isolation%3D{level}"
    with open_recorder(url) as one, open_recorder(url) as other:
        for number in range(1, 20, 2):
            assert one.append([EVENT], AppendCondition(after=number - 1)) == number
            assert other.append([EVENT], AppendCondition(after=number)) == number + 1
        with one.exclusive():
            waiting = Waiting(lambda: other.append([EVENT]))
            in_line = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while postgres.root.execute(in_line).fetchone() is None:
                pass
            assert one.append([EVENT]) == 21
        assert waiting.outcome() == 22


def test_a_session_that_may_not_write_is_told(postgres, url):
    open_recorder(url).close()
    url += "&options=-c%20default_transaction_read_only%3Don"
    with open_recorder(url) as recorder:
        assert recorder.append([EVENT]) == 1  # we ask for a transaction that writes
    with open_recorder(url, mode="r") as recorder, pytest.raises(StoreError, match="read-only"):
        recorder.append([EVENT])


def test_without_psycopg_the_extra_is_named(monkeypatch):
    for name in [*sys.modules]:
        if name.startswith(("psycopg", "newsledger.store.postgres")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'pip install "newsledger\[postgres\]"'):
        open_recorder("postgresql:///news")
