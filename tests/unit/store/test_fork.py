"""A forked child neither uses nor harms what its parent opened."""

from __future__ import annotations

import os
import signal
import warnings

import pytest

from newsledger.errors import LedgerClosed
from newsledger.store import SQLiteRecorder, StoredEvent

EVENT = StoredEvent("T", b"data", ["a"])

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def forked(function):
    """What the function returns in a forked child, as text."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 3.12 warns of forks beside threads: that is the test
        child = os.fork()
    if child == 0:
        try:
            os.write(write, str(function()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        text = file.read()
    os.waitpid(child, 0)
    return text


def test_a_forked_child_is_told_to_open_again(path):
    with SQLiteRecorder(path) as recorder:
        recorder.append([EVENT])
        watch = recorder.changes()
        halfway = recorder.read()

        def child():
            seen = []
            for call in (
                recorder.head,
                recorder.read,
                recorder.changes,
                recorder.subscribe,
                recorder.tag_counts,
                lambda: recorder.append([EVENT]),
                lambda: recorder.exclusive().__enter__(),
                lambda: watch.wait(5, 5),
                lambda: next(halfway),
            ):
                try:
                    call()
                except LedgerClosed as error:
                    seen.append("open it again in this process" in str(error))
            recorder.close()
            with SQLiteRecorder(path) as mine:
                mine.append([EVENT])
            return seen == [True] * 9

        assert forked(child) == "True"
        assert recorder.append([EVENT]) == 3
        assert next(halfway).position == 1


EXITS = """
import gc, os, sys
from newsledger.store import *
recorder = SQLiteRecorder(sys.argv[1])
recorder.append([StoredEvent("T", b"data", ["a"])])
recorder.head()
child = os.fork()
if child == 0:
    del recorder
    gc.collect()
    if os.path.isdir("/proc/self/fd"):
        files = [os.readlink(file.path) for file in os.scandir("/proc/self/fd") if file.is_symlink()
                 and os.path.exists(file.path)]
        assert files.count(os.path.realpath(sys.argv[1])) == 2, files
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert os.path.getsize(sys.argv[1] + "-wal") > 0
recorder.append([StoredEvent("T", b"data", ["a"])])
print(recorder.head())
os.kill(os.getpid(), 9)
"""


def test_a_child_that_exits_in_the_ordinary_way_closes_nothing(path, run):
    process = run(EXITS, path)
    out, err = process.communicate()
    assert (out, process.returncode) == ("2\n", -signal.SIGKILL), err
    with SQLiteRecorder(path) as recorder:
        assert recorder.head() == 2
