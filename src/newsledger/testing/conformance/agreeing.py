"""Whatever is done to it, a store answers like a list; and it passes eventsourcing's own suite."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from newsledger.store import AppendCondition, ConditionFailed, Query, Recorder, Row, StoredEvent
from newsledger.store.suite import RecorderSuite
from newsledger.testing.conformance.contract import Contract
from newsledger.testing.conformance.model import (
    TAGS,
    TYPES,
    Append,
    Model,
    Read,
    batches,
    conditions,
    operations,
    queries,
)


class _Suite(RecorderSuite):
    __test__ = False  # its tests are the two methods called below


class AgreeingConformance(Contract):
    """Random operations against a list of events."""

    def test_eventsourcings_suite_of_appends_and_reads(self, recorder: Recorder) -> None:
        _Suite()._test_append_read(recorder)  # noqa: SLF001 (it is made to be called so)

    def test_eventsourcings_suite_of_subscriptions(self, recorder: Recorder) -> None:
        _Suite()._test_append_subscribe(recorder)  # noqa: SLF001 (it is made to be called so)

    def test_random_operations_have_the_outcomes_of_a_list(self) -> None:
        def agree(steps: list[Append | Read]) -> None:
            with self.new_store() as opener, opener() as recorder:
                model = Model()
                for step in steps:
                    _take(step, recorder, model)
                _agree_in_all(recorder, model)

        self._tried(agree, operations)

    def test_random_blocks_leave_all_or_nothing(self) -> None:
        """Inside, a block sees what it appended; when it raises, nothing of it is left."""
        if not self.locks:
            pytest.skip("this store has no lock")

        def agree(
            before: list[list[StoredEvent]],
            inside: list[list[StoredEvent]],
            query: Query | None,
            condition: AppendCondition | None,
        ) -> None:
            with self.new_store() as opener, opener() as recorder:
                kept, model = Model(), Model()
                for batch in before:
                    recorder.append(batch)
                    kept.append(batch)
                    model.append(batch)
                with pytest.raises(KeyError), recorder.exclusive():
                    for batch in inside:
                        assert recorder.append(batch) == model.append(batch)
                    assert list(recorder.read(query)) == model.read(query)[0]
                    extra = [StoredEvent("T", b"", ["a"])]
                    assert _appended(recorder.append, extra, condition) == _appended(
                        model.append, extra, condition
                    )
                    _agree_in_all(recorder, model)
                    raise KeyError
                _agree_in_all(recorder, kept)
                # Numbers that were given to new types inside must not be given to others now.
                again = [StoredEvent(name, b"again", ["z"]) for name in reversed(TYPES)]
                assert recorder.append(again) == kept.append(again)
                _agree_in_all(recorder, kept)

        some = st.lists(batches, max_size=6)
        self._tried(agree, some, some, queries, conditions)

    def _tried(self, test: Callable[..., None], *strategies: st.SearchStrategy[Any]) -> None:
        checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
        settings(max_examples=self.examples, deadline=None, suppress_health_check=checks)(
            given(*strategies)(test)
        )()


def _take(step: Append | Read, recorder: Recorder, model: Model) -> None:
    if len(step) == 2:  # an append is its events and its condition
        batch, condition = step
        expected = _appended(model.append, batch, condition)
        assert _appended(recorder.append, batch, condition) == expected
        return
    query, after, limit, upto = step
    expected_events, head = model.read(query, after, limit, upto)
    response = recorder.read(query, after=after, limit=limit, upto=upto)
    early = response.head
    assert list(response) == expected_events
    assert response.head == early == head
    late = recorder.read(query, after=after, limit=limit, upto=upto)
    assert (list(late), late.head) == (expected_events, head)
    rows = [_row(row) for row in recorder.rows(query, after=after, upto=upto)]
    unlimited, _ = model.read(query, after, None, upto)
    assert rows == [(e.position, e.event.data, e.event.tags) for e in unlimited]
    assert [_row(row) for row in recorder.rows_at([e.position for e in unlimited])] == rows


def _row(row: Row) -> tuple[int, bytes, list[str]]:
    position, data, tags = row
    return position, bytes(data), json.loads(bytes(tags))


def _agree_in_all(recorder: Recorder, model: Model) -> None:
    assert list(recorder.read()) == model.events
    assert recorder.head() == len(model.events)
    for prefix in ("", *TAGS):
        assert list(recorder.tag_counts(prefix)) == model.tag_counts(prefix)


def _appended(
    append: Callable[[list[StoredEvent], AppendCondition | None], int],
    batch: list[StoredEvent],
    condition: AppendCondition | None,
) -> int | None:
    """Give the position, or None where the condition failed."""
    try:
        return append(batch, condition)
    except ConditionFailed:
        return None
