"""The ledger on a UmaDB server: for a team, where no file is shared.

What the server holds is told in `newsledger.store.uma.birth` and `newsledger.store.uma.events`, and
how writers are kept apart in `newsledger.store.uma.fence`.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Self

from newsledger.errors import StoreError
from newsledger.store.base import (
    BatchTooLarge,
    ConditionFailed,
    Query,
    Recorder,
    StoreValueError,
)
from newsledger.store.rounds import PATIENCE, rounds
from newsledger.store.subscription import Subscription
from newsledger.store.uma.address import address
from newsledger.store.uma.birth import identity_of
from newsledger.store.uma.counts import TagCounts
from newsledger.store.uma.events import to_event
from newsledger.store.uma.fence import append_after
from newsledger.store.uma.read import UmaReadResponse
from newsledger.store.uma.server import Server
from newsledger.store.watch import Bell, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import umadb

    from newsledger.store.base import AppendCondition, Row, StoredEvent

# The server takes requests of 4 MiB.
_MOST_BYTES = 4_000_000
# To read so many events over costs less than to ask again.
_NEAR = 64
_FIRST = 1


class UmaRecorder(Recorder):
    """Events on one UmaDB server, shared by any threads, processes and machines.

    The server cannot lock, so an append is recorded if nobody else's came in between, and tried
    again otherwise. It takes at most 4 MB at once, and of one event at most some 4,000 bytes of
    type and tags, of which none counts more than 64. What is committed survives a crash of the
    server's machine.
    """

    def __init__(
        self,
        url: str,
        *,
        mode: str = "a",
        durability: str = "full",
        timeout: float = PATIENCE,
    ) -> None:
        """Open or make the ledger on the server at ``umadb://[key@]host[:port][?tls=1][&ca=file]``.

        ``mode``: "a" open or make, "r" read only, "r+" must exist, "x" must not. ``durability`` is
        the server's business: both "full" and "normal" wait for its disk. ``timeout``: for how
        many seconds to try again while others are faster, before a `StoreError`. A server that
        holds another program's events is refused, and left as it was.
        """
        if mode not in {"a", "r", "r+", "x"}:
            raise StoreValueError(
                f"mode {mode!r} is none of 'a' (open or make), 'r' (read only), 'r+' (must exist)"
                " and 'x' (must not exist)"
            )
        if durability not in {"full", "normal"}:
            raise StoreValueError(f"durability {durability!r} is neither 'full' nor 'normal'")
        self._read_only = mode == "r"
        self._timeout = timeout
        self._bell = Bell()
        self._writing = threading.RLock()
        self._seen = 0  # the highest head that was met; the server's is that or above
        self._server = Server(address(url))
        try:
            self._identity = identity_of(self._server, mode)
            self._seen = self.head()
        except BaseException:
            self._server.close()
            raise
        self._counts = TagCounts(
            lambda after, upto: self._response(None, after, None, upto).found()
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._server.where}>"

    @property
    def identity(self) -> str:
        """The ledger's UUID, read from the server's first event."""
        return self._identity

    @property
    def read_only(self) -> bool:
        """Whether it was opened with mode "r"."""
        return self._read_only

    def require_open(self) -> None:
        """Raise it without a question to the server."""
        self._server.check()

    def head(self) -> int:
        """Return the last position; one question to the server."""
        head = self._server.head() - _FIRST
        self._seen = max(self._seen, head)
        return head

    def read(
        self,
        query: Query | None = None,
        *,
        after: int | None = None,
        limit: int | None = None,
        upto: int | None = None,
    ) -> UmaReadResponse:
        """Return the matching events as `Recorder.read` tells, in batches as the server sends them.

        Queries of types alone cost as much as a look at all events. One of many items is sent as
        several, and their answers are merged.
        """
        return self._response(query, after, limit, upto)

    def rows(
        self, query: Query | None = None, *, after: int | None = None, upto: int | None = None
    ) -> Iterator[Row]:
        """Yield the rows as they come, checked as `read` checks them."""
        return self._response(query, after, None, upto).rows()

    def rows_at(self, positions: Sequence[int]) -> Iterator[Row]:
        """Yield the rows at some positions; those that lie near each other are read together."""
        start = 0
        for end in range(1, len(positions) + 1):
            if end < len(positions) and positions[end] - positions[end - 1] <= _NEAR:
                continue
            run = positions[start:end]
            wanted = set(run)
            for row in self.rows(after=run[0] - 1, upto=run[-1]):
                if row[0] in wanted:
                    yield row
            start = end

    def append(
        self, events: Sequence[StoredEvent], condition: AppendCondition | None = None
    ) -> int:
        """Record all events or none, as `Recorder.append` tells; one question to the server.

        A condition is looked at from here, and what is appended stands only if nothing was
        recorded since; otherwise it is looked at again.
        """
        if not events:
            raise StoreValueError("append needs at least one event")
        self._check_writable()
        made = self._made(events)
        with self._writing:
            last = self._append(made, condition)
        self._seen = max(self._seen, last)
        self._bell.ring()
        return last

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep the other threads of this recorder from appending; nobody else, and join nothing."""
        self._check_writable()
        with self._writing:
            yield

    def subscribe(
        self, query: Query | None = None, *, after: int | None = None
    ) -> Subscription[Self]:
        """Return what matches as it comes; others' appends arrive within 50 ms."""
        self._server.check()
        return Subscription(self, query, after)

    def tag_counts(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield tags and counts as of this call.

        The first question about a prefix reads all events, and later ones those that came since.
        """
        return iter(self._counts.at(prefix, self.head()))

    def changes(self, after: int = 0) -> Watch:
        """Return a `Watch` that this recorder's appends wake at once, others' within 50 ms.

        Whoever waits asks the server for its head twenty times a second. To follow the server's
        own stream instead would fetch every event once more, only to know that it is there.
        """
        self._server.check()
        return Watch(self.head, self._bell, after=after)

    def close(self) -> None:
        """Close the connection, after an append that is under way; nothing in a forked child."""
        if not self._server.here:
            return
        with self._writing:
            self._bell.close()
            self._server.close()

    # --- reading

    def _response(
        self, query: Query | None, after: int | None, limit: int | None, upto: int | None
    ) -> UmaReadResponse:
        self._server.check()
        # What was seen once is there for ever, and need not be asked for again.
        head = upto if upto is not None and upto <= self._seen else self.head()
        if upto is not None:
            head = min(head, upto)
        if limit is not None:
            limit = min(max(limit, 0), sys.maxsize)
        return UmaReadResponse(
            self._server, query, after=max(after or 0, 0), head=max(head, 0), limit=limit
        )

    def _matches(self, query: Query, after: int, upto: int) -> bool:
        if after >= upto:
            return False
        if not query.items:
            return True
        return next(self._response(query, after, 1, upto).found(), None) is not None

    # --- writing

    def _check_writable(self) -> None:
        self._server.check()
        if self._read_only:
            raise StoreError(
                f"{self._server.where} was opened read-only: open it with mode 'a' to append"
            )

    def _made(self, events: Sequence[StoredEvent]) -> list[umadb.Event]:
        made, size = [], 0
        for event in events:
            one, bytes_ = to_event(event)
            made.append(one)
            size += bytes_
        if size > _MOST_BYTES:
            raise BatchTooLarge(
                f"{self._server.where} takes at most 4 MB at once, and these {len(events)} events"
                f" have {size / 1e6:.1f} MB; nothing was recorded: append fewer at a time",
                part=_MOST_BYTES / size,
            )
        return made

    def _append(self, made: list[umadb.Event], condition: AppendCondition | None) -> int:
        after = max(condition.after or 0, 0) if condition is not None else 0
        # Whoever has just looked at the head and appends behind it need not look again.
        fresh = condition is None or (
            not condition.fail_if_events_match.items and after == self._seen
        )
        for number in rounds(self._timeout):
            head = self._seen if fresh and number == 0 else self.head()
            if condition is not None:
                if self._matches(condition.fail_if_events_match, after, head):
                    raise ConditionFailed(condition)
                after = max(after, head)
            last = append_after(self._server, made, head + _FIRST)
            if last is not None:
                return self._whole(last - _FIRST, head, len(made))
        raise StoreError(
            f"others have been appending to {self._server.where} without a break for"
            f" {self._timeout:g} seconds, and nothing of this was recorded: try again when there is"
            " less going on, or in larger batches"
        )

    def _whole(self, last: int, head: int, count: int) -> int:
        if last != head + count:
            raise StoreError(
                f"{self._server.where} gave position {last} to the last of {count} events after"
                f" {head}: another program writes to it too; a ledger needs a server of its own"
            )
        return last
