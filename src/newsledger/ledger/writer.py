"""The writer: gives reports their place in the ledger, once each.

All of it happens under the store's write lock, so that what was looked up still holds when it
is recorded: ids are looked up, references led to roots, ordinals counted, stamps taken.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import attrs

from newsledger.codec import digest
from newsledger.engine import rank, settle
from newsledger.errors import FuturePublication, StoreError, UnknownEntry
from newsledger.events import Event, OpaqueEvent, OutcomeRecorded
from newsledger.fields import changed
from newsledger.index.log import Log, stored_type
from newsledger.reports import Entry, Report, Source, encode_entry, line_of, own_ordinal, said, tags
from newsledger.store import AppendCondition, ConditionFailed, Query, QueryItem, StoredEvent
from newsledger.when import When

Clock: TypeAlias = Callable[[], datetime]
_ORDINALS_KEPT = 10_000
UNSAID = ("confidence", "quote", "ordinal", "ref", "note")
"""What a report holds beyond what its source says; its id does not cover it."""


@attrs.frozen
class Amendment:
    """What is to be appended to a chain."""

    target: UUID
    kind: str
    source: Source | None
    reason: str
    change: Callable[[Report], Report]


@attrs.define
class _Batch:
    """What one transaction is about to record."""

    head: int
    recorded: datetime
    entries: list[Entry] = attrs.field(factory=list)
    events: list[StoredEvent] = attrs.field(factory=list)
    by_id: dict[UUID, Entry] = attrs.field(factory=dict)
    ordinals: dict[str, int] = attrs.field(factory=dict)

    @property
    def position(self) -> int:
        return self.head + len(self.entries) + 1

    def add(self, entry: Entry, entry_tags: list[str]) -> Entry:
        self.entries.append(entry)
        self.by_id[entry.id] = entry
        self.events.append(
            StoredEvent(type=stored_type(entry), data=encode_entry(entry), tags=entry_tags)
        )
        return entry


class Writer:
    """Appends to a log; not safe to share between threads except through the store's lock."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._last_stamp: tuple[int, datetime] | None = None
        self._ordinals: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def record(
        self, reports: Sequence[Report], check: Callable[[int], None] | None = None
    ) -> tuple[list[Entry], int]:
        """Record those that are not there yet; give all their entries, and how many are new.

        ``check`` is called with the head under the lock, and may raise to refuse.
        """
        with self._log.recorder.exclusive():
            batch = self._begin(check)
            there = self._log.by_ids(dict.fromkeys(report.id for report in reports))
            fresh = [report for report in reports if report.id not in there]
            self._read_ordinals({report.source for report in fresh}, batch)
            out = []
            for report in reports:
                entry = there.get(report.id) or batch.by_id.get(report.id)
                out.append(entry or self._place(report, batch))
            self._commit(batch)
        self._done(batch)
        return out, len(batch.entries)

    def amend(
        self, wanted: Iterable[Amendment], check: Callable[[int], None] | None = None
    ) -> list[Entry]:
        """Append amendments, each to the very entry it names; equal ones that stand are kept."""
        with self._log.recorder.exclusive():
            batch = self._begin(check)
            out = [self._amend(amendment, batch) for amendment in wanted]
            self._commit(batch)
        self._done(batch)
        return out

    # -- one transaction ---------------------------------------------------------------------

    def _begin(self, check: Callable[[int], None] | None) -> _Batch:
        head = self._log.head()
        if check is not None:
            check(head)
        return _Batch(head, self._stamp(head))

    def _commit(self, batch: _Batch) -> None:
        if not batch.events:
            return
        for entry in batch.entries:
            # Before it is recorded, so that where warnings are errors nothing is.
            _warn_of_future(entry)
        # The condition costs nothing under the lock, and is what keeps a store without one safe.
        condition = AppendCondition(Query(), after=batch.head)
        try:
            last = self._log.recorder.append(batch.events, condition)
        except ConditionFailed:
            raise StoreError("somebody else appended at the same moment: try again") from None
        if last != batch.head + len(batch.events):
            raise StoreError(f"the store gave position {last} after {batch.head}: it has gaps")

    def _done(self, batch: _Batch) -> None:
        """Remember what is durable now."""
        last = batch.head + len(batch.events)
        if batch.events:
            self._last_stamp = (last, batch.recorded)
            self._log.remember(batch.entries)
            self._keep_ordinals(batch, last)

    def _stamp(self, head: int) -> datetime:
        """Take the time, never before that of the last entry, whoever recorded it."""
        now = self._clock()
        if head == 0:
            return now
        if self._last_stamp is None or self._last_stamp[0] != head:
            [last] = self._log.read(after=head - 1, limit=1)
            self._last_stamp = (head, last.recorded)
        return max(now, self._last_stamp[1])

    # -- reports -----------------------------------------------------------------------------

    def _place(self, report: Report, batch: _Batch) -> Entry:
        id = report.id  # before it is numbered, which makes a copy that would compute it again
        report = _numbered(report, batch)
        stand_ins, inherited, dangling = self._lead_to_roots(report, batch)
        entry = Entry(
            id=id,
            position=batch.position,
            recorded=batch.recorded,
            report=report,
            root=id,
            stand_ins=stand_ins,
            carried=inherited,
        )
        return batch.add(entry, tags.tags_of(entry, inherited=inherited, dangling=dangling))

    def _read_ordinals(self, sources: Iterable[Source], batch: _Batch) -> None:
        """Learn the last ordinal of each source, also where others recorded since last time."""
        new = []
        for tag in sorted(map(tags.source_tag, sources)):
            upto, batch.ordinals[tag] = self._ordinals.get(tag, (0, 0))
            if upto == 0:
                new.append(tag)
            elif upto < batch.head:
                self._read_ordinals_of([tag], upto, batch)
        if new:
            self._read_ordinals_of(new, 0, batch)

    def _read_ordinals_of(self, wanted: list[str], after: int, batch: _Batch) -> None:
        query = Query(items=[QueryItem(tags=[tag]) for tag in wanted])
        for found in self._log.recorder.read(query, after=after):
            for tag in batch.ordinals.keys() & set(found.event.tags):
                batch.ordinals[tag] = max(batch.ordinals[tag], own_ordinal(found.event.data))

    def _keep_ordinals(self, batch: _Batch, last: int) -> None:
        for tag, ordinal in batch.ordinals.items():
            self._ordinals[tag] = (last, ordinal)
            self._ordinals.move_to_end(tag)
        while len(self._ordinals) > _ORDINALS_KEPT:
            self._ordinals.popitem(last=False)

    # -- references --------------------------------------------------------------------------

    def _lead_to_roots(
        self, report: Report, batch: _Batch
    ) -> tuple[tuple[tuple[UUID, UUID], ...], frozenset[str], bool]:
        """Find what an event refers to: roots that amendments stand for, and inherited entities."""
        references = _references(report.event)
        if not references:
            return (), frozenset(), False
        there = {**self._log.by_ids(references), **batch.by_id}
        stand_ins = tuple(
            (reference, there[reference].root)
            for reference in references
            if reference in there and there[reference].amends is not None
        )
        if not isinstance(report.event, OutcomeRecorded):
            return stand_ins, frozenset(), False
        target = there.get(report.event.of)
        if target is None:
            return stand_ins, frozenset(), True
        return stand_ins, self._named_in_chain(target.root, batch), False

    def _named_in_chain(
        self, root: UUID, batch: _Batch, passed: frozenset[UUID] = frozenset()
    ) -> frozenset[str]:
        """Collect the entities that a chain so far names, and what its outcomes refer to.

        What an outcome refers to may have come to name more since the outcome was recorded.
        """
        chain = Query(items=[QueryItem(tags=[tag]) for tag in _chain_tags(root)])
        stored = [found.event for found in self._log.recorder.read(chain)]
        in_batch = [event for event in batch.events if set(_chain_tags(root)) & set(event.tags)]
        borne = [tag for event in (*stored, *in_batch) for tag in event.tags]
        named = {tag.removeprefix(tags.ENTITY) for tag in borne if tag.startswith(tags.ENTITY)}
        references = {UUID(tag.removeprefix(tags.OF)) for tag in borne if tag.startswith(tags.OF)}
        there = {**self._log.by_ids(references), **batch.by_id} if references else {}
        passed |= {root}
        for reference in references & there.keys():
            if there[reference].root not in passed:
                named |= self._named_in_chain(there[reference].root, batch, passed)
        return frozenset(named)

    # -- amendments --------------------------------------------------------------------------

    def _amend(self, wanted: Amendment, batch: _Batch) -> Entry:
        target = self._log.by_ids([wanted.target]).get(wanted.target)
        if target is None:
            raise UnknownEntry(f"the ledger holds no entry {wanted.target}: nothing was amended")
        ours = wanted.source is None
        report = wanted.change(changed(target.report, source=wanted.source or target.source))
        chain = [
            *self._log.chain(target.root),
            *(entry for entry in batch.entries if entry.root == target.root),
        ]
        id, standing = _amendment_id(wanted, report, target, chain)
        if standing is not None:
            return standing
        stand_ins, referred, dangling = self._lead_to_roots(report, batch)
        inherited = referred | self._named_in_chain(target.root, batch)
        outcome = isinstance(report.event, OutcomeRecorded)
        entry = Entry(
            id=id,
            position=batch.position,
            recorded=batch.recorded,
            report=report,
            carried=inherited if outcome else frozenset(),
            kind=wanted.kind,
            amends=target.id,
            root=target.root,
            ours=ours,
            reason=wanted.reason,
            stand_ins=stand_ins,
        )
        new_ref = report.ref != target.ref
        return batch.add(
            entry,
            tags.tags_of(entry, inherited=inherited, dangling=dangling, new_ref=new_ref),
        )


def _amendment_id(
    wanted: Amendment, report: Report, target: Entry, chain: list[Entry]
) -> tuple[UUID, Entry | None]:
    """Identify an amendment, and find the equal one that still stands.

    The id counts the earlier equal ones. The last of them is kept as long as nothing has amended
    it and, for our own, as long as it is the one that decides.
    """
    content = {
        **said(report),
        "kind": wanted.kind,
        "amends": str(target.id),
        "reason": wanted.reason,
        **({} if wanted.source is None else {"source": str(wanted.source.id)}),
    }
    by_id = {entry.id: entry for entry in chain}
    equal: list[Entry] = []
    while (id := digest({**content, "earlier": len(equal)})) in by_id:
        equal.append(by_id[id])
    if not equal or any(entry.amends == equal[-1].id for entry in chain):
        return id, None
    # What is not said is not in the id, but who gives another quote or note amends again.
    if any(getattr(equal[-1].report, name) != getattr(report, name) for name in UNSAID):
        return id, None
    if wanted.source is None and _deciding(target, chain) != equal[-1].id:
        return id, None
    return equal[-1].id, equal[-1]


def _deciding(target: Entry, chain: list[Entry]) -> UUID | None:
    lines = [line_of(entry) for entry in chain]
    effects = settle(lines).effects
    at = str(target.id)
    effective = [line for line in lines if line.amends == at and effects[line.id] is not None]
    return UUID(max(effective, key=rank).id) if effective else None


def _chain_tags(root: UUID) -> tuple[str, str]:
    return (tags.id_tag(root), tags.root_tag(root))


def _references(event: Event) -> list[UUID]:
    if isinstance(event, OpaqueEvent):
        return []
    out: dict[UUID, None] = {}
    for name, many in event.TYPE.reference_fields:
        value = getattr(event, name)
        out.update(dict.fromkeys(value if many else () if value is None else (value,)))
    return list(out)


def _numbered(report: Report, batch: _Batch) -> Report:
    """Count a report's ordinal within its source, or note the one that it brings."""
    tag = tags.source_tag(report.source)
    if report.ordinal is None:
        report = changed(report, ordinal=batch.ordinals[tag] + 1)
    batch.ordinals[tag] = max(batch.ordinals[tag], report.ordinal or 0)
    return report


def _warn_of_future(entry: Entry) -> None:
    start = entry.published.start
    if start is not None and start > entry.recorded:
        warnings.warn(
            f"{entry.source.outlet} is dated {entry.published}, after its recording at "
            f"{When(entry.recorded)}",
            FuturePublication,
            stacklevel=5,
        )
