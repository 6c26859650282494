"""One store and many who use it: threads, recorders, forks; opening and closing."""

from __future__ import annotations

import os
import threading
import uuid
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import chain

import pytest

from newsledger.errors import LedgerClosed, StoreError
from newsledger.store import (
    AppendCondition,
    ConditionFailed,
    Query,
    QueryItem,
    Recorder,
    StoredEvent,
)
from newsledger.testing.conformance.contract import (
    EVENT,
    Call,
    Contract,
    Opener,
    Waiting,
    events,
    items,
    positions,
    together,
)


class SharingConformance(Contract):
    """Identity, modes, threads, recorders side by side, and what happens after close."""

    def _lasting(self) -> None:
        if not self.reopens:
            pytest.skip("this store ends with its recorder")

    # -- opening -----------------------------------------------------------------------------

    def test_an_identity_is_a_uuid_of_its_own(self, recorder: Recorder) -> None:
        assert str(uuid.UUID(recorder.identity)) == recorder.identity
        with self.new_store() as opener, opener() as other:
            assert other.identity != recorder.identity
            recorder.append([EVENT])
            assert (recorder.head(), other.head()) == (1, 0)

    def test_identity_and_events_outlast_the_recorder(self) -> None:
        self._lasting()
        with self.new_store() as opener:
            with opener() as recorder:
                identity = recorder.identity
                recorder.append([EVENT, StoredEvent("U", b"\0", ["a", "b"])])
            for mode in "a", "r", "r+":
                with opener(mode) as again:
                    assert again.identity == identity
                    assert again.read_only is (mode == "r")
                    assert positions(again.read(items(["a"]))) == [1, 2]
                    assert list(again.tag_counts()) == [("a", 2), ("b", 1)]
            with opener() as again:
                assert again.append([EVENT]) == 3

    def test_modes_ask_for_what_they_say(self) -> None:
        self._lasting()
        with self.new_store() as opener:
            for mode in "r", "r+":
                with pytest.raises(StoreError):
                    opener(mode)
            opener("x").close()
            with pytest.raises(StoreError):
                opener("x")
            for mode in "w", "", "rb":
                with pytest.raises(StoreError) as caught:
                    opener(mode)
                assert isinstance(caught.value, ValueError)

    def test_mode_r_reads_and_does_not_write(self, opened: Opener) -> None:
        self._lasting()
        writer = opened()
        writer.append([EVENT])
        reader = opened("r")
        assert events(reader) == [EVENT]
        with pytest.raises(StoreError):
            reader.append([EVENT])
        with pytest.raises(StoreError), reader.exclusive():
            pytest.fail("entered")
        writer.append([EVENT])
        assert (reader.head(), len(events(reader))) == (2, 2)

    def test_those_who_make_one_store_at_once_make_one(self) -> None:
        self._lasting()
        with self.new_store() as opener:
            start = threading.Barrier(8)

            def make() -> str:
                start.wait()
                with opener() as recorder:
                    recorder.append([EVENT])
                    return recorder.identity

            assert len(set(together(*[make] * 8))) == 1
            with opener("r") as recorder:
                assert recorder.head() == 8

    # -- side by side ------------------------------------------------------------------------

    def test_recorders_see_what_others_appended(self, opened: Opener) -> None:
        self._lasting()
        one, other = opened(), opened()
        one.append([StoredEvent("One", b"1", ["a"])])
        other.append([StoredEvent("Other", b"2", ["a"])])
        one.append([StoredEvent("Other", b"3", ["b"])])
        for recorder in one, other:
            assert [e.type for e in events(recorder)] == ["One", "Other", "Other"]
            assert recorder.head() == 3
            assert positions(recorder.read(Query([QueryItem(types=["Other"])]))) == [2, 3]
            assert list(recorder.tag_counts()) == [("a", 2), ("b", 1)]

    def test_threads_append_and_read_without_gaps(self, opened: Opener) -> None:
        """Each write adds two events, and no reader ever sees one without the other, or a gap."""
        recorders = [opened(), opened()] if self.reopens else [opened()] * 2
        done = threading.Event()

        def append(number: int) -> list[int]:
            recorder, name = recorders[number % 2], f"w{number}"
            pairs = [StoredEvent(name, b"%d" % n, [name, "all"]) for n in range(30)]
            return [recorder.append([event, event]) for event in pairs]

        def read(number: int) -> None:
            while not done.is_set():
                response = recorders[number % 2].read(items(["all"]))
                found = positions(response)
                assert found == list(range(1, (response.head or 0) + 1))
                assert len(found) % 2 == 0

        readers = [Waiting(partial(read, number)) for number in range(3)]
        try:
            returned = together(*(partial(append, number) for number in range(4)))
        finally:
            done.set()
        for reader in readers:
            reader.outcome()
        assert sorted(chain.from_iterable(returned)) == list(range(2, 241, 2))
        for name in "w0", "w3":
            mine = recorders[0].read(Query([QueryItem(types=[name])]))
            assert [int(e.event.data) for e in mine] == [n for n in range(30) for _ in "ab"]

    def test_of_racing_conditional_appends_one_wins_each_round(self, opened: Opener) -> None:
        recorders = [opened() for _ in range(4)] if self.reopens else [opened()] * 4

        def race(recorder: Recorder) -> list[int]:
            won = []
            for number in range(30):
                tag = f"round:{number}"
                try:
                    recorder.append([StoredEvent("Won", b"", [tag])], AppendCondition(items([tag])))
                except ConditionFailed:
                    continue
                won.append(number)
            return won

        won = together(*(partial(race, recorder) for recorder in recorders))
        assert sorted(chain.from_iterable(won)) == list(range(30))
        assert positions(recorders[0].read()) == list(range(1, 31))

    # -- the end -----------------------------------------------------------------------------

    def test_after_close_everything_says_so(self, recorder: Recorder) -> None:
        recorder.append([StoredEvent("T", b"", ["a"])] * 5_000)
        halfway = iter(recorder.read(items(["a"])))
        next(halfway)
        rows = recorder.rows()
        next(rows)
        recorder.close()
        recorder.close()
        calls: list[Call] = [*_calls(recorder), lambda: list(halfway), lambda: list(rows)]
        for call in calls:
            with pytest.raises(LedgerClosed):
                call()
        assert recorder.identity

    def test_one_that_closes_leaves_the_others(self, opened: Opener) -> None:
        self._lasting()
        one, other = opened(), opened()
        one.append([EVENT])
        one.close()
        assert other.append([EVENT]) == 2

    def test_a_forked_child_is_told_to_open_again(self, recorder: Recorder) -> None:
        if not self.forks or not hasattr(os, "fork"):
            pytest.skip("no fork is tested here")
        recorder.append([EVENT] * 300)
        watch = recorder.changes()
        halfway = recorder.read()
        assert next(halfway).position == 1

        def child() -> bool:
            # 300 events may have been fetched as one page; what is asked anew is refused.
            calls: list[Call] = [*_calls(recorder), lambda: watch.wait(500, 5)]
            for call in calls:
                try:
                    call()
                except LedgerClosed:
                    continue
                return False
            recorder.close()
            return True

        assert forked(child) == "True"
        assert recorder.append([EVENT]) == 301
        assert positions(halfway) == list(range(2, 301))
        assert recorder.head() == 301

    def test_a_fork_inside_a_block_leaves_it_to_the_parent(self, recorder: Recorder) -> None:
        if not self.locks or not self.forks or not hasattr(os, "fork"):
            pytest.skip("no fork inside a block is tested here")

        def child() -> bool:
            try:
                block.close()
            except LedgerClosed:
                return True
            return False

        with ExitStack() as block:
            block.enter_context(recorder.exclusive())
            recorder.append([EVENT])
            assert forked(child) == "True"
            assert recorder.append([EVENT]) == 2
        assert events(recorder) == [EVENT, EVENT]


def _calls(recorder: Recorder) -> list[Call]:
    """All that is refused of a recorder that is closed."""
    return [
        recorder.require_open,
        recorder.head,
        recorder.read,
        recorder.tag_counts,
        recorder.subscribe,
        recorder.changes,
        lambda: list(recorder.rows()),
        lambda: list(recorder.rows_at([1])),
        lambda: recorder.append([EVENT]),
        lambda: recorder.exclusive().__enter__(),
    ]


def forked(function: Callable[[], object]) -> str:
    """Run it in a forked child, and give what it returned, or raised, as text."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 3.12 warns of forks beside threads: that is the test
        child = os.fork()
    if child == 0:
        try:
            try:
                said = str(function())
            except BaseException as error:  # noqa: BLE001 (the parent shows it)
                said = repr(error)
            os.write(write, said.encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        text = file.read()
    os.waitpid(child, 0)
    return text
