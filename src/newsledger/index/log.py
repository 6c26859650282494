"""The log: entries as they were recorded, and the few of them that a question needs."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from threading import Lock
from typing import Protocol
from uuid import UUID
from weakref import WeakSet

from newsledger.codec import type_name
from newsledger.engine import Scope, sifts_outcomes
from newsledger.errors import InvalidWhen
from newsledger.events import CATALOGUE, ERASED
from newsledger.index.seeds import TOMBSTONES, seeds, without_strangers
from newsledger.reports import (
    Entry,
    Line,
    bare_line,
    decode_entry,
    forget_texts,
    line_of,
    read_line,
    tags,
)
from newsledger.store import Query, QueryItem, Recorder, SequencedEvent
from newsledger.when import PointLike, as_point, end_of

_CACHED = 20_000
# So many of the last entries that this object recorded itself are not read again.
_REMEMBERED = 1_000


class Keeper(Protocol):
    """Whatever keeps something of entries between questions."""

    def forget(self) -> None:
        """Let go of all of it; never waits, as it may be called by who is asking it something."""


class Log:
    """Reads entries from a recorder and decodes each once, as far as memory is set aside for it."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._lock = Lock()
        self._last: tuple[object, list[Line]] = (None, [])
        self._own: deque[Line] = deque(maxlen=_REMEMBERED)
        self._erasures = recorder.erasures
        self._changes = self.epoch
        self._keepers: WeakSet[Keeper] = WeakSet()

    @property
    def epoch(self) -> int:
        """A number that is another one once entries may read as something else than before.

        So it is when a type of event was registered, anew or for the first time, and when an
        entry was erased. What is kept of entries is kept under it.
        """
        return CATALOGUE.changes + (self._erasures or 0)

    @property
    def erasures(self) -> int:
        """How often something was erased, as far as it was noticed."""
        return self._erasures or 0

    def head(self) -> int:
        """Give the last position, 0 when empty; notices what was erased, by whomever."""
        head = self.recorder.head()
        self._notice()
        return head

    def forget_with(self, keeper: Keeper) -> None:
        """Have something told to forget what it keeps of entries, when one was erased."""
        with self._lock:
            self._keepers.add(keeper)

    def _notice(self) -> None:
        """Forget all entries where one was erased since."""
        erasures = self.recorder.erasures
        if erasures == self._erasures:
            return
        with self._lock:
            if erasures is None or erasures <= (self._erasures or 0):
                return  # another thread was faster
            # First, so that nothing that was read before is kept from now on.
            self._erasures = erasures
            self._last = (None, [])
            self._forget_outdated()
            keepers = list(self._keepers)
        forget_texts()
        for keeper in keepers:
            keeper.forget()

    def require_open(self) -> None:
        """Raise LedgerClosed where the store is closed, though the answer may be at hand."""
        self.recorder.require_open()

    def read(
        self,
        query: Query | None = None,
        *,
        after: int = 0,
        upto: int | None = None,
        limit: int | None = None,
    ) -> Iterator[Entry]:
        """Stream what a query finds, in position order."""
        found_ones = self.recorder.read(query, after=after, upto=upto, limit=limit)
        self._notice()
        epoch = self.epoch
        for found in found_ones:
            yield self._decoded(found, epoch)

    def _decoded(self, found: SequencedEvent, epoch: int) -> Entry:
        with self._lock:
            self._forget_outdated()
            entry = self._entries.get(found.position)
            if entry is not None:
                self._entries.move_to_end(found.position)
                return entry
        entry = decode_entry(found.event.data, found.position, found.event.tags)
        with self._lock:
            if epoch != self.epoch:
                return entry  # it may have been erased since
            self._entries[found.position] = entry
            if len(self._entries) > _CACHED:
                self._entries.popitem(last=False)
        return entry

    def _forget_outdated(self) -> None:
        """Forget all entries when they may read as something else now."""
        if self._changes != self.epoch:
            self._changes = self.epoch
            self._entries.clear()
            self._own.clear()

    def remember(self, entries: list[Entry]) -> None:
        """Keep what was recorded just now at hand for those who follow the log."""
        lines = [line_of(entry) for entry in entries[-_REMEMBERED:]]
        with self._lock:
            if self._own and self._own[-1].position + 1 != lines[0].position:
                self._own.clear()  # somebody else recorded something in between
            self._own.extend(lines)

    def _remembered(self, after: int, upto: int) -> list[Line] | None:
        """Give all that lies between two positions if it was recorded here, else None."""
        if upto - after > _REMEMBERED:
            return None
        with self._lock:
            self._forget_outdated()
            own = self._own
            if not own or not own[0].position - 1 <= after <= upto <= own[-1].position:
                return None
            # What is asked for is mostly at the end.
            last = own[-1].position
            count = last - after
            return [own[place] for place in range(-count, 0) if own[place].position <= upto]

    def tagged(self, wanted: Iterable[str], *, upto: int | None = None) -> Iterator[Entry]:
        """Read the entries that bear any of these tags."""
        items = [QueryItem(tags=[tag]) for tag in wanted]
        return self.read(Query(items=items), upto=upto) if items else iter(())

    def by_ids(self, ids: Iterable[UUID], *, upto: int | None = None) -> dict[UUID, Entry]:
        """Find entries by id; those that are not there are left out."""
        return {entry.id: entry for entry in self.tagged(map(tags.id_tag, ids), upto=upto)}

    def chain(self, root: UUID, *, upto: int | None = None) -> list[Entry]:
        """Read a report and all its amendments."""
        return list(self.tagged((tags.id_tag(root), tags.root_tag(root)), upto=upto))

    def chain_lines(self, root: UUID) -> list[Line]:
        """Read the same, as lines."""
        return list(map(line_of, self.chain(root)))

    def position_at(self, end: datetime) -> int:
        """Give the last position before the first entry stamped at or after ``end``.

        A bisection, since stamps never decrease: about twenty reads at a million entries.
        """
        low, high = 0, self.head()
        while low < high:
            middle = (low + high + 1) // 2
            [entry] = self.read(after=middle - 1, limit=1)
            low, high = (middle, high) if entry.recorded < end else (low, middle - 1)
        return high

    def position_of(self, point: PointLike | int, now: Callable[[], datetime]) -> int:
        """Give the position that a point of recorded time means, fixed now.

        A position means itself; an instant the last position before the first entry stamped later.
        """
        head = self.head()
        if isinstance(point, bool):
            raise InvalidWhen(f"recorded_at: expected a position or a date, got {point}")
        if isinstance(point, int):
            if not 0 <= point <= head:
                raise InvalidWhen(
                    f"recorded_at: the ledger has the positions 0 to {head}, not {point}"
                )
            return point
        end = end_of(as_point(point, name="recorded_at", today=now().date()))
        return head if end is None else self.position_at(end)

    def lines(
        self, query: Query | None = None, *, after: int = 0, upto: int | None = None
    ) -> Iterator[Line]:
        """Stream the coordinates of what a query finds, in position order, with no body decoded."""
        for position, data, its_tags in self.recorder.rows(query, after=after, upto=upto):
            yield read_line(position, data, its_tags)

    def lines_at(self, positions: list[int]) -> Iterator[Line]:
        """Stream the coordinates of the entries at some positions, which are given in order."""
        for position, data, its_tags in self.recorder.rows_at(positions):
            yield read_line(position, data, its_tags)

    def entries_at(self, positions: list[int]) -> Iterator[Line]:
        """Stream the entries at some positions, in order, as lines without their coordinates."""
        for position, data, its_tags in self.recorder.rows_at(positions):
            yield bare_line(position, data, its_tags)

    def lines_tagged(self, wanted: Iterable[str], *, upto: int | None = None) -> Iterator[Line]:
        """Stream the coordinates of the entries that bear any of these tags."""
        items = [QueryItem(tags=[tag]) for tag in wanted]
        return self.lines(Query(items=items), upto=upto) if items else iter(())

    def chains_of_erased(self, upto: int) -> list[Line]:
        """Read the whole chains of all that was erased, in position order."""
        if self.recorder.erasures == 0:
            return []
        found = {line.position: line for line in self.lines(Query(items=[TOMBSTONES]), upto=upto)}
        roots = {line.root for line in found.values()}
        wanted = [tag for root in roots for tag in (tags.id_tag(root), tags.root_tag(root))]
        found.update((line.position, line) for line in self.lines_tagged(wanted, upto=upto))
        return [found[position] for position in sorted(found)]

    def gather(
        self,
        types: frozenset[str],
        scope: Scope,
        *,
        after: int = 0,
        upto: int,
        seen: Callable[[int], object] | None = None,
    ) -> list[Line]:
        """Read all that can matter to a question, with whole chains, in position order.

        Of a question about entities these are the entries that name one, or once did, or that
        are outcomes of such; never the whole ledger. The result may hold more than matches.
        ``after`` leaves out what only earlier entries lead to; parts of chains that reach back
        beyond it are there all the same. ``seen`` is called with the positions that are read first.
        """
        # Who follows the log asks again for what the index beside it has just asked for.
        asked = (types, scope, after, upto, self.epoch)
        # Looked at once, since other threads put theirs in its place.
        last, found = self._last
        if after and last == asked:
            if seen is not None:
                for line in found:
                    seen(line.position)
            return found
        while True:
            epoch = self.epoch
            found = self._gathered(types, scope, after, upto, seen)
            # Erased meanwhile, an amendment may not have been found with what it amends. Who
            # follows the log looks again at once, and reads little, so it need not look now too.
            if after:
                self._notice()
            else:
                self.head()
            if epoch == self.epoch:
                break
        if after:
            self._last = (asked, found)
        return found

    def _gathered(
        self,
        types: frozenset[str],
        scope: Scope,
        after: int,
        upto: int,
        seen: Callable[[int], object] | None,
    ) -> list[Line]:
        outcomes = bool(scope) and sifts_outcomes(types)
        first: Iterable[Line] | None = None
        if after and not scope:
            first = self._own_of(types, after, upto)
        if first is None:
            erased = self.recorder.erasures != 0
            query = seeds(types, scope, dangling=outcomes, erased=erased)
            first = self._told(query, after, upto, seen)
        found = {line.position: line for line in first}
        if scope and not after:
            found = without_strangers(found)
        if outcomes and after:
            # One that dangles may lead from a later outcome to a later report.
            dangling = self.lines_tagged([tags.DANGLING], upto=upto)
            found.update((line.position, line) for line in dangling)
        whole: set[str] = set()
        probed: set[str] = set()
        fresh = list(found.values())
        while True:
            # An amendment was found by what it, or its chain before it, named; what came between
            # or after may name something else.
            roots = {line.root for line in fresh if line.amends is not None}
            # An outcome recorded before such an amendment does not bear the entities it brought,
            # nor one of an outcome that dangled those of what came then.
            probes: set[str] = set()
            if outcomes:
                chains = roots | whole
                probes = {
                    line.id
                    for line in (found.values() if roots - whole else fresh)
                    if line.root in chains or line.of is not None
                }
                # One that was found by what it refers to may have been amended to refer to
                # something else, or to be no outcome at all.
                roots |= {line.root for line in fresh if line.of is not None}
                present = {line.id for line in found.values()}
                roots |= {line.of for line in fresh if line.of is not None} - present
            roots -= whole
            probes -= probed
            if not roots and not probes:
                return [found[position] for position in sorted(found)]
            whole |= roots
            probed |= probes
            wanted = [
                *map(tags.id_tag, roots),
                *map(tags.root_tag, roots),
                *map(tags.outcome_tag, probes),
            ]
            fresh = [
                line for line in self.lines_tagged(wanted, upto=upto) if line.position not in found
            ]
            found.update((line.position, line) for line in fresh)

    def _own_of(self, types: frozenset[str], after: int, upto: int) -> list[Line] | None:
        """Give what lies between two positions, of some types, if it was recorded here."""
        own = self._remembered(after, upto)
        if own is None or not types:
            return own
        return [line for line in own if line.amends is not None or line.name in types]

    def _told(
        self, query: Query | None, after: int, upto: int, seen: Callable[[int], object] | None
    ) -> Iterator[Line]:
        lines = self.lines(query, after=after, upto=upto)
        if seen is None:
            yield from lines
            return
        for line in lines:
            yield line
            seen(line.position)


def stored_type(entry: Entry) -> str:
    """Give the type under which a store files an entry: amendments by their kind."""
    if entry.erased is not None:
        return ERASED
    return type_name(entry.event) if entry.amends is None else entry.kind
