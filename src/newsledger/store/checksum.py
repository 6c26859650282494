"""What every store makes sure of: that an event can be kept, and comes back as it was given."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

from newsledger.errors import CorruptEntry
from newsledger.store.base import StoreValueError

if TYPE_CHECKING:
    from newsledger.store.base import StoredEvent

_encode_tags = msgspec.json.Encoder().encode


def checked(event: StoredEvent) -> tuple[list[str], bytes, int]:
    """Return tags without repetitions, the same as a JSON array, and the event's checksum.

    Refuses an event that could not be read back as it was given.
    """
    data, tags = event.data, _distinct(event.tags)
    if not isinstance(data, bytes):
        raise StoreValueError(f"the data of an event is bytes, not {type(data).__name__}")
    try:
        encoded = _encode_tags(tags)
        start = type_checksum(event.type)
    except UnicodeEncodeError as error:
        raise StoreValueError(
            "the type or a tag of an event holds a lone surrogate, which no store can keep:"
            f" {error.object!r}"
        ) from error
    except (TypeError, AttributeError) as error:
        raise StoreValueError(f"the type of an event is text, not {event.type!r}") from error
    return tags, encoded, crc32(data, crc32(encoded, start))


def _distinct(tags: Any) -> list[str]:
    try:
        distinct = list(dict.fromkeys(tags))
        "".join(distinct)  # the quickest way to refuse what is no text
    except TypeError as error:
        raise StoreValueError(f"the tags of an event are a list of texts: {error}") from error
    if isinstance(tags, str):
        raise StoreValueError(f"the tags of an event are a list of texts, not {tags!r}")
    return distinct


@lru_cache(maxsize=1024)
def type_checksum(name: str) -> int:
    """Return what the checksums of all events of a type begin with."""
    return crc32(name.encode() + b"\0")


def checksum_of(name: str, tags: bytes, data: bytes) -> int:
    """Return the checksum of a type's name, the JSON text of tags, and data."""
    return crc32(data, crc32(tags, type_checksum(name)))


def storable(text: str) -> bool:
    """Return whether any store could hold this text: a lone surrogate has no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def damaged(position: int) -> CorruptEntry:
    """Say that what is stored at a position is not what its checksum was made of."""
    return CorruptEntry(
        f"the entry at position {position} is damaged: it is not what was recorded; restore a copy",
        position=position,
    )
