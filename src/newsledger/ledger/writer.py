"""The writer: gives reports their place in the ledger, once each.

A batch is planned on the ledger as it stands at one head: ids are looked up, references led to
roots, ordinals counted, a stamp taken. It is recorded only if the head is still the same. A store
that has a write lock holds it meanwhile, so one round does; on another, a batch that somebody
overtook is planned anew on what is there then. Nothing is remembered of a round that came to
nothing, and no read of a round sees beyond its head.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from threading import Lock
from typing import TypeAlias, TypeVar
from uuid import UUID

import attrs

from newsledger.errors import EntryErased, FuturePublication, StoreError, UnknownEntry
from newsledger.events import Event, OpaqueEvent, OutcomeRecorded
from newsledger.fields import changed
from newsledger.index.log import Log, stored_type
from newsledger.ledger.amendment import Amendment, amendment_id
from newsledger.reports import Entry, Report, Source, encode_entry, own_ordinal, tags
from newsledger.store import (
    PATIENCE,
    AppendCondition,
    ConditionFailed,
    Query,
    QueryItem,
    StoredEvent,
    rounds,
)
from newsledger.when import When

Clock: TypeAlias = Callable[[], datetime]
T = TypeVar("T")
_ORDINALS_KEPT = 10_000


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
    """Appends to a log; threads may share it."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._last_stamp: tuple[int, datetime] | None = None
        self._ordinals: OrderedDict[str, tuple[int, int]] = OrderedDict()
        log.forget_with(self)
        self._keeping = Lock()

    def forget(self) -> None:
        """Forget the ordinals: of what was erased nobody can tell whose it was."""
        with self._keeping:
            self._ordinals.clear()

    def record(
        self, reports: Sequence[Report], check: Callable[[int], None] | None = None
    ) -> tuple[list[Entry], int]:
        """Record those that are not there yet; give all their entries, and how many are new.

        ``check`` is called with the head that each round stands on, and may raise to refuse.
        """

        def plan(batch: _Batch) -> list[Entry]:
            there = self._by_ids(dict.fromkeys(report.id for report in reports), batch)
            fresh = [report for report in reports if report.id not in there]
            self._read_ordinals({report.source for report in fresh}, batch)
            out = []
            for report in reports:
                entry = there.get(report.id) or batch.by_id.get(report.id)
                out.append(entry or self._place(report, batch))
            return out

        return self._recorded(plan, check)

    def amend(
        self, wanted: Sequence[Amendment], check: Callable[[int], None] | None = None
    ) -> list[Entry]:
        """Append amendments, each to the very entry it names; equal ones that stand are kept."""
        return self._recorded(
            lambda batch: [self._amend(amendment, batch) for amendment in wanted], check
        )[0]

    # -- one transaction ---------------------------------------------------------------------

    def _recorded(
        self, plan: Callable[[_Batch], T], check: Callable[[int], None] | None
    ) -> tuple[T, int]:
        """Record what is planned, in as many rounds as it takes; count what is new."""
        warned: set[UUID] = set()
        for _ in rounds():
            with self._log.recorder.exclusive():
                batch = self._begin(check)
                out = plan(batch)
                if not self._commit(batch, warned):
                    continue
            self._done(batch)
            return out, len(batch.entries)
        raise StoreError(
            f"others have been recording without a break for {PATIENCE:g} seconds, and nothing of"
            " this was recorded: try again when there is less going on, or in larger batches"
        )

    def _begin(self, check: Callable[[int], None] | None) -> _Batch:
        head = self._log.head()
        if check is not None:
            check(head)
        return _Batch(head, self._stamp(head))

    def _commit(self, batch: _Batch, warned: set[UUID]) -> bool:
        """Record a batch; False if something was recorded since its head.

        ``warned``: the entries that an earlier round has warned of.
        """
        if not batch.events:
            return True
        for entry in batch.entries:
            # Before it is recorded, so that where warnings are errors nothing is.
            if entry.id not in warned and _warn_of_future(entry):
                warned.add(entry.id)
        # The condition costs nothing under a lock, and is what keeps a store without one safe.
        condition = AppendCondition(Query(), after=batch.head)
        try:
            last = self._log.recorder.append(batch.events, condition)
        except ConditionFailed:
            return False
        if last != batch.head + len(batch.events):
            raise StoreError(f"the store gave position {last} after {batch.head}: it has gaps")
        return True

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
        # Looked at once, since other threads put theirs in its place.
        stamp = self._last_stamp
        if stamp is None or stamp[0] != head:
            [last] = self._log.read(after=head - 1, limit=1)
            stamp = self._last_stamp = (head, last.recorded)
        return max(now, stamp[1])

    def _by_ids(self, ids: Iterable[UUID], batch: _Batch) -> dict[UUID, Entry]:
        """Find entries by id, as the round may see them."""
        return self._log.by_ids(ids, upto=batch.head)

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
        for found in self._log.recorder.read(query, after=after, upto=batch.head):
            for tag in batch.ordinals.keys() & set(found.event.tags):
                batch.ordinals[tag] = max(batch.ordinals[tag], own_ordinal(found.event.data))

    def _keep_ordinals(self, batch: _Batch, last: int) -> None:
        with self._keeping:
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
        there = {**self._by_ids(references, batch), **batch.by_id}
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
        stored = [found.event for found in self._log.recorder.read(chain, upto=batch.head)]
        in_batch = [event for event in batch.events if set(_chain_tags(root)) & set(event.tags)]
        borne = [tag for event in (*stored, *in_batch) for tag in event.tags]
        named = {tag.removeprefix(tags.ENTITY) for tag in borne if tag.startswith(tags.ENTITY)}
        references = {UUID(tag.removeprefix(tags.OF)) for tag in borne if tag.startswith(tags.OF)}
        there = {**self._by_ids(references, batch), **batch.by_id} if references else {}
        passed |= {root}
        for reference in references & there.keys():
            if there[reference].root not in passed:
                named |= self._named_in_chain(there[reference].root, batch, passed)
        return frozenset(named)

    # -- amendments --------------------------------------------------------------------------

    def _amend(self, wanted: Amendment, batch: _Batch) -> Entry:
        target = self._by_ids([wanted.target], batch).get(wanted.target)
        if target is None:
            raise UnknownEntry(f"the ledger holds no entry {wanted.target}: nothing was amended")
        if target.erased is not None:
            raise EntryErased(
                f"entry {target.position} was erased ({target.erased.reason}), and what is gone"
                " cannot be amended: amend an amendment of it, or append what was reported instead"
            )
        ours = wanted.source is None
        report = wanted.change(changed(target.report, source=wanted.source or target.source))
        chain = [
            *self._log.chain(target.root, upto=batch.head),
            *(entry for entry in batch.entries if entry.root == target.root),
        ]
        id, standing = amendment_id(wanted, report, target, chain)
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


def _warn_of_future(entry: Entry) -> bool:
    start = entry.published.start
    if start is None or start <= entry.recorded:
        return False
    warnings.warn(
        f"{entry.source.outlet} is dated {entry.published}, after its recording at "
        f"{When(entry.recorded)}",
        FuturePublication,
        stacklevel=6,
    )
    return True
