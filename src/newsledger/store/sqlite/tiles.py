"""The table ``tile``: Merkle hashes of blocks of events, kept so that none is hashed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsledger.store.sqlite.connections import Connections


def kept(db: Connections, after: int) -> list[bytes]:
    """Return those numbered above ``after``, up to the first that is missing."""
    # A file of version 1 that is only read has no such table.
    if not db.fetch("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tile'"):
        return []
    rows = db.fetch("SELECT number, hash FROM tile WHERE number > ? ORDER BY number", (after,))
    return [hash for expected, (number, hash) in enumerate(rows, after + 1) if number == expected]


def keep(db: Connections, first: int, hashes: Sequence[bytes]) -> None:
    """Write them, in the caller's transaction if there is one, else in one of their own."""
    if not db.mine:
        with db.writing():
            keep(db, first, hashes)
        return
    with db.statements() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO tile VALUES (?, ?)", list(enumerate(hashes, first))
        )
