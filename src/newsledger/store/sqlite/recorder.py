# ruff: noqa: S608 -- statements are put together from constants; values travel as parameters
"""The ledger in an SQLite file, or in memory: the default store.

The tables are told in `newsledger.store.sqlite.schema`.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Self

from newsledger.errors import StoreError
from newsledger.events import ERASED
from newsledger.store.base import MODES, AppendCondition, ConditionFailed, Recorder, StoreValueError
from newsledger.store.paged import PagedReadResponse
from newsledger.store.sqlite import (
    erasing as sqlite_erasing,
    file as sqlite_file,
    tiles as sqlite_tiles,
    verify as sqlite_verify,
)
from newsledger.store.sqlite.connections import Connections
from newsledger.store.sqlite.open import SYNCHRONOUS, Place
from newsledger.store.sqlite.prefixes import bounds
from newsledger.store.sqlite.query import Chosen, plan
from newsledger.store.sqlite.row import to_row
from newsledger.store.subscription import Subscription
from newsledger.store.watch import Bell, Watch

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from newsledger.store.base import Query, Row, StoredEvent, StoreFault

_LOGGER = logging.getLogger("newsledger")
_LARGEST = (1 << 63) - 1
_TAGS_PAGE = 1000


class SQLiteRecorder(Recorder):
    """Events in one SQLite file in WAL mode, shared by any threads and processes of one machine.

    Appending costs one transaction, and what is committed survives a crash of the process, and
    with ``durability="full"`` that of the machine ("normal" may then lose the last commits, but
    tears nothing). Reading costs what is read, and a few milliseconds for many tags at once.

    Opened with mode "r" where SQLite may write, it leaves the (empty) ``-wal`` and ``-shm`` files
    of WAL mode beside the ledger.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        mode: str = "a",
        durability: str = "full",
        timeout: float = 30.0,
    ) -> None:
        """Open or make the ledger at ``path``; None keeps it in memory, for this object only.

        ``mode``: "a" open or make, "r" read only, "r+" must exist, "x" must not. ``timeout``: how
        many seconds to wait for another writer before a `StoreError`. What is no ledger, or one
        by a newer version, is refused by a `StoreError` and left byte for byte as it was. One by
        an older version is migrated, with a warning to the logger "newsledger", unless it is
        opened read only: then it is read as it is.
        """
        if mode not in MODES:
            raise StoreValueError(
                f"mode {mode!r} is none of 'a' (open or make), 'r' (read only), 'r+' (must exist)"
                " and 'x' (must not exist)"
            )
        if durability not in SYNCHRONOUS:
            raise StoreValueError(f"durability {durability!r} is neither 'full' nor 'normal'")
        if path is None and mode in {"r", "r+"}:
            raise StoreValueError(
                f"a ledger in memory is always new: mode {mode!r} needs the path of a file"
            )
        file = None if path is None else sqlite_file.absolute(path)
        if file is not None:
            sqlite_file.prepare(file, mode)
        self._type_ids: dict[str, int] = {}
        self._type_names: dict[int, str] = {}
        self._bell = Bell()
        place = Place(file, read_only=mode == "r", durability=durability, timeout=timeout)
        self._db = Connections(
            place,
            create=mode in {"a", "x"},
            on_rollback=self._forget_types,
            on_close=self._bell.close,
        )
        self._finish_scrubbing()

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
        """Raise it without a look at the file."""
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

        Pages are fetched as the iteration needs them, and nothing is locked in between. Up to a
        dozen tags, types and combinations are merged as they are read; for more, the positions
        of all matches are collected first, at eight bytes each.
        """
        return self._response(query, after, limit, upto)

    def _response(
        self, query: Query | None, after: int | None, limit: int | None, upto: int | None
    ) -> PagedReadResponse:
        # The head comes first: whatever is looked up later knows at least what lies below it.
        head = self._db.head()
        if upto is not None:
            head = max(min(head, upto), 0)
        after = min(max(after or 0, 0), _LARGEST)
        if limit is not None:
            limit = min(max(limit, 0), _LARGEST)
        return PagedReadResponse(
            plan(self._db.fetch, query, after, head, limit),
            self._type_name,
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
        return PagedReadResponse(chosen, self._type_name, after=0, head=head, limit=None).rows()

    def append(
        self, events: Sequence[StoredEvent], condition: AppendCondition | None = None
    ) -> int:
        """Record all events or none, as `Recorder.append` tells; a batch costs one fsync."""
        if not events:
            raise StoreValueError("append needs at least one event")
        if self._db.mine:
            return self._insert(events, condition)
        with self._db.writing():
            last = self._insert(events, condition)
        self._bell.ring()
        return last

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the write lock of the file, as `Recorder.exclusive` tells.

        Readers are not held up, other writers wait for their ``timeout``.
        """
        with self._db.writing():
            yield
        self._bell.ring()

    def subscribe(
        self, query: Query | None = None, *, after: int | None = None
    ) -> Subscription[Self]:
        """Return what matches as it comes; other processes' appends arrive within 50 ms."""
        self._db.check()
        return Subscription(self, query, after)

    def tag_counts(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield tags and counts as of this call; some millions of index rows a second."""
        return self._tag_counts(prefix, self._db.head())

    def tiles(self, after: int = 0) -> list[bytes]:
        """Return what the table ``tile`` holds; nothing in a file of version 1."""
        return sqlite_tiles.kept(self._db, after)

    def keep_tiles(self, first: int, hashes: Sequence[bytes]) -> None:
        """Write them to the table ``tile``."""
        sqlite_tiles.keep(self._db, first, hashes)

    def erase(self, left: Mapping[int, StoredEvent]) -> None:
        """Overwrite the rows and take their tags out of the index, in one transaction."""
        if not self._db.mine:
            with self._db.writing():
                self.erase(left)
            return
        with self._db.statements() as connection:
            sqlite_erasing.erase(connection, left, self._type_id)

    def scrub(self) -> None:
        """Write the file anew, as long as that takes, and empty the ``-wal`` file.

        For a while it takes as much space again. Others can read meanwhile, and who wants to
        append waits.
        """
        if self._db.shared:
            sqlite_erasing.scrub(self._db)

    def _finish_scrubbing(self) -> None:
        """Do what somebody did not come to, who erased something and was killed."""
        if self.read_only or not self._db.shared:
            return
        try:
            sqlite_erasing.scrub(self._db)
        except StoreError as error:
            _LOGGER.warning("%s: it is left to whoever erases or opens it next", error)

    def faults(
        self, upto: int, seen: Callable[[int], object] | None = None
    ) -> Iterator[StoreFault]:
        """Compare the index with the rows, and let SQLite check its file.

        Reads the file about three times, and holds 9 bytes an event.
        """
        return sqlite_verify.faults(self._db, upto, self._type_name, seen)

    def changes(self, after: int = 0) -> Watch:
        """Return a `Watch` that others' appends wake at once, other processes' within 50 ms."""
        self._db.check()
        return Watch(self._db.head, self._bell, after=after, shared=self._db.shared)

    def close(self) -> None:
        """Close the file, after an append that is under way; in a forked child, do nothing."""
        self._db.close()

    def _insert(self, events: Sequence[StoredEvent], condition: AppendCondition | None) -> int:
        # What can be refused is refused before anything is written.
        rows = [to_row(event) for event in events]
        head = self._db.head()
        if condition is not None:
            after = min(max(condition.after or 0, 0), _LARGEST)
            query = condition.fail_if_events_match
            if plan(self._db.fetch, query, after, head, 1).any():
                raise ConditionFailed(condition)
        tagged: list[tuple[str, int, int]] = []
        with self._db.statements() as connection:
            numbers = [
                self._type_ids.get(event.type) or self._type_id(connection, event.type)
                for event in events
            ]
            connection.executemany(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?)",
                _numbered(rows, numbers, head, tagged),
            )
            connection.executemany("INSERT INTO event_tag VALUES (?, ?, ?)", tagged)
            if erased := ERASED in self._type_ids and sum(e.type == ERASED for e in events):
                # Others may remember them as they were.
                sqlite_erasing.count(connection, erased)
        return head + len(events)

    def _type_id(self, connection: sqlite3.Connection, name: str) -> int:
        connection.execute("INSERT OR IGNORE INTO type (name) VALUES (?)", (name,))
        number: int = connection.execute("SELECT id FROM type WHERE name = ?", (name,)).fetchone()[
            0
        ]
        self._type_ids[name] = number
        return number

    def _type_name(self, number: int) -> str:
        name = self._type_names.get(number)
        if name is None:
            rows = self._db.fetch("SELECT name FROM type WHERE id = ?", (number,))
            if not rows:
                raise LookupError(number)
            name = self._type_names[number] = str(rows[0][0], "utf-8")
        return name

    def _forget_types(self) -> None:
        # What was rolled back may give its numbers to other types.
        self._type_ids.clear()
        self._type_names.clear()

    def _tag_counts(self, prefix: str, head: int) -> Iterator[tuple[str, int]]:
        found = bounds(prefix)
        if found is None:
            return
        low, high = found
        where, end = "tag >= ?", () if high is None else (high,)
        while True:
            rows = self._db.fetch(
                f"SELECT tag, count(*) FROM event_tag WHERE {where}"
                f"{' AND tag < ?' if end else ''} AND position <= ?"
                " GROUP BY tag ORDER BY tag LIMIT ?",
                (low, *end, head, _TAGS_PAGE),
            )
            for tag, count in rows:
                low = str(tag, "utf-8")
                yield low, count
            if len(rows) < _TAGS_PAGE:
                return
            where = "tag > ?"


def _numbered(
    rows: Sequence[tuple[list[str], str, str | bytes, int]],
    numbers: Sequence[int],
    head: int,
    tagged: list[tuple[str, int, int]],
) -> Iterator[tuple[int, int, str, str | bytes, int]]:
    """Yield the rows of the table ``event`` and fill ``tagged`` with those of ``event_tag``."""
    pairs = zip(rows, numbers, strict=True)
    for position, ((tags, text, data, checksum), number) in enumerate(pairs, head + 1):
        tagged += [(tag, position, number) for tag in tags]
        yield position, number, text, data, checksum
