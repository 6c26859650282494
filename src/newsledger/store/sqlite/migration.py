"""Files of older versions, brought up to date when they are opened to be written.

Each step leads from one version to the next. All that a file needs happen in one transaction:
whoever is killed leaves the old version behind, and of several that open it at once one does it
while the others wait. A file that is opened to be read stays as it is.

A process of an older version that has the file open meanwhile goes on: what it appends is right
in the new version too.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from newsledger.store.sqlite import schema as sqlite_schema

if TYPE_CHECKING:
    import sqlite3

_LOG = logging.getLogger("newsledger")

STEPS: dict[int, tuple[str, ...]] = {1: (sqlite_schema.TILE,)}
"""By version, the statements that make the next one of it."""


def migrate(connection: sqlite3.Connection, where: str) -> None:
    """Bring a ledger up to date, and log a warning where there was something to do.

    The connection is of no use after an exception; closing it undoes what was begun.
    """
    if sqlite_schema.version_of(connection) == sqlite_schema.VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    # Somebody else may have done it while this one waited, and may even be newer.
    found = sqlite_schema.version_of(connection)
    sqlite_schema.check(sqlite_schema.APPLICATION_ID, found, where)
    for version in range(found, sqlite_schema.VERSION):
        for statement in STEPS[version]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {sqlite_schema.VERSION}")
    connection.execute(
        "UPDATE meta SET value = ? WHERE key = 'schema'", (str(sqlite_schema.VERSION),)
    )
    connection.execute("COMMIT")
    if found != sqlite_schema.VERSION:
        _LOG.warning(
            "%s was migrated from schema %d to %d; a newsledger that knows only the older schema"
            " will refuse it from now on",
            where,
            found,
            sqlite_schema.VERSION,
        )
