"""What a PostgreSQL ledger can find wrong with itself, beyond rows that are not as recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from newsledger.store.checksum import checksum_of
from newsledger.store.compared import disagreements
from newsledger.store.postgres.rows import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsledger.store.base import StoreFault
    from newsledger.store.compared import Indexed, Tagged
    from newsledger.store.postgres.connections import Connections

_PAGE = 1000
_INDEX_PAGE = 10_000

_decode_tags = msgspec.json.Decoder(list[str]).decode


def faults(
    db: Connections,
    upto: int,
    type_name: Callable[[int], str],
    seen: Callable[[int], object] | None,
) -> Iterator[StoreFault]:
    """Yield them; whether the server's files are sound is asked of ``pg_amcheck``."""
    yield from disagreements(lambda: _tagged(db, upto, type_name), lambda: _indexed(db), upto, seen)


def _tagged(db: Connections, upto: int, type_name: Callable[[int], str]) -> Iterator[Tagged]:
    after = 0
    while rows := db.fetch(
        "SELECT position, type, tags, data, checksum FROM event"
        " WHERE position > %s AND position <= %s ORDER BY position LIMIT %s",
        (after, upto, _PAGE),
    ):
        after = rows[-1][0]
        for position, number, tags, data, checksum in rows:
            try:
                if checksum_of(type_name(number), tags, data) == checksum:
                    yield position, number, [key_of(tag.encode()) for tag in _decode_tags(tags)]
            except (LookupError, ValueError):
                continue


def _indexed(db: Connections) -> Iterator[Indexed]:
    after: tuple[bytes, int] = (b"", -1)
    while rows := db.fetch(
        "SELECT tag, position, type FROM event_tag WHERE (tag, position) > (%s, %s)"
        " ORDER BY tag, position LIMIT %s",
        (*after, _INDEX_PAGE),
    ):
        yield from rows
        tag, position, _ = rows[-1]
        after = (tag, position)
