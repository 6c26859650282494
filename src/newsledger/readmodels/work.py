"""Work: how a table is brought up to date, a transaction at a time.

What is to be done next stands in the database, beside the rows, and each transaction does a piece
of it and writes down that it is done. So it does not matter who does it, nor how often anybody is
killed: whoever comes next goes on from there.

A model is made by passing over the log, which puts entries down under their keys, and then folding
one key after the other: memory holds one batch, however large the ledger. Nobody sees it until the
transaction that puts it in the place of the one before. From then on an arrival is put under its
keys, these are folded again, and of their rows those that are others now are exchanged.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import attrs

from newsledger.errors import ErasureUnfinished, StoreError, WrongLedger
from newsledger.index.log import Log
from newsledger.index.pausing import no_collections
from newsledger.progress import Meter, OnProgress
from newsledger.readmodels.folding import Folding
from newsledger.readmodels.tables import Generation, Row, Tables
from newsledger.store.base import refusal

# So many keys are folded together, whose rows are held meanwhile.
_TOGETHER = 500


@attrs.frozen
class Wanted:
    """What is to be kept: a projection by its name and version, of a ledger, for some dates."""

    projection: str
    version: int
    ledger: str
    dates: str

    def starting(self, head: int, erasures: int) -> Generation:
        """Make a generation of it that is to reach to the head of the log."""
        return Generation(
            number=0,
            projection=self.projection,
            version=self.version,
            ledger=self.ledger,
            dates=self.dates,
            stage="sorting",
            position=0,
            target=head,
            erasures=erasures,
        )


@attrs.define
class Tally:
    """What was done."""

    keys: int = 0
    added: int = 0
    removed: int = 0
    built: bool = False


@attrs.define(eq=False)
class Work:
    """Brings one model up to date."""

    log: Log
    tables: Tables
    wanted: Wanted
    batch: int
    progress: OnProgress | None
    folding: Folding
    # How many entries of keys there are to fold, and were folded here; for progress.
    _to_fold: int = attrs.field(default=0, init=False)
    _folded: int = attrs.field(default=0, init=False)

    # -- which generation ----------------------------------------------------------------------

    def current(self) -> Generation | None:
        """Find what readers see."""
        there = self.tables.generations(self.wanted.projection)
        return next((one for one in there if one.stage == "current"), None)

    def claim(self) -> None:
        """See to it that a generation of what is wanted is there, or is being made."""
        if self._of_mine():
            return
        head = self.log.head()
        with self.tables.writing():
            if not self._of_mine():
                self._start(self._standing(), head)

    def start_anew(self) -> None:
        """Begin another generation, whatever is there."""
        head = self.log.head()
        with self.tables.writing():
            self._start(self._standing(), head)

    def _standing(self) -> list[Generation]:
        """List what is there of the projection, the current one first.

        WrongLedger where it was made from another, or from more than there is.
        """
        wanted, head = self.wanted, self.log.head()
        there = [one for one in self.tables.generations(wanted.projection) if one.stage != "old"]
        for one in there:
            told = f"{wanted.projection} in the table {self.tables.table!r}"
            if one.ledger != wanted.ledger:
                raise WrongLedger(
                    f"{told} was made from another ledger: give another table= or name="
                )
            if one.position > head:
                raise WrongLedger(
                    f"{told} reaches to position {one.position}, and the ledger to {head}, as if "
                    f"it had been put back from a copy: give another table= or name="
                )
            if one.dates != wanted.dates:
                raise ValueError(
                    f"{told} was made with dates={one.dates!r}, not {wanted.dates!r}: give another "
                    f"table= or name="
                )
        return sorted(there, key=lambda one: one.stage != "current")

    def _start(self, there: list[Generation], head: int) -> None:
        for one in there:
            if one.stage != "current":
                self.tables.put(attrs.evolve(one, stage="old"))
        self.tables.add(self.wanted.starting(head, self.log.erasures))

    def _of_mine(self) -> list[Generation]:
        return [one for one in self._standing() if one.version == self.wanted.version]

    def _mine(self) -> Generation:
        """Give the generation to work at: one that is being made, else the current one."""
        there = self._of_mine()
        if not there:
            raise refusal(
                f"{self.wanted.projection} in the table {self.tables.table!r} has another "
                f"version than {self.wanted.version} now: somebody else made it anew; open it "
                f"again to make this version in its place"
            )
        return there[-1]

    # -- doing it ------------------------------------------------------------------------------

    def catch_up(self) -> Tally:
        """Do all that there is to do, up to the present head of the log."""
        head = self.log.head()
        tally = Tally()
        meter = Meter(self.progress, "materialize", head)
        # Who finds nothing to do waits for nobody.
        while not self._is_done(self._mine(), head) and self._step(head, tally, meter):
            pass
        meter.end()
        self._clean()
        return tally

    def _step(self, head: int, tally: Tally, meter: Meter) -> bool:
        """Do the next piece of work in a transaction of its own; tell whether there was one."""
        with self.tables.writing(), no_collections():
            now = self._mine()
            if self._is_done(now, head):
                return False
            erasures = self.log.erasures
            current = self.current()
            if current is not None:
                head = max(head, current.position)  # which somebody else saw
            if now.erasures < erasures and now.stage != "current":
                # What was put down of it so far may be of what is erased now.
                self._start(self._standing(), head)
                return True
            done = self._done_more(now, head, erasures, tally)
            if done.stage == "current" and now.stage != "current":
                tally.built = True
                if current is not None:
                    self.tables.put(attrs.evolve(current, stage="old"))
            self.tables.put(done)
            if meter.seen is not None and done.stage == "folding" and not self._to_fold:
                self._to_fold = self.tables.count_entries(done.number)
        self._tell(now, done, meter)
        return True

    def _done_more(self, now: Generation, head: int, erasures: int, tally: Tally) -> Generation:
        """Do the next piece of work on a generation, and give it as it is then."""
        if self.folding.reading.sifts:
            return attrs.evolve(self._whole(now, head, tally), erasures=erasures)
        if now.erasures < erasures:
            self._take_out(now, tally)
            return attrs.evolve(now, erasures=erasures)
        if now.stage == "sorting":
            return self._sort(now)
        if now.stage == "folding":
            return self._fold(now, tally)
        if now.position < head:
            return self._follow(now, min(head, now.position + self.batch), tally)
        return attrs.evolve(now, stage="current")

    def _is_done(self, now: Generation, head: int) -> bool:
        up_to_date = now.stage == "current" and now.position >= head
        return up_to_date and now.erasures >= self.log.erasures

    def _sort(self, now: Generation) -> Generation:
        upto = min(now.target, now.position + self.batch)
        entries = self.folding.sorted_in(self.folding.gathered(now.position, upto))
        self._put_down(now, entries)
        if upto < now.target:
            return attrs.evolve(now, position=upto)
        return attrs.evolve(now, position=upto, stage="folding")

    def _put_down(self, now: Generation, entries: dict[str, set[int]]) -> None:
        pairs = ((key, position) for key in sorted(entries) for position in sorted(entries[key]))
        self.tables.add_entries(now.number, pairs)

    def _fold(self, now: Generation, tally: Tally) -> Generation:
        entries = self.tables.entries_after(now.number, now.folded, self.batch)
        if not entries:
            return attrs.evolve(now, stage="catching up", folded=None)
        rows = list(self.folding.rows(entries))
        self.tables.add_rows(now.number, rows)
        tally.keys += len(entries)
        tally.added += len(rows)
        self._folded += sum(map(len, entries.values()))
        return attrs.evolve(now, folded=max(entries))

    def _follow(self, now: Generation, upto: int, tally: Tally) -> Generation:
        arrived = self.folding.sorted_in(self.folding.gathered(now.position, upto))
        self._put_down(now, arrived)
        self._refold(now, sorted(arrived), tally)
        return attrs.evolve(now, position=upto)

    def _refold(self, now: Generation, keys: list[str], tally: Tally) -> None:
        """Fold keys anew, and exchange the rows that are others now."""
        for start in range(0, len(keys), _TOGETHER):
            some = keys[start : start + _TOGETHER]
            entries = self.tables.entries_of(now.number, some)
            self._exchange(now, some, self.folding.rows(entries), tally)

    def _take_out(self, now: Generation, tally: Tally) -> None:
        """Fold anew the keys of what was erased, which are known from before."""
        chains = self.log.chains_of_erased(now.position)
        positions = [line.position for line in chains]
        before = self.tables.keys_at(now.number, positions)
        self.tables.drop_entries(now.number, positions)
        left = self.folding.sorted_in(chains)
        self._put_down(now, left)
        self._refold(now, sorted(before | left.keys()), tally)

    def _whole(self, now: Generation, head: int, tally: Tally) -> Generation:
        """Fold all keys: of whom an outcome is told hangs on other chains than its own."""
        rows = list(self.folding.all_rows(head))
        keys = {*self.tables.all_keys(now.number), *(row[0] for row in rows)}
        self._exchange(now, sorted(keys), rows, tally)
        return attrs.evolve(now, position=head, stage="current")

    def _exchange(
        self, now: Generation, keys: list[str], rows: Iterable[Row], tally: Tally
    ) -> None:
        """Put rows in the place of those that the keys had; what is alike stays."""
        before = set(self.tables.rows_of(now.number, keys))
        after = set(rows)
        gone, come = before - after, after - before
        self.tables.drop_rows(now.number, gone)
        self.tables.add_rows(now.number, come)
        tally.keys += len(keys)
        tally.added += len(come)
        tally.removed += len(gone)

    def _clean(self) -> None:
        """Remove what no reader sees any more."""
        there = self.tables.generations(self.wanted.projection)
        if any(one.stage == "old" for one in there):
            with self.tables.writing():
                for one in self.tables.generations(self.wanted.projection):
                    if one.stage == "old":
                        self.tables.remove(one)
        for one in there:
            if one.stage == "current" and one.scrubbed < one.erasures:
                self._scrub(one)

    def _scrub(self, current: Generation) -> None:
        """Remove the traces of what was erased, and only then write down that it is done."""
        try:
            self.tables.scrub()
        except StoreError as error:
            warnings.warn(
                f"{current.projection} shows nothing any more of what was erased, but the files of"
                f" {self.tables.where} may hold traces of it ({error}): update it again later",
                ErasureUnfinished,
                stacklevel=5,
            )
            return
        with self.tables.writing():
            now = self.current()
            if now is not None and now.number == current.number:
                self.tables.put(attrs.evolve(now, scrubbed=current.erasures))

    def _tell(self, now: Generation, done: Generation, meter: Meter) -> None:
        """Tell how far it is; an entry that was put down under its keys is done by half."""
        if now.stage == "current":
            meter.more(done.position - now.position, done.position)
        elif now.stage == "sorting":
            meter.more(done.position - now.position, done.position // 2)
        elif done.stage == "folding" and self._to_fold:
            share = min(1.0, self._folded / self._to_fold)
            meter.more(self.batch, int(now.target * (1 + share)) // 2)
