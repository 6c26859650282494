"""Each system call that touches the files fails in turn: it is told, and the files stay good."""

from __future__ import annotations

import errno
import os
import random
import signal

import pytest

# By kind of call, which of them are made to fail by default, of how many about.
CALLS = {
    "write": random.Random(1).sample(range(1, 500), 5),
    "sync": [1, 6, 9, 14, 21],
    "truncate": [2],
    "unlink": [3],
    "open": [2, 5, 9],
    "read": random.Random(2).sample(range(1, 270), 4),
    "map": [1],
}
ERRORS = [errno.EIO, errno.ENOSPC]


def strike(folder, worker, checking, working, fault):
    """Let a worker do a plan in which something fails once; tell what was refused.

    The worker tries again what is refused, in the same process and on the same ledger.
    """
    told = checking.Told()
    news, read = folder / "news.db", folder / "read.db"
    ended, seen = worker.run(told, url=news, into=read, seed=1, short=True, fault=fault)
    assert ended == 0
    assert told.steps[-1] == "update"
    checking.check(news, told)
    checking.check_model(news, read, working.LatestStatus())
    return told.refused, seen


@pytest.mark.parametrize("calls", CALLS)
def test_what_fails_once_is_told_and_done_again(tmp_path, faulty, checking, working, fault, calls):
    for nth in CALLS[calls]:
        home = tmp_path / str(nth)
        home.mkdir()
        error = ERRORS[nth % 2]
        refused, seen = strike(home, faulty, checking, working, fault(home, calls, nth, error))
        assert seen >= nth
        assert len(refused) <= 1


@pytest.mark.campaign
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("calls", CALLS)
def test_whatever_fails_is_told(tmp_path, faulty, checking, working, fault, calls, error):
    nth, seen, told = 1, 1, 0
    while seen >= nth:
        home = tmp_path / str(nth)
        home.mkdir()
        refused, seen = strike(home, faulty, checking, working, fault(home, calls, nth, error))
        told += len(refused)
        nth += 1
    assert nth > 2
    assert told or calls == "unlink"


def test_what_a_disk_did_not_sync_is_not_acknowledged(tmp_path, faulty, checking, fault):
    """From some moment on no sync succeeds, so nothing after that is said to be recorded."""
    told = checking.Told()
    job = {"url": tmp_path / "news.db", "seed": 1, "short": True}
    _, seen = faulty.run(checking.Told(), **job, fault=fault(tmp_path, "sync", 0))
    for name in "news.db", "news.db-wal", "news.db-shm":
        (tmp_path / name).unlink(missing_ok=True)
    ended = None
    faulty.start(
        **job, wait=True, fault=fault(tmp_path, "sync", seen // 2, errno.EIO, lasting=True)
    )
    for word in faulty.words():
        told.hear(word)
        if "refused" in word:
            assert word["errno"] == errno.EIO
            assert "recorded twice" in word["message"]
            done = len(told.steps)
            faulty.go_on()
            if len(told.refused) == 2:
                os.kill(faulty.child, signal.SIGKILL)
        ended = word.get("ended", ended)
    assert ended == -signal.SIGKILL
    assert len(told.steps) == done
    assert len({step for step, *_ in told.refused}) == 1
    checking.check(job["url"], told)
    # What was refused may be there or not; done again it is there once.
    assert faulty.run(told, **job)[0] == 0
    checking.check(job["url"], told, thorough=True)


def test_a_file_beyond_its_quota_is_refused(tmp_path, worker, checking):
    """As where a user may only have files of some size: the first step that is too much waits."""
    told = checking.Told()
    job = {"url": tmp_path / "news.db", "seed": 2, "short": True, "wait": True, "quota": 300_000}
    worker.start(**job)
    for word in worker.words():
        told.hear(word)
        if "refused" in word:
            checking.check(job["url"], told)
            worker.go_on()
    assert word["ended"] == 0
    assert [step for step, *_ in told.refused] == ["heavy"]
    checking.check(job["url"], told, thorough=True)
