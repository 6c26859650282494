"""Verifying: everything that a ledger holds, against itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from newsledger.errors import CorruptEntry, StoreError
from newsledger.index import tree
from newsledger.ledger.faults import Fault, FaultKind, Verification
from newsledger.ledger.rebuilding import Past, referred_to
from newsledger.ledger.survey import survey
from newsledger.progress import Meter, OnProgress
from newsledger.proofs.merkle import root_of
from newsledger.reports import Entry, decode_entry, tags
from newsledger.store import Query, QueryItem, Recorder, SequencedEvent

_TOLD = 10_000
T = TypeVar("T")


def verify(recorder: Recorder, tell: OnProgress | None) -> Verification:
    """Check every entry, what refers to it, and what the store keeps of it; see Ledger.verify."""
    return _Verifier(recorder, tell).run()


class _Verifier:
    """One verification: three passes over the log, and what they have found so far."""

    def __init__(self, recorder: Recorder, tell: OnProgress | None) -> None:
        self._recorder = recorder
        self._faults: list[Fault] = []
        self._count = 0
        # Before the head is taken, so that there are no more than the entries before it make.
        nothing: list[bytes] = []
        self._kept = self._asked(lambda: recorder.tiles(0), nothing)
        self._head = self._asked(recorder.head, 0)
        self._meter = Meter(tell, "verify", self._head)
        self._past = Past(set())
        self._recorded: datetime | None = None

    def run(self) -> Verification:
        self._meter.coming(self._head)
        self._past = Past(self._references())
        self._check_entries()
        self._asked(self._find_twins, None)
        self._asked(self._check_store, None)
        self._meter.end()
        faults = sorted(self._faults, key=lambda fault: (fault.position is None, fault.position))
        return Verification(self._head, tuple(faults), self._count)

    def _note(self, fault: Fault) -> None:
        self._count += 1
        if self._count <= _TOLD:
            self._faults.append(fault)

    def _asked(self, ask: Callable[[], T], instead: T) -> T:
        """Ask the store for something; note it where the store cannot give it."""
        try:
            return ask()
        except (StoreError, CorruptEntry) as error:
            self._note(Fault(None, "store", str(error)))
            return instead

    # -- the entries ---------------------------------------------------------------------------

    def _references(self) -> set[str]:
        """Collect the ids that entries refer to, so that not all need to be remembered."""
        found: set[str] = set()
        for position, one in enumerate(survey(self._recorder, self._head), 1):
            if not isinstance(one, Fault):
                found.update(referred_to(one.event))
            self._meter.more(1, position // 4)
        return found

    def _check_entries(self) -> None:
        leaves: list[bytes] = []
        for position, one in enumerate(survey(self._recorder, self._head), 1):
            if isinstance(one, Fault):
                self._note(one)
                self._past.lost += 1
            elif (leaf := self._check_entry(one)) is not None:
                leaves.append(leaf)
            if position % tree.TILE == 0:
                self._check_tile(position // tree.TILE, leaves)
                leaves = []
            self._meter.more(1, self._head // 4 + position // 2)
        if (most := self._head // tree.TILE) < len(self._kept):
            message = f"there are {len(self._kept)} kept hashes, of entries that make {most}"
            self._note(Fault(None, "tile", message))

    def _check_entry(self, found: SequencedEvent) -> bytes | None:
        """Check one entry; give the hash of its leaf."""
        position, event = found.position, found.event
        leaf = None
        try:
            leaf = tree.leaf_of(found)
            entry = decode_entry(event.data, position, event.tags)
        except Exception as error:  # noqa: BLE001 (whatever a hook of somebody's own raises)
            self._note(Fault(position, "unreadable", str(error) or repr(error)))
            self._past.lost += 1
            return leaf
        if self._recorded is not None and entry.recorded < self._recorded:
            before = f"{entry.recorded}, before the one at position {position - 1}"
            self._note(Fault(position, "stamp", f"it was recorded at {before}"))
        self._recorded = entry.recorded
        its = self._past.erased if entry.erased is not None else self._past.check
        for kind, message in its(entry, event):
            if kind != "target" or not self._is_there(entry):
                self._note(Fault(position, kind, message))
        return leaf

    def _is_there(self, entry: Entry) -> bool:
        """Tell whether what an amendment amends is there, but could not be had."""
        if not self._past.lost:
            return False
        query = Query(items=[QueryItem(tags=[tags.id_tag(str(entry.amends))])])
        try:
            return any(True for _ in self._recorder.read(query, upto=entry.position))
        except (CorruptEntry, StoreError):
            return True

    # -- what is kept beside them --------------------------------------------------------------

    def _check_tile(self, number: int, leaves: list[bytes]) -> None:
        if number > len(self._kept) or len(leaves) < tree.TILE:
            return
        if self._kept[number - 1] != root_of(leaves):
            first, last = (number - 1) * tree.TILE + 1, number * tree.TILE
            message = f"the kept hash of the entries {first} to {last} is not theirs"
            self._note(Fault(first, "tile", message))

    def _find_twins(self) -> None:
        """Find ids that two entries bear."""
        for tag, count in self._recorder.tag_counts(tags.id_tag("")):
            if count > 1:
                self._note(Fault(None, "id", f"{count} entries are indexed under {tag!r}"))

    def _check_store(self) -> None:
        before = self._head - self._head // 4

        def seen(position: int) -> None:
            self._meter.more(position - done[0], before + position // 4)
            done[0] = position

        done = [0]
        for fault in self._recorder.faults(self._head, seen):
            kind: FaultKind = "index" if fault.kind == "index" else "store"
            self._note(Fault(fault.position, kind, fault.message))
