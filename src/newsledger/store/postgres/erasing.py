"""Erasing in a PostgreSQL ledger: rows are overwritten, and then the tables are written anew.

PostgreSQL keeps what was overwritten until a table is vacuumed, and after that in the slack of its
pages. The row itself goes in one transaction, which also notes in ``meta`` that the rest is still
to be done; so whoever is killed in between leaves that to the next who erases.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import msgspec

from newsledger.store.base import refusal
from newsledger.store.checksum import checked
from newsledger.store.postgres.rows import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsledger.store.base import StoredEvent
    from newsledger.store.postgres.connections import Connections
    from newsledger.store.postgres.place import Connection
    from newsledger.store.postgres.types import Types

_COUNT = """
    INSERT INTO meta VALUES ('erasures', %s::bigint::text)
    ON CONFLICT (key) DO UPDATE SET value = (meta.value::bigint + EXCLUDED.value::bigint)::text
"""
_FILE = "SELECT pg_relation_filenode(%s::regclass)"
_decode_tags = msgspec.json.Decoder(list[str]).decode


def erase(connection: Connection, left: Mapping[int, StoredEvent], types: Types) -> None:
    """Overwrite rows in the transaction that is open, and note that there is more to do."""
    numbers = types.made((event.type for event in left.values()), connection)
    for position, event in sorted(left.items()):
        tags, text, checksum = checked(event)
        before = connection.execute(
            "SELECT convert_to(tags, 'UTF8') FROM event WHERE position = %s", (position,)
        ).fetchone()
        assert before is not None  # noqa: S101 (it was read under the lock)
        keys = [key_of(tag.encode()) for tag in _decode_tags(before[0])]
        connection.execute(
            "DELETE FROM event_tag WHERE position = %s AND tag = ANY(%s)", (position, keys)
        )
        connection.execute(
            "DELETE FROM long_tag WHERE key = ANY(%s)"
            " AND NOT EXISTS (SELECT 1 FROM event_tag WHERE event_tag.tag = long_tag.key)",
            (keys,),
        )
        number = numbers[event.type]
        connection.execute(
            "UPDATE event SET type = %s, tags = %s, data = %s, checksum = %s WHERE position = %s",
            (number, text.decode(), event.data, checksum, position),
        )
        for tag in tags:
            connection.execute(
                "INSERT INTO event_tag VALUES (%s, %s, %s)", (tag.encode(), position, number)
            )
    count(connection, len(left))
    connection.execute("INSERT INTO meta VALUES ('scrub', 'pending') ON CONFLICT (key) DO NOTHING")


def count(connection: Connection, more: int) -> None:
    """Count erasures in ``meta``, in the transaction that is open."""
    connection.execute(_COUNT, (more,))


def write_anew(connection: Connection, table: str, where: str) -> None:
    """Have the server write a table anew; StoreError where only its owner may have that."""
    before = connection.execute(_FILE, (table,)).fetchone()
    connection.execute(f"VACUUM FULL {table}")
    # Who lacks the right is only warned.
    if connection.execute(_FILE, (table,)).fetchone() == before:
        raise refusal(
            f"{where} may hold traces in its table {table}, which only the owner may have written"
            " anew: do it again as the owner",
            errno.EACCES,
        )


def scrub(db: Connections) -> None:
    """Write the tables anew, where that is still to be done."""
    if not db.fetch("SELECT 1 FROM meta WHERE key = 'scrub'"):
        return
    with db.alone() as connection:
        for table in "event", "event_tag", "long_tag":
            write_anew(connection, table, db.where)
        # Only now, so that who is killed before leaves it to the next.
        connection.execute("DELETE FROM meta WHERE key = 'scrub'")
