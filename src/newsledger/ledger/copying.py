"""Copying: a ledger's entries, as they are stored, into another store.

What is copied is what a store holds of an entry: type, tags and data, at the same position. None
of it is decoded, so that what this process knows nothing of arrives like everything else: types
that nobody registered, and what stands for an erased entry.

The target is a prefix of the source at any moment, so a copy that was interrupted needs no notes to
go on: it compares what is there, and brings the rest. The same makes several at once safe. Each
batch is recorded only right behind the position that it was read for; who finds that another has
been there compares what came, and goes on behind it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TypeAlias

import attrs

from newsledger.errors import CorruptEntry, StoreError, WrongLedger
from newsledger.index.tree import Tree, unbroken
from newsledger.ledger.ledger import Ledger
from newsledger.ledger.parts import in_parts
from newsledger.progress import Meter, OnProgress
from newsledger.proofs import Digest
from newsledger.store import (
    AppendCondition,
    ConditionFailed,
    Query,
    Recorder,
    StoredEvent,
    StoreValueError,
    open_recorder,
)

# Large, as one that fills index pages far apart costs less than two; in memory for one batch.
_MOST = 50_000
_BYTES = 32 << 20

Place: TypeAlias = str | os.PathLike[str] | Ledger
"""A path or URL as `Ledger.open` takes it, or a ledger that is open."""


@attrs.frozen
class CopyReport:
    """What a copy did, and the digest that source and target have at its end."""

    copied: int
    """How many entries this call recorded in the target."""

    known: int
    """How many were there already, or brought by another copy meanwhile."""

    digest: Digest
    """What both hold up to :attr:`position`, computed from what is stored in each."""

    @property
    def position(self) -> int:
        """The last position that was copied: the source's last one when the copy began."""
        return self.digest.position


def copy(source: Place, target: Place, *, progress: OnProgress | None = None) -> CopyReport:
    """Copy a ledger to another store: ids, positions, times of recording and digest stay the same.

    Both are paths or URLs as :meth:`Ledger.open` takes them, or open ledgers, which stay open. A
    source given by its address is only read, also where it is of an older version. A target that is
    not there is made, with an identity of its own. One that holds a part of the source, from its
    beginning, gets the rest, so a copy that was interrupted at any moment is completed by another
    call. Copied is what the source holds when the copy begins; call it again for what came later.

    Entries go as they are stored, in batches that are recorded whole or not at all, in memory for
    one batch. At the end the digest is computed from what is stored on either side, and compared.
    It costs about what a load of so many entries costs; what is there is compared by hashes that
    are kept, or else read. Several may copy to one target at once. ``progress`` is told of "copy",
    and of "digest" while entries are hashed.

    Raises WrongLedger where the target holds anything that the source does not, naming the first
    position that differs, before anything is recorded there; StoreError where a store refuses, as
    it does for one in memory that is given by its address; CorruptEntry where an entry of the
    source is damaged, after those before it were copied.

    >>> from newsledger import Ledger, MembershipStarted, Source, copy
    >>> with Ledger.open("news.db") as ledger:
    ...     started = MembershipStarted(organization="EEU", member="KGZ", occurred="2015-08-12")
    ...     _ = ledger.append(started, Source("The Daily Example", "2015-08-13"))
    >>> done = copy("news.db", "elsewhere.db")
    >>> done.copied, done.known, done.position
    (1, 0, 1)
    >>> copy("news.db", "elsewhere.db").known
    1
    """
    with ExitStack() as stack:
        # In this order: where there is nothing to copy, nothing is made.
        here = _opened(source, "r", stack)
        there = _opened(target, "a", stack)
        return _Copy(here, there, progress).run()


def _opened(place: Place, mode: str, stack: ExitStack) -> Recorder:
    if isinstance(place, Ledger):
        return place._recorder  # noqa: SLF001 (it is of this room)
    if place in (None, ":memory:"):
        raise StoreValueError(
            "a ledger in memory is always new and ends with its object: open it, and give the"
            " ledger itself to copy"
        )
    return stack.enter_context(open_recorder(place, mode=mode))


class _Copy:
    """One copy: what is to be there at its end, and how far it has come."""

    def __init__(self, source: Recorder, target: Recorder, tell: OnProgress | None) -> None:
        self._source, self._target = source, target
        self._tell = tell
        # Nothing is written to a target that may turn out to be a wrong one.
        self._mine, self._theirs = Tree(source, keep=False), Tree(target, keep=False)
        self._goal = source.head()
        self._at = 0
        self._copied = 0
        self._most = _MOST

    def run(self) -> CopyReport:
        self._agree()
        first, missing = self._at, self._goal - self._at
        meter = Meter(self._tell, "copy", missing)
        meter.coming(missing)
        while self._at < self._goal:
            try:
                for batch in _batches(self._source, self._at, self._goal):
                    before = self._at
                    self._most = in_parts(batch, self._most, self._record)
                    meter.more(self._at - before, self._at - first)
            except ConditionFailed:
                self._agree()
        meter.end()
        return CopyReport(self._copied, self._goal - self._copied, self._compared())

    def _record(self, events: Sequence[StoredEvent]) -> None:
        last = self._target.append(events, AppendCondition(Query(), after=self._at))
        if last != self._at + len(events):
            raise StoreError(f"the target gave position {last} after {self._at}: it has gaps")
        self._at = last
        self._copied += len(events)

    def _agree(self) -> None:
        """Find how far the target has come, and that it holds nothing but what the source does."""
        there = self._target.head()
        if there > self._goal:
            # Another copy may have begun later, when there was more.
            self._goal = self._source.head()
        common = min(there, self._goal)
        differs = self._differs(common)
        if differs is not None:
            raise WrongLedger(
                f"the target holds another entry at position {differs} than the source, and nothing"
                " more was copied: copy to an empty store, or to one that holds the beginning of"
                " this ledger"
            )
        if there > self._goal:
            raise WrongLedger(
                f"the target holds {there} entries, which begin with the {self._goal} of the"
                " source, and nothing was copied: is it the other way round?"
            )
        self._at = there

    def _differs(self, size: int) -> int | None:
        mine = self._mine.upto(size, self._tell)
        theirs = self._theirs.upto(size, self._tell)
        return None if mine.root == theirs.root else mine.differs(theirs)

    def _compared(self) -> Digest:
        """Compute the digest of either side from what is stored there now."""
        differs = self._differs(self._goal)
        if differs is not None:
            raise CorruptEntry(
                f"the entry at position {differs} was copied, and is not what the source holds now:"
                " verify both ledgers",
                position=differs,
            )
        self._theirs.keep()
        return Digest(self._goal, self._mine.upto(self._goal).root.hex())


def _batches(source: Recorder, after: int, upto: int) -> Iterator[list[StoredEvent]]:
    """Read what is to be recorded at once, as far as memory should hold it."""
    batch: list[StoredEvent] = []
    size = 0
    try:
        for found in unbroken(source, after, upto):
            after = found.position
            batch.append(found.event)
            size += len(found.event.data)
            if len(batch) == _MOST or size >= _BYTES:
                yield batch
                batch, size = [], 0
    except CorruptEntry as error:
        # What comes before it is saved, also where the store looks at many at a time.
        if batch:
            yield batch
        if error.position is not None and after < error.position - 1:
            yield from _batches(source, after, error.position - 1)
        raise
    if batch:
        yield batch
