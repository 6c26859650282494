"""SQLite: read models in a file.

Instants are ISO 8601 in UTC with microseconds, always of the same length, so that they sort as
texts do. The file is put into WAL mode, in which readers and the one who writes do not wait for
each other. A power cut may cost the last transactions, rows and position together; they are made
again from the ledger.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from newsledger.readmodels.tables import Tables
from newsledger.store.base import refusal
from newsledger.store.sqlite.errors import Explained
from newsledger.store.sqlite.schema import APPLICATION_ID
from newsledger.when.ticks import moment_of

_PATIENCE = 60.0
_TABLES = (
    """
CREATE TABLE "{t}_generations" (
    generation INTEGER PRIMARY KEY AUTOINCREMENT, projection TEXT NOT NULL,
    version INTEGER NOT NULL, ledger TEXT NOT NULL, dates TEXT NOT NULL, stage TEXT NOT NULL,
    position INTEGER NOT NULL, target INTEGER NOT NULL, folded TEXT,
    erasures INTEGER NOT NULL, scrubbed INTEGER NOT NULL
)""",
    """
CREATE UNIQUE INDEX "{t}_one_current" ON "{t}_generations" (projection) WHERE stage = 'current'
""",
    """
CREATE TABLE "{t}_rows" (
    generation INTEGER NOT NULL, key TEXT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT,
    known_from TEXT NOT NULL, known_to TEXT, state TEXT NOT NULL,
    PRIMARY KEY (generation, key, valid_from, known_from)
) WITHOUT ROWID""",
    """
CREATE TABLE "{t}_entries" (
    generation INTEGER NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (generation, key, position)
) WITHOUT ROWID""",
)


class SQLiteTables(Tables):
    """Tables in an SQLite file, which is made if it is not there."""

    def __init__(self, path: str | os.PathLike[str], table: str) -> None:
        where = repr(os.fspath(path))
        super().__init__(table, where)
        folder = Path(path).absolute().parent
        if not folder.is_dir():
            raise refusal(
                f"{where} cannot be made: there is no folder {str(folder)!r}; make it first",
                errno.ENOENT,
            )
        with Explained(where):
            self._connection = sqlite3.connect(
                Path(path).absolute(),
                timeout=_PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
        self._held.add(self._connection)
        try:
            with Explained(where):
                self._refuse_ledgers()
                self._set_up()
        except BaseException:
            self.close()
            raise

    def _refuse_ledgers(self) -> None:
        [[application]] = self.run("PRAGMA application_id")
        if application == APPLICATION_ID:
            raise refusal(
                f"{self.where} is a ledger, and a ledger's file holds the ledger alone: give into="
                " another file",
                errno.EINVAL,
            )

    def _set_up(self) -> None:
        with contextlib.suppress(sqlite3.OperationalError):
            # Where others are at it, or the file system cannot do it, it stays as it is.
            self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if self.run("PRAGMA journal_mode") == [("wal",)]:
            self.run("PRAGMA synchronous = NORMAL")
        self.run("PRAGMA cache_size = -65536")
        if self._there():
            return
        with self.writing():
            if self._there():
                return
            for statement in (*(one.format(t=self.table) for one in _TABLES), *self.views()):
                self.run(statement)

    def _there(self) -> bool:
        marks = ", ".join("?" * len(self.names()))
        asked = f"SELECT name FROM sqlite_schema WHERE name IN ({marks})"
        found = {name for [name] in self.run(asked, self.names())}
        if f"{self.table}_generations" in found:
            return True
        if found:
            raise refusal(
                f"{self.where} has something called {min(found)!r} already, which is no read model:"
                " give another table=",
                errno.EEXIST,
            )
        return False

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, and give the rows it finds."""
        with Explained(self.where):
            return self._connection.execute(statement, values).fetchall()

    def insert(self, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        """Insert rows; those of which the key is there already are left out."""
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        with Explained(self.where):
            self._connection.executemany(statement, rows)

    def delete(self, rows: list[tuple[int, str, Any, Any]]) -> None:
        """Delete rows."""
        with Explained(self.where):
            self._connection.executemany(
                f"DELETE FROM {self._rows} WHERE generation = ? AND key = ? AND valid_from = ?"
                " AND known_from = ?",
                rows,
            )

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Make the block one transaction, while all others who write to the file wait."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                with Explained(self.where):
                    self._connection.execute("ROLLBACK")
            raise

    def scrub(self) -> None:
        """Write the file anew, and empty the ``-wal`` file."""
        self.run("VACUUM")
        [[busy, *_]] = self.run("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise refusal(
                f"{self.where} is being read by others, so that the -wal file beside it cannot be"
                " emptied",
                errno.EBUSY,
            )

    def instant(self, tick: int) -> str:
        """Write an instant, in UTC and always of the same length."""
        return _instant(tick)


@lru_cache(maxsize=2**15)
def _instant(tick: int) -> str:
    return moment_of(tick).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
