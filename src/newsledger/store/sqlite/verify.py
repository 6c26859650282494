# ruff: noqa: S608 -- statements are put together from constants; values travel as parameters
"""What an SQLite ledger can find wrong with itself, beyond rows that are not what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from newsledger.store.base import StoreFault
from newsledger.store.checksum import checksum_of
from newsledger.store.compared import disagreements
from newsledger.store.sqlite.query import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsledger.store.compared import Indexed, Tagged
    from newsledger.store.sqlite.connections import Connections

_PAGE = 2000
_HEAVY_PAGE = 4 << 20
_INDEX_PAGE = 10_000

_decode_tags = msgspec.json.Decoder(list[str]).decode


def faults(
    db: Connections,
    upto: int,
    type_name: Callable[[int], str],
    seen: Callable[[int], object] | None,
) -> Iterator[StoreFault]:
    """Yield them; StoreError where the file cannot be read to its end."""
    yield from disagreements(lambda: _tagged(db, upto, type_name), lambda: _indexed(db), upto, seen)
    for row in db.fetch("PRAGMA integrity_check"):
        if row[0] != b"ok":
            yield StoreFault(None, "store", f"SQLite finds: {str(row[0], 'utf-8', 'replace')}")


def _tagged(db: Connections, upto: int, type_name: Callable[[int], str]) -> Iterator[Tagged]:
    after, size = 0, _PAGE // 20
    while rows := db.fetch(
        f"SELECT {COLUMNS} FROM event WHERE position > ? AND position <= ?"
        " ORDER BY position LIMIT ?",
        (after, upto, size),
    ):
        after = rows[-1][0]
        weight = sum(_size(row[3]) for row in rows) // len(rows) + 1
        size = min(max(_HEAVY_PAGE // weight, 1), _PAGE)
        for position, number, tags, data, checksum in rows:
            try:
                if checksum_of(type_name(number), tags, data) == checksum:
                    yield position, number, [tag.encode() for tag in _decode_tags(tags)]
            except (LookupError, TypeError, ValueError):
                continue


def _indexed(db: Connections) -> Iterator[Indexed]:
    after: tuple[Any, ...] = ("", -1)
    where = ""
    while rows := db.fetch(
        f"SELECT tag, position, type FROM event_tag {where} ORDER BY tag, position LIMIT ?",
        (*(after if where else ()), _INDEX_PAGE),
    ):
        yield from rows
        tag, position, _ = rows[-1]
        where = "WHERE (tag, position) > (CAST(? AS TEXT), ?)"
        after = (tag, position)


def _size(data: object) -> int:
    # What is damaged may be a number.
    return len(data) if isinstance(data, bytes) else 0
