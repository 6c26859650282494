"""ReadModel: a keyed projection as rows of a table, kept up to date."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from threading import RLock
from types import TracebackType
from typing import Any, Self
from weakref import finalize

import attrs

from newsledger.engine import Dates, Projection, Reading
from newsledger.errors import LedgerClosed
from newsledger.fields import shown
from newsledger.index.log import Log
from newsledger.progress import OnProgress
from newsledger.readmodels.folding import Folding
from newsledger.readmodels.places import open_tables
from newsledger.readmodels.stored import StoredStates
from newsledger.readmodels.texts import Encode, check_table, name_of, table_of
from newsledger.readmodels.work import Wanted, Work
from newsledger.store import StoreValueError
from newsledger.store.checksum import storable
from newsledger.when import FOREVER, TODAY, PointLike
from newsledger.when.ticks import NEVER, point_ticks, ticks

Decode = Callable[[Any], Any]
_LAST = ticks(datetime.max.replace(tzinfo=UTC))


@attrs.frozen
class ModelUpdate:
    """What an update did: it took the model from the position ``since`` to ``position``.

    ``keys``: how many were folded. ``added``, ``removed``: rows. ``built``: whether the model was
    made anew, and put in the place of what was there.
    """

    since: int
    position: int
    keys: int
    added: int
    removed: int
    built: bool


class ReadModel:
    """The states of a keyed projection as rows of a table; make one with ``ledger.materialize``.

    The rows and the position to which they reach are written in one transaction, so the table is
    always what the ledger was at that position: whenever it is read, whoever was killed, and
    however many keep it up to date at once. It is safe to use from several threads.
    """

    def __init__(self, work: Work, decode: Decode | None, today: Callable[[], date]) -> None:
        """Keep up to date by work that is prepared; `open_model` is the usual way."""
        self._work = work
        self._tables = work.tables
        self._decode = decode
        self._today = today
        self._lock = RLock()
        self._watch = work.log.recorder.changes()
        self._close = finalize(self, self._tables.close)

    @property
    def name(self) -> str:
        """The projection's name, as it stands in the column ``projection``."""
        return self._work.wanted.projection

    def __repr__(self) -> str:
        return f"ReadModel({self.name!r}, table={self.table!r}, into={self._tables.where})"

    @property
    def table(self) -> str:
        """The view in the database that readers read."""
        return self._tables.table

    @property
    def position(self) -> int:
        """The position of the ledger that the table reaches to; 0 before it was ever whole."""
        with self._lock:
            self._require_open()
            current = self._work.current()
            return 0 if current is None else current.position

    def update(self) -> ModelUpdate:
        """Catch up with the ledger: with all that is recorded now.

        An arrival costs a fold of all entries of its keys and an exchange of the rows that differ,
        however large the ledger; it is taken in batches, each in a transaction of its own. Where
        the projection is about some entities and reads outcomes, it costs a fold of all that is
        about them.

        Raises ProjectionError where the projection does, or gives a state that is no JSON; what
        was taken in by then stays.
        """
        with self._lock:
            since = self.position
            tally = self._work.catch_up()
            return ModelUpdate(
                since, self.position, tally.keys, tally.added, tally.removed, tally.built
            )

    def rebuild(self) -> ModelUpdate:
        """Make the model anew beside what is there, and put it in its place when it is whole.

        For when the code that it was made with has changed and ``version`` has not.
        """
        with self._lock:
            self._require_open()
            self._work.start_anew()
            return self.update()

    def follow(self, timeout: float | None = None) -> Iterator[ModelUpdate]:
        """Catch up, and again whenever something is recorded; yield what each update did.

        It ends when nothing was recorded for ``timeout`` seconds, when the model is closed (by
        another thread), or with the ledger.
        """
        while True:
            with self._lock:
                if not self._close.alive:
                    return
                done = self.update()
            if done.built or done.position > done.since:
                yield done
            if not self._watch.wait(done.position, timeout):
                return

    def at(self, valid_at: PointLike = TODAY, *, known_at: PointLike = FOREVER) -> StoredStates:
        """Read the states at a point from the table.

        They are those of ``ledger.as_of(valid_at, known_at=known_at, recorded_at=model.position)``,
        as JSON gives them back, or as ``decode`` makes of that.
        """
        today = self._today()
        valid = point_ticks(valid_at, name="valid_at", today=today)
        known = point_ticks(known_at, name="known_at", today=today)
        with self._lock:
            self._require_open()
            found = self._tables.at(self.name, _last_instant(valid), _last_instant(known))
        return StoredStates(found, self._decode)

    def close(self) -> None:
        """Give the connection back, and let go whoever follows; closing again does nothing."""
        self._watch.stop()
        with self._lock:
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _require_open(self) -> None:
        if not self._close.alive:
            raise LedgerClosed(f"{self!r} was closed")
        if not self._tables.here:
            raise LedgerClosed(
                f"{self!r} was opened by the parent of this process, and its connection does not"
                " survive a fork: open the ledger and the model again in this process"
            )


def _last_instant(end: int) -> int:
    return _LAST if end == NEVER else end - 1


def open_model(
    log: Log,
    projection: Projection[Any],
    *,
    into: str | os.PathLike[str],
    table: str | None,
    name: str | None,
    dates: Dates,
    batch: int,
    encode: Encode | None,
    decode: Decode | None,
    progress: OnProgress | None,
    today: Callable[[], date],
) -> ReadModel:
    """Open a read model, and make it or catch up; see ``ledger.materialize``."""
    reading = Reading(projection).kept()
    if not reading.keyed:
        raise TypeError(
            f"{type(projection).__name__} has no keys, and a read model has a state for each key: "
            f"give it a method keys(self, event, entry)"
        )
    if batch < 1:
        raise ValueError(f"batch: expected at least 1, got {batch}")
    if dates not in {"certain", "possible"}:
        raise ValueError(f"dates= takes 'certain' or 'possible', got {dates!r}")
    version = projection.version
    if type(version) is not int or version < 1:
        raise TypeError(
            f"{type(projection).__name__}.version: expected 1, 2, 3, …, got {shown(version)}"
        )
    named = name_of(projection) if name is None else name
    if type(named) is not str or "\0" in named or not storable(named):
        raise StoreValueError(f"name: {shown(named)} is no text that a database can hold")
    log.require_open()
    tables = open_tables(into, check_table(table_of(projection) if table is None else table))
    try:
        folding = Folding(log, reading, dates, encode, tables.instant)
        wanted = Wanted(named, version, log.recorder.identity, dates)
        work = Work(log, tables, wanted, batch, progress, folding)
        work.claim()
        work.catch_up()
    except BaseException:
        tables.close()
        raise
    return ReadModel(work, decode, today)
