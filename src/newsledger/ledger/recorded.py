"""Recorded: the log as it was recorded, and what holds it to that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import overload
from uuid import UUID

from newsledger.engine import About, scope_of
from newsledger.errors import UnknownEntry
from newsledger.index.log import Log
from newsledger.index.subjects import Subjects
from newsledger.index.visible import Visible
from newsledger.ledger.faults import Verification
from newsledger.ledger.matching import Wanted, matching
from newsledger.ledger.proving import Prover, State
from newsledger.ledger.question import Types, types_of
from newsledger.ledger.subscription import Subscription
from newsledger.ledger.verifying import verify
from newsledger.progress import OnProgress
from newsledger.proofs import DIGEST, ConsistencyProof, Digest, InclusionProof
from newsledger.reports import Entry, Report, Source, tags
from newsledger.store import Recorder


class Recorded:
    """What was recorded; :class:`~newsledger.ledger.reader.Reader` adds the views of it."""

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
        """Count the entries from each source, by publication.

        Amendments of ours are nobody's, and of what was erased nobody knows.

        Reads the whole ledger.
        """
        first: dict[UUID, Source] = {}
        counts: dict[UUID, int] = {}
        for entry in self._log.read():
            if not entry.ours and entry.erased is None:
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
