"""Waiting for what comes: no wake-up is lost, and everybody is let go."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from newsledger.errors import StoreError
from newsledger.store import SQLiteRecorder, StoredEvent, Watch
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


def test_waiting_needs_no_thread_of_its_own(recorder):
    before = threading.active_count()
    watch = recorder.changes()
    waiting = Waiting(lambda: watch.wait(0, LONG))
    assert threading.active_count() == before + 1
    recorder.append([event(1)])
    waiting.outcome()


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
