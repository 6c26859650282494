"""Many threads and processes on one file, some of them killed, forked, or without rights."""

from __future__ import annotations

import threading

import pytest

from newsledger.errors import StoreError
from newsledger.store import (
    AppendCondition,
    ConditionFailed,
    Query,
    QueryItem,
    SQLiteRecorder,
    StoredEvent,
)

EVENT = StoredEvent("T", b"data", ["a"])


@pytest.mark.parametrize("memory", [True, False])
def test_threads_append_and_read_without_gaps(path, memory):
    with SQLiteRecorder(None if memory else path, durability="normal") as recorder:
        done = threading.Event()
        errors, returned = [], []

        def append(name):
            try:
                for number in range(50):
                    event = StoredEvent(name, b"%d" % number, [name, "all"])
                    returned.append(recorder.append([event, event]))
            except BaseException as error:  # noqa: BLE001 -- a thread's error is the test's
                errors.append(error)

        def read():
            try:
                while not done.is_set():
                    response = recorder.read(Query([QueryItem(tags=["all"])]))
                    positions = [e.position for e in response]
                    assert positions == list(range(1, (response.head or 0) + 1))
                    assert len(positions) % 2 == 0
            except BaseException as error:  # noqa: BLE001 -- a thread's error is the test's
                errors.append(error)

        writers = [threading.Thread(target=append, args=[f"w{n}"]) for n in range(4)]
        readers = [threading.Thread(target=read) for _ in range(4)]
        for thread in writers + readers:
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        for thread in readers:
            thread.join()
        assert not errors
        assert sorted(returned) == list(range(2, 401, 2))
        for name in "w0", "w3":
            mine = recorder.read(Query([QueryItem(types=[name])]))
            assert [int(e.event.data) for e in mine] == [n for n in range(50) for _ in "ab"]


def test_two_recorders_on_one_file_see_each_other(path):
    with SQLiteRecorder(path) as one, SQLiteRecorder(path) as other:
        one.append([StoredEvent("One", b"1", ["a"])])
        other.append([StoredEvent("Other", b"2", ["a"])])
        one.append([StoredEvent("Other", b"3", ["b"])])
        for recorder in one, other:
            assert [e.event.type for e in recorder.read()] == ["One", "Other", "Other"]
            assert recorder.head() == 3
        with one.exclusive():
            one.append([EVENT])
            assert other.head() == 3
        assert other.head() == 4


RACE = """
import sys
from newsledger.store import *
with SQLiteRecorder(sys.argv[1], durability="normal") as recorder:
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


def test_of_racing_processes_one_wins_each_round(path, run, said):
    with SQLiteRecorder(path) as recorder:
        processes = [run(RACE, path, name) for name in "abcd"]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        won = [line for process in processes for line in said(process)]
        assert sorted(int(line.split(":")[0]) for line in won) == list(range(60))
        assert sorted(int(line.split(":")[1]) for line in won) == list(range(1, 61))
        assert [e.position for e in recorder.read()] == list(range(1, 61))


WRITE = """
import sys
from newsledger.store import *
with SQLiteRecorder(sys.argv[1]) as recorder:
    number = 0
    while True:
        batch = [StoredEvent(f"T{number % 7}", b"x" * 700, [f"n{number}", "all"])] * 5
        print(recorder.append(batch), flush=True)
        number += 1
"""


def test_a_killed_writer_loses_nothing_acknowledged_and_tears_no_batch(path, run):
    acknowledged = 0
    for round_ in range(6):
        process = run(WRITE, path)
        for _ in range(3 + 7 * round_):
            acknowledged = int(process.stdout.readline())
        process.kill()
        rest, _ = process.communicate()
        # A last line may be torn; the position before it is whole.
        whole = rest[: rest.rfind("\n") + 1].split()
        acknowledged = int(whole[-1]) if whole else acknowledged
        with SQLiteRecorder(path, mode="r") as recorder:
            head = recorder.head()
            assert head >= acknowledged
            assert head % 5 == 0
            assert [e.position for e in recorder.read()] == list(range(1, head + 1))
            tagged = recorder.read(Query([QueryItem(tags=["all"])]))
            assert [e.position for e in tagged] == list(range(1, head + 1))


def test_a_maker_that_is_killed_leaves_nothing_that_blocks(tmp_path, run):
    code = (
        "import sys\nfrom newsledger.store import *\nprint('up', flush=True)\n"
        "for n in range(10**6): SQLiteRecorder(f'{sys.argv[1]}/{n}.db').close()"
    )
    process = run(code, tmp_path)
    process.stdout.readline()
    while len(list(tmp_path.glob("*.db"))) < 5:
        pass
    process.kill()
    process.communicate()
    for path in list(tmp_path.glob("*.db")):
        with SQLiteRecorder(path) as recorder:
            assert recorder.append([EVENT]) == 1


def test_a_condition_that_failed_leaves_the_lock_free(path):
    with SQLiteRecorder(path) as one, SQLiteRecorder(path, timeout=1) as other:
        one.append([EVENT])
        with pytest.raises(ConditionFailed):
            one.append([EVENT], AppendCondition())
        assert other.append([EVENT]) == 2
        with pytest.raises(StoreError):
            one.append([StoredEvent("\ud800", b"", [])])
        assert other.append([EVENT]) == 3
