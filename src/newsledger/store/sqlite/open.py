"""How the connections to one ledger are opened and set, each for its purpose."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsledger.store.base import refusal
from newsledger.store.sqlite import (
    file as sqlite_file,
    migration as sqlite_migration,
    schema as sqlite_schema,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsledger.store.sqlite.file import Signature

SYNCHRONOUS = {"full": "FULL", "normal": "NORMAL"}
_RETRY_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger is kept, and how it was asked to be opened."""

    path: Path | None
    read_only: bool
    durability: str
    timeout: float

    @property
    def where(self) -> str:
        """How messages call it."""
        return "the ledger in memory" if self.path is None else repr(str(self.path))

    def writer(self, *, create: bool = False) -> tuple[sqlite3.Connection, str]:
        """Open a connection to write with, and tell the ledger's identity.

        A file of an older version is migrated. ``create`` makes the tables if there are none: in a
        new file, in an empty one, and in one whose maker was killed, which SQLite empties at the
        first look.
        """
        with self._connection("mode=rwc" if create else "mode=rw") as connection:
            if create and sqlite_schema.is_empty(connection):
                connection.execute("BEGIN IMMEDIATE")
                if sqlite_schema.is_empty(connection):
                    sqlite_schema.create(connection)
                connection.execute("COMMIT")
            identity = sqlite_schema.identify(connection, self.where)
            if self.path is not None:
                self._write_ahead(connection)
                synchronous = SYNCHRONOUS[self.durability]
                connection.execute(f"PRAGMA synchronous = {synchronous}")
                # Only Apple's disks know the difference, and only this makes "full" true there.
                connection.execute(f"PRAGMA fullfsync = {int(synchronous == 'FULL')}")
                connection.execute("PRAGMA journal_size_limit = 67108864")
                sqlite_migration.migrate(connection, self.where)
        return connection, identity

    def reader(self) -> tuple[sqlite3.Connection, Signature | None]:
        """Open a connection to read with.

        With a signature, SQLite takes the file for unchanging: what it reads counts only if the
        file still bears that signature afterwards.
        """
        if not self.read_only:
            with self._connection("mode=rw") as connection:
                connection.execute("PRAGMA query_only = 1")
            return connection, None
        try:
            with self._connection("mode=ro") as connection:
                connection.execute("SELECT 1 FROM meta").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
                return self._unchanging_reader(error)
            raise
        return connection, None

    def _unchanging_reader(
        self, error: sqlite3.OperationalError
    ) -> tuple[sqlite3.Connection, Signature]:
        """Open a file in a folder where SQLite can make none of the files it wants beside it."""
        if self.path is None or os.access(self.path.parent, os.W_OK):
            raise error
        signature = sqlite_file.signature(self.path)
        if signature.unmerged:
            raise refusal(
                f"{self.where} has committed entries in the -wal file beside it, which cannot be"
                " read as the folder is read-only: copy both files to a folder where you may"
                " write, and open the copy"
            ) from error
        with self._connection("mode=ro&immutable=1") as connection:
            pass
        return connection, signature

    @contextlib.contextmanager
    def _connection(self, parameters: str) -> Iterator[sqlite3.Connection]:
        """Open a connection; close it again if the block, which sets it up, raises."""
        name = ":memory:" if self.path is None else f"{self.path.as_uri()}?{parameters}"
        connection = sqlite3.connect(
            name,
            uri=self.path is not None,
            timeout=self.timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            # Bytes are what the checksum is about, and damaged text must not stop a whole page.
            connection.text_factory = bytes
            # A page of an index is needed again soon: 64 MiB spare reading it back, by a bulk load
            # and by questions, of which the next mostly takes the connection of the last.
            connection.execute("PRAGMA cache_size = -65536")
            yield connection
        except BaseException:
            connection.close()
            raise

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        # This change does not wait for others by itself. A file system that cannot do it keeps
        # the rollback journal, with which every promise holds, but readers wait for writers.
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
                if not busy or time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return
