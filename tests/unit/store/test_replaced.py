"""A file that is taken away while it is open takes no entries with it."""

from __future__ import annotations

import errno

import pytest

from newsledger.errors import StoreError
from newsledger.store import SQLiteRecorder, StoredEvent

EVENT = StoredEvent("T", b"data", ["a"])


def delete(path):
    path.unlink()


def move(path):
    path.rename(path.with_name("moved.db"))


def replace(path):
    other = path.with_name("other.db")
    SQLiteRecorder(other).close()
    other.replace(path)


@pytest.mark.parametrize("act", [delete, move, replace])
def test_what_is_appended_to_a_file_that_is_gone_is_refused(path, act):
    with SQLiteRecorder(path) as recorder:
        recorder.append([EVENT])
        act(path)
        with pytest.raises(StoreError, match="deleted, moved or replaced") as caught:
            recorder.append([EVENT])
        assert caught.value.errno == errno.ESTALE


def test_another_ledger_is_not_written_to_when_the_connection_is_opened_anew(path):
    """As after an error that could not be rolled back."""
    with SQLiteRecorder(path) as recorder:
        recorder.append([EVENT])
        recorder._db._held.close(recorder._db._writer)
        recorder._db._writer = None
        replace(path)
        with pytest.raises(StoreError, match="deleted, moved or replaced"):
            recorder.append([EVENT])
    with SQLiteRecorder(path) as recorder:
        assert recorder.head() == 0
