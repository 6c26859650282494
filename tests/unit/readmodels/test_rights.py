"""Who may do what with a read model in PostgreSQL."""

from __future__ import annotations

import pytest

from newsledger import StoreError

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def role(postgres_url, ask):
    """The URL of somebody who may do nothing yet."""
    ask(postgres_url, "CREATE ROLE somebody LOGIN")
    yield postgres_url.replace("//postgres:", "//somebody:")
    ask(postgres_url, "DROP OWNED BY somebody")
    ask(postgres_url, "DROP ROLE somebody")


def test_readers_need_the_views_alone(ledger, news, projection, postgres_url, role, ask):
    news.record(ledger, 5)
    ledger.materialize(projection, postgres_url, table="granted").close()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(role, "SELECT * FROM granted")
    ask(postgres_url, "GRANT SELECT ON granted, granted_models TO somebody")
    assert ask(role, "SELECT * FROM granted") == ask(postgres_url, "SELECT * FROM granted")
    assert ask(role, "SELECT position FROM granted_models") == [(5,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(role, "SELECT * FROM granted_rows")
    # What readers were granted stays theirs when the model is made anew.
    projection.version = 2
    ledger.materialize(projection, postgres_url, table="granted").close()
    assert ask(role, "SELECT DISTINCT version FROM granted") == [(2,)]


def test_who_keeps_it_up_to_date_need_not_own_it(ledger, news, projection, postgres_url, role, ask):
    news.record(ledger, 5)
    with pytest.raises(StoreError, match="permission denied for schema"):
        ledger.materialize(projection, role, table="kept")
    ledger.materialize(projection, postgres_url, table="kept").close()
    with pytest.raises(StoreError, match="permission denied for table kept_generations"):
        ledger.materialize(projection, role, table="kept")
    tables = "kept_rows, kept_entries, kept_generations"
    ask(postgres_url, f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO somebody")
    ask(postgres_url, "GRANT SELECT ON kept TO somebody")
    news.record(ledger, 5)
    with ledger.materialize(projection, role, table="kept") as model:
        assert model.rebuild().position == 10
        assert dict(model.at()) == dict(ledger.project(projection))
