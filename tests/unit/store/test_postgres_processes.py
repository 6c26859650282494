"""Many processes on one ledger in PostgreSQL, some of them killed or forked."""

from __future__ import annotations

import os
import signal

import pytest

from newsledger.store import Query, QueryItem, StoredEvent, open_recorder
from newsledger.testing.conformance.contract import Waiting, positions

EVENT = StoredEvent("T", b"data", ["a"])

MAKE = """
import sys
from newsledger.errors import StoreError
from newsledger.store import *
print("ready", flush=True)
sys.stdin.readline()
try:
    with open_recorder(sys.argv[1], mode=sys.argv[2]) as recorder:
        recorder.append([StoredEvent("T", b"data", ["a"])])
        print(recorder.identity)
except StoreError as error:
    print(error.errno)
"""

RACE = """
import sys
from newsledger.store import *
with open_recorder(sys.argv[1], durability="normal") as recorder:
    print("ready", flush=True)
    sys.stdin.readline()
    for round in range(60):
        tag = f"round:{round}"
        condition = AppendCondition(Query([QueryItem(tags=[tag])]))
        try:
            position = recorder.append([StoredEvent("Won", sys.argv[2].encode(), [tag])], condition)
        except ConditionFailed:
            continue
        print(f"{round}:{position}")
"""

WRITE = """
import sys
from newsledger.store import *
with open_recorder(sys.argv[1]) as recorder:
    number = 0
    while True:
        batch = [StoredEvent(f"T{number % 7}", b"x" * 700, [f"n{number}", "all"])] * 5
        print(recorder.append(batch), flush=True)
        number += 1
"""

FOLLOW = """
import sys
from newsledger.store import *
with open_recorder(sys.argv[1], mode="r") as recorder:
    print("ready", flush=True)
    for found in recorder.subscribe():
        print(found.position, flush=True)
        if found.position == 400:
            break
"""

APPEND = """
import sys
from newsledger.store import *
with open_recorder(sys.argv[1], durability="normal") as recorder:
    for number in range(100):
        recorder.append([StoredEvent("T", b"", [])])
"""


def at_once(run, said, code, *argument_lists):
    processes = [run(code, *arguments) for arguments in argument_lists]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [word for process in processes for word in said(process)]


@pytest.mark.parametrize("mode", ["a", "x"])
def test_processes_that_start_at_once_make_one_ledger(url, run, said, mode):
    words = at_once(run, said, MAKE, *[(url, mode)] * 4)
    with open_recorder(url) as recorder:
        if mode == "a":
            assert set(words) == {recorder.identity}
            assert recorder.head() == 4
        else:
            assert sorted(words, key=len) == ["17", "17", "17", recorder.identity]
            assert recorder.head() == 1


def test_of_racing_processes_one_wins_each_round(url, run, said):
    won = at_once(run, said, RACE, *((url, name) for name in "abcd"))
    assert sorted(int(line.split(":")[0]) for line in won) == list(range(60))
    assert sorted(int(line.split(":")[1]) for line in won) == list(range(1, 61))
    with open_recorder(url) as recorder:
        assert positions(recorder.read()) == list(range(1, 61))


def test_followers_in_other_processes_miss_nothing(url, run, said):
    open_recorder(url).close()
    following = [run(FOLLOW, url) for _ in range(2)]
    for process in following:
        assert process.stdout.readline() == "ready\n"
    for process in [run(APPEND, url) for _ in range(4)]:
        said(process)
    for process in following:
        assert said(process) == [str(number) for number in range(1, 401)]


def killed(url, run, rounds):
    acknowledged = 0
    for round_ in range(rounds):
        process = run(WRITE, url)
        for _ in range(2 + 7 * round_ % 40):
            acknowledged = int(process.stdout.readline())
        process.kill()
        rest, _ = process.communicate()
        # A last line may be torn; the position before it is whole.
        whole = rest[: rest.rfind("\n") + 1].split()
        acknowledged = int(whole[-1]) if whole else acknowledged
        # What it had sent off may still be committed, but in whole batches.
        with open_recorder(url) as recorder, recorder.exclusive():
            head = recorder.head()
            assert head >= acknowledged
            assert head % 5 == 0
            assert positions(recorder.read()) == list(range(1, head + 1))
            tagged = recorder.read(Query([QueryItem(tags=["all"])]))
            assert positions(tagged) == list(range(1, head + 1))


def test_a_killed_writer_loses_nothing_acknowledged_and_tears_no_batch(url, run):
    killed(url, run, 4)


@pytest.mark.campaign
def test_writers_that_are_killed_at_length(url, run):
    killed(url, run, 60)


EXITS = """
import gc, os, sys
from newsledger.store import *
recorder = open_recorder(sys.argv[1])
recorder.append([StoredEvent("T", b"data", ["a"])])
recorder.changes()
with recorder.exclusive():
    recorder.append([StoredEvent("T", b"data", ["a"])])
    child = os.fork()
    if child == 0:
        name = recorder
        del recorder
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    recorder.append([StoredEvent("T", b"data", ["a"])])
print(recorder.head())
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_that_exits_in_the_ordinary_way_closes_nothing(url, run):
    process = run(EXITS, url)
    out, err = process.communicate()
    assert (out, process.returncode) == ("3\n", -signal.SIGKILL), err
    with open_recorder(url) as recorder:
        assert recorder.head() == 3


def test_a_killed_holder_of_the_lock_lets_go(url, run):
    holder = run(
        "import sys\nfrom newsledger.store import *\nrecorder = open_recorder(sys.argv[1])\n"
        "with recorder.exclusive():\n    recorder.append([StoredEvent('T', b'', [])])\n"
        "    print('held', flush=True)\n    sys.stdin.readline()\n",
        url,
    )
    assert holder.stdout.readline() == "held\n"
    with open_recorder(url) as recorder:
        waiting = Waiting(lambda: recorder.append([EVENT]))
        assert recorder.head() == 0
        holder.kill()
        assert waiting.outcome() == 1
