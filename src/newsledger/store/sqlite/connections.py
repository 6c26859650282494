"""The connections to one SQLite ledger: who may use which, when, and in which process.

A file has one connection that writes, behind a lock, and a few that read. Memory has one for both;
a second lock is held for each statement, and as reads are bounded by the committed head, nobody
sees rows of a transaction that is still open. Nothing here holds a transaction between two calls
except `Connections.writing`.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from newsledger.errors import LedgerClosed, StoreError
from newsledger.store.base import refusal
from newsledger.store.held import Held
from newsledger.store.sqlite import file as sqlite_file
from newsledger.store.sqlite.errors import Explained
from newsledger.store.sqlite.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from newsledger.store.sqlite.open import Place

_HEAD = """
    SELECT coalesce(max(position), 0), (SELECT value FROM meta WHERE key = 'erasures') FROM event
"""


class Connections:
    """All connections of one recorder; see the module."""

    def __init__(
        self,
        place: Place,
        *,
        create: bool,
        on_rollback: Callable[[], None],
        on_close: Callable[[], None],
    ) -> None:
        """Open the ledger at ``place``; ``create`` makes it if nothing is there.

        ``on_rollback`` is called before anybody else may write, ``on_close`` before anybody can
        find it closed.
        """
        self.where = place.where
        self._explained = Explained(place.where)
        self.shared = place.path is not None
        self.read_only = place.read_only
        self._place = place
        self._on_rollback = on_rollback
        self._on_close = on_close
        self._held = Held()
        self._closed = False
        self._write_lock = threading.Lock()
        self._owner: int | None = None
        self._statement_lock = threading.RLock()
        self.erasures = 0
        self._counting = threading.Lock()
        # What other threads may see of a ledger in memory while one of them is writing.
        self._committed = 0
        self._torn = False  # whether an append broke off, inside `writing`
        self._writer: sqlite3.Connection | None = None
        # Which file it is that the writer has open.
        self._file: tuple[int, int] | None = None
        with self._explained:
            if self.read_only:
                self._readers: Readers | None = Readers(place, self._held)
                self.identity = self._readers.identity
            else:
                writer, self.identity = place.writer(create=create)
                self._take_writer(writer)
                self._readers = Readers(place, self._held, self.identity) if self.shared else None

    # --- reading

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Run one query and return all its rows, with text as bytes."""
        self.check()
        with self._explained:
            if self._readers is not None and not self.mine:
                return self._readers.fetch(sql, parameters)
            with self._statement_lock:
                connection = self._in_transaction() if self.mine else self._open_writer()
                return connection.execute(sql, parameters).fetchall()

    def head(self) -> int:
        """Return the last position that this thread may see, and note how often was erased."""
        if self.shared or self.mine:
            return self._noted(self.fetch(_HEAD)[0])
        self.check()
        return self._committed

    def _noted(self, row: tuple[int, bytes | None]) -> int:
        head, erasures = row
        if erasures is not None and int(erasures) != self.erasures:
            with self._counting:
                # Another thread may have seen more by now.
                self.erasures = max(self.erasures, int(erasures))
        return head

    # --- writing

    @property
    def mine(self) -> bool:
        """Whether this thread is inside `writing`."""
        return self._owner == threading.get_ident()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write transaction: commit at the end, roll back on any exception."""
        self.check()
        if self.read_only:
            raise refusal(f"{self.where} was opened read-only: open it with mode 'a' to append")
        if self.mine:
            raise StoreError(f"this thread holds the write lock of {self.where} already")
        self._lock()
        try:
            self.check()
            try:
                self._begin()
                self._owner = threading.get_ident()
                yield
                self._commit()
            except BaseException:
                self._roll_back()
                raise
        finally:
            self._owner = None
            self._write_lock.release()

    @contextlib.contextmanager
    def statements(self) -> Iterator[sqlite3.Connection]:
        """Lend the writing connection to the thread inside `writing`, for one append.

        What breaks off in here, though the exception be caught, is never committed. A savepoint
        would save the rest of the block, and cost every append a copy of every page it touches.
        """
        self.check()
        with self._explained, self._statement_lock:
            connection = self._in_transaction()
            self._torn = True
            yield connection
            self._torn = False

    @contextlib.contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """Lend the writing connection outside any transaction, while no other thread writes."""
        self.check()
        if self.read_only or self.mine:
            raise StoreError(
                f"{self.where} can only be worked on outside, and where it is writable"
            )
        self._lock()
        try:
            self.check()
            with self._explained, self._statement_lock:
                yield self._open_writer()
        finally:
            self._write_lock.release()

    def _lock(self) -> None:
        if not self._write_lock.acquire(timeout=self._place.timeout):
            raise refusal(
                f"{self.where} is locked by another thread that has held it for"
                f" {self._place.timeout:g} seconds; try again when it is done",
                sqlite_file.BUSY,
            )

    def _begin(self) -> None:
        self._torn = False
        with self._explained, self._statement_lock:
            writer = self._open_writer()
            self._require_there()
            writer.execute("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        self.check()
        with self._explained, self._statement_lock:
            connection = self._in_transaction()
            row = connection.execute(_HEAD).fetchone()
            connection.execute("COMMIT")
            self._committed = self._noted(row)

    def _roll_back(self) -> None:
        if not self._held.here:
            return
        with self._statement_lock:
            self._on_rollback()
            if self._writer is None:
                return
            try:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
            except sqlite3.Error:
                if self.shared:
                    # To close it undoes what it had open; the next append opens another.
                    self._held.close(self._writer)
                    self._writer = None

    def _in_transaction(self) -> sqlite3.Connection:
        connection = self._open_writer()
        if self._torn or not connection.in_transaction:
            # SQLite gives a whole transaction up on some errors; to go on would record a part.
            raise StoreError(
                f"an earlier error undid what this block appended to {self.where}; leave the block"
                " and do it again"
            )
        return connection

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            self.check()
            writer, found = self._place.writer()
            if found != self.identity:
                writer.close()
                raise self._replaced()
            self._take_writer(writer)
            return writer
        return self._writer

    def _take_writer(self, writer: sqlite3.Connection) -> None:
        self._held.add(writer)
        self._writer = writer
        if self._place.path is not None:
            self._file = sqlite_file.file_at(self._place.path)

    def _require_there(self) -> None:
        # What is appended to a file that was deleted would be gone with this process.
        if self._place.path is not None and sqlite_file.file_at(self._place.path) != self._file:
            raise self._replaced()

    def _replaced(self) -> StoreError:
        return refusal(
            f"{self.where} was deleted, moved or replaced while it was open; nothing was recorded:"
            " open it again",
            errno.ESTALE,
        )

    # --- opening and closing

    def check(self) -> None:
        """Refuse to go on after close, or in another process than the one that opened."""
        if not self._held.here:
            raise LedgerClosed(
                f"{self.where} was opened by the parent of this process, and SQLite connections"
                " do not survive a fork: open it again in this process"
            )
        if self._closed:
            raise LedgerClosed(f"{self.where} is closed")

    def close(self) -> None:
        """Close what this process opened; waits for an append that is under way."""
        if self._closed or not self._held.here:
            self._closed = True
            return
        if self.mine:
            raise StoreError(f"{self.where} cannot be closed inside exclusive()")
        self._lock()
        try:
            with self._statement_lock:
                self._on_close()
                self._closed = True
                if self._readers is not None:
                    self._readers.close()
                if self._writer is not None:
                    # The last to close folds the -wal file into the ledger.
                    self._held.close(self._writer)
                    self._writer = None
        finally:
            self._write_lock.release()
