"""How SQLite finds events: which plan a query takes. That each finds the same is told elsewhere."""

from __future__ import annotations

import pytest

from newsledger.store import Query, QueryItem, SQLiteRecorder, StoredEvent
from newsledger.store.sqlite.query import Everything, Gathered, Streamed
from newsledger.testing.conformance.reading import make, wanted


@pytest.fixture
def filled():
    """Five thousand events: more than fit on a page, of each kind."""
    with SQLiteRecorder() as recorder:
        recorder.append([make(n) for n in range(1, 5001)])
        yield recorder


def test_the_queries_of_the_contract_take_every_plan(filled):
    for name, (query, _) in wanted(4500).items():
        plan = Everything if query is None else Gathered if "many" in name else Streamed
        assert isinstance(filled.read(query)._plan, plan), name


def test_the_rarest_tag_leads(filled):
    filled.append([StoredEvent("Rare", b"", ["all", "mod3:1"])])
    for item in QueryItem([], ["all", "mod3:1", "id:7"]), QueryItem(["Rare"], ["all"]):
        (term,) = filled.read(Query([item]))._plan._terms
        assert term.head[0] in {"id:7", filled._type_ids["Rare"]}
