"""Blocks under the write lock: all or nothing, and nobody else in between."""

from __future__ import annotations

import threading

import pytest

from newsledger.errors import StoreError
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
    Contract,
    Opener,
    Waiting,
    events,
    positions,
)


class LockingConformance(Contract):
    """``exclusive()``; of a store without a lock only that the block can be entered."""

    @pytest.fixture
    def locked(self, recorder: Recorder) -> Recorder:
        """Open a recorder that locks."""
        if not self.locks:
            pytest.skip("this store has no lock")
        return recorder

    def test_a_block_can_be_entered_and_left(self, recorder: Recorder) -> None:
        with recorder.exclusive():
            assert recorder.append([EVENT]) == 1
            assert recorder.head() == 1
        with recorder.exclusive():
            assert recorder.head() == 1
        assert events(recorder) == [EVENT]

    def test_a_block_commits_all_at_its_end(self, locked: Recorder) -> None:
        with locked.exclusive():
            assert locked.append([EVENT]) == 1
            assert locked.append([EVENT, StoredEvent("New", b"", ["new"])]) == 3
            assert dict(locked.tag_counts()) == {"a": 2, "new": 1}
            assert positions(locked.read(Query([QueryItem(types=["New"])]))) == [3]
        assert locked.head() == 3

    def test_an_append_that_fails_inside_leaves_the_others(self, locked: Recorder) -> None:
        with locked.exclusive():
            locked.append([EVENT])
            with pytest.raises(ConditionFailed):
                locked.append([StoredEvent("New", b"", [])], AppendCondition())
            with pytest.raises(StoreError):
                locked.append([StoredEvent("New", b"", ["b"]), StoredEvent("T", b"", ["\ud800"])])
            locked.append([StoredEvent("Newer", b"", [])])
        assert events(locked) == [EVENT, StoredEvent("Newer", b"", [])]
        assert list(locked.tag_counts()) == [("a", 1)]

    def test_blocks_do_not_nest(self, locked: Recorder) -> None:
        with locked.exclusive():
            locked.append([EVENT])
            with pytest.raises(StoreError), locked.exclusive():
                pytest.fail("entered")
            with pytest.raises(StoreError):
                locked.close()
            locked.append([EVENT])
        assert locked.head() == 2

    @pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, GeneratorExit])
    def test_a_block_that_raises_leaves_nothing(
        self, locked: Recorder, opened: Opener, error: type[BaseException]
    ) -> None:
        locked.append([EVENT])
        with pytest.raises(error), locked.exclusive():
            locked.append([StoredEvent("New", b"", ["new"])])
            raise error
        assert events(locked) == [EVENT]
        # What is new inside may have been numbered there, and those numbers are free again.
        again = [StoredEvent("Other", b"", []), StoredEvent("New", b"", [])]
        locked.append(again)
        for recorder in (locked, opened()) if self.reopens else (locked,):
            assert events(recorder) == [EVENT, *again]
            assert positions(recorder.read(Query([QueryItem(types=["New"])]))) == [3]

    def test_other_threads_neither_see_nor_enter_an_open_block(self, locked: Recorder) -> None:
        locked.append([EVENT])
        looked = threading.Event()

        def look() -> list[object]:
            seen: list[object] = [locked.head(), positions(locked.read())]
            seen.append(list(locked.tag_counts()))
            seen.append(positions(locked.read(Query([QueryItem(types=["New"])]))))
            looked.set()
            return [*seen, locked.append([EVENT])]

        with locked.exclusive():
            locked.append([StoredEvent("New", b"", ["new"])])
            looking = Waiting(look)
            assert looked.wait(30)
            locked.append([EVENT])
        assert looking.outcome() == [1, [1], [("a", 1)], [], 4]

    def test_other_recorders_neither_see_nor_enter_an_open_block(
        self, locked: Recorder, opened: Opener
    ) -> None:
        if not self.reopens:
            pytest.skip("this store has one recorder")
        other = opened()
        with locked.exclusive():
            locked.append([EVENT])
            assert other.head() == 0
            assert events(other) == []
            waiting = Waiting(lambda: other.append([EVENT]))
            assert locked.append([EVENT]) == 2
        assert waiting.outcome() == 3
        assert positions(locked.read()) == positions(other.read()) == [1, 2, 3]

    def test_a_block_sees_what_others_did_before_it(self, locked: Recorder, opened: Opener) -> None:
        if not self.reopens:
            pytest.skip("this store has one recorder")
        other = opened()
        assert locked.head() == 0
        other.append([EVENT])
        with locked.exclusive():
            assert locked.head() == 1
            assert events(locked) == [EVENT]
            assert locked.append([EVENT], AppendCondition(after=1)) == 2
        with other.exclusive():
            assert other.head() == 2

    def test_a_condition_that_failed_leaves_the_lock_free(
        self, locked: Recorder, opened: Opener
    ) -> None:
        other = opened() if self.reopens else locked
        locked.append([EVENT])
        with pytest.raises(ConditionFailed):
            locked.append([EVENT], AppendCondition())
        assert Waiting(lambda: other.append([EVENT])).outcome() == 2
        with pytest.raises(StoreError):
            locked.append([StoredEvent("\ud800", b"", [])])
        assert Waiting(lambda: other.append([EVENT])).outcome() == 3
