"""What a view shows: the steps of the contract in their order, each a few lines.

1. recorded, 2. known, 3. amended, 4. valid, 5. fold order. Steps 3 to 5 are the engine's; here
they meet the log, suppositions, and what is kept between questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import attrs

from newsledger.engine import (
    ENDLESS,
    Conflict,
    Dates,
    Piece,
    Reading,
    Scope,
    Timeline,
    Walk,
    conflicts,
    piece,
    pieces_of,
    settle,
)
from newsledger.index.generation import Generation
from newsledger.index.indexes import Indexes
from newsledger.index.log import Log
from newsledger.index.orders import Orders
from newsledger.index.subjects import LARGEST, Subject, Subjects
from newsledger.index.timelines import Timelines
from newsledger.progress import Meter, OnProgress
from newsledger.reports import Entry, Line, Source, line_of, tags
from newsledger.when.ticks import ALWAYS, NEVER, ticks

Predicate = Callable[[Entry], object]


@attrs.frozen
class Supposed:
    """An entry that was never recorded, and from when it is supposed to have been known."""

    entry: Entry
    known_from: datetime


@attrs.frozen(eq=False)
class Visible:
    """The entries that a question about some types and entities needs, seen from any point."""

    subjects: Subjects
    wheres: tuple[Predicate, ...] = ()
    supposed: tuple[Supposed, ...] = ()
    timelines: Timelines = attrs.field(factory=Timelines)
    orders: Orders = attrs.field(
        default=attrs.Factory(lambda self: Orders(self.subjects.log), takes_self=True)
    )
    indexes: Indexes = attrs.field(
        default=attrs.Factory(lambda self: Indexes(self.subjects, self.timelines), takes_self=True)
    )
    progress: OnProgress | None = None

    def __attrs_post_init__(self) -> None:
        self.log.forget_with(self)

    def forget(self) -> None:
        """Let go of what is kept between questions."""
        self.timelines.forget()
        self.orders.forget()
        self.indexes.forget()

    @property
    def log(self) -> Log:
        """The log that it sees."""
        return self.subjects.log

    @property
    def plain(self) -> bool:
        """Whether it shows what was recorded, and nothing else."""
        return not self.wheres and not self.supposed

    def but(self, *, where: Predicate | None = None, supposed: Supposed | None = None) -> Visible:
        """Make one that leaves something out, or supposes something more."""
        wheres, others = self.wheres, self.supposed
        if where is not None:
            wheres = (*wheres, where)
            others = tuple(one for one in others if where(one.entry))
        if supposed is not None:
            others = (*others, supposed)
        return Visible(self.subjects, wheres, others, progress=self.progress)

    def lines(self, types: frozenset[str], scope: Scope, position: int) -> list[Line]:
        """Read what was recorded by the position (step 1), passes ``where`` and may matter."""
        self.log.require_open()
        return self._altered(self.subjects.subject(types, scope, position).cut(position), position)

    def _altered(self, lines: list[Line], position: int) -> list[Line]:
        if self.wheres:
            # Nobody can tell whether what was erased would have passed; its place in a chain stays.
            lines = [
                line
                for line in lines
                if line.erased or all(where(line.entry) for where in self.wheres)
            ]
        if self.supposed:
            earlier: dict[str, int] = {}
            for one in self.supposed:
                tick = ticks(one.known_from)
                known = str(one.entry.id)
                earlier[known] = min(tick, earlier.get(known, tick))
            lines = [self._known_earlier(line, earlier) for line in lines]
            there = {line.id for line in lines}
            lines += [
                # After everything, wherever the view stands; it was never recorded, so it is
                # there from the beginning of recorded time.
                self._known_earlier(
                    line_of(attrs.evolve(one.entry, position=place)), earlier, ALWAYS
                )
                for place, one in enumerate(self.supposed, position + 1)
                if str(one.entry.id) not in there
            ]
        return lines

    @staticmethod
    def _known_earlier(line: Line, earlier: dict[str, int], recorded: int | None = None) -> Line:
        """Make a line known as early as it is supposed to be (step 2)."""
        known = earlier.get(line.id, line.known)
        if known >= line.known and recorded is None:
            return line
        return line_of(line.entry, known=min(known, line.known), recorded=recorded)

    def generation(
        self,
        reading: Reading,
        dates: Dates,
        position: int,
        progress: OnProgress | None = None,
    ) -> Generation | None:
        """Give the index of a keyed projection, reaching to a position, if there is to be one."""
        self.log.require_open()
        told = self.progress if progress is None else progress
        return self.indexes.reaching(reading, dates, position, told) if self.plain else None

    def replay(self, position: int, progress: OnProgress | None) -> Meter:
        """Make the meter of a replay: a pass to read, and one to fold."""
        return Meter(self.progress if progress is None else progress, "replay", position, 2)

    def walk(
        self,
        reading: Reading,
        dates: Dates,
        position: int,
        at: int,
        seen: Callable[[int], object] | None = None,
    ) -> Walk:
        """Make what can be walked to read what a projection reads at a tick (steps 3 to 5).

        Very many lines are not kept, only their order. Where that is not to be had either, only
        what stands at the tick is on it.
        """
        self.log.require_open()
        ordered = self.plain and not reading.sifts
        if ordered and self.subjects.is_large(reading.types, reading.scope):
            reads = self.orders.reads(reading, dates, position, seen=seen)
            if reads is not None:
                return reads
        subject = self.subjects.subject(reading.types, reading.scope, position, seen)
        if len(subject.lines) <= LARGEST:
            return self._kept_timeline(reading, dates, position, subject)
        if ordered:
            reads = self.orders.reads(reading, dates, position, subject.lines, seen)
            if reads is not None:
                return reads
        lines = self._altered(subject.cut(position), position)
        pieces = pieces_of(lines, dates, reading.types, reading.scope, at=at)
        return Timeline(pieces, reading.handler)

    def whole_timeline(
        self,
        reading: Reading,
        dates: Dates,
        position: int,
        seen: Callable[[int], object] | None = None,
    ) -> Timeline:
        """Make the timeline of all of known time; of very many lines it holds all in memory."""
        self.log.require_open()
        subject = self.subjects.subject(reading.types, reading.scope, position, seen)
        return self._kept_timeline(reading, dates, position, subject)

    def _kept_timeline(
        self, reading: Reading, dates: Dates, position: int, subject: Subject
    ) -> Timeline:
        last = subject.last(position) if self.plain else position
        key = (reading.mark, dates, last, subject.epoch)
        found = self.timelines.get(key) if reading.mark is not None else None
        if found is None:
            lines = self._altered(subject.cut(position), position)
            pieces = pieces_of(lines, dates, reading.types, reading.scope)
            if reading.mark is None or len(subject.lines) > LARGEST:
                return Timeline(pieces, reading.handler)
            found = Timeline(pieces, reading.kept().handler)
            self.timelines.keep(key, found)
        return found

    def shown(
        self,
        types: frozenset[str],
        scope: Scope,
        dates: Dates,
        position: int,
        at: int,
    ) -> list[Piece]:
        """List what stands at a tick of known time, of some types and about some entities."""
        lines = self.lines(types, scope, position)
        return pieces_of(lines, dates, types, scope, at=at)

    def conflicts(self, position: int, at: int) -> tuple[Conflict, ...]:
        """List what competes at a tick of known time; reads the whole ledger."""
        lines = self.lines(frozenset(), Scope(), position)
        return conflicts(line for line in lines if line.known <= at)

    def erased(self, dates: Dates, position: int, valid: int, tick: int) -> Iterator[Entry]:
        """Yield what would be shown at a point, had it not been erased, in position order."""
        lines = self._altered(self.log.chains_of_erased(position), position)
        effects = settle(line for line in lines if line.known <= tick).effects
        standing = {effects.get(line.id): line for line in lines if line.amends is None}
        for line in lines:
            report = standing.get(line)
            if line.erased and report is not None:
                never = dates == "certain" and line.stop == NEVER
                if not never and piece(line, report, 0, ENDLESS, dates).lead <= valid:
                    yield line.entry

    def next_ordinal(self, source: Source, position: int) -> int:
        """Give the place that another report of a source would have."""
        recorded = self.subjects.log.tagged([tags.source_tag(source)], upto=position)
        reports = [*recorded, *(one.entry for one in self.supposed)]
        return 1 + max(
            (one.ordinal for one in reports if one.amends is None and one.source.id == source.id),
            default=0,
        )
