"""What is erased from PostgreSQL leaves no trace in the tables, whoever is killed half-way."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsledger import ErasureUnfinished, Ledger, MembershipStarted, Source, StoreError
from newsledger.store.postgres import erasing as postgres_erasing

MARK = "Zanzibar Quux"
LONG = f"{MARK} " + "x" * 3000
SOURCE = Source("The Daily Example", "2017-02-28")


def joined(member):
    return MembershipStarted(organization="EEU", member=member, occurred="2015")


@pytest.fixture
def url(postgres):
    with postgres.schema() as name:
        yield postgres.url(name)


def fill(ledger):
    ledger.extend([joined(f"M{n}") for n in range(300)], SOURCE)
    marked = [ledger.append(joined(name), SOURCE, quote=MARK) for name in (MARK, LONG)]
    ledger.extend([joined(f"N{n}") for n in range(300)], SOURCE)
    return marked


def traces(postgres):
    """The files of tables that hold the mark."""
    postgres.root.execute("CHECKPOINT")
    [[folder]] = postgres.root.execute("SHOW data_directory").fetchall()
    files = [one for one in Path(folder, "base").rglob("*") if one.is_file()]
    return [one for one in files if MARK.encode() in one.read_bytes()]


def test_no_table_holds_a_trace_of_it(postgres, url):
    with Ledger.open(url) as ledger:
        marked = fill(ledger)
        digest = ledger.digest()
        assert traces(postgres)
        for entry in marked:
            ledger.erase(entry, "law")
        assert traces(postgres) == []
        assert ledger.digest() == digest
        assert ledger.verify()
        assert len(ledger.as_of().erased) == 2


def test_what_was_left_undone_is_done_by_the_next(postgres, url, monkeypatch):
    """As whoever lost the connection, or the right, between the two."""

    def breaks_off(_):
        raise StoreError("the connection broke")

    with Ledger.open(url) as ledger:
        entry, other = fill(ledger)
        with monkeypatch.context() as patch:
            patch.setattr(postgres_erasing, "scrub", breaks_off)
            for one in entry, other:
                with pytest.warns(ErasureUnfinished, match="the connection broke"):
                    ledger.erase(one, "law")
        assert len(ledger.as_of().erased) == 2
        assert traces(postgres)
        ledger.erase(entry, "law")
        assert traces(postgres) == []


def test_who_may_only_add_cannot_erase(postgres, url):
    with Ledger.open(url) as ledger:
        entry = ledger.append(joined("KGZ"), SOURCE)
    schema = url.split("schema=")[1].split("&")[0]
    root = postgres.root
    root.execute("CREATE ROLE only_writes LOGIN")
    try:
        root.execute(f"GRANT USAGE ON SCHEMA {schema} TO only_writes")
        root.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO only_writes")
        for table in "event", "event_tag", "long_tag", "type":
            root.execute(f"GRANT INSERT ON {schema}.{table} TO only_writes")
        with Ledger.open(postgres.url(schema, user="only_writes")) as ledger:
            with pytest.raises(StoreError, match="lacks the right"):
                ledger.erase(entry, "law")
            assert ledger.get(entry.id) == entry
            assert ledger.append(joined("RUS"), SOURCE).position == 2
            assert ledger.verify()
        for table in "event", "event_tag", "long_tag", "meta":
            root.execute(f"GRANT UPDATE, INSERT, DELETE ON {schema}.{table} TO only_writes")
        with Ledger.open(postgres.url(schema, user="only_writes")) as ledger:
            # PostgreSQL only warns who may not vacuum.
            with pytest.warns(ErasureUnfinished, match="as the owner"):
                ledger.erase(entry, "law")
            assert ledger.get(entry.id).erased
        with Ledger.open(url) as ledger:
            ledger.erase(entry, "law")
            assert not root.execute(f"SELECT FROM {schema}.meta WHERE key = 'scrub'").fetchall()
    finally:
        root.execute("DROP OWNED BY only_writes")
        root.execute("DROP ROLE only_writes")
