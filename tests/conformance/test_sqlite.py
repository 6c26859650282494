"""The SQLite store, in a file and in memory, does what every store must."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from eventsourcing.dcb.popo import InMemoryDCBRecorder
from hypothesis import given, settings

from newsledger.store import ConditionFailed, SQLiteRecorder, StoredEvent
from newsledger.testing.conformance import AgreeingConformance, Model, RecorderConformance
from newsledger.testing.conformance.model import operations


class InFiles:
    @contextmanager
    def new_store(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ledger.db"
            yield lambda mode="a": SQLiteRecorder(path, mode=mode, durability="normal")


class InMemory:
    reopens = False

    @contextmanager
    def new_store(self):
        yield lambda mode="a": SQLiteRecorder(mode=mode)


class TestFile(InFiles, RecorderConformance):
    pass


class TestMemory(InMemory, RecorderConformance):
    examples = 60


@pytest.mark.campaign
class TestFileAtLength(InFiles, AgreeingConformance):
    examples = 1_000


@pytest.mark.campaign
class TestMemoryAtLength(InMemory, AgreeingConformance):
    examples = 10_000


@settings(max_examples=300, deadline=None)
@given(operations)
def test_the_model_answers_like_eventsourcings_own(steps):
    model, theirs = Model(), InMemoryDCBRecorder()
    for step in steps:
        if len(step) == 4:
            query, after, limit, _ = step
            response = theirs.read(query, after=after, limit=limit)
            assert model.read(query, after, limit) == (list(response), response.head)
            continue
        batch, condition = step
        # It keeps repetitions of a tag.
        batch = [StoredEvent(e.type, e.data, list(dict.fromkeys(e.tags))) for e in batch]
        outcomes = []
        for append in model.append, theirs.append:
            try:
                outcomes.append(append(batch, condition))
            except ConditionFailed:
                outcomes.append("refused")
        assert outcomes[0] == outcomes[1]
    assert model.events == theirs.events
