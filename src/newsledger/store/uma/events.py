"""Events as a UmaDB server keeps them, and queries as it understands them.

An event's checksum stands in its metadata as ``crc32``, a decimal number: the CRC-32 of the
type's name, a NUL, the tags as a JSON array and the data, all in UTF-8.

The server keeps an event's type, tags and metadata on one page of 4,096 bytes. So a tag of more
than 64 bytes is filed as ``sha256:`` and 22 characters of its digest, as is one that begins like
this itself; then the data begins with all the tags as a JSON array, and the metadata says as
``tags`` how many bytes of it these are.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias
from zlib import crc32

import msgspec
import umadb

from newsledger.store.base import SequencedEvent, StoredEvent
from newsledger.store.checksum import checked, damaged, type_checksum

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsledger.store.base import Query, QueryItem

Found: TypeAlias = tuple[int, str, bytes, list[str], bytes]
"""The ledger's position, type, data, tags, and the tags as a JSON array."""

# The server looks all items of a query up again for each batch that it sends, and a request may
# take four megabytes: a query of many items goes as several.
ITEMS_AT_ONCE = 500
_BYTES_AT_ONCE = 1 << 20

# What an event takes on its way besides its data and tags, more than less.
_OVERHEAD = 64

_CHECKSUM, _TAGS = "crc32", "tags"
_DIGEST = "sha256:"
_LONG = 64  # bytes, and no character has more than four
_encode_tags = msgspec.json.Encoder().encode
_decode_tags = msgspec.json.Decoder(list[str]).decode


def to_event(event: StoredEvent) -> tuple[umadb.Event, int]:
    """Return an event as the server takes it, and how many bytes it has on its way, or less."""
    tags, encoded, checksum = checked(event)
    data, metadata = event.data, {_CHECKSUM: str(checksum)}
    filed = [_filed(tag) for tag in tags]
    if filed != tags:
        data = encoded + data
        metadata[_TAGS] = str(len(encoded))
    made = umadb.Event(event.type, data, filed, metadata=metadata)
    return made, len(data) + len(encoded) + len(event.type) + _OVERHEAD


def _filed(tag: str) -> str:
    """Return what the server keeps instead of a tag: mostly the tag."""
    if len(tag) <= _LONG // 4 and not tag.startswith(_DIGEST):
        return tag
    encoded = tag.encode()
    if len(encoded) <= _LONG and not tag.startswith(_DIGEST):
        return tag
    return _DIGEST + urlsafe_b64encode(sha256(encoded).digest())[:22].decode()


def found_in(batches: Iterable[list[umadb.SequencedEvent]], upto: int) -> Iterator[Found]:
    """Yield what was not altered, up to the ledger's position ``upto``."""
    return _intact(batches, upto, events=False)


def events_in(batches: Iterable[list[umadb.SequencedEvent]], upto: int) -> Iterator[SequencedEvent]:
    """Yield the same as events."""
    return _intact(batches, upto, events=True)


# One generator for both, as a second around it would cost a tenth of all.
def _intact(
    batches: Iterable[list[umadb.SequencedEvent]], upto: int, *, events: bool
) -> Iterator[Any]:
    encode = _encode_tags
    starts: dict[str, int] = {}
    for batch in batches:
        for found in batch:
            position = found.position - 1
            if position > upto:
                return
            event = found.event
            name, data, metadata = event.event_type, event.data, event.metadata
            if _TAGS in metadata:
                tags, encoded, data = _apart(position, data, metadata[_TAGS])
            else:
                tags = event.tags
                encoded = encode(tags)
            start = starts.get(name)
            if start is None:
                start = starts[name] = type_checksum(name)
            # A text of digits costs less to make than to take apart.
            if metadata.get(_CHECKSUM) != str(crc32(data, crc32(encoded, start))):
                raise damaged(position)
            if events:
                yield SequencedEvent(StoredEvent(name, data, tags), position)
            else:
                yield position, name, data, tags, encoded


def _apart(position: int, data: bytes, length: str) -> tuple[list[str], bytes, bytes]:
    """Return the tags that stand before the data, the same as JSON, and the data."""
    try:
        encoded = data[: int(length)]
        return _decode_tags(encoded), encoded, data[len(encoded) :]
    except ValueError as error:
        raise damaged(position) from error


def queries(query: Query | None) -> Sequence[umadb.Query | None]:
    """Return queries which find, together, what one finds: none where it can find nothing.

    None among them stands for everything.
    """
    if query is None or not query.items:
        return [None]
    wanted: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    for item in query.items:
        types, tags, size = _storable(item)
        if size is None:
            continue
        if not types and not tags:
            return [None]
        wanted[types, tags] = size
    return list(_split(wanted))


def _split(
    wanted: dict[tuple[tuple[str, ...], tuple[str, ...]], int],
) -> Iterator[umadb.Query]:
    items: list[umadb.QueryItem] = []
    weight = 0
    for (types, tags), size in wanted.items():
        if items and (len(items) == ITEMS_AT_ONCE or weight + size > _BYTES_AT_ONCE):
            yield umadb.Query(items)
            items, weight = [], 0
        items.append(umadb.QueryItem(types, tags))
        weight += size
    if items:
        yield umadb.Query(items)


def _storable(item: QueryItem) -> tuple[tuple[str, ...], tuple[str, ...], int | None]:
    """Return an item's types, tags and bytes; no bytes where no store can keep what it asks for."""
    types = {name: size for name in item.types if (size := _size(name)) is not None}
    sizes = {tag: _size(tag) for tag in item.tags}
    if None in sizes.values() or (item.types and not types):
        return (), (), None
    tags = {_filed(tag) for tag in sizes}
    return (*sorted(types),), (*sorted(tags),), sum(types.values()) + sum(map(len, tags))


def _size(text: str) -> int | None:
    try:
        return len(text.encode()) + 4
    except UnicodeEncodeError:
        return None
