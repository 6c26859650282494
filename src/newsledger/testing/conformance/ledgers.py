"""What a ledger promises, whatever store it is kept in."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from newsledger import (
    AppendConflict,
    Entry,
    FuturePublication,
    Ledger,
    MembershipEnded,
    MembershipStarted,
    Projection,
    Report,
    Source,
    UnknownEntry,
    copy,
    on,
)
from newsledger.store import Recorder
from newsledger.testing.conformance.contract import (
    PATIENCE,
    Contract,
    Opener,
    Waiting,
    together,
)
from newsledger.testing.strategies.plans import Clock, Plan, open_ledger, plans, play

SOURCE = Source("The Daily Example", "2017-02-28", url="https://example.org/a")
LATER = Source("The Daily Example", "2017-03-05", url="https://example.org/a")
OTHER = Source("Another", "2017-04-01")


def joined(member: str = "KGZ", occurred: str = "2015-08-12") -> MembershipStarted:
    """Make an event."""
    return MembershipStarted(organization="EEU", member=member, occurred=occurred)


class _Members(Projection[frozenset[str]]):
    def about(self) -> str:
        return "EEU"

    def initial(self) -> frozenset[str]:
        return frozenset()

    @on(MembershipStarted)
    def start(self, state: frozenset[str], event: MembershipStarted, _: Entry) -> frozenset[str]:
        return state | {event.member}

    @on(MembershipEnded)
    def end(self, state: frozenset[str], event: MembershipEnded, _: Entry) -> frozenset[str]:
        return state - {event.member}


def _members(ledger: Ledger) -> frozenset[str]:
    return ledger.as_of("2020").project(_Members())


class LedgerConformance(Contract):
    """Recording once, amending, following, loading, reopening; one writer and several."""

    @pytest.fixture
    def ledger(self, recorder: Recorder) -> Ledger:
        """Open a ledger on a new store."""
        return Ledger(recorder)

    @pytest.fixture
    def ledgers(self, opened: Opener) -> list[Ledger]:
        """Open four ledgers on one new store; where it has one recorder, all work on that."""
        if not self.reopens:
            return [Ledger(opened())] * 4
        return [Ledger(opened()) for _ in range(4)]

    # -- one writer --------------------------------------------------------------------------

    def test_the_same_report_is_the_entry_that_is_there(self, ledger: Ledger) -> None:
        first = ledger.append(joined(), SOURCE)
        assert first.position == 1
        assert ledger.append(joined(), SOURCE, note="seen again") == first
        again, new, once_more, new_again = ledger.extend(
            [joined(), joined("ARM"), joined(), joined("ARM")], SOURCE
        )
        assert again == once_more == first
        assert new == new_again
        assert new.position == len(ledger) == 2
        assert ledger.append(joined(), OTHER).position == 3
        assert list(ledger.entries())[:2] == [first, new]

    def test_a_batch_of_which_a_part_is_known_records_the_rest(self, ledger: Ledger) -> None:
        known = ledger.extend([joined("A"), joined("B")], SOURCE)
        entries = ledger.extend([joined("C"), joined("B"), joined("D"), joined("A")], SOURCE)
        assert [entry.position for entry in entries] == [3, 2, 4, 1]
        assert entries[3::-2] == [known[0], known[1]]
        assert [entry.ordinal for entry in ledger.entries()] == [1, 2, 3, 4]

    def test_amendments_are_kept_while_they_stand(self, ledger: Ledger) -> None:
        entry = ledger.append(joined(), SOURCE)
        first = ledger.correct(entry, joined(occurred="2015-08-06"))
        assert ledger.correct(entry, joined(occurred="2015-08-06")) == first
        second = ledger.correct(entry, joined(occurred="2015-08-07"))
        back = ledger.correct(entry, joined(occurred="2015-08-06"))
        assert len({first.id, second.id, back.id}) == 3
        theirs = ledger.correct(back, joined("ARM"), LATER)
        assert (theirs.amends, theirs.root, theirs.ours) == (back.id, entry.id, False)
        assert ledger.chain(theirs) == ledger.chain(entry) == tuple(ledger.entries())
        assert [one.position for one in ledger.entries()] == [1, 2, 3, 4, 5]
        assert _members(ledger) == {"ARM"}

    def test_what_was_retracted_stays_so_until_that_is_retracted(self, ledger: Ledger) -> None:
        entry = ledger.append(joined(), SOURCE)
        retraction = ledger.retract(entry, reason="wrong")
        assert ledger.append(joined(), SOURCE) == entry
        assert _members(ledger) == frozenset()
        ledger.retract(retraction)
        assert _members(ledger) == {"KGZ"}
        assert [gone.kind for gone in ledger.withdraw(SOURCE)] == ["retraction"]
        assert _members(ledger) == frozenset()
        assert ledger.position == 4

    def test_a_call_that_fails_records_nothing(self, ledger: Ledger) -> None:
        entry = ledger.append(joined(), SOURCE)
        with pytest.raises(UnknownEntry):
            ledger.correct("00000000-0000-0000-0000-000000000001", joined("ARM"))
        with pytest.raises(ValueError, match="expected an event"):
            ledger.extend([joined("ARM"), "no event"], SOURCE)  # type: ignore[list-item]
        tomorrow = Source("Tomorrow", (datetime.now(UTC) + timedelta(days=3)).date())
        with warnings.catch_warnings(), pytest.raises(FuturePublication):
            warnings.simplefilter("error")
            ledger.extend([Report(joined("ARM"), SOURCE), Report(joined("BLR"), tomorrow)])
        question = ledger.as_of("2020").question(_Members())
        second = ledger.append(joined("ARM"), SOURCE)
        with pytest.raises(AppendConflict) as caught:
            ledger.append(joined("BLR"), SOURCE, expecting=question)
        assert caught.value.entries == (second,)
        assert list(ledger.entries()) == [entry, second]
        assert ledger.entities() == {"ARM": 1, "EEU": 2, "KGZ": 1}

    def test_everything_that_is_found_by_tags_is_found(self, ledger: Ledger) -> None:
        odd = "a\0b %_\\ 😀 " + "x" * 5_000
        one = ledger.append(joined(odd), SOURCE, ref="data:1")
        two = ledger.append(joined("ARM"), OTHER)
        assert ledger.get(one.id) == one
        assert ledger.find("data:1") == (one,)
        assert list(ledger.entries(about=odd)) == [one]
        assert list(ledger.entries(about="EEU", types=MembershipStarted)) == [one, two]
        assert ledger.entities("a\0") == {odd: 1}
        assert ledger.sources() == {SOURCE: 1, OTHER: 1}

    def test_a_load_counts_and_can_be_run_again(self, ledger: Ledger) -> None:
        reports = [Report(joined(f"M{n}"), SOURCE) for n in range(700)]
        stream: list[Any] = [*reports[:500], "junk", reports[0], *reports[500:]]
        done = ledger.load(stream, batch=64)
        assert (done.recorded, done.known, done.total) == (700, 1, 702)
        assert [rejected.index for rejected in done.rejected] == [500]
        assert [entry.ordinal for entry in ledger.entries()] == list(range(1, 701))
        again = ledger.load(iter(reports), batch=100)
        assert (again.recorded, again.known) == (0, 700)
        assert ledger.position == 700

    def test_a_load_that_breaks_keeps_whole_batches(self, ledger: Ledger) -> None:
        def broken() -> Iterator[Report]:
            yield from (Report(joined(f"M{n}"), SOURCE) for n in range(5))
            raise RuntimeError("connection lost")

        with pytest.raises(RuntimeError, match="lost"):
            ledger.load(broken(), batch=2)
        assert [entry.event.entities for entry in ledger.entries()] == [
            joined(f"M{n}").entities for n in range(4)
        ]

    def test_a_store_that_is_opened_again_holds_the_same_ledger(self) -> None:
        if not self.reopens:
            pytest.skip("this store ends with its recorder")
        with self.new_store() as opener:
            with Ledger(opener()) as ledger:
                entry = ledger.append(joined(), SOURCE, quote="q", ref="r")
                ledger.correct(entry, joined("ARM"), LATER, reason="misprint")
                before, token = list(ledger.entries()), ledger.as_of("2020").token
            for mode in "r", "a":
                with Ledger(opener(mode)) as ledger:
                    assert list(ledger.entries()) == before
                    assert ledger.view(str(token)).project(_Members()) == {"ARM"}
            early = datetime(2020, 1, 1, tzinfo=UTC)
            with Ledger(opener(), clock=lambda: early) as ledger:
                new = ledger.append(joined("BLR"), SOURCE)
                assert (new.position, new.ordinal) == (3, 2)
                assert new.recorded == before[-1].recorded

    def test_random_histories_are_the_same_as_in_memory(self) -> None:
        """Two writers take turns, one with a clock that is late, and both see the same."""

        @settings(
            max_examples=self.examples, deadline=None, suppress_health_check=list(HealthCheck)
        )
        @given(plans(erasures=self.erases))
        def agree(plan: Plan) -> None:
            clock, twin = Clock(), Clock()
            with self.new_store() as opener, opener() as recorder, open_ledger(twin) as memory:
                one = Ledger(recorder, clock=clock)
                with opener() if self.reopens else recorder as second:
                    writers = [one, Ledger(second, clock=clock)]
                    for number, step in enumerate(plan):
                        assert play(writers[number % 2], clock, step) == play(memory, twin, step)
                    for writer in writers:
                        assert list(writer.entries()) == list(memory.entries())
                        assert writer.entities() == memory.entities()
                        assert writer.sources() == memory.sources()
                        assert writer.digest() == memory.digest()
                    assert writers[0].verify().ok

        agree()

    def test_it_can_be_moved_in_and_out(self, ledger: Ledger) -> None:
        with Ledger.open() as first, Ledger.open() as last:
            entry = first.append(joined(), SOURCE)
            first.correct(entry, joined("ARM"), LATER)
            copy(first, ledger)
            first.append(joined("RUS"), OTHER)
            assert (copy(first, ledger).copied, copy(ledger, last).copied) == (1, 3)
            for other in ledger, last:
                assert list(other.entries()) == list(first.entries())
                assert other.digest() == first.digest()
                assert _members(other) == _members(first)

    # -- several writers ---------------------------------------------------------------------

    def test_racing_appends_of_one_report_record_it_once(self, ledgers: list[Ledger]) -> None:
        def append(ledger: Ledger) -> list[Entry]:
            return [ledger.append(joined(f"M{n}"), SOURCE) for n in range(10)]

        entries = together(*(partial(append, ledger) for ledger in ledgers))
        assert entries == [entries[0]] * 4
        assert [entry.position for entry in ledgers[0].entries()] == list(range(1, 11))
        assert [entry.ordinal for entry in ledgers[1].entries()] == list(range(1, 11))

    def test_racing_corrections_are_all_kept_in_one_order(self, ledgers: list[Ledger]) -> None:
        entry = ledgers[0].append(joined(), SOURCE)

        def correct(number: int) -> list[Entry]:
            return [
                ledgers[number].correct(entry, joined(f"M{number}{n}"), OTHER) for n in range(5)
            ]

        mine = together(*(partial(correct, number) for number in range(4)))
        chains = [ledger.chain(entry) for ledger in ledgers]
        assert chains == [chains[0]] * 4
        assert {e.id for e in chains[0]} == {entry.id} | {e.id for es in mine for e in es}
        assert [e.position for e in chains[0]] == list(range(1, 22))
        conflicts = ledgers[3].as_of("2020").conflicts
        assert len(conflicts) == 1
        assert _members(ledgers[2]) <= set(chains[0][-1].event.entities)

    def test_of_those_who_expect_the_same_one_wins(self, ledgers: list[Ledger]) -> None:
        for number in range(5):
            start = threading.Barrier(4)

            def append(which: int, start: threading.Barrier, name: str) -> Entry | None:
                question = ledgers[which].as_of("2020").question(_Members())
                start.wait()
                try:
                    return ledgers[which].append(joined(name), SOURCE, expecting=question)
                except AppendConflict:
                    return None

            calls = [partial(append, which, start, f"M{number}{which}") for which in range(4)]
            assert [e.position for e in together(*calls) if e is not None] == [number + 1]

    def test_a_subscription_gives_all_in_order_none_twice(self, ledgers: list[Ledger]) -> None:
        follower, *writers = ledgers
        follower.append(joined(), SOURCE)

        def follow() -> list[int]:
            with follower.subscribe(timeout=PATIENCE) as subscription:
                return [next(subscription).position for _ in range(91)]

        def some() -> list[str]:
            with follower.subscribe(about="M17", timeout=PATIENCE) as subscription:
                return [next(subscription).source.outlet for _ in range(3)]

        def append(number: int) -> None:
            source = Source(f"Outlet {number}", "2017-01-01")
            for n in range(15):
                writers[number].extend([joined(f"M{2 * n}"), joined(f"M{2 * n + 1}")], source)

        following, sifting = Waiting(follow), Waiting(some)
        together(*(partial(append, number) for number in range(3)))
        assert following.outcome() == list(range(1, 92))
        assert sorted(sifting.outcome()) == [f"Outlet {number}" for number in range(3)]

    def test_a_subscription_ends_by_time_stop_and_close(self, ledger: Ledger) -> None:
        assert list(ledger.subscribe(timeout=0.01)) == []
        subscription = ledger.subscribe()
        waiting = Waiting(lambda: list(subscription))
        subscription.stop()
        assert waiting.outcome() == []
        another = ledger.subscribe()
        waiting = Waiting(lambda: list(another))
        ledger.close()
        assert waiting.outcome() == []
