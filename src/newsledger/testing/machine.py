"""LedgerMachine: random steps on a ledger, each held against an oracle that is easy to read."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    multiple,
    precondition,
    rule,
)

from newsledger.engine import Projection
from newsledger.errors import AppendConflict, FuturePublication
from newsledger.events import Event, OutcomeRecorded
from newsledger.fields import changed
from newsledger.ledger import Ledger, Live, View
from newsledger.proofs import Digest, verify_proof
from newsledger.reports import Entry, Report, Source
from newsledger.testing import oracle, recording
from newsledger.testing.clock import Clock
from newsledger.testing.differing import differences
from newsledger.testing.folding import Sight
from newsledger.testing.news import CHANGES, dated, dates, events, reports, sources
from newsledger.testing.script import Bare, Script
from newsledger.testing.spots import Spot, spots
from newsledger.testing.traces import Trace, TraceByName
from newsledger.when import FOREVER, as_point, end_of

MICROSECONDS = (0, 1, 1_000_000, 86_400_000_000, -3)
_AXES = ("valid", "known", "recorded")
_WHO = st.none() | sources


class LedgerMachine(RuleBasedStateMachine):
    """Reports come, come again, and are amended, as time passes; what a ledger answers is checked.

    After each step the log is what it was and what the step adds, by the oracle; views from random
    points show, and projections fold, what the oracle does; live answers, histories, digests and
    proofs agree with them. ``run_state_machine_as_test(LedgerMachine)`` runs it, and so does the
    class ``LedgerMachine.TestCase`` under pytest or unittest.

    Subclass it, and override any of

    - :meth:`new_place`: where a ledger is kept, by default in memory;
    - :meth:`open_ledger`: how it is opened, for a recorder of your own;
    - :meth:`projections`: what is asked.

    Add rules of your own with Hypothesis' ``@rule``. They work on ``self.ledger``; entries are in
    the bundle ``LedgerMachine.entries``. A rule that records says so with :meth:`recorded`, and one
    that should be in the script with :meth:`say`. What fails bears that script as a note: a short
    program without Hypothesis.
    """

    entries: Bundle[Entry] = Bundle("entries")

    def __init__(self) -> None:
        super().__init__()
        self._script = Script()
        self.clock = Clock()
        self.stack = ExitStack()
        self.log: list[Entry] = []
        self._digests: list[Digest] = []
        self._lives: list[tuple[Projection[Any], Live[Any]]] = []
        self.asked = list(self.projections())
        self.place: Any = None
        try:
            self.place = self.new_place()
            self.ledger = self.other = self.open_ledger()
            self._open()
        except BaseException:  # nobody tears down what was not made
            self.stack.close()
            raise

    # -- to be overridden --------------------------------------------------------------------

    def new_place(self) -> Any:
        """Make a place for a new, empty ledger: a path, a URL, or whatever ``open_ledger`` opens.

        None, the default, is one in memory, which ends with what opens it: it has no second
        writer and is not opened again. What is to be cleaned up goes on ``self.stack``.
        """
        return None

    def open_ledger(self) -> Ledger:
        """Open a ledger at ``self.place`` with ``self.clock``; again, where it has been before."""
        return Ledger.open(self.place, clock=self.clock, durability="normal")

    def projections(self) -> Iterable[Projection[Any]]:
        """Give the projections that are asked; their answers are compared with ``==``."""
        # Imported by who asks for it: the read models take a while to make.
        from newsledger.projections import Membership  # noqa: PLC0415

        return [Trace(), TraceByName(), Membership("EEU")]

    # -- what happens ------------------------------------------------------------------------

    @rule(target=entries, report=reports)
    def append(self, report: Report) -> Any:
        """A report comes in."""
        return self._append(report)

    @rule(target=entries, report=reports, of=entries, outcome=st.sampled_from(["kept", "broken"]))
    def tell_outcome(self, report: Report, of: Entry, outcome: str) -> Any:
        """What became of something is reported; it may be of an amendment."""
        event = OutcomeRecorded(of=of.id, outcome=outcome, occurred=report.event.occurred)
        return self._append(changed(report, event=event))

    def _append(self, report: Report) -> Any:
        self.say("ledger.append({})", report)
        return self._took([recording.told(self.log, report)], [self._do("append", report)])

    @rule(target=entries, report=reports, position=st.integers(0, 20), which=st.integers(0, 5))
    def decide(self, report: Report, position: int, which: int) -> Any:
        """A report is recorded only if nothing overtook the answer that it rests on."""
        projection = self.asked[which % len(self.asked)]
        position %= len(self.log) + 1
        newer = recording.read_since(self.log, projection, position)
        question = self.ledger.as_of(recorded_at=position).question(projection)
        try:
            entry = self._do("append", report, expecting=question)
        except AppendConflict as conflict:
            self.same("what overtook the question", list(conflict.entries), newer)
            return self._took([], [])
        self.say("ledger.append({})", report)
        self.same("what should have been a conflict", newer, [])
        return self._took([recording.told(self.log, report)], [entry])

    @rule(target=entries, batch=st.lists(reports, max_size=4), twice=st.booleans())
    def extend(self, batch: list[Report], twice: bool) -> Any:
        """Some reports come in at once, perhaps with repetitions."""
        batch = batch * 2 if twice else batch
        self.say("ledger.extend({})", batch)
        return self._took(
            [recording.told(self.log, report) for report in batch], self._do("extend", batch)
        )

    @rule(batch=st.lists(reports, max_size=4), again=st.lists(entries, max_size=2))
    def load(self, batch: list[Report], again: list[Entry]) -> None:
        """Some are loaded, some of them once more."""
        batch = [*batch, *(entry.report for entry in again if entry.kind == "report")]
        self.say("ledger.load({})", batch)
        before = len(self.log)
        done = self._do("load", batch)
        wanted = [recording.told(self.log, report) for report in batch]
        new = self._news()
        given = [oracle.same_report([*self.log, *new], report) for report in batch]
        self._took(wanted, [entry for entry in given if entry is not None])
        self.same("loaded", (done.recorded, done.total), (len(self.log) - before, len(batch)))

    @rule(
        target=entries,
        entry=entries,
        event=st.none() | events,
        date=st.none() | dates,
        source=_WHO,
        reason=st.sampled_from(["", "misread"]),
        changes=st.sampled_from(CHANGES),
    )
    def correct(
        self,
        entry: Entry,
        *,
        event: Event | None,
        date: Any,
        source: Source | None,
        reason: str,
        changes: dict[str, Any],
    ) -> Any:
        """An entry should have said something else."""
        if event is None and date is not None:
            event = dated(entry.event, date)
        changes = changes if event is None else {"event": event, **changes}
        told = ", ".join(f"{name}={value!r}" for name, value in changes.items())
        self.say(
            "ledger.correct(e({}), {})",
            entry.position,
            Bare(f"source={source!r}, reason={reason!r}, {told}".rstrip(", ")),
        )
        wanted = recording.amended(
            self.log, entry, "correction", source, reason=reason, changes=changes
        )
        given = self._do("correct", entry, source=source, reason=reason, **changes)
        return self._took([wanted], [given])

    @rule(target=entries, entry=entries, source=_WHO, reason=st.sampled_from(["", "sorry"]))
    def retract(self, entry: Entry, source: Source | None, reason: str) -> Any:
        """An entry is taken back; perhaps an amendment."""
        self.say("ledger.retract(e({}), {}, reason={})", entry.position, source, reason)
        wanted = recording.amended(self.log, entry, "retraction", source, reason=reason)
        return self._took([wanted], [self._do("retract", entry, source, reason=reason)])

    @rule(entry=entries, page=st.booleans(), source=_WHO)
    def withdraw(self, entry: Entry, page: bool, source: Source | None) -> None:
        """A source is withdrawn, or all versions of its page."""
        what = (page and entry.source.url) or entry.source
        self.say("ledger.withdraw({}, {})", what, source)
        wanted = recording.withdrawn(self.log, what, source, "")
        order = {entry.id: entry.position for entry in self.log}
        given = sorted(self._do("withdraw", what, source), key=lambda one: order[one.amends])
        self._took(wanted, given)

    @rule(microseconds=st.sampled_from(MICROSECONDS))
    def pass_time(self, microseconds: int) -> None:
        """Time passes; a clock may also run back."""
        self.say("clock.advance(microseconds={})", microseconds)
        self.clock.advance(microseconds=microseconds)

    @precondition(lambda self: self.place is not None)
    @rule()
    def switch_writer(self) -> None:
        """The other of two ledgers on one store takes over."""
        self.say("ledger, other = other, ledger")
        self.ledger, self.other = self.other, self.ledger

    @precondition(lambda self: self.place is not None)
    @rule()
    def reopen(self) -> None:
        """Both are closed, and opened again."""
        self.say("ledger.close(); other.close(); ledger, other = open_ledger(), open_ledger()")
        self._close()
        self.ledger = self.other = self.open_ledger()
        self._open()
        self.same("the log, opened again", list(self.ledger.entries()), self.log)

    # -- what is asked -----------------------------------------------------------------------

    @rule(spot=spots)
    def ask(self, spot: Spot) -> None:
        """A view from some point shows what the oracle shows."""
        point = spot.among(self.log)
        self.say("view = ledger.as_of(**{})", point)
        view = self._view(point)
        sight = Sight.of(view, self.log)
        self.same("list(view.entries())", list(view.entries()), sight.shown)
        self.same(
            "view.conflicts",
            [(one.target, one.amendments) for one in view.conflicts],
            oracle.conflicts(sight.seen),
        )
        for projection in self.asked:
            name = type(projection).__name__
            self.same(f"the answer of {name}", view.project(projection), sight.folded(projection))
            read = list(view.explain(projection))
            self.same(f"what {name} reads", read, sight.read_by(projection))

    @rule(entry=entries)
    def look_up(self, entry: Entry) -> None:
        """An entry is found by its id, with its chain."""
        self.say("ledger.get(e({}).id), ledger.chain(e({}))", entry.position, entry.position)
        self.same("the entry", self.ledger.get(entry.id), entry)
        chain = tuple(other for other in self.log if other.root == entry.root)
        self.same("its chain", self.ledger.chain(entry), chain)

    @rule()
    def look_at_live_answers(self) -> None:
        """Answers that are kept up to date are those that are asked for afresh."""
        self.say("# the live answers, which were asked before, are looked at")
        sight = Sight.of(self.other.as_of(FOREVER), self.log)
        for projection, live in self._lives:
            name = type(projection).__name__
            self.same(f"the live answer of {name}", live.state, sight.folded(projection))

    @rule(spot=spots, along=st.sampled_from(_AXES), which=st.integers(0, 5))
    def walk_history(self, spot: Spot, along: Any, which: int) -> None:
        """A history has the state of each point of its axis, and changes where that does."""
        projection = self.asked[which % len(self.asked)]
        point = spot.among(self.log)
        self.say("view = ledger.as_of(**{})", point)
        self.say("# list(view.history({}(…), along={}))", Bare(type(projection).__name__), along)
        view = self._view(point)
        history = view.history(projection, along)
        last = history.initial
        for instant, answer, _ in history:
            there = Sight.of(view.moved(along, instant), self.log)
            self.same(f"the state along {along} at {instant}", answer, there.folded(projection))
            if answer == last:
                raise AssertionError(f"along {along}, nothing changes at {instant}: {last!r}")
            last = answer
        end = view.moved(along, FOREVER)
        self.same(f"the last state along {along}", last, Sight.of(end, self.log).folded(projection))

    @rule()
    def keep_digest(self) -> None:
        """What is there now begins with what was there before, and that can be proven."""
        self.say("ledger.digest()")
        digest = self.ledger.digest()
        self.same("the digest's position", digest.position, len(self.log))
        for older in self._digests[-2:]:
            again = self.ledger.digest(older.position)
            self.same(f"the digest at {older.position}", str(again), str(older))
            proof = self.ledger.prove(older, digest)
            self.same("what is proven", str(verify_proof(proof, older, digest)), str(digest))
        self._digests.append(digest)

    # -- for rules of one's own --------------------------------------------------------------

    def say(self, line: str, *values: Any) -> None:
        """Add a line to the script; values stand in it as the code that makes them."""
        self._script.say(line, *values)

    def recorded(self) -> list[Entry]:
        """Take what a rule of one's own recorded into the log that answers are held against."""
        new = self._news()
        self.log += new
        return new

    def same(self, what: str, actual: object, expected: object) -> None:
        """Fail where a value is not what the oracle has for it, and say what differs."""
        if actual != expected:
            lines = differences(actual, expected) or [f"expected {expected!r}, got {actual!r}"]
            raise AssertionError("\n  ".join([f"{what} is not what the oracle says:", *lines]))

    def script(self) -> str:
        """Give the steps so far as a program."""
        return self._script.text(self.place)

    def teardown(self) -> None:
        """Close everything; what failed is given the script."""
        failed = sys.exc_info()[1]
        if isinstance(failed, Exception):
            failed.add_note(f"The same without Hypothesis:\n\n{self.script()}\n")
        try:
            self._close()
        finally:
            self.stack.close()

    # -- inside ------------------------------------------------------------------------------

    def _open(self) -> None:
        if self.place is not None:
            self.other = self.open_ledger()
        self._lives = [(one, self.other.live(one)) for one in self.asked]

    def _close(self) -> None:
        for _, live in self._lives:
            live.close()
        self._lives = []
        self.ledger.close()
        self.other.close()

    def _view(self, point: dict[str, Any]) -> View:
        """Look from a point; the view must say that it does."""
        view = self.ledger.as_of(**point)
        recorded = point["recorded_at"]
        if not isinstance(recorded, int):
            recorded = oracle.position_at(self.log, end_of(as_point(recorded)))
        wanted = (as_point(point["valid_at"]), as_point(point["known_at"]), recorded)
        self.same("the view's point", (view.valid_at, view.known_at, view.position), wanted)
        self.same("the view's dates", view.dates, point["dates"])
        return view

    def _do(self, call: str, *args: Any, **fields: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FuturePublication)  # the clock runs as it likes
            return getattr(self.ledger, call)(*args, **fields)

    def _news(self) -> list[Entry]:
        """Give what is new in the log, of which the beginning must be as it was."""
        now = list(self.ledger.entries())
        self.same("the log so far", now[: len(self.log)], self.log)
        positions = [entry.position for entry in now]
        self.same("the positions", positions, list(range(1, len(now) + 1)))
        return now[len(self.log) :]

    def _took(self, wanted: Sequence[recording.Wanted], given: Sequence[Entry]) -> Any:
        """Hold what was recorded against what should have been; give the new entries."""
        new = self._news()
        if wrong := recording.faults(self.log, new, wanted, given, self.clock.now):
            raise AssertionError("\n  ".join(["what was recorded is not right:", *wrong]))
        self.log += new
        return multiple(*new[:2])
