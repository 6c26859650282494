"""What can be done without the right to write, and what is said of the rest."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from newsledger.store import SQLiteRecorder, StoredEvent

EVENT = StoredEvent("T", b"data", ["a"])

UNPRIVILEGED = """
import os, sys
from newsledger.errors import StoreError
from newsledger.store import *
sys.stdin.readline()
os.setgid(65534)
os.setuid(65534)
try:
    with SQLiteRecorder(sys.argv[1], mode=sys.argv[2]) as recorder:
        print(recorder.head(), flush=True)
        for line in sys.stdin:
            print(recorder.head(), len(list(recorder.read())), flush=True)
except StoreError as error:
    print("refused", error.errno, str(error))
"""


@pytest.fixture
def bound():
    """A folder that only root may write, with a ledger that anybody may read."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("needs root, to become somebody who is not")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with SQLiteRecorder(folder / "ledger.db") as recorder:
            recorder.append([EVENT])
        yield folder / "ledger.db"


@pytest.fixture
def as_nobody(run):
    def start(path, mode):
        process = run(UNPRIVILEGED, path, mode)
        process.stdin.write("go\n")
        process.stdin.flush()
        return process

    return start


def test_a_folder_without_rights_is_read_and_its_changes_are_noticed(bound, as_nobody):
    process = as_nobody(bound, "r")
    assert process.stdout.readline() == "1\n"
    assert {p.name for p in bound.parent.iterdir()} == {"ledger.db"}
    with SQLiteRecorder(bound) as recorder:
        recorder.append([EVENT])
        process.stdin.write("look\n")
        process.stdin.flush()
        assert process.stdout.readline() == "2 2\n"
    with SQLiteRecorder(bound) as recorder:
        recorder.append([EVENT])
    process.stdin.write("look\n")
    process.stdin.flush()
    assert process.stdout.readline() == "3 3\n"
    process.communicate()
    assert process.returncode == 0


def test_committed_work_in_a_wal_that_cannot_be_read_is_refused_not_missed(
    bound, run, said, as_nobody
):
    process = run(
        "import os, sys\nfrom newsledger.store import *\nrecorder = SQLiteRecorder(sys.argv[1])\n"
        "recorder.append([StoredEvent('T', b'', [])])\nos.kill(os.getpid(), 9)",
        bound,
    )
    process.communicate()
    assert said(as_nobody(bound, "r"))[0] == "2"
    bound.with_name("ledger.db-shm").unlink()
    words = said(as_nobody(bound, "r"))
    assert words[0] == "refused"
    assert "copy both files" in " ".join(words)
    with SQLiteRecorder(bound, mode="r") as recorder:
        assert recorder.head() == 2


@pytest.mark.parametrize("mode", ["a", "r+"])
def test_what_may_not_be_written_is_refused_at_once(bound, mode, said, as_nobody):
    words = said(as_nobody(bound, mode))
    assert words[:2] == ["refused", "13"]
    assert "mode 'r'" in " ".join(words)
    bound.chmod(0o600)
    words = said(as_nobody(bound, "r"))
    assert words[:2] == ["refused", "13"]
