"""The table ``tile``: Merkle hashes of blocks of events, kept so that none is hashed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsledger.store.postgres.connections import Connections


def kept(db: Connections, after: int) -> list[bytes]:
    """Return those numbered above ``after``, up to the first that is missing."""
    rows = db.fetch("SELECT number, hash FROM tile WHERE number > %s ORDER BY number", (after,))
    return [hash for expected, (number, hash) in enumerate(rows, after + 1) if number == expected]


def keep(db: Connections, first: int, hashes: Sequence[bytes]) -> None:
    """Write them, in the caller's transaction if there is one, else in one of their own."""
    if not db.mine:
        with db.writing():
            keep(db, first, hashes)
        return
    with db.statements() as connection:
        connection.execute(
            "INSERT INTO tile SELECT * FROM unnest(%s::bigint[], %s::bytea[])"
            " ON CONFLICT (number) DO UPDATE SET hash = excluded.hash",
            ([*range(first, first + len(hashes))], list(hashes)),
        )
