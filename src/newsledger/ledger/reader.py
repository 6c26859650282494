"""Reader: the views of a ledger from any point, and the answers that are kept up to date."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, cast, overload

from newsledger.engine import Dates, Projection
from newsledger.errors import WrongLedger
from newsledger.ledger.live import Live
from newsledger.ledger.many import Points
from newsledger.ledger.recorded import Recorded
from newsledger.ledger.token import read_token
from newsledger.ledger.view import K, Keyed, S, View
from newsledger.progress import OnProgress
from newsledger.readmodels import ReadModel, open_model
from newsledger.when import FOREVER, TODAY, PointLike, as_point


class Reader(Recorded):
    """All that can be asked of a ledger; :class:`Ledger` adds what can be recorded."""

    def as_of(
        self,
        valid_at: PointLike = TODAY,
        *,
        known_at: PointLike = FOREVER,
        recorded_at: PointLike | int = FOREVER,
        dates: Dates = "certain",
    ) -> View:
        """See the ledger from a point: what was the case then, as known then, as recorded then.

        A point is a date, an aware datetime or EDTF text with an end, and means its last instant:
        "2017-02-28" includes all of that day. ``recorded_at`` may be a position. ``dates``:
        "certain" shows what has certainly begun, "possible" what may have begun.
        """
        if dates not in {"certain", "possible"}:
            raise ValueError(f"dates= takes 'certain' or 'possible', got {dates!r}")
        today = self._now().date()
        return View(
            valid_at=as_point(valid_at, name="valid_at", today=today),
            known_at=as_point(known_at, name="known_at", today=today),
            position=self._log.position_of(recorded_at, self._now),
            dates=dates,
            visible=self._visible,
            now=self._now,
        )

    def as_known(self, day: PointLike = TODAY, *, dates: Dates = "certain") -> View:
        """See the ledger as of a day without hindsight: ``as_of(day, known_at=day)``."""
        return self.as_of(day, known_at=day, dates=dates)

    def view(self, token: str) -> View:
        """Make the view again that a token was taken from; WrongLedger on another ledger."""
        read = read_token(token)
        if read.ledger != self._recorder.identity or read.position > self._log.head():
            raise WrongLedger("this token was taken from another ledger")
        return self.as_of(
            read.valid_at,
            known_at=read.known_at,
            recorded_at=read.position,
            dates=read.dates,
        )

    @overload
    def project(
        self, projection: Keyed[K, S], *, progress: OnProgress | None = None
    ) -> Mapping[K, S]: ...
    @overload
    def project(self, projection: Projection[S], *, progress: OnProgress | None = None) -> S: ...
    def project(self, projection: Any, *, progress: OnProgress | None = None) -> Any:
        """Project what is the case today, by all that is known: ``as_of().project``."""
        return self.as_of().project(projection, progress=progress)

    @overload
    def project_many(
        self, projection: Keyed[K, S], points: Points, *, progress: OnProgress | None = None
    ) -> list[Mapping[K, S]]: ...
    @overload
    def project_many(
        self, projection: Projection[S], points: Points, *, progress: OnProgress | None = None
    ) -> list[S]: ...
    def project_many(
        self, projection: Any, points: Points, *, progress: OnProgress | None = None
    ) -> Any:
        """Project from many points of valid and known time, by all that is recorded.

        Shorthand for ``as_of().project_many``; see :meth:`View.project_many`.
        """
        return self.as_of().project_many(projection, points, progress=progress)

    @overload
    def live(
        self,
        projection: Keyed[K, S],
        valid_at: PointLike = FOREVER,
        *,
        dates: Dates = "certain",
        progress: OnProgress | None = None,
    ) -> Live[Mapping[K, S]]: ...
    @overload
    def live(
        self,
        projection: Projection[S],
        valid_at: PointLike = FOREVER,
        *,
        dates: Dates = "certain",
        progress: OnProgress | None = None,
    ) -> Live[S]: ...
    def live(
        self,
        projection: Any,
        valid_at: PointLike = FOREVER,
        *,
        dates: Dates = "certain",
        progress: OnProgress | None = None,
    ) -> Live[Any]:
        """Keep the answer of a projection up to date as entries arrive, from any process.

        ``live.state`` is what ``as_of(valid_at, dates=dates).project(projection)`` gives at that
        moment. Where the projection has keys, an arrival costs a few steps of the keys that it
        goes to, however late it is and however large the ledger; without keys, one step where it
        comes last in fold order, else the projection anew.
        """
        first = self.as_of(valid_at, dates=dates)
        # TODAY is another day tomorrow.
        look = (lambda: self.as_of(valid_at, dates=dates)) if valid_at is TODAY else first.onward
        return Live(look, projection, progress)

    def materialize(
        self,
        projection: Keyed[K, S],
        into: str | os.PathLike[str],
        *,
        table: str | None = None,
        name: str | None = None,
        dates: Dates = "certain",
        batch: int = 10_000,
        encode: Callable[[S], Any] | None = None,
        decode: Callable[[Any], Any] | None = None,
        progress: OnProgress | None = None,
    ) -> ReadModel:
        """Keep a keyed projection in a table of SQLite (a path) or PostgreSQL (a URL).

        The table is made, or brought up to date, by the time this returns; the model that is
        returned keeps it so. It holds the answer for every point of valid and known time: a row
        for each state of each key, with the time over which it is the answer.

        ``table``: by default the name of the class, as ``latest_status``; several models may be in
        one. ``name`` tells them apart, by default the class with its parameters. A projection with
        another ``version`` than what is there is made anew beside it, and takes its place when it
        is whole. ``encode`` makes of an answer something that JSON knows, where the converter of
        :mod:`newsledger.codec` does not; ``decode`` makes an answer of what JSON gives back.
        ``batch``: how many entries one transaction takes in. Memory holds these, and all entries
        of the keys that are being folded. The table grows with the states that each key ever had;
        of a state that never forgets, late news changes all that follow it.

        Raises TypeError where the projection has no keys, ProjectionError where an answer is no
        JSON or hangs on more of the view than its entries, WrongLedger where the table was made
        from another ledger, and StoreError where the database refuses.
        """
        return open_model(
            self._log,
            cast("Projection[Any]", projection),
            into=into,
            table=table,
            name=name,
            dates=dates,
            batch=batch,
            encode=encode,
            decode=decode,
            progress=self._visible.progress if progress is None else progress,
            today=lambda: self._now().date(),
        )
