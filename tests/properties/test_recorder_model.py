"""Whatever is done to it, the SQLite store answers like eventsourcing's memory recorder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from hypothesis import given, settings, strategies as st

from newsledger.store import (
    AppendCondition,
    ConditionFailed,
    Query,
    QueryItem,
    SQLiteRecorder,
    StoredEvent,
)

TAGS = ["", "a", "b", "A", "ä", "a\0", "😀", "%"]
TYPES = ["T", "U", "", "t"]
tags = st.lists(st.sampled_from(TAGS), max_size=4)
positions = st.none() | st.integers(-1, 30)
data = st.sampled_from([b"", b"\0", b"{}", b"\xff\xfe", "né".encode()]) | st.binary(max_size=8)
events = st.lists(
    st.builds(StoredEvent, type=st.sampled_from(TYPES), data=data, tags=tags),
    min_size=1,
    max_size=6,
)
items = st.builds(
    QueryItem,
    types=st.lists(st.sampled_from([*TYPES, "nobody"]), max_size=3),
    tags=st.lists(st.sampled_from([*TAGS, "nobody"]), max_size=3),
)
queries = st.none() | st.builds(Query, items=st.lists(items, max_size=4))
# More items than are merged while reading, so that they are gathered beforehand.
wide_queries = st.builds(Query, items=st.lists(items, min_size=14, max_size=30))
any_query = queries | wide_queries
conditions = st.none() | st.builds(
    AppendCondition,
    fail_if_events_match=any_query.map(lambda query: query or Query()),
    after=positions,
)
reads = st.tuples(any_query, positions, st.none() | st.integers(0, 12), positions)
appends = st.tuples(events, conditions)
operations = st.lists(
    st.tuples(st.just("append"), appends) | st.tuples(st.just("read"), reads), max_size=25
)


def expected_read(model, query, after, limit, upto):
    """The model has no upper bound: take it off, cut, and say what the head then is."""
    found = [e for e in model.read(query, after=after) if upto is None or e.position <= upto]
    if limit is None:
        head = len(model.events)
        head = head if upto is None else max(min(head, upto), 0)
        return found, head or None
    found = found[:limit]
    return found, found[-1].position if found else None


def appended(recorder, new, condition):
    try:
        return recorder.append(new, condition)
    except ConditionFailed:
        return "refused"


def without_repetitions(new):
    return [StoredEvent(e.type, e.data, list(dict.fromkeys(e.tags))) for e in new]


def agree(recorder, steps):
    model = InMemoryDCBRecorder()
    for kind, arguments in steps:
        if kind == "append":
            new, condition = arguments
            expected = appended(model, without_repetitions(new), condition)
            assert appended(recorder, new, condition) == expected
        else:
            query, after, limit, upto = arguments
            expected, head = expected_read(model, query, after, limit, upto)
            response = recorder.read(query, after=after, limit=limit, upto=upto)
            early = response.head
            assert list(response) == expected
            assert response.head == early == head
            late = recorder.read(query, after=after, limit=limit, upto=upto)
            assert (list(late), late.head) == (expected, head)
    assert list(recorder.read()) == model.events
    assert recorder.head() == len(model.events)
    counts = {}
    for event in model.events:
        for tag in event.event.tags:
            counts[tag] = counts.get(tag, 0) + 1
    assert list(recorder.tag_counts()) == sorted(counts.items())


@settings(max_examples=300, deadline=None)
@given(operations)
def test_memory(steps):
    with SQLiteRecorder() as recorder:
        agree(recorder, steps)


@settings(max_examples=40, deadline=None)
@given(operations)
def test_file(steps):
    with (
        tempfile.TemporaryDirectory() as folder,
        SQLiteRecorder(Path(folder) / "ledger.db", durability="normal") as recorder,
    ):
        agree(recorder, steps)


@settings(max_examples=100, deadline=None)
@given(st.lists(events, max_size=6), st.lists(events, max_size=6), any_query, conditions)
def test_exclusive_sees_its_own_appends_and_leaves_nothing_when_it_raises(
    before, inside, query, condition
):
    with SQLiteRecorder() as recorder:
        agree(recorder, [("append", (new, None)) for new in before])
        unchanged = list(recorder.read())
        model = InMemoryDCBRecorder()
        for new in before + inside:
            model.append(without_repetitions(new))
        with pytest.raises(KeyError), recorder.exclusive():
            for new in inside:
                recorder.append(new)
            assert list(recorder.read(query)) == list(model.read(query))
            if condition is not None:
                extra = [StoredEvent("T", b"", ["a"])]
                assert appended(recorder, extra, condition) == appended(model, extra, condition)
            assert list(recorder.read()) == model.events
            raise KeyError
        assert list(recorder.read()) == unchanged
        agree_again = [StoredEvent(t, b"again", ["z"]) for t in reversed(TYPES)]
        recorder.append(agree_again)
        assert [e.event for e in recorder.read(after=len(unchanged))] == agree_again


@pytest.mark.campaign
@settings(max_examples=10_000, deadline=None)
@given(operations)
def test_memory_at_length(steps):
    with SQLiteRecorder() as recorder:
        agree(recorder, steps)
