# ruff: noqa: S608 -- statements are put together from constants; values travel as parameters
"""What an SQLite ledger can find wrong with itself, beyond rows that are not what was recorded.

The index has no order by position. So each of its rows, and each tag of an event, is hashed into
the place of its position: where the two agree every place comes out as zero. Only the places that
do not are looked at tag by tag.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import msgspec

from newsledger.store.base import StoreFault
from newsledger.store.checksum import checksum_of
from newsledger.store.sqlite_query import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsledger.store.sqlite_connections import Connections

_PAGE = 2000
_HEAVY_PAGE = 4 << 20
_INDEX_PAGE = 10_000
# So many positions are told tag by tag; of more it is told only that they differ.
_EXPLAINED = 1000

_decode_tags = msgspec.json.Decoder(list[str]).decode


def faults(
    db: Connections,
    upto: int,
    type_name: Callable[[int], str],
    seen: Callable[[int], object] | None,
) -> Iterator[StoreFault]:
    """Yield them; StoreError where the file cannot be read to its end."""
    seen = seen or (lambda _: None)
    strays: list[tuple[bytes, int]] = []
    differing = _differing(db, upto, type_name, seen, strays)
    for name, position in strays:
        yield StoreFault(position, "index", f"the index has {_shown(name)} here, where no event is")
    yield from _explained(db, differing[:_EXPLAINED], type_name)
    for position in differing[_EXPLAINED:]:
        yield StoreFault(position, "index", "the index has other tags than the event")
    for row in db.fetch("PRAGMA integrity_check"):
        if row[0] != b"ok":
            yield StoreFault(None, "store", f"SQLite finds: {str(row[0], 'utf-8', 'replace')}")


def _differing(
    db: Connections,
    upto: int,
    type_name: Callable[[int], str],
    seen: Callable[[int], object],
    strays: list[tuple[bytes, int]],
) -> list[int]:
    """Find the intact events that the index does not agree with; note what it has before them."""
    sums, intact = array("q", bytes(8 * (upto + 1))), bytearray(upto + 1)
    for position, number, tags in _intact(db, upto, type_name):
        intact[position] = 1
        for tag in tags:
            sums[position] ^= hash((tag.encode(), number))
        if not position % _PAGE:
            seen(position // 2)
    for name, position, number in _indexed(db):
        if 0 < position <= upto:
            sums[position] ^= hash((name, number))
        elif position <= 0:
            strays.append((name, position))
    seen(upto)
    return [position for position in range(1, upto + 1) if intact[position] and sums[position]]


def _intact(
    db: Connections, upto: int, type_name: Callable[[int], str], wanted: set[int] | None = None
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield position, type and tags of the events that are what was recorded."""
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
            if wanted is not None and position not in wanted:
                continue
            try:
                if checksum_of(type_name(number), tags, data) == checksum:
                    yield position, number, _decode_tags(tags)
            except (LookupError, TypeError, ValueError):
                continue


def _indexed(db: Connections) -> Iterator[tuple[bytes, int, int]]:
    """Yield the rows of the index."""
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


def _explained(
    db: Connections, positions: list[int], type_name: Callable[[int], str]
) -> Iterator[StoreFault]:
    if not positions:
        return
    wanted = set(positions)
    found: dict[int, dict[bytes, int]] = {position: {} for position in positions}
    for tag, position, number in _indexed(db):
        if position in wanted:
            found[position][tag] = number
    for position, number, tags in _intact(db, positions[-1], type_name, wanted):
        there, own = found[position], {tag.encode() for tag in tags}
        for tag in sorted(own - there.keys()):
            yield StoreFault(position, "index", f"the index lacks {_shown(tag)}")
        for tag in sorted(there.keys() - own):
            yield StoreFault(position, "index", f"the index has {_shown(tag)}, the event has not")
        for tag in sorted(own & there.keys()):
            if there[tag] != number:
                yield StoreFault(
                    position, "index", f"the index has another type beside {_shown(tag)}"
                )


def _shown(tag: bytes) -> str:
    return repr(str(tag, "utf-8", "replace"))


def _size(data: object) -> int:
    # What is damaged may be a number.
    return len(data) if isinstance(data, bytes) else 0
