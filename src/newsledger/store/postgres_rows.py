"""How events are laid out in the rows of PostgreSQL, and sent there."""

from __future__ import annotations

import hashlib
from struct import Struct
from typing import TYPE_CHECKING

from newsledger.store.sqlite_read import to_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsledger.store.base import StoredEvent
    from newsledger.store.postgres_place import Connection
    from newsledger.store.postgres_types import Types

# An index holds keys of some 2,700 bytes.
LONGEST_KEY = 1000
LONG = b"\xff"
"""What begins the keys of longer tags, and no UTF-8."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
# In PostgreSQL's binary format a row is the number of its fields, and each field follows its length.
_EVENT_HEAD = Struct(">hiqiii").pack  # 5 fields; position; type; length of the tags
_TAG_HEAD = Struct(">hi").pack  # 3 fields; length of the tag
_TAG_TAIL = Struct(">iqii").pack  # position; type
_LENGTH = Struct(">i").pack
_CHECKSUM = Struct(">iq").pack


def key_of(tag: bytes) -> bytes:
    """Return what a tag is filed under."""
    return tag if len(tag) <= LONGEST_KEY else LONG + hashlib.sha256(tag).digest()


class Rows:
    """The rows of a batch, checked and then sent in PostgreSQL's binary format."""

    def __init__(self, events: Sequence[StoredEvent], head: int) -> None:
        """Check events that come after ``head``; what cannot be kept is refused."""
        self._head = head
        self._events = events
        self._checked = [to_row(event) for event in events]

    def send(self, connection: Connection, types: Types) -> None:
        """Insert them all; the caller holds the lock and the transaction."""
        numbers = types.made((event.type for event in self._events), connection)
        events: list[bytes] = []
        tagged: list[bytes] = []
        long: dict[bytes, bytes] = {}
        pairs = zip(self._events, self._checked, strict=True)
        for position, (event, (tags, text, _, checksum)) in enumerate(pairs, self._head + 1):
            number, encoded, data = numbers[event.type], text.encode(), event.data
            events += (
                _EVENT_HEAD(5, 8, position, 4, number, len(encoded)),
                encoded,
                _LENGTH(len(data)),
                data,
                _CHECKSUM(8, checksum),
            )
            tail = _TAG_TAIL(8, position, 4, number)
            for tag in tags:
                name = tag.encode()
                if len(name) > LONGEST_KEY:
                    key = key_of(name)
                    long[key] = name
                    name = key
                tagged += (_TAG_HEAD(3, len(name)), name, tail)
        _copy(connection, "COPY event FROM STDIN (FORMAT binary)", events)
        if tagged:
            _copy(connection, "COPY event_tag FROM STDIN (FORMAT binary)", tagged)
        if long:
            connection.execute(
                "INSERT INTO long_tag SELECT * FROM unnest(%s::bytea[], %s::bytea[])"
                " ON CONFLICT DO NOTHING",
                (list(long), list(long.values())),
            )


def _copy(connection: Connection, statement: str, fields: list[bytes]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_SIGNATURE)
        copy.write(b"".join(fields))
        copy.write(_END)
