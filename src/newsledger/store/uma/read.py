"""Reading from a UmaDB server: matching events as its streams bring them."""

from __future__ import annotations

import heapq
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from newsledger.store.base import ReadResponse, SequencedEvent, StoredEvent
from newsledger.store.uma.events import Found, events_in, found_in, queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import umadb

    from newsledger.store.base import Query, Row
    from newsledger.store.uma.server import Server

T = TypeVar("T")
_MOST = (1 << 32) - 1


class UmaReadResponse(ReadResponse):
    """Matching events between two positions of the ledger; nothing is asked before they are."""

    def __init__(
        self, server: Server, query: Query | None, *, after: int, head: int, limit: int | None
    ) -> None:
        self._server = server
        self._queries = queries(query) if after < head else []
        self._after = after
        self._upto = head
        self._limit = limit
        self._head: int | None = head or None
        self._head_known = limit is None
        self._events = self._read()

    @property
    def head(self) -> int | None:
        """As `Recorder.read` tells; known before the iteration, for a second read if limited."""
        if not self._head_known:
            self._head = None
            for position, *_ in self.found():
                self._head = position
            self._head_known = True
        return self._head

    # Iterating over the generator itself spares a call for each event.
    def __iter__(self) -> Iterator[SequencedEvent]:
        return self._events

    def __next__(self) -> SequencedEvent:
        return next(self._events)

    def rows(self) -> Iterator[Row]:
        """Yield the same as bare rows, instead of the events, to those who want them all."""
        for position, _, data, _, encoded in self.found():
            yield position, data, encoded

    def found(self) -> Iterator[Found]:
        """Yield the same as tuples, with the types and tags."""
        return self._limited(
            _merged([found_in(self._batches(query), self._upto) for query in self._queries])
        )

    def _read(self) -> Iterator[SequencedEvent]:
        if len(self._queries) == 1:
            return self._limited(events_in(self._batches(self._queries[0]), self._upto))
        return (
            SequencedEvent(StoredEvent(name, data, tags), position)
            for position, name, data, tags, _ in self.found()
        )

    def _limited(self, found: Iterator[T]) -> Iterator[T]:
        return found if self._limit is None else islice(found, self._limit)

    def _batches(self, query: umadb.Query | None) -> Iterator[list[umadb.SequencedEvent]]:
        """Read what one query finds. The first event of the server is none of the ledger's."""
        limit = self._limit
        if query is None:
            between = self._upto - self._after
            limit = between if limit is None else min(limit, between)
        return self._server.read(query, self._after + 2, limit and min(limit, _MOST))


def _merged(streams: Sequence[Iterator[Found]]) -> Iterator[Found]:
    """Yield what any of the streams brings, in order and once."""
    if len(streams) == 1:
        return streams[0]
    together: Iterable[Found] = heapq.merge(*streams, key=itemgetter(0))
    return (next(same) for _, same in groupby(together, key=itemgetter(0)))
