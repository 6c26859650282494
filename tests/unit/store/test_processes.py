"""Many threads and processes on one file, some of them killed, forked, or without rights."""

from __future__ import annotations

from newsledger.store import (
    Query,
    QueryItem,
    SQLiteRecorder,
    StoredEvent,
)

EVENT = StoredEvent("T", b"data", ["a"])


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
