"""The connections that only read a ledger's file: opened when needed, a few kept for the next."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from newsledger.errors import StoreError
from newsledger.store.sqlite import file as sqlite_file, schema as sqlite_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsledger.store.held import Held
    from newsledger.store.sqlite.file import Signature
    from newsledger.store.sqlite.open import Place

IDLE = 8


class Readers:
    """Any thread may read at any time; each query runs on a connection of its own."""

    def __init__(self, place: Place, held: Held, identity: str | None = None) -> None:
        """Read the ledger with that ``identity``; without, whichever is there."""
        self._place = place
        self._held = held
        self._idle: list[sqlite3.Connection] = []
        # What the file looked like to the connections that take it for unchanging.
        self._signatures: dict[sqlite3.Connection, Signature] = {}
        self._closed = False
        if identity is None:
            first, identity = self._open()
            self._idle.append(first)
        self.identity = identity

    def fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """Run one query and return all its rows."""
        while True:
            reader = self._take()
            try:
                rows = self._attempt(reader, sql, parameters)
            except BaseException:
                self._close(reader)
                raise
            if rows is not None:
                self._give_back(reader)
                return rows
            self._close(reader)

    def close(self) -> None:
        """Close those that are idle now, and the others as they are given back."""
        self._closed = True
        with contextlib.suppress(IndexError):
            while True:
                self._close(self._idle.pop())

    def _attempt(
        self, reader: sqlite3.Connection, sql: str, parameters: Sequence[Any]
    ) -> list[Any] | None:
        """Return the rows, or None where the file has changed under a reader that cannot know."""
        try:
            rows = reader.execute(sql, parameters).fetchall()
        except sqlite3.DatabaseError:
            if self._outdated(reader):
                return None
            raise
        return None if self._signatures and self._outdated(reader) else rows

    def _outdated(self, reader: sqlite3.Connection) -> bool:
        before = self._signatures.get(reader)
        path = self._place.path
        return before is not None and path is not None and sqlite_file.signature(path) != before

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        reader, found = self._open()
        if found != self.identity:
            self._close(reader)
            raise StoreError(
                f"{self._place.where} was replaced by another ledger while it was open:"
                " open it again"
            )
        return reader

    def _open(self) -> tuple[sqlite3.Connection, str]:
        reader, signature = self._place.reader()
        self._held.add(reader)
        if signature is not None:
            self._signatures[reader] = signature
        try:
            return reader, sqlite_schema.identify(reader, self._place.where)
        except BaseException:
            self._close(reader)
            raise

    def _give_back(self, reader: sqlite3.Connection) -> None:
        self._idle.append(reader)
        if self._closed:
            self.close()
        elif len(self._idle) > IDLE:
            with contextlib.suppress(IndexError):
                self._close(self._idle.pop())

    def _close(self, reader: sqlite3.Connection) -> None:
        self._signatures.pop(reader, None)
        self._held.close(reader)
