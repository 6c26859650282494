"""The machine of random steps: it runs on every store, finds what is wrong, and prints a script."""

from __future__ import annotations

import subprocess
import sys
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from newsledger import (
    Ledger,
    MeetingHeld,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    Projection,
    Source,
    on,
)
from newsledger.testing import LedgerMachine

SOURCE = Source("The Daily Example", "2017-02-28")


def tried(machine, examples, steps=30, **more):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


class InAFile(LedgerMachine):
    def new_place(self):
        folder = self.stack.enter_context(TemporaryDirectory(prefix="newsledger-"))
        return f"{folder}/ledger.db"


@pytest.fixture
def on_postgres(postgres):
    class OnPostgres(LedgerMachine):
        def new_place(self):
            return postgres.url(self.stack.enter_context(postgres.schema()))

    return OnPostgres


@pytest.fixture
def on_umadb(start_umadb):
    class OnUmaDB(LedgerMachine):
        def new_place(self):
            return self.stack.enter_context(start_umadb()).url

    return OnUmaDB


def test_in_memory():
    tried(LedgerMachine, 20)


def test_in_a_file():
    tried(InAFile, 8)


def test_on_postgresql(on_postgres):
    tried(on_postgres, 4, 20)


def test_on_umadb(on_umadb):
    tried(on_umadb, 4, 20)


@pytest.mark.campaign
def test_in_memory_at_length():
    tried(LedgerMachine, 1000, 60)


@pytest.mark.campaign
def test_in_a_file_at_length():
    tried(InAFile, 300, 60)


@pytest.mark.campaign
def test_on_postgresql_at_length(on_postgres):
    tried(on_postgres, 100)


@pytest.mark.campaign
def test_on_umadb_at_length(on_umadb):
    tried(on_umadb, 100)


# -- what is wrong is found ----------------------------------------------------------------------


class Forgetful(Ledger):
    """Takes a source's retraction for one of ours."""

    def retract(self, entry, source=None, *, reason=""):
        return super().retract(entry, None, reason=reason)


class Doubling(Ledger):
    """Records a repetition within a batch, in another source's name."""

    def extend(self, reports, source=None, *, expecting=None):
        given = super().extend(reports, source, expecting=expecting)
        if len(given) > len(set(given)):
            super().append(given[0].event, SOURCE)
        return given


class Hindsight(Ledger):
    """Shows what is not known yet."""

    def as_of(self, valid_at="2020", *, known_at=None, **point):
        return super().as_of(valid_at, **point)


class Short(Ledger):
    """Has a digest of all but the last entry."""

    def digest(self, position=None, *, progress=None):
        last = max(0, self.position - 1) if position is None else position
        return super().digest(last, progress=progress)


def machine_of(kind):
    class Machine(LedgerMachine):
        def open_ledger(self):
            opened = Ledger.open(self.place, clock=self.clock)
            return kind(opened._recorder, clock=self.clock)

    return Machine


def failing(machine, *, shrunk=False):
    phases = [Phase.generate, Phase.shrink] if shrunk else [Phase.generate]
    with pytest.raises(AssertionError) as caught:
        tried(machine, 200, 6, database=None, derandomize=True, phases=phases)
    [note] = [one for one in caught.value.__notes__ if one.startswith("The same without")]
    return str(caught.value), note.partition("\n\n")[2]


WRONG = pytest.mark.parametrize(
    ("kind", "says", "steps"),
    [
        (Forgetful, "ours is True, not False", 2),
        (Doubling, "it recorded", 1),
        (Hindsight, "the view's point", 2),
        (Short, "the digest's position", 2),
    ],
)


def ran(script):
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    return done.returncode, done.stderr


@WRONG
def test_a_ledger_that_is_wrong_is_found_by_a_script_that_runs(kind, says, steps):
    message, script = failing(machine_of(kind))
    assert says in message
    assert ran(script) == (0, b"")


@pytest.mark.campaign
@WRONG
def test_the_script_gets_short(kind, says, steps):
    message, script = failing(machine_of(kind), shrunk=True)
    assert says in message
    taken = [line for line in script.splitlines() if not line.startswith(("from", "def"))][2:]
    assert len(taken) == steps, script
    assert ran(script) == (0, b"")


class Counting(Projection[int]):
    """Counts in an attribute, which makes its answers hang on how often it was asked."""

    def __init__(self):
        self.count = 0

    def initial(self):
        return 0

    @on(MembershipStarted, MembershipEnded, MembershipConfirmed)
    def told(self, state, event, entry):
        self.count += 1
        return self.count


def test_a_projection_of_ones_own_is_asked():
    class Machine(LedgerMachine):
        def projections(self):
            return [Counting()]

    message, script = failing(Machine)
    assert "is not what the oracle says" in message
    assert "Membership" in script


def test_rules_of_ones_own_are_taken_and_are_in_the_script():
    class Machine(LedgerMachine):
        @rule(entry=LedgerMachine.entries)
        def note(self, entry):
            self.say("# of {}", entry.position)
            met = MeetingHeld(participants=["A", "B"], occurred="2017")
            self.ledger.append(met, SOURCE)
            self.recorded()
            self.same("the meetings", len(list(self.ledger.entries(types=[MeetingHeld]))), 0)

    message, script = failing(Machine)
    assert message.splitlines() == [
        "the meetings is not what the oracle says:",
        "  expected 0, got 1",
    ]
    assert script.splitlines()[-1].startswith("# of ")


def test_every_rule_is_reached():
    reached = set()

    class Machine(InAFile):
        def say(self, line, *values):
            reached.add(line)
            super().say(line, *values)

    tried(Machine, 12, 40, database=None, derandomize=True, phases=[Phase.generate])
    told = {line.partition("(")[0].removeprefix("ledger.") for line in reached}
    assert told >= {"append", "extend", "load", "correct", "retract", "withdraw", "digest", "get"}
    assert len(reached) == 14, reached
