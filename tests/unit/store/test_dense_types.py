"""Types are read by their index, or in the order of the table where they lie close together."""

from __future__ import annotations

import pytest

from newsledger.store import Query, QueryItem, SQLiteRecorder, StoredEvent


def dense_and_sparse(position):
    """Give the type at a position: close together at first, then hardly ever, then again."""
    if position <= 1500:
        return "AB"[position % 2]
    if position <= 4000:
        return "A" if position % 500 == 0 else "C"
    return "ABC"[position % 3]


TYPES = {position: dense_and_sparse(position) for position in range(1, 6001)}


@pytest.fixture(scope="module")
def recorder():
    with SQLiteRecorder() as recorder:
        recorder.append([StoredEvent(type=name, data=b"x", tags=[]) for name in TYPES.values()])
        yield recorder


@pytest.mark.parametrize("wanted", ["A", "B", "AB", "C", "ABC"])
@pytest.mark.parametrize(("after", "upto"), [(0, None), (700, 5000), (1490, 3999), (3900, 4001)])
def test_types_are_found_wherever_they_lie(recorder, wanted, after, upto):
    last = len(TYPES) if upto is None else upto
    there = [n for n, name in TYPES.items() if name in wanted and after < n <= last]
    query = Query(items=[QueryItem(types=[name]) for name in wanted])
    assert [row[0] for row in recorder.rows(query, after=after, upto=upto)] == there
    assert [found.position for found in recorder.read(query, after=after, upto=upto)] == there
    limited = recorder.read(query, after=after, upto=upto, limit=450)
    assert [found.position for found in limited] == there[:450]


def test_what_lies_close_together_is_read_in_the_order_of_the_table(recorder):
    asked = []
    fetch = recorder._db.fetch

    def counted(sql, parameters=()):
        asked.append(sql)
        return fetch(sql, parameters)

    recorder._db.fetch = counted
    try:
        list(recorder.read(Query(items=[QueryItem(types=["A"])])))
    finally:
        recorder._db.fetch = fetch
    ways = ["passed" if "+type IN" in sql else "merged" for sql in asked if "LIMIT" in sql]
    assert {"passed", "merged"} == {*ways}
