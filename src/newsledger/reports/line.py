"""Line: an entry of the log whose coordinates are read, and whose body is not, yet.

Which entries a view shows, and in which order, is told by their dates, kinds and links alone. So
that is all that is read of an entry at first; the rest waits until `Line.entry` is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from newsledger.codec import type_name
from newsledger.errors import CorruptEntry
from newsledger.events import CATALOGUE, ERASED, Event, OutcomeRecorded
from newsledger.reports.entry import WEIGHTS, Entry
from newsledger.reports.envelope import decode_entry
from newsledger.reports.fingerprint import is_erased
from newsledger.when.ticks import end_ticks, onset_ticks, start_ticks, stop_ticks, ticks

_OUTCOME = OutcomeRecorded.TYPE
_decode_tags = msgspec.json.Decoder(list[str]).decode


class _Dates(msgspec.Struct, gc=False):
    occurred: Any = None
    of: Any = None


class _Published(msgspec.Struct, gc=False):
    published: str


class _Coordinates(msgspec.Struct, gc=False):
    id: str
    type: str
    version: int
    recorded: str
    event: _Dates
    source: _Published
    kind: str = "report"
    amends: str | None = None
    root: str | None = None
    assertion: str = "fact"
    background: bool = False
    ordinal: int | None = None
    stand_ins: dict[str, str] = {}  # msgspec copies defaults
    occurred: str | None = None
    onset: tuple[str | None, str | None] | None = None


_COORDINATES = msgspec.json.Decoder(_Coordinates)


class Line:
    """The coordinates of an entry; times are ticks (see :mod:`newsledger.when.ticks`).

    Ids are in their canonical text, which sorts as they do. ``known``: the tick from which it is
    known, the exclusive end of its publication; ``published``: the same, also where a supposition
    makes it known earlier. ``start``, ``stop``: the window in which its event began. ``of``: of an
    outcome, the root of what it refers to. ``name``: the wire name of its event's type, "erased"
    where it was erased.
    """

    __slots__ = (
        "_data",
        "_entry",
        "_recorded",
        "_tags",
        "amends",
        "id",
        "kind",
        "known",
        "name",
        "of",
        "ordinal",
        "position",
        "published",
        "root",
        "start",
        "stop",
        "weight",
    )

    id: str
    position: int
    known: int
    published: int
    start: int
    stop: int
    name: str
    kind: str
    amends: str | None
    root: str
    ordinal: int
    weight: int
    of: str | None
    _recorded: str | int
    _data: bytes
    _tags: bytes
    _entry: Entry | None

    @property
    def entry(self) -> Entry:
        """The entry, decoded when first asked for; CorruptEntry where it cannot be."""
        entry = self._entry
        if entry is None:
            entry = self._entry = _decoded(self.position, self._data, self._tags)
            self._data = self._tags = b""
        return entry

    @property
    def recorded(self) -> int:
        """The tick at which it was recorded."""
        recorded = self._recorded  # read once: another thread may be at it
        if isinstance(recorded, str):
            recorded = self._recorded = onset_ticks(recorded)[0]
        return recorded

    @property
    def erased(self) -> bool:
        """Whether it was erased, so that nothing is left that could be shown."""
        return self.name == ERASED

    def __repr__(self) -> str:
        return f"<Line {self.position} {self.kind} {self.name}>"


def read_line(position: int, data: bytes, tags: bytes) -> Line:
    """Read the coordinates of what is stored; ``tags`` are a JSON array.

    CorruptEntry names the position and the fault.
    """
    if is_erased(data):
        return line_of(_decoded(position, data, tags))
    line = Line()
    try:
        stored = _COORDINATES.decode(data)
        line.position = position
        line.id = id = stored.id
        line.root = stored.root or id
        line.amends = stored.amends
        line.kind = stored.kind
        line.name = name = stored.type
        line.ordinal = stored.ordinal or 0
        line.weight = 0 if stored.background else WEIGHTS[stored.assertion]
        line.known = line.published = end_ticks(stored.source.published)
        line.of = None
        line._recorded = stored.recorded  # noqa: SLF001 (this is the maker of lines)
        line._entry = None  # noqa: SLF001
        line._data = data  # noqa: SLF001
        line._tags = tags  # noqa: SLF001
        if not _tells_its_onset(name, stored.version):
            line.start, line.stop = _window(line.entry)
        elif stored.onset is None:
            when = stored.event.occurred
            line.start, line.stop = onset_ticks(stored.occurred if when is None else when)
        else:
            first, last = stored.onset
            line.start = start_ticks(None if first is None else datetime.fromisoformat(first))
            line.stop = stop_ticks(None if last is None else datetime.fromisoformat(last))
        if name == _OUTCOME.name and stored.version <= _OUTCOME.version:
            of = stored.event.of
            line.of = str(UUID(stored.stand_ins.get(of, of)))
    except (ValueError, TypeError, KeyError, AttributeError, msgspec.MsgspecError) as error:
        if isinstance(error, CorruptEntry):
            raise
        raise CorruptEntry(
            f"the entry at position {position} cannot be read: {error}", position=position
        ) from error
    return line


def bare_line(position: int, data: bytes, tags: bytes) -> Line:
    """Make a line for its entry alone: it has its position, and no other coordinates.

    For those who know them from elsewhere; CorruptEntry where the entry cannot be read.
    """
    line = Line()
    line.position = position
    line._entry = _decoded(position, data, tags)  # noqa: SLF001 (this is the maker of lines)
    return line


def line_of(entry: Entry, *, known: int | None = None, recorded: int | None = None) -> Line:
    """Make the line of an entry that is decoded.

    ``known``, ``recorded``: where it is supposed to be known earlier, or was never recorded.
    """
    line = Line()
    line.position = entry.position
    line.id = str(entry.id)
    line.root = str(entry.root)
    line.amends = None if entry.amends is None else str(entry.amends)
    line.kind = entry.kind
    event = entry.event
    line.name = type_name(event)
    line.ordinal = entry.ordinal
    line.weight = entry.weight
    line.published = stop_ticks(entry.published.stop)
    line.known = line.published if known is None else known
    line.start, line.stop = _window(entry)
    line.of = str(entry.root_of(event.of)) if isinstance(event, OutcomeRecorded) else None
    line._recorded = ticks(entry.recorded) if recorded is None else recorded  # noqa: SLF001
    line._entry = entry  # noqa: SLF001
    line._data = line._tags = b""  # noqa: SLF001
    return line


def _tells_its_onset(name: str, version: int) -> bool:
    """Tell whether what is stored says the onset that the event's class would say.

    Upcasters may change the dates of an older version, and a class may have an onset of its own.
    """
    known = CATALOGUE.get(name)
    return (
        known is None
        or version > known.version
        or (version == known.version and known.cls.onset is Event.onset)
    )


def _window(entry: Entry) -> tuple[int, int]:
    start, stop = entry.onset
    return start_ticks(start), stop_ticks(stop)


def _decoded(position: int, data: bytes, tags: bytes) -> Entry:
    return decode_entry(data, position, _Tags(tags))


class _Tags:
    """Tags that are decoded by who asks for them, which few do."""

    __slots__ = ("_stored",)

    def __init__(self, stored: bytes) -> None:
        self._stored = stored

    def __iter__(self) -> Iterator[str]:
        return iter(_decode_tags(self._stored))
