"""The connections that a recorder holds, and what becomes of them in a forked child.

SQLite connections do not survive a fork: to use one in the child can destroy the file, and even to
close one there could fold away the ``-wal`` file that the parent is writing. A client of UmaDB
waits in the child for threads that only its parent has, even when it is thrown away.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sqlite3
import weakref
from typing import Any


class Held:
    """A set of open connections that belongs to the process which made it."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._connections: set[Any] = set()
        _of_this_process.add(self)

    @property
    def here(self) -> bool:
        """Whether this is the process that opened them."""
        return os.getpid() == self._pid

    def add(self, connection: object) -> None:
        """Take charge of an open connection."""
        self._connections.add(connection)

    def release(self, connection: object) -> None:
        """Give up the charge of one that is done."""
        self._connections.discard(connection)

    def close(self, connection: sqlite3.Connection) -> None:
        """Close one, whatever state it is in."""
        self._connections.discard(connection)
        with contextlib.suppress(sqlite3.Error):
            connection.close()

    def abandon(self) -> None:
        """See to it that no garbage collection ever closes them."""
        for connection in self._connections:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


_of_this_process: weakref.WeakSet[Held] = weakref.WeakSet()


def _abandon_all() -> None:
    for held in list(_of_this_process):
        held.abandon()
    _of_this_process.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_all)
