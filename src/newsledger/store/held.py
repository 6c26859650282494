"""The connections that a recorder holds, and what becomes of them in a forked child.

Connections to a database do not survive a fork: to use one in the child can destroy an SQLite
file or garble what a server hears, and even to close one there could fold away the ``-wal`` file
that the parent is writing.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import weakref
from typing import Protocol


class Closable(Protocol):
    """A connection, as far as this file knows one."""

    def close(self) -> None:
        """Give it back."""


class Held:
    """A set of open connections that belongs to the process which made it."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._connections: set[Closable] = set()
        _of_this_process.add(self)

    @property
    def here(self) -> bool:
        """Whether this is the process that opened them."""
        return os.getpid() == self._pid

    def add(self, connection: Closable) -> None:
        """Take charge of an open connection."""
        self._connections.add(connection)

    def close(self, connection: Closable) -> None:
        """Close one, whatever state it is in."""
        self._connections.discard(connection)
        with contextlib.suppress(Exception):
            connection.close()

    def close_all(self) -> None:
        """Close all of them."""
        for connection in list(self._connections):
            self.close(connection)

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
