"""Whoever kills a copy, at whatever moment: another call completes it, and nothing comes twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from time import perf_counter

import pytest

from newsledger import Ledger, copy
from newsledger.store import StoredEvent, open_recorder

COUNT = 400

# Copies in small batches, and tells of each by a byte.
COPYING = """
import sys
from newsledger import copy
from newsledger.ledger import copying

copying._MOST = 7
record = copying._Copy._record

def told(self, events):
    record(self, events)
    sys.stdout.buffer.write(b".")
    sys.stdout.flush()

copying._Copy._record = told
sys.stdout.buffer.write(b"!")
sys.stdout.flush()
copy(*sys.argv[1:])
"""


def contents(url):
    with open_recorder(url) as recorder:
        return [(found.position, found.event) for found in recorder.read()]


def killed(source, target, rng, expected):
    """Start a copy and kill it, between two batches or in one; tell how many batches it told of."""
    with subprocess.Popen(
        [sys.executable, "-c", COPYING, str(source), str(target)],
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.read(1) == b"!"
        batches = rng.randrange(12)
        told = process.stdout.read(batches)
        within = perf_counter() + rng.random() / 200
        while perf_counter() < within:
            pass
        process.kill()
        told += process.stdout.read()
    assert process.returncode == -signal.SIGKILL, "it came to its end"
    there = contents(target)
    # All that was told of is there, each batch whole, and nothing but what the source holds.
    assert there == expected[: len(there)]
    return len(told), len(there)


def killed_again_and_again(source, new, rounds):
    rng = random.Random(1)
    expected = contents(source)
    moments = set()
    target, before = new(), 0
    for _ in range(rounds):
        told, there = killed(source, target, rng, expected)
        # A batch may have been recorded, and nobody told of it. What a server was sent by one that
        # was killed it may even record after we looked: then it shows in the next round.
        untold = there - before - told * 7
        assert untold in {0, 7, 14}
        moments.add(untold)
        before = there
        if there > COUNT // 2:
            complete(source, target, expected, there)
            target, before = new(), 0
    complete(source, target, expected, before)
    return moments


def complete(source, target, expected, before):
    done = copy(source, target)
    assert done.copied + done.known == COUNT
    assert done.known in {before, before + 7}
    assert contents(target) == expected
    with Ledger.open(source) as ledger, Ledger.open(target) as other:
        assert ledger.digest() == other.digest() == done.digest


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.db"
    with open_recorder(path) as recorder:
        recorder.append(
            [StoredEvent("T", b"%d" % number, ["all", f"n:{number}"]) for number in range(COUNT)]
        )
    return path


def in_files(tmp_path):
    numbers = iter(range(10_000))
    return lambda: tmp_path / f"target{next(numbers)}.db"


def test_killed_at_any_moment_it_is_completed(tmp_path, source):
    killed_again_and_again(source, in_files(tmp_path), 4)


@pytest.mark.campaign
def test_killed_at_any_moment_it_is_completed_at_length(tmp_path, source):
    # A file has no server that goes on by itself.
    assert killed_again_and_again(source, in_files(tmp_path), 200) == {0, 7}


@pytest.mark.parametrize(
    "rounds", [2, pytest.param(60, marks=pytest.mark.campaign)], ids=["", "at_length"]
)
def test_killed_at_any_moment_it_is_completed_in_postgresql(postgres, source, request, rounds):
    def new():
        schema = postgres.schema()
        name = schema.__enter__()
        request.addfinalizer(lambda: schema.__exit__(None, None, None))
        return postgres.url(name)

    killed_again_and_again(source, new, rounds)


@pytest.mark.parametrize(
    "rounds", [2, pytest.param(60, marks=pytest.mark.campaign)], ids=["", "at_length"]
)
def test_killed_at_any_moment_it_is_completed_on_umadb(start_umadb, source, request, rounds):
    def new():
        server = start_umadb()
        started = server.__enter__()
        request.addfinalizer(lambda: server.__exit__(None, None, None))
        return started.url

    killed_again_and_again(source, new, rounds)
