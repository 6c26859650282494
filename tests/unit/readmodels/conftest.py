"""What the tests of this room share: places for tables, and news to put into them."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

import pytest

from newsledger import BaseStatusReported, Ledger, Projection, Source, on

STATUSES = ("planned", "operating", "suspended", "closing", "closed", "handed over")


class LatestStatus(Projection[str]):
    """The last status of each base."""

    def keys(self, event, entry):
        return (event.base,)

    def initial(self):
        return None

    @on(BaseStatusReported)
    def reported(self, state, event, entry):
        return event.status


class News:
    """Makes reports of few bases, some late, and amendments; the same from the same seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.count = 0

    def status(self, base=None):
        return BaseStatusReported(
            base=base or f"Base {self.rng.randrange(12)}",
            status=self.rng.choice(STATUSES),
            occurred=f"{self.rng.randrange(2010, 2020)}-0{self.rng.randrange(1, 10)}",
        )

    def source(self):
        self.count += 1
        year = self.rng.randrange(2015, 2025)
        return Source("The Daily Example", f"{year}-06-01", url=f"https://example.org/{self.count}")

    def record(self, ledger, count):
        entries = []
        while len(entries) < count:
            if entries and self.rng.random() < 0.2:
                wrong = self.rng.choice(entries)
                source = self.rng.choice([None, self.source()])
                if self.rng.random() < 0.3:
                    entries.append(ledger.retract(wrong, source))
                else:
                    entries.append(ledger.correct(wrong, self.status(), source))
            else:
                entries.append(ledger.append(self.status(), self.source()))
        return entries


@pytest.fixture
def projection():
    return LatestStatus()


@pytest.fixture
def newsroom():
    """Makes what makes news, from a seed."""
    return News


@pytest.fixture
def news():
    return News(2017)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "news.db", durability="normal") as ledger:
        yield ledger


@pytest.fixture
def into(tmp_path):
    return tmp_path / "read.db"


@pytest.fixture
def ask():
    """Run SQL on a read database of either kind."""

    def run(into, statement):
        if not str(into).startswith("postgresql:"):
            with closing(sqlite3.connect(into)) as db:
                return db.execute(statement).fetchall()
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(into, autocommit=True) as db:
            done = db.execute(statement)
            return done.fetchall() if done.description else []

    return run
