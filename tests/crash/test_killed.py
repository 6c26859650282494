"""Killed at any moment: nothing acknowledged is lost, no batch is torn, and work goes on."""

from __future__ import annotations

import random
import shutil
import signal
import sys
from pathlib import Path

import pytest

OLD = Path(__file__).parents[1] / "corpus" / "v1" / "ledger.db"
CHANGES = "write sync truncate unlink open"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


def lives(folder, worker, checking, working, rounds, *, fault=None, seed=1, short=False):
    """Kill workers on new ledgers, each until its plan is done.

    With ``fault`` at a call that changes something, chosen by lot; else at any moment.
    """
    rng = random.Random(seed)
    killed, number, calls = 0, 0, 600
    while killed < rounds:
        number += 1
        home = folder / str(number)
        home.mkdir()
        job = {
            "url": home / "news.db",
            "into": home / "read.db",
            "seed": number,
            "durability": rng.choice(["full", "normal"]),
            "short": short,
        }
        before = 0
        if rng.random() < 0.3:
            shutil.copy(OLD, job["url"])
            before = 26
        told = checking.Told()
        ended = None
        while ended != 0:
            if killed >= rounds or rng.random() < 0.1:
                ended, seen = worker.run(told, **job, fault=fault and fault(home, CHANGES, 0))
                calls = seen or calls
            elif fault is not None:
                # Few calls are left to do when most is done already.
                nth = int(rng.random() ** 2 * calls) + 1
                ended, _ = worker.run(told, **job, fault=fault(home, CHANGES, nth))
            else:
                ended = worker.kill_after(told, rng.randrange(14), rng.random() ** 2 / 20, **job)
            assert ended in {0, -signal.SIGKILL}
            killed += ended != 0
            # A file that was never open yet may be empty, but one of an older version is not.
            if before or "open" in told.steps:
                checking.check(job["url"], told, mode=rng.choice(["r", "a"]), before=before)
        checking.check(job["url"], told, thorough=True, before=before)
        checking.check_model(job["url"], job["into"], working.LatestStatus())
        checking.check_tiles(job["url"])
        shutil.rmtree(home)


def test_killed_at_any_moment_of_it_all(tmp_path, worker, checking, working):
    lives(tmp_path, worker, checking, working, 8, short=True)


def test_killed_at_any_call_that_changes_a_file(tmp_path, faulty, checking, working, fault):
    lives(tmp_path, faulty, checking, working, 8, fault=fault, short=True)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(2, 6))
def test_killed_at_any_moment_at_length(tmp_path, worker, checking, working, seed):
    lives(tmp_path, worker, checking, working, 100, seed=seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(2, 6))
def test_killed_at_any_call_at_length(tmp_path, faulty, checking, working, fault, seed):
    lives(tmp_path, faulty, checking, working, 100, fault=fault, seed=seed)
