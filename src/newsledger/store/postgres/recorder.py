# ruff: noqa: S608 -- statements are put together from constants; values travel as parameters
"""The ledger on a PostgreSQL server: the store for those who write together.

The tables are told in `newsledger.store.postgres.schema`. Importing this asks for psycopg.
"""

from __future__ import annotations

import contextlib
import heapq
from typing import TYPE_CHECKING, Self

from newsledger.store.base import MODES, AppendCondition, ConditionFailed, Recorder, StoreValueError
from newsledger.store.checksum import storable
from newsledger.store.paged import PagedReadResponse
from newsledger.store.postgres import (
    erasing as postgres_erasing,
    tiles as postgres_tiles,
    verify as postgres_verify,
)
from newsledger.store.postgres.connections import Connections
from newsledger.store.postgres.listen import Listener
from newsledger.store.postgres.place import DURABILITIES, Place
from newsledger.store.postgres.query import Chosen, plan
from newsledger.store.postgres.rows import LONG, Rows
from newsledger.store.postgres.types import Types
from newsledger.store.subscription import Subscription
from newsledger.store.watch import Bell, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from newsledger.store.base import Query, Row, StoredEvent, StoreFault

_LARGEST = (1 << 63) - 1
_TAGS_PAGE = 1000


class PostgresRecorder(Recorder):
    """Events in one schema of a PostgreSQL database, shared by any threads, processes and machines.

    Appending costs one transaction: a few journeys to the server for a batch of any size. Reading
    costs what is read, and two to four journeys. With ``durability="full"`` what is committed
    survives a crash of the server's machine, if the server is set up as PostgreSQL is by default
    (``fsync``, ``full_page_writes``); "normal" turns ``synchronous_commit`` off, which may then
    lose the last commits of up to a second, and tears nothing.

    A recorder holds at most ten connections. Those that break are replaced.
    """

    def __init__(
        self, url: str, *, mode: str = "a", durability: str = "full", timeout: float = 30.0
    ) -> None:
        """Open or make the ledger at a URL as libpq reads it, in the schema ``?schema=``.

        ``mode``: "a" open or make, "r" read only, "r+" must exist, "x" must not. ``timeout``: how
        many seconds to wait for another writer before a `StoreError`. A schema that holds
        anything else, or a ledger by a newer version, is refused by a `StoreError`.
        """
        if mode not in MODES:
            raise StoreValueError(
                f"mode {mode!r} is none of 'a' (open or make), 'r' (read only), 'r+' (must exist)"
                " and 'x' (must not exist)"
            )
        if durability not in DURABILITIES:
            raise StoreValueError(f"durability {durability!r} is neither 'full' nor 'normal'")
        place = Place.of(url, read_only=mode == "r", durability=durability, timeout=timeout)
        self._bell = Bell()
        self._db = Connections(place, mode, on_rollback=self._forget_types, on_close=self._let_go)
        self._types = Types(self._db.fetch)
        self._listener = Listener(
            lambda: place.again(self._db.identity), self._db.channel, self._bell, self._db.held
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._db.where}>"

    @property
    def identity(self) -> str:
        """The ledger's UUID, read from the table ``meta``."""
        return self._db.identity

    @property
    def erasures(self) -> int:
        """The number that ``meta`` holds, as of the last look at the head."""
        return self._db.erasures

    @property
    def read_only(self) -> bool:
        """Whether it was opened with mode "r"."""
        return self._db.read_only

    def require_open(self) -> None:
        """Raise it without a journey to the server."""
        self._db.check()

    def head(self) -> int:
        """Return the last position this thread may see, by a look at the end of one index."""
        return self._db.head()

    def read(
        self,
        query: Query | None = None,
        *,
        after: int | None = None,
        limit: int | None = None,
        upto: int | None = None,
    ) -> PagedReadResponse:
        """Return the matching events as `Recorder.read` tells.

        Pages are fetched as the iteration needs them, and no transaction is open in between. Up
        to a dozen combinations of tags and types are merged as they are read; for more, the
        positions of all matches are collected first, at eight bytes each.
        """
        return self._response(query, after, limit, upto)

    def _response(
        self, query: Query | None, after: int | None, limit: int | None, upto: int | None
    ) -> PagedReadResponse:
        # The head comes first. Commits come in the order of positions, so that whoever looks
        # later finds all that lies below it.
        head = self._db.head()
        if upto is not None:
            head = max(min(head, upto), 0)
        after = min(max(after or 0, 0), _LARGEST)
        if limit is not None:
            limit = min(max(limit, 0), _LARGEST)
        return PagedReadResponse(
            plan(self._db.fetch, self._types.known, query, after, head),
            self._types.name,
            after=after,
            head=head,
            limit=limit,
        )

    def rows(
        self, query: Query | None = None, *, after: int | None = None, upto: int | None = None
    ) -> Iterator[Row]:
        """Yield the rows as they are in the table, checked as `read` checks them."""
        return self._response(query, after, None, upto).rows()

    def rows_at(self, positions: Sequence[int]) -> Iterator[Row]:
        """Yield the rows at some positions, looked up together."""
        head = positions[-1] if positions else 0
        chosen = Chosen(self._db.fetch, positions)
        return PagedReadResponse(chosen, self._types.name, after=0, head=head, limit=None).rows()

    def append(
        self, events: Sequence[StoredEvent], condition: AppendCondition | None = None
    ) -> int:
        """Record all events or none, as `Recorder.append` tells."""
        if not events:
            raise StoreValueError("append needs at least one event")
        rows = Rows(events)
        if self._db.mine:
            return self._insert(rows, condition)
        with self._db.writing():
            last = self._insert(rows, condition)
        self._bell.ring()
        return last

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the ledger's write lock on the server, as `Recorder.exclusive` tells.

        Readers are not held up, other writers wait for their ``timeout``.
        """
        with self._db.writing():
            yield
        self._bell.ring()

    def subscribe(
        self, query: Query | None = None, *, after: int | None = None
    ) -> Subscription[Self]:
        """Return what matches as it comes, from any machine; see `changes`."""
        self._db.check()
        return Subscription(self, query, after)

    def tag_counts(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield tags and counts as of this call; about a million index rows a second."""
        head = self._db.head()
        if not storable(prefix):
            return iter(())
        encoded = prefix.encode()
        return heapq.merge(self._short_counts(encoded, head), self._long_counts(encoded, head))

    def tiles(self, after: int = 0) -> list[bytes]:
        """Return what the table ``tile`` holds."""
        return postgres_tiles.kept(self._db, after)

    def keep_tiles(self, first: int, hashes: Sequence[bytes]) -> None:
        """Write them to the table ``tile``."""
        postgres_tiles.keep(self._db, first, hashes)

    def faults(
        self, upto: int, seen: Callable[[int], object] | None = None
    ) -> Iterator[StoreFault]:
        """Compare the index with the rows; reads both, and holds 9 bytes an event."""
        return postgres_verify.faults(self._db, upto, self._types.name, seen)

    def erase(self, left: Mapping[int, StoredEvent]) -> None:
        """Overwrite the rows and take their tags out of the index, in one transaction.

        It takes the rights to change these tables, and to add to ``meta``; see `scrub`.
        """
        if not self._db.mine:
            with self._db.writing():
                self.erase(left)
            return
        with self._db.statements() as connection:
            postgres_erasing.erase(connection, left, self._types)
        self._db.moved(self._db.head())

    def scrub(self) -> None:
        """Have the server write the tables anew, while which nobody can use them.

        It takes the rights of their owner. What the server keeps of its past elsewhere (archived
        WAL, backups, standbys) is out of reach.
        """
        postgres_erasing.scrub(self._db)

    def changes(self, after: int = 0) -> Watch:
        """Return a `Watch` that others' appends wake at once, by a notification from the server.

        Where the server sends none, as a standby does, they are found within 50 ms. One that goes
        away while somebody waits is a `StoreError` to them.
        """
        self._db.check()
        self._listener.start()
        return Watch(self._db.head, self._bell, after=after, longest=self._listener.pause)

    def close(self) -> None:
        """Close all connections, after an append that is under way; in a forked child, nothing."""
        self._db.close()

    def _forget_types(self) -> None:
        self._types.forget()

    def _let_go(self) -> None:
        self._bell.close()
        self._listener.stop()

    def _insert(self, rows: Rows, condition: AppendCondition | None) -> int:
        head = self._db.head()
        if condition is not None:
            after = min(max(condition.after or 0, 0), _LARGEST)
            query = condition.fail_if_events_match
            if plan(self._db.fetch, self._types.known, query, after, head).any():
                raise ConditionFailed(condition)
        with self._db.statements() as connection:
            rows.send(connection, head, self._types)
            if rows.erased:
                # Others may remember them as they were.
                postgres_erasing.count(connection, rows.erased)
        self._db.moved(head + len(rows))
        return head + len(rows)

    def _short_counts(self, prefix: bytes, head: int) -> Iterator[tuple[str, int]]:
        # No UTF-8 ends in 0xFF, so that its last byte has a next one.
        end = prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else LONG
        low, comparison = prefix, ">="
        while True:
            rows = self._db.fetch(
                f"SELECT tag, count(*) FROM event_tag WHERE tag {comparison} %s AND tag < %s"
                " AND position <= %s GROUP BY tag ORDER BY tag LIMIT %s",
                (low, end, head, _TAGS_PAGE),
            )
            for tag, count in rows:
                yield str(tag, "utf-8"), count
            if len(rows) < _TAGS_PAGE:
                return
            low, comparison = rows[-1][0], ">"

    def _long_counts(self, prefix: bytes, head: int) -> Iterator[tuple[str, int]]:
        rows = self._db.fetch(
            "SELECT tag, (SELECT count(*) FROM event_tag WHERE event_tag.tag = long_tag.key"
            " AND position <= %s) FROM long_tag WHERE substring(tag FROM 1 FOR %s::int) = %s"
            " ORDER BY tag",
            (head, len(prefix), prefix),
        )
        for tag, count in rows:
            if count:
                yield str(tag, "utf-8"), count
