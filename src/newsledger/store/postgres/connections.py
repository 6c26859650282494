"""The connections to one PostgreSQL ledger: who may use which, when, and in which process.

One connection writes, behind a lock; a few read, each for one statement at a time. What breaks is
replaced. Nothing here holds a transaction between two calls except `Connections.writing`.
"""

from __future__ import annotations

import contextlib
import errno
import threading
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8

from newsledger.errors import LedgerClosed, StoreError
from newsledger.store.base import refusal
from newsledger.store.held import Held
from newsledger.store.postgres.errors import explained, is_lost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from newsledger.store.postgres.place import Connection, Place

READERS = 8
_HEAD = (
    "SELECT coalesce(max(position), 0),"
    " (SELECT value::bigint FROM meta WHERE key = 'erasures') FROM event"
)


class Connections:
    """All connections of one recorder except the one that listens; see the module."""

    def __init__(
        self,
        place: Place,
        mode: str,
        *,
        on_rollback: Callable[[], None],
        on_close: Callable[[], None],
    ) -> None:
        """Open the ledger at ``place``.

        ``on_rollback`` is called before anybody else may write, ``on_close`` before anybody can
        find it closed.
        """
        self.where = place.where
        self.read_only = place.read_only
        self.erasures = 0
        self._counting = threading.Lock()
        self.held = Held()
        self._place = place
        self._on_rollback = on_rollback
        self._on_close = on_close
        self._closed = False
        self._write_lock = threading.Lock()
        self._owner: int | None = None
        self._writer: Connection | None = None
        self._idle: list[Connection] = []
        self._readers = threading.BoundedSemaphore(READERS)
        # Inside `writing`: the head, whether anything was appended, whether an append broke off.
        self._head = 0
        self._appended = False
        self._torn = False
        with explained(self.where):
            first, self.identity = place.prepared(mode)
        self.held.add(first)
        self._idle.append(first)
        number = int.from_bytes(UUID(self.identity).bytes[:8], "big", signed=True)
        self._begin_sql = (
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
            f" SELECT pg_advisory_xact_lock({number}); {_HEAD}"
        )
        self.channel = f"newsledger_{UUID(self.identity).hex}"

    # --- reading

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Run one query and return all its rows, with text as bytes."""
        self.check()
        with explained(self.where):
            if self.mine:
                return _rows(self._in_transaction(), sql, parameters)
            if not self._readers.acquire(timeout=self._place.timeout):
                raise refusal(
                    f"{self.where}: all {READERS} connections have been busy for"
                    f" {self._place.timeout:g} seconds; try again",
                    errno.EBUSY,
                )
            try:
                return self._read(sql, parameters)
            finally:
                self._readers.release()

    def head(self) -> int:
        """Return the last position that this thread may see, and note how often was erased."""
        if self.mine:
            self.check()
            self._in_transaction()
            return self._head
        return self._noted(self.fetch(_HEAD)[0])

    def _noted(self, row: tuple[int, int | None]) -> int:
        head, erasures = row
        if erasures is not None and erasures != self.erasures:
            with self._counting:
                # Another thread may have seen more by now.
                self.erasures = max(self.erasures, erasures)
        return head

    @contextlib.contextmanager
    def alone(self) -> Iterator[Connection]:
        """Lend the writing connection outside any transaction, while no other thread writes."""
        self.check()
        if self.read_only or self.mine:
            raise StoreError(
                f"{self.where} can only be worked on outside, and where it is writable"
            )
        self._lock()
        try:
            self.check()
            with explained(self.where):
                if self._writer is None:
                    self._writer = self._open()
                yield self._writer
        finally:
            self._write_lock.release()

    def _read(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        while (reader := self._take()) is not None:
            try:
                return self._read_by(reader, sql, parameters)
            except psycopg.Error as error:
                # One that broke while it was idle tells nothing of the server as it is now.
                if not is_lost(error):
                    raise
        return self._read_by(self._open(), sql, parameters)

    def _read_by(self, reader: Connection, sql: str, parameters: Sequence[Any]) -> list[Any]:
        try:
            return _rows(reader, sql, parameters)
        finally:
            self._give_back(reader)

    def _take(self) -> Connection | None:
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        return None

    def _open(self) -> Connection:
        connection = self._place.again(self.identity)
        self.held.add(connection)
        return connection

    def _give_back(self, reader: Connection) -> None:
        if reader.info.transaction_status != TransactionStatus.IDLE:
            self.held.close(reader)
            return
        self._idle.append(reader)
        if self._closed:
            self._close_idle()

    def _close_idle(self) -> None:
        while (reader := self._take()) is not None:
            self.held.close(reader)

    # --- writing

    @property
    def mine(self) -> bool:
        """Whether this thread is inside `writing`."""
        return self._owner == threading.get_ident()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock and a transaction: commit at the end, roll back on any exception."""
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
    def statements(self) -> Iterator[Connection]:
        """Lend the writing connection to the thread inside `writing`, for one append.

        What breaks off in here, though the exception be caught, is never committed.
        """
        self.check()
        with explained(self.where):
            connection = self._in_transaction()
            self._torn = True
            yield connection
            self._torn = False

    def moved(self, head: int) -> None:
        """Note the head after an append."""
        self._head = head
        self._appended = True

    def _lock(self) -> None:
        if not self._write_lock.acquire(timeout=self._place.timeout):
            raise refusal(
                f"{self.where} is locked by another thread that has held it for"
                f" {self._place.timeout:g} seconds; try again when it is done",
                errno.EBUSY,
            )

    def _begin(self) -> None:
        self._torn = self._appended = False
        with explained(self.where):
            if self._writer is not None:
                try:
                    self._head = self._begin_on(self._writer)
                except psycopg.Error as error:
                    if not is_lost(error):
                        raise
                    # It broke while it was idle; nothing was begun, so a new one may begin.
                    self.held.close(self._writer)
                    self._writer = None
                else:
                    return
            self._writer = self._open()
            self._head = self._begin_on(self._writer)

    def _begin_on(self, writer: Connection) -> int:
        cursor = writer.execute(self._begin_sql)
        # The snapshot of the last statement is taken when the lock is held already.
        cursor.set_result(-1)
        row = cursor.fetchone()
        return self._noted(row) if row else 0

    def _commit(self) -> None:
        self.check()
        connection = self._in_transaction()
        with explained(self.where):
            if not self._appended:
                connection.execute("COMMIT")
                return
            try:
                connection.execute(f"SELECT pg_notify('{self.channel}', ''); COMMIT")
            except psycopg.Error as error:
                if is_lost(error):
                    raise refusal(
                        f"the connection to {self.where} broke during the commit, so it is not"
                        " known whether it was recorded: look, or do it again, as what is there"
                        f" already is not recorded twice (PostgreSQL says: {error})",
                        errno.ECONNRESET,
                    ) from error
                raise

    def _roll_back(self) -> None:
        if not self.held.here:
            return
        self._on_rollback()
        if self._writer is None:
            return
        try:
            if self._writer.info.transaction_status != TransactionStatus.IDLE:
                self._writer.execute("ROLLBACK")
        except BaseException as error:
            # To close it undoes what it had open; the next append opens another.
            self.held.close(self._writer)
            self._writer = None
            if not isinstance(error, psycopg.Error):
                raise

    def _in_transaction(self) -> Connection:
        # A transaction that failed would be committed as ROLLBACK, without an error.
        writer = self._writer
        if (
            writer is None
            or self._torn
            or writer.info.transaction_status != TransactionStatus.INTRANS
        ):
            raise self._undone()
        return writer

    def _undone(self) -> StoreError:
        return StoreError(
            f"an earlier error undid what this block appended to {self.where}; leave the block and"
            " do it again"
        )

    # --- closing

    def check(self) -> None:
        """Refuse to go on after close, or in another process than the one that opened."""
        if not self.held.here:
            raise LedgerClosed(
                f"{self.where} was opened by the parent of this process, and its connections do"
                " not survive a fork: open it again in this process"
            )
        if self._closed:
            raise LedgerClosed(f"{self.where} is closed")

    def close(self) -> None:
        """Close what this process opened; waits for an append that is under way."""
        if self._closed or not self.held.here:
            self._closed = True
            return
        if self.mine:
            raise StoreError(f"{self.where} cannot be closed inside exclusive()")
        self._lock()
        try:
            self._on_close()
            self._closed = True
            self._close_idle()
            if self._writer is not None:
                self.held.close(self._writer)
                self._writer = None
        finally:
            self._write_lock.release()


def _rows(connection: Connection, sql: str, parameters: Sequence[Any]) -> list[Any]:
    # By itself psycopg sends each number in its own size, which makes another statement of each.
    sized = [Int8(value) if type(value) is int else value for value in parameters]
    with connection.cursor(binary=True) as cursor:
        return cursor.execute(sql, sized).fetchall()
