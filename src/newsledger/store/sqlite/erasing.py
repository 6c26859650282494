"""Erasing in an SQLite ledger: rows are overwritten, and then the file is written anew.

SQLite leaves behind what it no longer needs: in pages that are free, in the slack of those that
were split long ago, and in the ``-wal`` file. The row itself goes in one transaction, which also
notes in ``meta`` that the rest is still to be done; so whoever is killed in between leaves that to
the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from newsledger.store.base import refusal
from newsledger.store.sqlite import file as sqlite_file
from newsledger.store.sqlite.row import to_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from newsledger.store.base import StoredEvent
    from newsledger.store.sqlite.connections import Connections

_COUNT = """
    INSERT INTO meta VALUES ('erasures', ?1)
    ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + ?1
"""
_decode_tags = msgspec.json.Decoder(list[str]).decode


def erase(
    connection: sqlite3.Connection,
    left: Mapping[int, StoredEvent],
    type_id: Callable[[sqlite3.Connection, str], int],
) -> None:
    """Overwrite rows in the transaction that is open, and note that there is more to do."""
    connection.execute("PRAGMA secure_delete = ON").fetchall()
    for position, event in sorted(left.items()):
        stored = connection.execute("SELECT tags FROM event WHERE position = ?", (position,))
        [[before]] = stored.fetchall()
        connection.executemany(
            "DELETE FROM event_tag WHERE tag = ? AND position = ?",
            [(tag, position) for tag in _decode_tags(before)],
        )
        tags, text, data, checksum = to_row(event)
        number = type_id(connection, event.type)
        connection.execute(
            "UPDATE event SET type = ?, tags = ?, data = ?, checksum = ? WHERE position = ?",
            (number, text, data, checksum, position),
        )
        connection.executemany(
            "INSERT INTO event_tag VALUES (?, ?, ?)", [(tag, position, number) for tag in tags]
        )
    count(connection, len(left))
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('scrub', 'pending')")


def count(connection: sqlite3.Connection, more: int) -> None:
    """Count erasures in ``meta``, in the transaction that is open."""
    connection.execute(_COUNT, (str(more),))


def is_pending(connection: sqlite3.Connection) -> bool:
    """Return whether something is still to be scrubbed."""
    found = connection.execute("SELECT 1 FROM meta WHERE key = 'scrub'")
    return found.fetchone() is not None


def scrub(db: Connections) -> None:
    """Write the file anew and empty the ``-wal`` file, where that is still to be done.

    It takes the time and, for a while, the space of writing the whole ledger; others can read
    meanwhile.
    """
    with db.alone() as connection:
        if not is_pending(connection):
            return
        connection.execute("VACUUM")
        [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise refusal(
                f"{db.where} is being read by others, so that the -wal file beside it cannot be"
                " emptied, and what was erased may still be in it",
                sqlite_file.BUSY,
            )
        # Only now, so that who is killed before leaves it to the next.
        connection.execute("DELETE FROM meta WHERE key = 'scrub'")
