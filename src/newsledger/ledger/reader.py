"""Reader: the log as it was recorded, and the views from any point of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, cast, overload
from uuid import UUID

from newsledger.engine import About, Dates, Projection, scope_of
from newsledger.errors import UnknownEntry, WrongLedger
from newsledger.index.log import Log
from newsledger.index.subjects import Subjects
from newsledger.index.visible import Visible
from newsledger.ledger.faults import Verification
from newsledger.ledger.live import Live
from newsledger.ledger.many import Points
from newsledger.ledger.matching import Wanted, matching
from newsledger.ledger.proving import Prover, State
from newsledger.ledger.question import Types, types_of
from newsledger.ledger.subscription import Subscription
from newsledger.ledger.token import read_token
from newsledger.ledger.verifying import verify
from newsledger.ledger.view import K, Keyed, S, View
from newsledger.progress import OnProgress
from newsledger.proofs import DIGEST, ConsistencyProof, Digest, InclusionProof
from newsledger.readmodels import ReadModel, open_model
from newsledger.reports import Entry, Report, Source, tags
from newsledger.store import Recorder
from newsledger.when import FOREVER, TODAY, PointLike, as_point


class Reader:
    """All that can be asked of a ledger; :class:`Ledger` adds what can be recorded."""

    def __init__(
        self, recorder: Recorder, now: Callable[[], datetime], progress: OnProgress | None = None
    ) -> None:
        self._recorder = recorder
        self._now = now
        self._log = Log(recorder)
        self._visible = Visible(Subjects(self._log), progress=progress)
        self._prover = Prover(self._log)

    # -- the log -----------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The last position, 0 when empty."""
        return self._log.head()

    def __len__(self) -> int:
        return self._log.head()

    def __bool__(self) -> bool:
        # An empty ledger is still a ledger: `ledger or other` must not pass it over.
        return True

    def entries(
        self,
        after: int = 0,
        *,
        types: Types = (),
        about: About = (),
        limit: int | None = None,
    ) -> Iterator[Entry]:
        """Yield the log itself in position order, lazily, as it stands at this call.

        An amendment matches ``types`` and ``about`` when anything in its chain does.
        """
        wanted = Wanted(types_of(types), scope_of(about))
        return islice(matching(self._log, wanted, after=after, upto=self._log.head()), limit)

    def get(self, id: UUID | str) -> Entry:
        """Give the entry with this id; UnknownEntry where there is none."""
        wanted = as_id(id)
        entry = self._log.by_ids([wanted]).get(wanted)
        if entry is None:
            raise UnknownEntry(f"the ledger holds no entry {wanted}")
        return entry

    def find(self, ref: str) -> tuple[Entry, ...]:
        """Give the entries that bear a data set's id, in position order; none is an empty tuple.

        An amendment is found only by a ``ref`` that it did not inherit.
        """
        return tuple(self._log.tagged([tags.ref_tag(ref)]))

    def chain(self, entry: Entry | UUID | str) -> tuple[Entry, ...]:
        """Give a report with all its amendments, in position order, from any entry of it."""
        return tuple(self._log.chain(self.get(as_id(entry)).root))

    def entities(self, prefix: str = "") -> dict[str, int]:
        """Count the entries that name each entity, by name; ``prefix`` narrows it down.

        The cost grows with the counts.
        """
        counts = dict(self._recorder.tag_counts(tags.ENTITY + prefix))
        for tag, inherited in self._recorder.tag_counts(tags.INHERITED + prefix):
            counts[tags.ENTITY + tag.removeprefix(tags.INHERITED)] -= inherited
        return {tag.removeprefix(tags.ENTITY): count for tag, count in counts.items() if count}

    def sources(self) -> dict[Source, int]:
        """Count the entries from each source, by publication; amendments of ours are nobody's.

        Reads the whole ledger.
        """
        first: dict[UUID, Source] = {}
        counts: dict[UUID, int] = {}
        for entry in self._log.read():
            if not entry.ours:
                first.setdefault(entry.source.id, entry.source)
                counts[entry.source.id] = counts.get(entry.source.id, 0) + 1
        ordered = sorted(first.values(), key=lambda source: (source.published.stop, str(source.id)))
        return {source: counts[source.id] for source in ordered}

    def subscribe(
        self,
        after: int = 0,
        *,
        types: Types = (),
        about: About = (),
        timeout: float | None = None,
    ) -> Subscription:
        """Follow the log: what matches after a position, then what comes, from any process.

        The subscription ends by ``stop()``, with the ledger, or after ``timeout`` seconds in
        which nothing matched.
        """
        wanted = Wanted(types_of(types), scope_of(about))
        return Subscription(self._log, after=after, wanted=wanted, timeout=timeout)

    # -- integrity ---------------------------------------------------------------------------

    def digest(self, position: int | None = None, *, progress: OnProgress | None = None) -> Digest:
        """Sum up all entries up to a position, by default the last, in one line.

        Hashes each entry once: the first digest of a large ledger takes as long as reading it,
        and tells ``progress``. Later ones read up to 1,023 entries, at whatever position.
        """
        return self._prover.digest(position, progress or self._visible.progress)

    @overload
    def prove(
        self,
        subject: Entry | UUID,
        state: State | None = None,
        *,
        progress: OnProgress | None = None,
    ) -> InclusionProof: ...
    @overload
    def prove(
        self,
        subject: Digest | int,
        state: State | None = None,
        *,
        progress: OnProgress | None = None,
    ) -> ConsistencyProof: ...
    @overload
    def prove(
        self, subject: str, state: State | None = None, *, progress: OnProgress | None = None
    ) -> InclusionProof | ConsistencyProof: ...
    def prove(
        self,
        subject: Entry | UUID | State,
        state: State | None = None,
        *,
        progress: OnProgress | None = None,
    ) -> InclusionProof | ConsistencyProof:
        """Prove that an entry is in the ledger, or that the ledger has only grown.

        ``prove(entry)`` and ``prove(entry, digest)`` show what was recorded to whoever has the
        digest; ``prove(older, newer)`` shows that the newer digest's ledger begins with the
        older's. In place of a digest its text or its position will do, and without one it is the
        last. See :func:`verify_proof`. Costs little more than a digest.

        Raises UnknownEntry where there is no such entry, WrongLedger where a digest is not one
        that this ledger had, CorruptEntry where what is stored has changed since it was hashed.
        """
        tell = progress or self._visible.progress
        if isinstance(subject, Digest | int) or (
            isinstance(subject, str) and subject.startswith(DIGEST)
        ):
            return self._prover.consistency(subject, state, tell)
        return self._prover.inclusion(as_id(subject), state, tell)

    def verify(self, *, progress: OnProgress | None = None) -> Verification:
        """Check all that is stored: every entry, what refers to it, and every index.

        Nothing that is damaged makes it raise: the report tells it by position, and is true where
        nothing is wrong. What it does not find is an entry that was replaced with everything that
        follows from it; a digest from before does. Reads the ledger several times, in some
        ten bytes of memory an entry and what amendments and outcomes refer to.

        >>> from newsledger import Ledger
        >>> with Ledger.open() as ledger:
        ...     print(ledger.verify())
        0 entries: no fault
        """
        return verify(self._recorder, progress or self._visible.progress)

    # -- views -------------------------------------------------------------------------------

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


def as_id(entry: Entry | UUID | str) -> UUID:
    """Take the id of an entry, or an entry for its id."""
    if isinstance(entry, Entry | Report):
        return entry.id
    if isinstance(entry, UUID):
        return entry
    if isinstance(entry, str):
        try:
            return UUID(entry)
        except ValueError:
            raise UnknownEntry(f"{entry!r} is no id of an entry") from None
    raise TypeError(f"expected an Entry or its id, got {type(entry).__name__}")
