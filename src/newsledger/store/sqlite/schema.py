"""The tables of a ledger in SQLite, and how they are made and recognised.

A ledger is an ordinary SQLite 3.37+ database in WAL mode that any tool may read::

    meta(key, value)        identity: a UUID; created: an instant; schema: 2; once
                            something was erased, erasures: how often; scrub: while traces of it
                            may be left in the file
    type(id, name)          the names of event types, numbered
    event(position, type, tags, data, checksum)
                            one row an event; position 1, 2, 3, … without gaps; tags a JSON array of
                            text; data TEXT where its bytes are UTF-8 without NUL, else a BLOB
    event_tag(tag, position, type)
                            one row for each tag of each event: the index by which queries go;
                            type repeats the event's, so that type and tag are found in one place
    tile(number, hash)      1, 2, 3, …: the Merkle hash of each 1,024 events, kept when asked for
    entry                   a view: position, type (its name), tags, data

``PRAGMA application_id`` is 0x4E4C4447 ("NLDG"), ``PRAGMA user_version`` the schema's version.
``checksum`` is the CRC-32 of the type's name, a NUL, the text of ``tags`` and the bytes of
``data``, all in UTF-8. Rows are only ever inserted, but for what is erased: its row is overwritten,
with the type "erased". Whoever writes by other means than this
library breaks the ledger.

Version 1 had no table ``tile``; see `migration` for how it becomes version 2.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsledger.store.base import refusal

if TYPE_CHECKING:
    import sqlite3

APPLICATION_ID = 0x4E4C4447
VERSION = 2
OLDEST = 1

TILE = """CREATE TABLE tile (
        number INTEGER PRIMARY KEY,
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT"""

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE type (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    """CREATE TABLE event (
        position INTEGER PRIMARY KEY,
        type INTEGER NOT NULL REFERENCES type (id),
        tags TEXT NOT NULL,
        data ANY NOT NULL,
        checksum INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX event_type ON event (type)",
    """CREATE TABLE event_tag (
        tag TEXT NOT NULL,
        position INTEGER NOT NULL REFERENCES event (position),
        type INTEGER NOT NULL REFERENCES type (id),
        PRIMARY KEY (tag, position)
    ) STRICT, WITHOUT ROWID""",
    TILE,
    """CREATE VIEW entry AS
        SELECT event.position, type.name AS type, event.tags, event.data
        FROM event JOIN type ON type.id = event.type""",
)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether there is nothing yet, neither a ledger nor anybody else's tables."""
    if connection.execute("PRAGMA application_id").fetchone()[0]:
        return False
    return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def create(connection: sqlite3.Connection) -> None:
    """Make the tables; the caller holds the write transaction and has found it empty."""
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)",
        [
            ("identity", str(uuid.uuid4())),
            ("created", datetime.now(UTC).isoformat(timespec="microseconds")),
            ("schema", str(VERSION)),
        ],
    )


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables, 0 where there are none."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def identify(connection: sqlite3.Connection, where: str) -> str:
    """Return the identity of the ledger behind ``connection``, or refuse what is none."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = version_of(connection)
    if is_empty(connection):
        raise refusal(
            f"{where} is empty, perhaps because its maker was killed; mode 'a' would make a ledger"
            " there"
        )
    check(application, version, where)
    rows = connection.execute("SELECT value FROM meta WHERE key = 'identity'").fetchall()
    if not rows:
        raise refusal(f"{where} is damaged: its identity is missing; restore a copy")
    return str(rows[0][0], "utf-8")


def check(application: int, version: int, where: str) -> None:
    """Refuse another program's file, and one by a newer version of this library."""
    if application != APPLICATION_ID:
        raise refusal(
            f"{where} is an SQLite database but not a newsledger ledger; it was left as it is:"
            " choose another path"
        )
    if version > VERSION:
        raise refusal(
            f"{where} was written by a newer newsledger (schema {version}, this one knows"
            f" {VERSION}); it was left as it is: upgrade newsledger to open it"
        )
    if version < OLDEST:
        raise refusal(f"{where} is damaged: its schema version is {version}; restore a copy")
