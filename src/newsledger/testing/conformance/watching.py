"""Waiting for what comes: no wake-up is lost, and everybody is let go."""

from __future__ import annotations

from newsledger.store import Query, QueryItem, Recorder, StoredEvent
from newsledger.testing.conformance.contract import PATIENCE, Contract, Opener, Waiting


def event(number: int) -> StoredEvent:
    """Make the event for a position."""
    return StoredEvent("T" if number % 2 else "U", b"%d" % number, ["all", f"n{number}"])


class WatchingConformance(Contract):
    """``changes()`` and ``subscribe()``."""

    def test_what_is_there_is_not_waited_for(self, recorder: Recorder) -> None:
        recorder.append([event(1)])
        with recorder.changes() as watch:
            assert watch.wait(0, 0)
            assert watch.wait()
            assert not watch.wait(1, 0)
            assert not watch.wait(1, 0.01)
        assert not recorder.changes(1).wait(timeout=0.01)

    def test_an_append_wakes_all_who_wait(self, recorder: Recorder) -> None:
        watch = recorder.changes()
        waiting = [Waiting(lambda: watch.wait(0, PATIENCE)) for _ in range(5)]
        recorder.append([event(1)])
        assert [one.outcome() for one in waiting] == [True] * 5

    def test_an_append_by_another_recorder_wakes(self, recorder: Recorder, opened: Opener) -> None:
        other = opened() if self.reopens else recorder
        subscription = recorder.subscribe()
        for number in range(1, 6):
            watch = recorder.changes()
            waiting = Waiting(lambda after=number - 1: watch.wait(after, PATIENCE))  # type: ignore[misc]  # noqa: B023 (it ends in this round)
            following = Waiting(lambda: next(subscription))
            other.append([event(number)])
            assert waiting.outcome() is True
            assert following.outcome().position == number

    def test_no_wake_up_is_lost(self, recorder: Recorder, opened: Opener) -> None:
        """A reader that always waits and a writer that always waits for the reader."""
        other = opened() if self.reopens else recorder
        forth, back = other.changes(), recorder.changes()

        def answer() -> None:
            for number in range(1, 200, 2):
                assert forth.wait(number - 1, PATIENCE)
                other.append([event(number + 1)])

        answering = Waiting(answer)
        for number in range(1, 200, 2):
            recorder.append([event(number)])
            assert back.wait(number, PATIENCE)
        answering.outcome()
        assert recorder.head() == 200

    def test_stop_and_close_let_everybody_go(self, recorder: Recorder) -> None:
        watch = recorder.changes()
        waiting = Waiting(watch.wait)
        watch.stop()
        assert waiting.outcome() is False
        assert watch.wait() is False
        other = Waiting(recorder.changes().wait)
        subscription = recorder.subscribe()
        subscribed = Waiting(lambda: list(subscription))
        recorder.close()
        assert other.outcome() is False
        assert subscribed.outcome() == []

    def test_a_block_wakes_at_its_end(self, recorder: Recorder) -> None:
        watch = recorder.changes()
        waiting = Waiting(lambda: watch.wait(0, PATIENCE))
        with recorder.exclusive():
            recorder.append([event(1)])
        assert waiting.outcome() is True

    def test_a_subscription_gives_each_event_once_in_order(
        self, recorder: Recorder, opened: Opener
    ) -> None:
        others = [opened(), opened()] if self.reopens else [recorder, recorder]
        recorder.append([event(n) for n in range(1, 301)])

        def follow() -> list[int]:
            seen = []
            with recorder.subscribe(after=10) as subscription:
                for found in subscription:
                    seen.append(found.position)
                    if found.position == 500:
                        subscription.stop()
            return seen

        following = Waiting(follow)
        writing = [
            Waiting(lambda other=other: [other.append([event(n)]) for n in range(100)])  # type: ignore[misc]
            for other in others
        ]
        for one in writing:
            one.outcome()
        assert following.outcome() == list(range(11, 501))

    def test_a_subscription_filters(self, recorder: Recorder) -> None:
        recorder.append([event(n) for n in range(1, 10)])
        with recorder.subscribe(Query([QueryItem(types=["U"])]), after=3) as subscription:
            assert [next(subscription).position for _ in range(3)] == [4, 6, 8]
            waiting = Waiting(lambda: next(subscription))
            for number in range(10, 13):
                recorder.append([event(number)])
            assert waiting.outcome().position == 10
            assert next(subscription).position == 12
        assert list(subscription) == []
