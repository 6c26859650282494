"""How events are laid out in the rows of PostgreSQL, and sent there."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from struct import Struct
from typing import TYPE_CHECKING

from newsledger.events import ERASED
from newsledger.store.checksum import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsledger.store.base import StoredEvent
    from newsledger.store.postgres.place import Connection
    from newsledger.store.postgres.types import Types

# An index holds keys of some 2,700 bytes.
LONGEST_KEY = 1000
LONG = b"\xff"
"""What begins the keys of longer tags, and no UTF-8."""

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_SENT_TOGETHER = 100
# So few are quicker in one statement, whose parameters cost more to make.
_FEW = 20
_INSERT = """
    WITH recorded AS (
        INSERT INTO event SELECT * FROM
        unnest(%s::bigint[], %s::integer[], %s::text[], %s::bytea[], %s::bigint[])
    )
    INSERT INTO event_tag SELECT * FROM unnest(%s::bytea[], %s::bigint[], %s::integer[])
"""
_COPY = "COPY {} FROM STDIN (FORMAT binary)"
# In PostgreSQL's binary format a row is the number of its fields, then each after its length.
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

    def __init__(self, events: Sequence[StoredEvent]) -> None:
        """Check some events; what cannot be kept is refused."""
        self._events = events
        self._checked = [checked(event) for event in events]

    def __len__(self) -> int:
        return len(self._events)

    @property
    def erased(self) -> int:
        """How many of them stand for what was erased."""
        return sum(event.type == ERASED for event in self._events)

    def send(self, connection: Connection, head: int, types: Types) -> None:
        """Insert them all after ``head``; the caller holds the lock and the transaction."""
        numbers = types.made((event.type for event in self._events), connection)
        if len(self) <= _FEW:
            long = self._insert(connection, head, numbers)
        else:
            long = self._copy(connection, head, numbers)
        if long:
            connection.execute(
                "INSERT INTO long_tag SELECT * FROM unnest(%s::bytea[], %s::bytea[])"
                " ON CONFLICT DO NOTHING",
                (list(long), list(long.values())),
            )

    def _insert(
        self, connection: Connection, head: int, numbers: dict[str, int]
    ) -> dict[bytes, bytes]:
        """Send a few in one journey instead of in four; return the tags that are too long."""
        long: dict[bytes, bytes] = {}
        rows: list[tuple[int, int, str, bytes, int]] = []
        tagged: list[tuple[bytes, int, int]] = []
        pairs = zip(self._events, self._checked, strict=True)
        for position, (event, (tags, encoded, checksum)) in enumerate(pairs, head + 1):
            number = numbers[event.type]
            rows.append((position, number, encoded.decode(), event.data, checksum))
            for name in map(str.encode, tags):
                key = key_of(name)
                tagged.append((key, position, number))
                if key != name:
                    long[key] = name
        columns = [*zip(*rows, strict=True), *(zip(*tagged, strict=True) if tagged else [()] * 3)]
        connection.execute(_INSERT, [list(column) for column in columns])
        return long

    def _copy(
        self, connection: Connection, head: int, numbers: dict[str, int]
    ) -> dict[bytes, bytes]:
        """Send many as two streams; return the tags that are too long.

        The server is at work on each piece while the next is laid out here.
        """
        tagged: defaultdict[str, list[bytes]] = defaultdict(list)
        with connection.cursor() as cursor, cursor.copy(_COPY.format("event")) as copy:
            copy.write(_SIGNATURE)
            for start in range(0, len(self._events), _SENT_TOGETHER):
                copy.write(self._laid_out(start, head, numbers, tagged))
            copy.write(_END)
            # The longer sort is done while the server finishes.
            names = sorted(tagged)
        long: dict[bytes, bytes] = {}
        if names:
            with connection.cursor() as cursor, cursor.copy(_COPY.format("event_tag")) as copy:
                copy.write(_SIGNATURE)
                for start in range(0, len(names), _SENT_TOGETHER):
                    some = names[start : start + _SENT_TOGETHER]
                    copy.write(_tags_laid_out(some, tagged, long))
                copy.write(_END)
        return long

    def _laid_out(
        self, start: int, head: int, numbers: dict[str, int], tagged: dict[str, list[bytes]]
    ) -> bytes:
        """Return some rows of ``event``, and add the ends of those of ``event_tag`` by tag."""
        fields: list[bytes] = []
        end = start + _SENT_TOGETHER
        pairs = zip(self._events[start:end], self._checked[start:end], strict=True)
        for position, (event, (tags, encoded, checksum)) in enumerate(pairs, head + start + 1):
            number, data = numbers[event.type], event.data
            fields += (
                _EVENT_HEAD(5, 8, position, 4, number, len(encoded)),
                encoded,
                _LENGTH(len(data)),
                data,
                _CHECKSUM(8, checksum),
            )
            tail = _TAG_TAIL(8, position, 4, number)
            for tag in tags:
                tagged[tag].append(tail)
        return b"".join(fields)


def _tags_laid_out(
    names: Sequence[str], tagged: dict[str, list[bytes]], long: dict[bytes, bytes]
) -> bytes:
    """Return the rows of some tags, and add those that are too long to ``long``, by their keys.

    The caller gives them in the order of the index: it grows faster where neighbours grow together.
    """
    rows: list[bytes] = []
    for tag in names:
        name = tag.encode()
        if len(name) > LONGEST_KEY:
            key = key_of(name)
            long[key] = name
            name = key
        row_head = _TAG_HEAD(3, len(name)) + name
        rows += (row_head, row_head.join(tagged[tag]))
    return b"".join(rows)
