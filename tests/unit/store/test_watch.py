"""Waiting for what comes: no wake-up is lost, and everybody is let go."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from newsledger.errors import StoreError
from newsledger.store import Query, QueryItem, SQLiteRecorder, StoredEvent, Watch
from newsledger.store.watch import Bell

LONG = 30


@pytest.fixture(params=["memory", "file"])
def recorder(request, tmp_path):
    path = None if request.param == "memory" else tmp_path / "ledger.db"
    with SQLiteRecorder(path, durability="normal") as recorder:
        yield recorder


def event(number):
    return StoredEvent("T" if number % 2 else "U", b"%d" % number, ["all", f"n{number}"])


class Waiting(threading.Thread):
    """A thread that keeps what a call returned, and tells when it began."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call, self.began, self.result = call, threading.Event(), None
        self.start()
        self.began.wait()

    def run(self):
        self.began.set()
        self.result = self.call()

    def outcome(self):
        self.join(LONG)
        assert not self.is_alive()
        return self.result


def test_what_is_there_is_not_waited_for(recorder):
    recorder.append([event(1)])
    with recorder.changes() as watch:
        assert watch.wait(0, 0)
        assert watch.wait()
        assert not watch.wait(1, 0)
        assert not watch.wait(1, 0.01)
    assert not recorder.changes(1).wait(timeout=0.01)


def test_an_append_wakes_all_who_wait(recorder):
    watch = recorder.changes()
    waiting = [Waiting(lambda: watch.wait(0, LONG)) for _ in range(5)]
    recorder.append([event(1)])
    assert [w.outcome() for w in waiting] == [True] * 5


def test_no_wake_up_is_lost(recorder):
    """A reader that always waits and a writer that always waits for the reader."""
    forth, back = recorder.changes(), recorder.changes()

    def answer():
        for number in range(1, 400, 2):
            assert forth.wait(number - 1, LONG)
            recorder.append([event(number + 1)])

    answering = Waiting(answer)
    for number in range(1, 400, 2):
        recorder.append([event(number)])
        assert back.wait(number, LONG)
    answering.outcome()
    assert recorder.head() == 400


@pytest.mark.parametrize("stop", [False, True])
def test_what_happens_right_after_the_look_is_not_slept_over(stop):
    bell = Bell()
    heads = [0]

    def head():
        before = heads[-1]
        if len(heads) == 1:
            heads.append(1)
            watch.stop() if stop else bell.ring()
        return before

    watch = Watch(head, bell, shared=False)
    assert Waiting(lambda: watch.wait(0)).outcome() is not stop


def test_stop_and_close_let_everybody_go(recorder):
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


def test_exclusive_wakes_at_its_end(recorder):
    watch = recorder.changes()
    waiting = Waiting(lambda: watch.wait(0, LONG))
    with recorder.exclusive():
        recorder.append([event(1)])
    assert waiting.outcome() is True


def test_waiting_needs_no_thread_of_its_own(recorder):
    before = threading.active_count()
    watch = recorder.changes()
    waiting = Waiting(lambda: watch.wait(0, LONG))
    assert threading.active_count() == before + 1
    recorder.append([event(1)])
    waiting.outcome()


def test_a_subscription_gives_each_event_once_in_order(recorder):
    recorder.append([event(n) for n in range(1, 301)])
    seen = []

    def follow():
        with recorder.subscribe(after=10) as subscription:
            for found in subscription:
                seen.append(found.position)
                if found.position == 600:
                    subscription.stop()

    following = Waiting(follow)
    for number in range(301, 601):
        recorder.append([event(number)])
    following.outcome()
    assert seen == list(range(11, 601))


def test_a_subscription_filters(recorder):
    recorder.append([event(n) for n in range(1, 10)])
    with recorder.subscribe(Query([QueryItem(types=["U"])]), after=3) as subscription:
        assert [next(subscription).position for _ in range(3)] == [4, 6, 8]
        waiting = Waiting(lambda: next(subscription))
        for number in range(10, 13):
            recorder.append([event(number)])
        assert waiting.outcome().position == 10
        assert next(subscription).position == 12
    assert list(subscription) == []


APPEND = """
import sys
from newsledger.store import *
with SQLiteRecorder(sys.argv[1]) as recorder:
    for line in sys.stdin:
        recorder.append([StoredEvent("T", b"from elsewhere", [])])
"""


def test_another_process_wakes_too(tmp_path):
    path = tmp_path / "ledger.db"
    with SQLiteRecorder(path) as recorder, SQLiteRecorder(path, mode="r") as reader:
        process = subprocess.Popen(
            [sys.executable, "-c", APPEND, str(path)], stdin=subprocess.PIPE, text=True
        )
        subscription = reader.subscribe()
        for number in range(1, 6):
            waiting = Waiting(lambda: recorder.changes().wait(number - 1, LONG))  # noqa: B023 -- it ends in this round
            following = Waiting(lambda: next(subscription))
            process.stdin.write("go\n")
            process.stdin.flush()
            assert waiting.outcome() is True
            assert following.outcome().position == number
        process.communicate()


def test_an_error_in_the_store_reaches_who_waits(tmp_path):
    path = tmp_path / "ledger.db"
    with SQLiteRecorder(path) as recorder, SQLiteRecorder(tmp_path / "other.db"):
        watch = recorder.changes()
        path.unlink()
        with pytest.raises(StoreError, match="cannot be opened"):
            watch.wait(0, LONG)
