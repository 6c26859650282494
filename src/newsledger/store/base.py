"""What the ledger asks of a store, whoever keeps it.

The names of eventsourcing's interface for dynamic consistency boundaries are given here under our
own, so that its next major version costs this room and no other. `Recorder` adds what a ledger
needs beyond them: an identity, a lock, a bound on reads, counts of tags, and a way to wait.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec
from eventsourcing.dcb.api import (
    DCBAppendCondition as AppendCondition,
    DCBEvent as StoredEvent,
    DCBQuery as Query,
    DCBQueryItem as QueryItem,
    DCBReadResponse as ReadResponse,
    DCBRecorder,
    DCBSequencedEvent as SequencedEvent,
    DCBSubscription,
)
from eventsourcing.persistence import IntegrityError as ConditionFailed

from newsledger.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Self

    from newsledger.store.watch import Watch

__all__ = [
    "MODES",
    "AppendCondition",
    "BatchTooLarge",
    "ConditionFailed",
    "Query",
    "QueryItem",
    "ReadResponse",
    "Recorder",
    "Row",
    "SequencedEvent",
    "StoreFault",
    "StoreValueError",
    "StoredEvent",
    "refusal",
]


Row: TypeAlias = tuple[int, bytes, bytes]
_encode_tags = msgspec.json.Encoder().encode


class StoreValueError(StoreError, ValueError):
    """An argument that no store can take: a lone surrogate, an unknown mode, nothing to append."""


class StoreFault(NamedTuple):
    """Something that a store found wrong with itself."""

    position: int | None
    """The event that it concerns; None where that cannot be told."""

    kind: str
    """Either "index", where events are found by tags that are not theirs, or "store"."""

    message: str


class BatchTooLarge(StoreError):
    """More than the store takes at once; about ``part`` of it would do."""

    def __init__(self, message: str, *, part: float) -> None:
        super().__init__(message)
        self.part = part


MODES = ("a", "r", "r+", "x")
"""Open or make, read only, must exist, must not exist."""


def refusal(message: str, code: int | None = None) -> StoreError:
    """Make a `StoreError` whose text is just the sentence, with ``errno`` set beside it.

    Given together to the constructor, they would print as ``[Errno 2] …``.
    """
    error = StoreError(message)
    error.errno = code
    return error


class Recorder(DCBRecorder, ABC):
    """An append-only sequence of tagged events at positions 1, 2, 3, … without gaps.

    Safe to use from several threads. After `close`, and in a child made by ``os.fork``, every
    method but `close` raises `LedgerClosed`; what goes wrong in the store is a `StoreError`.
    """

    @property
    @abstractmethod
    def identity(self) -> str:
        """The text of a UUID, made when the ledger was created and kept with it for ever."""

    @property
    @abstractmethod
    def read_only(self) -> bool:
        """Whether `append` and `exclusive` are refused because the store was opened so."""

    def require_open(self) -> None:
        """Raise what any other call would raise once it is closed."""
        self.head()

    @abstractmethod
    def head(self) -> int:
        """Return the last committed position, 0 when empty. The cost does not grow."""

    @abstractmethod
    def read(
        self,
        query: Query | None = None,
        *,
        after: int | None = None,
        limit: int | None = None,
        upto: int | None = None,
    ) -> ReadResponse:
        """Return the matching events in position order, lazily, as they stood at this call.

        An event matches when any item does: its type is among the item's types (none: any), and
        it bears all the item's tags. No query, or one without items, matches everything. Only
        positions above ``after`` and not above ``upto`` count, and at most ``limit`` of them.

        The response's ``head`` without a limit is the last position that the answer covers (the
        ledger's, or ``upto`` if lower); with a limit, the last position returned. Either is None
        when there is none. A damaged event raises `CorruptEntry` when the iteration reaches it.
        """

    def rows(
        self, query: Query | None = None, *, after: int | None = None, upto: int | None = None
    ) -> Iterator[Row]:
        """Yield what `read` gives as bare (position, data, tags), the tags as a JSON array.

        For those who look at many and keep few: a store may spare itself the events.
        """
        for found in self.read(query, after=after, upto=upto):
            yield found.position, found.event.data, _encode_tags(found.event.tags)

    def rows_at(self, positions: Sequence[int]) -> Iterator[Row]:
        """Yield the rows at some positions, which are given in order and are all there."""
        for position in positions:
            for found in self.read(after=position - 1, limit=1):
                yield found.position, found.event.data, _encode_tags(found.event.tags)

    @abstractmethod
    def append(
        self, events: Sequence[StoredEvent], condition: AppendCondition | None = None
    ) -> int:
        """Record all events or none, durably, and return the last one's position.

        Raises `ConditionFailed` when an event after the condition's ``after`` matches its query;
        a condition with an empty query fails on any event there. A tag given twice counts once.
        Where a store takes only so much at once, `BatchTooLarge` says how much of it.
        """

    @abstractmethod
    def subscribe(
        self, query: Query | None = None, *, after: int | None = None
    ) -> DCBSubscription[Self]:
        """Return an endless iterator: what matches now, then what comes, in order, none skipped."""

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the write lock for the block: nobody else appends, and reads see the latest state.

        This thread's appends inside take effect together when the block ends, and not at all when
        it raises; one that raised and was caught has recorded nothing. Read responses made inside
        should be used up inside. Blocks do not nest.

        A store that cannot lock may keep this default, which holds no lock and joins nothing:
        who appends then names the head that it stood on in a condition, and is told if it moved.
        """
        yield

    @abstractmethod
    def tag_counts(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield the tags that start with exactly these characters and how many events bear each.

        In code point order. The cost grows with the sum of the counts.
        """

    def tiles(self, after: int = 0) -> list[bytes]:
        """Return the hashes kept by `keep_tiles` that are numbered above ``after``, none skipped.

        A store that keeps none may keep this default: they are computed for each object anew.
        """
        del after
        return []

    def keep_tiles(self, first: int, hashes: Sequence[bytes]) -> None:
        """Keep the hashes, of 32 bytes, of the tiles from number ``first`` on.

        Tile n tells what the events at positions 1,024·(n-1)+1 to 1,024·n are. It follows from
        them, so that losing it costs time only. One that is there is replaced.
        """

    @property
    def erasures(self) -> int | None:
        """How many events were erased, as of the last look at the head from here.

        By this others find out that what they remember may have been erased. It counts what
        `erase` put there, and appended events of the type "erased". None, the default, says that
        it is not counted, and that such events are to be looked for.
        """
        return None

    def erase(self, left: Mapping[int, StoredEvent]) -> None:
        """Put at some positions what is left of the events there, which are forgotten.

        What is left has the type "erased". All are put there or none, durably, and nobody reads
        again what was there before. What `scrub` removes may still lie in files.

        A store that can only append may keep this default, which refuses.
        """
        del left
        raise StoreError(
            f"{self!r} can only be appended to, and nothing can be taken out of it: copy the ledger"
            " to a store that can, erase there, and delete this one"
        )

    def scrub(self) -> None:
        """Remove what is left of erased events in files, as free pages and logs.

        Doing it again costs nothing where nothing is left. Raises `StoreError` where it could not
        be done, perhaps because others are reading; it can be done later, by anybody.
        """

    def faults(
        self, upto: int, seen: Callable[[int], object] | None = None
    ) -> Iterator[StoreFault]:
        """Yield what the store finds wrong with its own structures, up to a position.

        Not what `read` would raise: a fault that `read` tells of by `CorruptEntry` is not told
        again. It raises `StoreError` only where the store is too damaged to go on. ``seen`` is
        called now and then with how far it has come, of ``upto``.
        """
        del upto, seen
        yield from ()

    @abstractmethod
    def changes(self, after: int = 0) -> Watch:
        """Return a `Watch` on this store's head; ``after`` is where its first wait starts from."""

    @abstractmethod
    def close(self) -> None:
        """Give everything back; waiting threads are let go. Closing again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
