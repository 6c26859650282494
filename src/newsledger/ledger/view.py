"""View: the ledger seen from one point on its three axes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol, TypeVar, overload

import attrs

from newsledger.engine import (
    About,
    Conflict,
    Dates,
    Grouped,
    Handler,
    KeyedState,
    Piece,
    Projection,
    Reading,
    Scope,
    Vantage,
    admits,
    answer_of,
    fold,
    has_result,
    is_keyed,
    keys_of,
    scope_of,
)
from newsledger.errors import InvalidWhen
from newsledger.events import Event
from newsledger.fields import changed, shown
from newsledger.index.indexed import Indexed
from newsledger.index.orders import Reads
from newsledger.index.visible import Supposed, Visible
from newsledger.ledger import comparing, deciding
from newsledger.ledger.findings import Audit
from newsledger.ledger.history import History
from newsledger.ledger.many import Points, project_many
from newsledger.ledger.question import Question, Types, types_of
from newsledger.ledger.seen import Axis
from newsledger.ledger.token import Token, write_token
from newsledger.progress import OnProgress
from newsledger.reports import Entry, Line, Report, Source
from newsledger.when import FOREVER, Forever, PointLike, When, as_point, end_of
from newsledger.when.ticks import stop_ticks

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")
K_co = TypeVar("K_co", covariant=True, bound=Hashable)
S_co = TypeVar("S_co", covariant=True)
MICROSECOND = timedelta(microseconds=1)
BEGINNING = datetime.min.replace(tzinfo=UTC)


class Keyed(Protocol[K_co, S_co]):
    """A projection with keys, to a type checker."""

    def keys(self, event: Any, entry: Any, /) -> Iterable[K_co]: ...  # noqa: D102 (see Projection)
    def result(self, state: Any, view: Vantage, /) -> S_co: ...  # noqa: D102


def _instant_before(end: datetime | None) -> When | Forever:
    try:
        return FOREVER if end is None else When(max(end, BEGINNING + MICROSECOND) - MICROSECOND)
    except InvalidWhen:  # the end of a date in the last year: nothing lies beyond it
        return FOREVER


@attrs.frozen(eq=False, repr=False)
class View:
    """What the ledger shows from one point: immutable, cheap to make, and the same for ever.

    ``valid_at``, ``known_at``: the points of valid and known time, each meaning its last
    instant. ``position``: the last entry recorded. ``dates``: whether it shows what has
    "certain"ly begun or what "possible" has. Make one with ``ledger.as_of``. It changes for one
    reason only: that something was erased.
    """

    valid_at: When | Forever
    known_at: When | Forever
    position: int
    dates: Dates
    visible: Visible
    _now: Callable[[], datetime] = attrs.field(alias="now")

    def __repr__(self) -> str:
        special = "".join(
            f", {name}={len(what)}"
            for name, what in (("where", self.visible.wheres), ("suppose", self.visible.supposed))
            if what
        )
        return (
            f"View(valid_at={self.valid_at}, known_at={self.known_at}, "
            f"position={self.position}, dates={self.dates!r}{special})"
        )

    # -- the point ---------------------------------------------------------------------------

    @property
    def end(self) -> datetime | None:
        """The exclusive end of ``valid_at``, aware UTC; None for ever."""
        return end_of(self.valid_at)

    @property
    def token(self) -> str | None:
        """A text from which ``ledger.view`` makes this view again; None after where or suppose."""
        if not self.visible.plain:
            return None
        return write_token(
            Token(
                self.visible.log.recorder.identity,
                self.position,
                self.valid_at,
                self.known_at,
                self.dates,
            )
        )

    def moved(self, along: Axis, point: PointLike | int) -> View:
        """Make the view from another point of one axis, the other two as here."""
        if along == "recorded":
            position = self.visible.log.position_of(point, self._now)
            return attrs.evolve(self, position=position)
        if isinstance(point, int):
            raise InvalidWhen(f"{along}_at: {point} is a position, and no point of this axis")
        there = as_point(point, name=f"{along}_at", today=self.today)
        if along == "valid":
            return attrs.evolve(self, valid_at=there)
        return attrs.evolve(self, known_at=there)

    @property
    def today(self) -> date:
        """The day that TODAY stands for: the present one in UTC, by the ledger's clock."""
        return self._now().date()

    def at(self, valid_at: PointLike, known_at: PointLike) -> View:
        """Make the view from another point of valid and known time."""
        return self.moved("valid", valid_at).moved("known", known_at)

    def onward(self) -> View:
        """Make the view from the same point that shows what was recorded since, too."""
        position = self.visible.log.head()
        return View(self.valid_at, self.known_at, position, self.dates, self.visible, self._now)

    def at_end(self, end: datetime | None) -> View:
        """Make the view at the instant before an exclusive end of valid time; None: for ever."""
        return attrs.evolve(self, valid_at=_instant_before(end))

    def before_all(self, axis: Axis) -> View:
        """Make the view from before everything that was recorded, or known."""
        if axis == "recorded":
            return attrs.evolve(self, position=0)
        return attrs.evolve(self, known_at=_instant_before(BEGINNING))

    def at_arrival(self, axis: Axis, end: datetime, position: int) -> View:
        """Make the first view that shows what is known, or recorded, by an exclusive end."""
        if axis == "recorded":
            return attrs.evolve(self, position=position)
        return attrs.evolve(self, known_at=_instant_before(end))

    @property
    def ticks(self) -> tuple[int, int]:
        """The exclusive ends of valid and of known time, as ticks."""
        return stop_ticks(self.end), stop_ticks(end_of(self.known_at))

    # -- what it shows -----------------------------------------------------------------------

    def entries(self, *, types: Types = (), about: About = ()) -> Iterator[Entry]:
        """Yield what it shows, in fold order; a corrected entry appears as its correction.

        ``types``: classes of events or wire names. ``about``: an entity, an iterable of them
        (any must be named) or :class:`All`.
        """
        valid, tick = self.ticks
        wanted, scope = types_of(types), scope_of(about)
        for piece in self.visible.shown(wanted, scope, self.dates, self.position, tick):
            if piece.lead > valid:
                return
            if admits(piece.line, scope):
                yield piece.line.entry

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Entries on which more than one amendment has an effect; reads the whole ledger."""
        return self.visible.conflicts(self.position, self.ticks[1])

    @property
    def erased(self) -> tuple[Entry, ...]:
        """Entries that would be shown here, had they not been erased, in position order.

        ``entry.erased`` says why. The cost grows with what was erased.
        """
        valid, tick = self.ticks
        return tuple(self.visible.erased(self.dates, self.position, valid, tick))

    # -- asking ------------------------------------------------------------------------------

    @overload
    def project(
        self, projection: Keyed[K, S], *, progress: OnProgress | None = None
    ) -> Mapping[K, S]: ...
    @overload
    def project(self, projection: Projection[S], *, progress: OnProgress | None = None) -> S: ...
    def project(self, projection: Any, *, progress: OnProgress | None = None) -> Any:
        """Fold what it shows, in fold order, into the projection's state.

        A keyed projection gives a read-only Mapping, in which a key is looked up, or folded, when
        somebody asks for it. With ``about`` the cost grows with the entries about that, not with
        the ledger. With ``keys`` the first question reads all entries of its types, and makes an
        index from which any point is answered. With neither, all entries of its types that are
        shown are folded. Where these are very many, ``progress`` is told, else the ledger's.

        Raises ProjectionError, with the entry, where a handler raises.
        """
        reading = Reading(projection)
        if reading.keyed:
            return KeyedState(projection, self._states(reading, progress=progress), self)
        valid, tick = self.ticks
        meter = self.visible.replay(self.position, progress)
        walk = self.visible.walk(reading, self.dates, self.position, tick, meter.seen)
        if isinstance(walk, Reads) and walk.values is not None:
            state = walk.reduced(valid, tick)
            meter.end()
        else:
            replay = meter.last(walk.at(valid, tick), len(walk))
            state = fold(projection, ((piece.line.entry, take) for piece, take in replay))
        return answer_of(projection, state, self)

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
    ) -> list[Any]:
        """Project from pairs of ``valid_at`` and ``known_at``, from this view's position and dates.

        It costs one pass over what the projection reads and a look-up for each point, at most one
        fold for each different point of known time. Answers come in the order of the points.
        """
        return project_many(self, self.visible, projection, points, progress)

    def _states(
        self, reading: Reading, reach: int = 0, progress: OnProgress | None = None
    ) -> Indexed | Grouped:
        """Find the states of a keyed projection, from an index that reaches ``reach`` at least."""
        valid, tick = self.ticks
        reach = max(self.position, reach)
        generation = self.visible.generation(reading, self.dates, reach, progress)
        if generation is not None:
            return Indexed(generation, valid, tick, self.position)
        meter = self.visible.replay(self.position, progress)
        walk = self.visible.walk(reading, self.dates, self.position, tick, meter.seen)
        meter.end()
        return Grouped(reading.projection, walk, (valid, tick))

    def read_by(self, projection: Projection[Any]) -> list[tuple[Entry, Handler]]:
        """Give the shown entries that reach a handler, each with it, in fold order."""
        return [(piece.line.entry, handler) for piece, handler in self.reading(projection)]

    def reading(
        self, projection: Projection[Any], *, progress: OnProgress | None = None
    ) -> Iterator[tuple[Piece, Handler]]:
        """Yield the same as pieces, lazily."""
        valid, tick = self.ticks
        meter = self.visible.replay(self.position, progress)
        walk = self.visible.walk(Reading(projection), self.dates, self.position, tick, meter.seen)
        return iter(meter.last(walk.at(valid, tick), len(walk)))

    def lines(self, types: frozenset[str], scope: Scope, position: int | None) -> list[Line]:
        """Read what may matter to a question, up to a position; None: to the end of the log."""
        upto = self.visible.log.head() if position is None else position
        return self.visible.lines(types, scope, upto)

    def explain(self, projection: Projection[Any], key: object = None) -> tuple[Entry, ...]:
        """Give the shown entries behind an answer, in fold order.

        ``key``: of one key only or, where the projection has none, of one entity. ``ledger.chain``
        gives the past of each.
        """
        entries = (entry for entry, _ in self.read_by(projection))
        if key is None:
            return tuple(entries)
        if is_keyed(projection):
            return tuple(entry for entry in entries if key in keys_of(projection, entry))
        return tuple(entry for entry in entries if key in entry.entities)

    def history(self, projection: Projection[S], along: Axis = "valid") -> History[S]:
        """Give the state along one axis, "valid", "known" or "recorded", the others fixed here."""
        return History(self, projection, along)

    def diff(self, later: View, projection: Projection[Any]) -> comparing.Diff:
        """Compare the state here with that of a later view: added, removed, changed.

        Of a keyed projection whose answers are its states, the cost grows with what changed
        where only known time lies between the views; else with the states.
        """
        if not isinstance(later, View):
            raise TypeError(f"diff() takes another view first, got {shown(later)}")
        reading = Reading(projection)
        if reading.keyed and not has_result(projection) and self._alike(later):
            here = self._states(reading, later.position)
            there = later._states(reading, self.position)
            if (
                isinstance(here, Indexed)
                and isinstance(there, Indexed)
                and here.generation is there.generation
            ):
                return comparing.diff_of(here.changes(there))
        return comparing.diff(self.project(projection), later.project(projection))

    def _alike(self, other: View) -> bool:
        """Tell whether another view is one of the same ledger, read in the same way."""
        return self.visible is other.visible and self.dates == other.dates

    def undetermined(self, projection: Projection[Any]) -> tuple[deciding.Pair, ...]:
        """List the pairs of entries whose order the dates leave open, and the answer hangs on."""
        return deciding.undetermined(self, projection)

    def audit(self) -> Audit:
        """Look for what an editor should look at; reads the whole ledger."""
        # The read models are imported by who asks for them: their classes take a while to make.
        from newsledger.ledger.audits import audit  # noqa: PLC0415

        return audit(self)

    def question(self, projection: Projection[Any]) -> Question:
        """Name what a decision rests on, for ``expecting=``."""
        return Question(projection, self.position, self.visible.log.recorder.identity)

    # -- what if -----------------------------------------------------------------------------
    def where(self, predicate: Callable[[Entry], object]) -> View:
        """Make a view in which entries for which ``predicate`` fails were never reported.

        Amendments are asked about too; those of an entry that is gone have no effect.
        """
        return attrs.evolve(self, visible=self.visible.but(where=predicate))

    def suppose(self, event_or_report: Event | Report, source: Source | None = None) -> View:
        """Make a view in which this has also been reported, last, and known here.

        Nothing is recorded. An event without a source is supposed to be published at the view's
        point of known time.
        """
        visible = self.visible
        known = end_of(self.known_at) or self._now()
        if isinstance(event_or_report, Report):
            report = event_or_report
        else:
            when = self.known_at if isinstance(self.known_at, When) else self._now()
            source = source or Source("a supposition", when)
            report = Report(event_or_report, source)
        if report.ordinal is None:
            report = changed(report, ordinal=visible.next_ordinal(report.source, self.position))
        position = self.position + len(visible.supposed) + 1
        entry = Entry(
            id=report.id, position=position, recorded=self._now(), report=report, root=report.id
        )
        return attrs.evolve(self, visible=visible.but(supposed=Supposed(entry, known)))
