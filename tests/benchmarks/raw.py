"""Raw: SQLite as one would use it by hand on a ledger's own tables, with nothing checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from newsledger.store import StoredEvent
from newsledger.store.sqlite.row import to_row

_ROW = "event.position, event.type, event.tags, event.data, event.checksum"
_ALL = f"SELECT {_ROW} FROM event ORDER BY position"
_ONE = f"""
    SELECT {_ROW} FROM event_tag AS one CROSS JOIN event ON event.position = one.position
    WHERE one.tag = ? ORDER BY one.position
"""
_TWO = f"""
    SELECT {_ROW} FROM event_tag AS one
    CROSS JOIN event_tag AS two ON two.tag = ? AND two.position = one.position
    CROSS JOIN event ON event.position = one.position
    WHERE one.tag = ? ORDER BY one.position
"""

Row = tuple[int, int, str, str, int]


class LaidOut(NamedTuple):
    """The rows of some events, as they are to be inserted."""

    events: list[tuple[Any, ...]]
    tags: list[tuple[str, int, int]]


class Raw:
    """One connection, set as the library sets its own; durable to the same degree."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for setting in (
            "cache_size = -65536",
            "journal_mode = WAL",
            "synchronous = FULL",
            "journal_size_limit = 67108864",
        ):
            self._connection.execute(f"PRAGMA {setting}")
        self._types = dict(self._connection.execute("SELECT name, id FROM type").fetchall())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def head(self) -> int:
        return int(self._connection.execute("SELECT max(position) FROM event").fetchone()[0])

    def count(self, tag: str) -> int:
        sql = "SELECT count(*) FROM event_tag WHERE tag = ?"
        return int(self._connection.execute(sql, (tag,)).fetchone()[0])

    def laid_out(self, events: Sequence[StoredEvent]) -> LaidOut:
        """Make the rows that come after the head; nobody times this."""
        rows, tagged = [], []
        for position, event in enumerate(events, self.head() + 1):
            tags, text, data, checksum = to_row(event)
            number = self._types[event.type]
            rows.append((position, number, text, data, checksum))
            tagged += [(tag, position, number) for tag in tags]
        return LaidOut(rows, tagged)

    def append(self, rows: LaidOut) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", rows.events)
        self._connection.executemany("INSERT INTO event_tag VALUES (?, ?, ?)", rows.tags)
        self._connection.execute("COMMIT")

    def scan(self) -> list[Row]:
        return self._connection.execute(_ALL).fetchall()

    def tagged(self, tag: str) -> list[Row]:
        return self._connection.execute(_ONE, (tag,)).fetchall()

    def tagged_twice(self, rarer: str, other: str) -> list[Row]:
        return self._connection.execute(_TWO, (other, rarer)).fetchall()

    def bodies_and_tags(self) -> int:
        """Sum up the bytes that were given to be kept."""
        sql = """SELECT (SELECT sum(length(CAST(data AS BLOB))) FROM event)
            + (SELECT sum(length(CAST(tag AS BLOB))) FROM event_tag)"""
        return int(self._connection.execute(sql).fetchone()[0])

    def after(self, position: int) -> LaidOut:
        """Read all rows after a position, to compare."""
        execute = self._connection.execute
        return LaidOut(
            execute("SELECT * FROM event WHERE position > ? ORDER BY 1", (position,)).fetchall(),
            execute(
                "SELECT tag, position, type FROM event_tag WHERE position > ? ORDER BY 2, 1",
                (position,),
            ).fetchall(),
        )
