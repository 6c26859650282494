"""Ledger: append what was reported, ask what was the case."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self
from uuid import UUID

from newsledger.engine import settle
from newsledger.errors import InvalidEvent
from newsledger.events import Event
from newsledger.fields import changed, checks, fields_of, shown
from newsledger.ledger.amendment import Amendment
from newsledger.ledger.erasing import erase
from newsledger.ledger.loading import LoadReport, OnLoad, load
from newsledger.ledger.question import Question
from newsledger.ledger.reader import Reader
from newsledger.ledger.recorded import as_id
from newsledger.ledger.writer import Writer
from newsledger.progress import OnProgress
from newsledger.reports import Entry, Report, Source, tags
from newsledger.store import Recorder, open_recorder

REPORT_FIELDS = frozenset(
    attribute.name for attribute in fields_of(Report) if attribute.name not in {"event", "source"}
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _aware(clock: Callable[[], object]) -> Callable[[], datetime]:
    """Read a clock in UTC, and refuse one that does not say which zone it is in."""

    def now() -> datetime:
        time = clock()
        if not isinstance(time, datetime) or time.utcoffset() is None:
            raise ValueError(f"the ledger's clock must give aware datetimes, it gave {time!r}")
        try:
            return time.astimezone(UTC)
        except OverflowError:
            raise ValueError(f"the ledger's clock gave {time!r}, which is no time in UTC") from None

    return now


class Ledger(Reader):
    """An append-only record of what sources reported, and all questions to it.

    Open one with :meth:`open`, best in a ``with`` block. It is safe to use from several threads,
    and several ledgers, in any number of processes, may be open on one file or server. After
    :meth:`close`, and in a forked child, every call raises LedgerClosed.
    """

    def __init__(
        self,
        recorder: Recorder,
        *,
        clock: Callable[[], datetime] | None = None,
        progress: OnProgress | None = None,
    ) -> None:
        """Work on a store that is open; :meth:`open` is the usual way."""
        super().__init__(recorder, _utc_now if clock is None else _aware(clock), progress)
        self._writer = Writer(self._log, self._now)

    @classmethod
    def open(
        cls,
        url: str | os.PathLike[str] | None = None,
        *,
        mode: Literal["a", "r", "r+", "x"] = "a",
        durability: Literal["full", "normal"] = "full",
        clock: Callable[[], datetime] | None = None,
        progress: OnProgress | None = None,
    ) -> Self:
        """Open a ledger: a path is an SQLite file, None or ``":memory:"`` keeps it in memory.

        ``postgresql://user:password@host/database?schema=name`` and ``umadb://host:port`` are
        ledgers on servers, for which the extras ``postgres`` and ``umadb`` must be installed.

        ``mode``: "a" creates it or appends, "r" only reads, "r+" wants it to exist, "x" wants it
        not to. ``durability``: with "full" an append that has returned survives a power cut; with
        "normal" it survives a crash of the process, and a power cut may cost the last ones.
        ``clock`` gives the recording time, an aware datetime. ``progress`` is told of long work
        (see :class:`Progress`) wherever none is given to the call.

        Raises StoreError where that cannot be done, saying why.

        >>> with Ledger.open() as ledger:
        ...     len(ledger)
        0
        """
        recorder = open_recorder(url, mode=mode, durability=durability)
        return cls(recorder, clock=clock, progress=progress)

    def close(self) -> None:
        """Give the file back; closing again does nothing."""
        self._recorder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- recording ---------------------------------------------------------------------------

    def append(
        self,
        event_or_report: Event | Report,
        source: Source | None = None,
        *,
        expecting: Question | None = None,
        **report_fields: Any,
    ) -> Entry:
        """Record one report; durable when it returns.

        Give a Report, or an event with its ``source`` and any other fields of Report. What is
        recorded already is not recorded again: its entry is returned. Raises AppendConflict
        where ``expecting`` was overtaken. A publication date after the recording is recorded
        with a FuturePublication warning.
        """
        report = _as_report(event_or_report, source, report_fields)
        entries, _ = self._writer.record([report], self._check(expecting))
        return entries[0]

    def extend(
        self,
        reports: Iterable[Event | Report],
        source: Source | None = None,
        *,
        expecting: Question | None = None,
    ) -> list[Entry]:
        """Record several reports, all or none; give an entry for each, new or there already."""
        made = [_as_report(one, source, {}) for one in reports]
        return self._writer.record(made, self._check(expecting))[0]

    def load(
        self,
        reports: Iterable[Report],
        *,
        batch: int = 50_000,
        progress: OnLoad | None = None,
    ) -> LoadReport:
        """Record a stream of reports of any length, in memory for one batch.

        Each batch is recorded whole or not at all, so an interrupted load can be run again: what
        is there is counted as known. Where a store takes less at once, a batch goes in parts.
        What is no valid report is set aside with its index and the reason. ``progress`` is called
        after each batch with the counts so far; without one, the ledger's is told of loads that
        are long.
        """
        if batch < 1:
            raise ValueError(f"batch: expected at least 1, got {batch}")
        tell = self._visible.progress if progress is None else None
        return load(self._writer, reports, batch=batch, progress=progress, tell=tell)

    def correct(
        self,
        entry: Entry | UUID | str,
        event: Event | None = None,
        source: Source | None = None,
        *,
        reason: str = "",
        **report_fields: Any,
    ) -> Entry:
        """Say what an entry should have said; what is not given is inherited from it.

        With a ``source``: it says so now, and that is known from its publication. Without:
        *we* had read it wrong, which shows on the recorded axis only. Corrections and
        retractions can be corrected in turn.

        Raises UnknownEntry where there is no such entry.
        """
        given = {**report_fields} if event is None else {**report_fields, "event": event}
        _check_fields(given, "correct")
        return self._amend(entry, "correction", source, reason, given)

    def retract(
        self, entry: Entry | UUID | str, source: Source | None = None, *, reason: str = ""
    ) -> Entry:
        """Take an entry out, with a source as of its publication, without as our own mistake.

        Retracting a retraction brings back what it took out. For a wrong publication date:
        retract without a source, and append anew.
        """
        return self._amend(entry, "retraction", source, reason, {})

    def withdraw(
        self, source_or_url: Source | str, source: Source | None = None, *, reason: str = ""
    ) -> list[Entry]:
        """Retract every report and correction of a source that has an effect now.

        A url means all versions of the page. What others corrected stays corrected. Gives the
        retractions, none where nothing had an effect.
        """
        reason = _reason(reason)
        withdrawn = []
        entries = list(self._log.tagged(self._source_tags(source_or_url)))
        for root in dict.fromkeys(entry.root for entry in entries):
            chain = self._log.chain_lines(root)
            effects = settle(chain).effects
            retracted = {
                e.amends
                for e in chain
                # Of a retraction that was corrected the effect is the correction.
                if (effect := effects[e.id]) is not None and effect.kind == "retraction"
            }
            withdrawn += [
                entry
                for entry in entries
                if entry.root == root
                and entry.kind != "retraction"
                and effects[str(entry.id)] is not None
                and str(entry.id) not in retracted
            ]
        return self._writer.amend(
            [Amendment(entry.id, "retraction", source, reason, _unchanged) for entry in withdrawn]
        )

    def erase(self, entry: Entry | UUID | str, reason: str, *, chain: bool = False) -> Entry:
        """Take out for good what an entry says, where law or decency wants it; see below.

        Nothing else ever changes what was recorded: use it for what must not be kept, and
        :meth:`retract` for what is wrong. The event, the source and all else that was said go from
        the ledger, from what is kept in memory, and from the file. What is left is its place, its
        times, and why and when it was erased: the entry that is returned, with ``entry.erased``.
        Digests stay what they were and proofs hold. Views show nothing in its place and tell of it
        in ``view.erased``. Erasing it again changes nothing, but finishes what was left undone.

        ``chain``: with the report and all amendments of it. Each is an entry of its own, and
        amendments, and outcomes of what they refer to, bear among their tags the entities that
        were named before them. So where a name is to go, erase the whole chain, and the outcomes.

        The same report again is the entry that is there, erased; an amendment of it raises
        EntryErased.

        The file is written anew, which takes as long as copying it. Warns ErasureUnfinished where
        that could not be done. What was copied elsewhere is out of reach. Raises UnknownEntry where
        there is no such entry, StoreError where the ledger is only read, or its store can only be
        appended to.
        """
        why = _reason(reason)
        if not why.strip():
            raise InvalidEvent("reason: say why it is erased", field="reason")
        return erase(self._log, as_id(entry), why, self._now, chain=chain)

    def _amend(
        self,
        entry: Entry | UUID | str,
        kind: str,
        source: Source | None,
        reason: str,
        given: dict[str, Any],
    ) -> Entry:
        def change(report: Report) -> Report:
            return changed(report, **given) if given else report

        amendment = Amendment(as_id(entry), kind, source, _reason(reason), change)
        return self._writer.amend([amendment])[0]

    def _check(self, expecting: Question | None) -> Callable[[int], None] | None:
        if expecting is None:
            return None
        if not isinstance(expecting, Question):
            raise TypeError(f"expecting= takes view.question(projection), got {shown(expecting)}")
        return lambda head: expecting.check(self._log, head)

    def _source_tags(self, source_or_url: Source | str) -> list[str]:
        if isinstance(source_or_url, Source):
            return [tags.source_tag(source_or_url)]
        if not isinstance(source_or_url, str):
            raise TypeError(f"withdraw() takes a Source or its url, got {shown(source_or_url)}")
        prefix = tags.place_prefix(source_or_url)
        return [tag for tag, _ in self._recorder.tag_counts(prefix)]


def _as_report(
    event_or_report: Event | Report, source: Source | None, fields: dict[str, Any]
) -> Report:
    """Make the report that the arguments of an append describe."""
    _check_fields(fields, "append")
    if isinstance(event_or_report, Report):
        if source is not None and source.id != event_or_report.source.id:
            raise InvalidEvent(
                f"Report.source: the report is of {event_or_report.source.outlet}, and "
                f"{source.outlet} is given beside it: who reports it?",
                field="Report.source",
            )
        return changed(event_or_report, **fields) if fields else event_or_report
    if not isinstance(event_or_report, Event):
        raise InvalidEvent(f"expected an event or a Report, got {type(event_or_report).__name__}")
    if source is None:
        raise InvalidEvent(
            f"{type(event_or_report).__name__} has no source: who reports it?",
            field="Report.source",
        )
    return Report(event_or_report, source, **fields)


def _reason(reason: object) -> str:
    try:
        return checks.text(reason)
    except ValueError as error:
        raise InvalidEvent(f"reason: {error}", field="reason") from None


def _check_fields(given: dict[str, Any], call: str) -> None:
    if strangers := given.keys() - REPORT_FIELDS - {"event"}:
        raise TypeError(
            f"{call}() got an unexpected field {min(strangers)!r}; "
            f"a report has {', '.join(sorted(REPORT_FIELDS))}"
        )


def _unchanged(report: Report) -> Report:
    return report
