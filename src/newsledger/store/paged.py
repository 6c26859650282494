"""Reading page by page: what a plan finds becomes rows or events, each checked on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from zlib import crc32

import msgspec

from newsledger.errors import CorruptEntry
from newsledger.store.base import ReadResponse, SequencedEvent, StoredEvent
from newsledger.store.checksum import damaged, type_checksum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsledger.store.base import Row

# The first page is small, as many callers want little; later ones grow while their bytes are few.
_FIRST_PAGE = 100
_LONGEST_PAGE = 2000
_HEAVY_PAGE = 4 << 20

_decode_tags = msgspec.json.Decoder(list[str]).decode


class Plan(Protocol):
    """How one query finds its events between two positions."""

    def page(self, after: int, size: int) -> list[Any]:
        """Return the rows of the next ``size`` matching events above ``after``, in order."""

    def last(self, limit: int) -> int | None:
        """Return the position of the last of the first ``limit`` matching events."""

    def any(self) -> bool:
        """Return whether anything matches at all."""


class PagedReadResponse(ReadResponse):
    """Matching events, fetched a page at a time; nothing is locked between pages."""

    def __init__(
        self,
        plan: Plan,
        type_name: Callable[[int], str],
        *,
        after: int,
        head: int,
        limit: int | None,
    ) -> None:
        self._plan = plan
        self._type_name = type_name
        self._limit = limit
        self._head: int | None = head or None
        self._head_known = limit is None
        self._after = after
        self._events = self._read()
        # Of each type that was met: its name, and with what the checksums of its rows begin.
        self._starts: dict[int, tuple[str, int]] = {}

    @property
    def head(self) -> int | None:
        """As `Recorder.read` tells; known before the iteration, for a lookup if limited."""
        if not self._head_known and self._limit is not None:
            self._head = self._plan.last(self._limit)
            self._head_known = True
        return self._head

    # Iterating over the generator itself spares a call for each event.
    def __iter__(self) -> Iterator[SequencedEvent]:
        return self._events

    def __next__(self) -> SequencedEvent:
        return next(self._events)

    def _read(self) -> Iterator[SequencedEvent]:
        starts = self._starts
        for page in self._pages(_FIRST_PAGE):
            # As in `_intact`, whose rows would come one generator further from who reads them.
            for position, type_id, tags, data, checksum, *_ in page:
                known = starts.get(type_id)
                if known is None:
                    known = starts[type_id] = self._start(position, type_id)
                name, start = known
                try:
                    intact = crc32(data, crc32(tags, start)) == checksum
                    event = StoredEvent(name, data, _decode_tags(tags))
                except (TypeError, ValueError) as error:
                    raise damaged(position) from error
                if not intact:
                    raise damaged(position)
                yield SequencedEvent(event, position)

    def rows(self) -> Iterator[Row]:
        """Yield the same as bare rows, instead of the events, to those who want them all."""
        for page in self._pages(_LONGEST_PAGE):
            for position, _, tags, data, *_ in self._intact(page):
                yield position, data, tags

    def _pages(self, size: int) -> Iterator[list[Any]]:
        after, rest = self._after, self._limit
        while rest is None or rest > 0:
            wanted = size if rest is None else min(size, rest)
            rows = self._plan.page(after, wanted)
            yield rows
            if len(rows) < wanted:
                return
            after = rows[-1][0]
            if rest is not None:
                rest -= len(rows)
            weight = sum([len(row[3]) for row in rows])
            size = min(size * 4, _LONGEST_PAGE) if weight < _HEAVY_PAGE else max(size // 4, 1)

    def _intact(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Yield rows as long as they are what was recorded."""
        starts = self._starts
        for row in rows:
            position, type_id, tags, data, checksum, *_ = row
            known = starts.get(type_id)
            if known is None:
                known = starts[type_id] = self._start(position, type_id)
            try:
                intact = crc32(data, crc32(tags, known[1])) == checksum
            except TypeError as error:
                raise damaged(position) from error
            if not intact:
                raise damaged(position)
            yield row

    def _start(self, position: int, type_id: Any) -> tuple[str, int]:
        try:
            name = self._type_name(type_id)
        except LookupError as error:
            raise CorruptEntry(
                f"the entry at position {position} is damaged: its type is unknown; restore a copy",
                position=position,
            ) from error
        return name, type_checksum(name)
