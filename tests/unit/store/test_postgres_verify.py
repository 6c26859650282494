"""A ledger in PostgreSQL is verified as one in a file is, and keeps its hashes."""

from __future__ import annotations

import pytest

from newsledger import Ledger, MembershipStarted, Report, Source
from newsledger.testing.strategies.plans import Clock

COUNT = 1100  # more than a tile


def reports():
    source = Source("Outlet", "2017-01-01", url="https://example.org/a")
    for number in range(COUNT):
        organization = "O" * 1500 if number == 7 else f"O{number % 9}"  # too long for an index
        yield Report(
            MembershipStarted(organization=organization, member=f"M{number}", occurred="2017"),
            source,
        )


@pytest.fixture
def ledger(url):
    with Ledger.open(url, durability="normal", clock=Clock()) as ledger:
        ledger.load(reports())
        yield ledger


def test_a_digest_is_that_of_the_same_ledger_in_memory_and_its_tiles_are_kept(
    ledger, url, postgres, schema
):
    with Ledger.open(clock=Clock()) as memory:
        memory.load(reports())
        assert ledger.digest() == memory.digest()
    kept = postgres.root.execute(f"SELECT number, octet_length(hash) FROM {schema}.tile").fetchall()
    assert kept == [(1, 32)]
    with Ledger.open(url, mode="r") as again:
        assert again.digest() == ledger.digest()
        assert again._recorder.tiles() == ledger._recorder.tiles() != []


DAMAGE = {
    "nothing": ("SELECT 1", []),
    "a tag that the index lacks": (
        "DELETE FROM {}.event_tag WHERE position = 300 AND tag = 'e:O2'",
        [(300, "index")],
    ),
    "a tag too many": ("INSERT INTO {}.event_tag VALUES ('e:X', 300, 1)", [(300, "index")]),
    "a long tag that the index lacks": (
        "DELETE FROM {}.event_tag WHERE position = 8 AND get_byte(tag, 0) = 255",
        [(8, "index")],
    ),
    "a type in the index": (
        "UPDATE {}.event_tag SET type = 2 WHERE position = 300 AND tag = 'e:O2'",
        [(300, "index")],
    ),
    "a body": (
        "UPDATE {}.event SET data = data || ' ' WHERE position = 300",
        [(300, "damaged")],
    ),
    "a tile": ("UPDATE {}.tile SET hash = sha256('x') WHERE number = 1", [(1, "tile")]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_each_fault_is_told_by_its_position(ledger, postgres, schema, damage):
    statement, expected = DAMAGE[damage]
    ledger.digest()
    postgres.root.execute(statement.format(schema))
    found = [(fault.position, fault.kind) for fault in ledger.verify().faults]
    assert [one for one in found if one[1] != "tile" or damage == "a tile"] == expected


def test_a_tile_that_is_there_is_replaced(ledger):
    recorder = ledger._recorder
    recorder.keep_tiles(1, [b"x" * 32])
    recorder.keep_tiles(1, [b"y" * 32, b"z" * 32])
    assert recorder.tiles() == [b"y" * 32, b"z" * 32]
    assert recorder.tiles(1) == [b"z" * 32]
