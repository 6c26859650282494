"""The tables of a ledger in PostgreSQL, and how they are made and recognised.

A ledger fills one schema of a database, and one database may hold many::

    meta(key, value)        application: newsledger; identity: a UUID; created: an instant;
                            schema: 1; once something was erased, erasures: how often; scrub: while
                            traces of it may be left in the tables
    type(id, name)          the names of event types, numbered
    event(position, type, tags, data, checksum)
                            one row an event; position 1, 2, 3, … without gaps; tags the text of a
                            JSON array
    event_tag(tag, position, type)
                            one row for each tag of each event: the index by which queries go;
                            type repeats the event's, so that type and tag are found in one place
    tile(number, hash)      1, 2, 3, …: the Merkle hash of each 1,024 events, kept when asked for
    long_tag(key, tag)      tags that are too long for an index, by what ``event_tag`` has instead
    entry                   a view: position, type (its name), tags as JSON, data as text

Names, tags and data are ``bytea`` in UTF-8, since PostgreSQL's text has no NUL; a literal compares
as it is: ``WHERE tag = 'e:KGZ'``. A tag of more than 1,000 bytes is filed under a byte 0xFF, which
no UTF-8 has, and its SHA-256. ``checksum`` is the CRC-32 of the type's name, a NUL, the text of
``tags`` and ``data``. Rows of events are only ever inserted (but for what is erased, whose row is
overwritten), each under an advisory lock (the application's number and the number of the table
``event``) that is held until the commit: that is what makes positions without gaps, and commits in
their order. Whoever writes by other means than this library breaks the ledger.
"""

from __future__ import annotations

import errno
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsledger.store.base import refusal

if TYPE_CHECKING:
    import psycopg

APPLICATION = 0x4E4C4447
VERSION = 1

# Nothing is referenced by a foreign key: each would cost every row a look-up, to guard against
# what only this library writes, under a lock.
_TABLES = """
    CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);
    CREATE TABLE type (id integer PRIMARY KEY, name bytea NOT NULL);
    CREATE TABLE event (
        position bigint PRIMARY KEY,
        type integer NOT NULL,
        tags text NOT NULL,
        data bytea NOT NULL,
        checksum bigint NOT NULL
    );
    CREATE INDEX event_type ON event (type, position);
    CREATE TABLE event_tag (
        tag bytea NOT NULL,
        position bigint NOT NULL,
        type integer NOT NULL,
        PRIMARY KEY (tag, position)
    );
    CREATE TABLE long_tag (key bytea PRIMARY KEY, tag bytea NOT NULL);
    CREATE TABLE tile (
        number bigint PRIMARY KEY,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32)
    );
    CREATE VIEW entry AS
        SELECT event.position, convert_from(type.name, 'UTF8') AS type, event.tags::json AS tags,
            convert_from(event.data, 'UTF8') AS data
        FROM event JOIN type ON type.id = event.type;
"""


def prepare(connection: psycopg.Connection[Any], schema: str, mode: str, where: str) -> None:
    """Refuse what ``mode`` cannot open; make the tables where it may and none are there.

    Those who do it at once wait for each other, and one of them makes the tables.
    """
    if _is_ledger(connection, schema):
        if mode == "x":
            raise _exists(where)
        return
    if mode in {"r", "r+"}:
        raise refusal(f"{where} does not exist; mode 'a' would make a ledger there", errno.ENOENT)
    with connection.transaction():
        # Looking again goes by a new snapshot, as the level is the usual one whatever the default.
        connection.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        connection.execute(
            "SELECT pg_advisory_xact_lock(%s::int, hashtext(%s))", (APPLICATION, schema)
        )
        if _is_ledger(connection, schema):
            if mode == "x":
                raise _exists(where)
            return
        _create(connection, schema, where)


def identify(connection: psycopg.Connection[Any], schema: str, where: str) -> str:
    """Return the identity of the ledger behind ``connection``, or refuse what is none."""
    if not _is_ledger(connection, schema):
        raise refusal(f"{where} does not exist any more; restore a backup", errno.ENOENT)
    meta = _meta(connection)
    version = int(meta.get("schema", "0"))
    if version > VERSION:
        raise refusal(
            f"{where} was written by a newer newsledger (schema {version}, this one knows"
            f" {VERSION}); it was left as it is: upgrade newsledger to open it"
        )
    if "identity" not in meta or version < VERSION:
        raise refusal(f"{where} is damaged: its identity is missing; restore a backup")
    return meta["identity"]


def _meta(connection: psycopg.Connection[Any]) -> dict[str, str]:
    return dict(connection.execute("SELECT key, value FROM meta").fetchall())


def _is_ledger(connection: psycopg.Connection[Any], schema: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        " WHERE nspname = %s AND relname IN ('meta', 'event', 'event_tag') AND relkind = 'r'",
        (schema,),
    ).fetchone()
    if found != (3,):
        return False
    return _meta(connection).get("application") == "newsledger"


def _create(connection: psycopg.Connection[Any], schema: str, where: str) -> None:
    found = connection.execute(
        "SELECT pg_namespace.oid, (SELECT count(*) FROM pg_class WHERE relnamespace"
        " = pg_namespace.oid) FROM pg_namespace WHERE nspname = %s",
        (schema,),
    ).fetchone()
    if found is None:
        # Asked for only where it must be made: to make it takes a right on the database.
        connection.execute(f"CREATE SCHEMA {quoted(schema)}")
    elif found[1]:
        raise refusal(
            f"{where} is no ledger, but holds tables of another program; it was left as it is:"
            " choose another schema by ?schema="
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise refusal(
            f"{where} cannot be made: the encoding of its database is {encoding}, and a ledger"
            " needs UTF8; make a database with ENCODING 'UTF8'"
        )
    connection.execute(_TABLES)
    rows = {
        "application": "newsledger",
        "identity": str(uuid.uuid4()),
        "created": datetime.now(UTC).isoformat(timespec="microseconds"),
        "schema": str(VERSION),
    }
    for row in rows.items():
        connection.execute("INSERT INTO meta VALUES (%s, %s)", row)


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _exists(where: str) -> Exception:
    return refusal(
        f"{where} exists already, and mode 'x' makes a new ledger; mode 'a' opens or makes one",
        errno.EEXIST,
    )
