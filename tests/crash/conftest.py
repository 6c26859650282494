"""What the tests of this room share: workers to be killed, and calls that fail."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

HERE = Path(__file__).parent
CALLS = {"write": 1, "sync": 2, "truncate": 4, "unlink": 8, "open": 16, "read": 32, "map": 64}


@pytest.fixture(scope="session")
def checking():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HERE)
        yield importlib.import_module("checking")


@pytest.fixture(scope="session")
def working():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HERE)
        yield importlib.import_module("working")


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """The library that lets calls fail, built here."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs Linux and a C compiler, to build what lets a system call fail")
    library = tmp_path_factory.mktemp("shim") / "faults.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "faults.c", "-ldl"], check=True
    )
    return library


def pause(seconds):
    """Let a moment pass that is too short to sleep."""
    until = perf_counter() + seconds
    while perf_counter() < until:
        pass


class Worker:
    """A process that forks children, each of which works on a ledger; one at a time."""

    def __init__(self, library=None):
        preload = {} if library is None else {"LD_PRELOAD": str(library)}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-X", "faulthandler", HERE / "working.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **preload},
        )
        assert self._word() == "ready"
        self.child = None

    def start(self, **job):
        """Let a child begin."""
        self._process.stdin.write(json.dumps(job, default=str).encode() + b"\n")
        self._process.stdin.flush()
        self.child = None

    def words(self):
        """Yield what the child says, and at last how it ended, as ``{"ended": status}``."""
        while True:
            word = self._word()
            if word is None:
                continue
            if "started" in word:
                self.child = word["started"]
                continue
            yield word
            if "ended" in word:
                return

    def run(self, told, **job):
        """Let a child do a job to the end; give the end, and how many calls were seen."""
        self.start(**job)
        return self.rest(told)

    def rest(self, told):
        seen = None
        for word in self.words():
            told.hear(word)
            seen = word.get("seen", seen)
        return word["ended"], seen

    def kill_after(self, told, steps, seconds, **job):
        """Kill a child a little after it has said so many things; give how it ended."""
        self.start(**job)
        for said, word in enumerate(self.words(), 1):
            told.hear(word)
            if said >= steps and self.child and "ended" not in word:
                pause(seconds)
                os.kill(self.child, signal.SIGKILL)
                return self.rest(told)[0]
        return word["ended"]

    def crash_after(self, told, moments, crash, revive, **job):
        """Crash what a child works with, each time it has said so many things more.

        ``moments``: pairs of how many things, and of seconds after them. The child says that it
        was refused, and goes on when the server is back.
        """
        self.start(**job, wait=True)
        said, down, crashes = 0, False, 0
        steps, seconds = next(moments)
        for word in self.words():
            told.hear(word)
            said += 1
            if "refused" in word:
                if down:
                    revive()
                    down, said = False, 0
                self.go_on()
            elif not down and said >= steps and "ended" not in word:
                pause(seconds)
                crash()
                down, crashes = True, crashes + 1
                steps, seconds = next(moments)
        if down:
            revive()
        assert word["ended"] == 0
        return crashes

    def go_on(self):
        """Let a child that waits try again."""
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def _word(self):
        line = self._process.stdout.readline()
        assert line, "the worker is gone"
        try:
            return json.loads(line)
        except ValueError:
            # The half line of who was killed in the middle of it, or the line feed after it.
            return None

    def close(self):
        if self.child is not None:
            # It may still be at work where a test failed.
            try:
                stat = Path(f"/proc/{self.child}/stat").read_text()
            except OSError:
                stat = ""
            if stat.rpartition(")")[2].split()[1:2] == [str(self._process.pid)]:
                os.kill(self.child, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def worker():
    """A process that forks workers."""
    made = Worker()
    yield made
    made.close()


@pytest.fixture
def other_worker():
    made = Worker()
    yield made
    made.close()


@pytest.fixture(scope="module")
def faulty(shim):
    """A process that forks workers of which calls can be made to fail."""
    made = Worker(shim)
    yield made
    made.close()


@pytest.fixture
def fault():
    """Describe which call is to fail, and how; the process is killed where there is no error."""

    def of(folder, calls, nth, error=0, *, lasting=False):
        mask = sum(CALLS[name] for name in calls.split())
        return {
            "folder": str(folder),
            "calls": mask,
            "nth": nth,
            "error": error,
            "lasting": int(lasting),
        }

    return of
