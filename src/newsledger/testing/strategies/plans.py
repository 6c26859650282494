"""Strategies for what happens to a ledger: events, reports, and plans of operations on it.

Everything is drawn from few names, dates and sources, so that things collide.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import attrs
from hypothesis import strategies as st

from newsledger import (
    Entry,
    Event,
    Hop,
    Ledger,
    MeetingHeld,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
    Money,
    OutcomeRecorded,
    Report,
    Source,
    StatementMade,
    TradeReported,
    When,
)
from newsledger.testing.strategies.whens import whens

STATES = ("KGZ", "RUS", "KAZ")
ORGANIZATIONS = ("EEU", "CIS")
ENTITIES = (*STATES, *ORGANIZATIONS, "Putin")
REFS = ("data:1", "data:2")
START = datetime(2030, 1, 1, 12, tzinfo=UTC)

_BEGINNINGS = (
    *("2015", "2015?", "2015-08-12", "2015-08~", "201X", "20XX", "2016-24", "2017-33", "2017-XX"),
    *("2017-02-28", "2017?-02-28", "2017-02", "2017-02-28T08:05:00Z", "2017-02-28T14:05:00+06:00"),
    *("[2017-04..2017-05]", "[2017-02-28,2017-06]", "[..2017-02-28]", "[2017..]", "2017-03-01"),
    *("2015-08-12/..", "2017-02-28/"),
)
_SPELLS = ("2017-02-27/2017-03", "2015/2016", "../2017-02-28", "/2016")
_PUBLISHED = ("2015", "2017-02-28", "2017-02-28T23:59:59.999999Z", "2017-03-01", "[..2017-12-31]")
_PAGES = (None, "https://example.org/a", "https://example.org/b")

beginnings = st.sampled_from(_BEGINNINGS).map(When) | whens(
    min_year=2010, max_year=2020, lasting=False
)
dates = beginnings | st.sampled_from(_SPELLS).map(When)
sources = st.builds(
    Source,
    outlet=st.sampled_from(["TASS", "AP"]),
    published=st.sampled_from(_PUBLISHED),
    url=st.sampled_from(_PAGES),
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Draw an event that refers to no report."""
    one, other = draw(st.permutations(STATES))[:2]
    organization = draw(st.sampled_from(ORGANIZATIONS))
    role = draw(st.sampled_from(["member", "member", "observer"]))
    kind: type[Event] = draw(
        st.sampled_from(
            [
                *(MembershipStarted, MembershipEnded, MembershipConfirmed, MembersListed),
                *(MeetingHeld, TradeReported, StatementMade),
            ]
        )
    )
    given: dict[str, Any] = {"occurred": draw(dates)}
    if kind in {MembershipStarted, MembershipEnded, MembershipConfirmed}:
        given = {"occurred": draw(beginnings), "role": role}
        given |= {"organization": organization, "member": one}
    if kind is MembershipConfirmed:
        given["since"] = draw(st.none() | beginnings)
    if kind is MembersListed:
        given |= {"organization": organization, "members": draw(st.permutations([one, other]))}
    if kind is MeetingHeld:
        given |= {"participants": [one, draw(st.sampled_from([other, "Putin"]))]}
    if kind is TradeReported:
        given = {"period": given["occurred"], "partner": one, "reporter": other, "flow": "total"}
        given["amount"] = draw(st.sampled_from([None, Money("1.2e9", "USD")]))
    if kind is StatementMade:
        given |= {
            "speaker": "Putin",
            "summary": "No.",
            "about": draw(st.sampled_from([(), (one,)])),
        }
    return kind(**given)


happenings = events()


@st.composite
def reports(
    draw: st.DrawFn, about: st.SearchStrategy[Event] | None = None, *, ordinals: bool = False
) -> Report:
    """Draw a report; ``ordinals``: always with an explicit one."""
    some = st.integers(1, 3)
    return Report(
        draw(happenings if about is None else about),
        draw(sources),
        attribution=draw(st.sampled_from([(), (), (Hop("Putin", "speaker", ("RUS",)),)])),
        assertion=draw(st.sampled_from(["fact", "fact", "claim", "opinion", "rumour"])),
        background=draw(st.integers(0, 4)) == 1,
        denied=draw(st.integers(0, 4)) == 1,
        ordinal=draw(some if ordinals else st.none() | some),
        ref=draw(st.sampled_from([None, None, *REFS])),
        confidence=draw(st.sampled_from([None, None, 70, 99.5])),
        quote=draw(st.sampled_from([None, None, "“Да.”"])),
    )


def outcomes(of: Sequence[Any]) -> st.SearchStrategy[OutcomeRecorded]:
    """Draw what became of one of these."""
    return st.builds(
        OutcomeRecorded,
        of=st.sampled_from(of),
        outcome=st.sampled_from(["happened", "postponed"]),
        occurred=dates,
    )


@st.composite
def batches(
    draw: st.DrawFn, *, max_size: int = 8, min_size: int = 1, ordinals: bool = False
) -> list[Report]:
    """Draw reports; outcomes among them refer to others, which may come earlier or later."""
    made: list[Report] = []
    for _ in range(draw(st.integers(min_size, max_size))):
        about: st.SearchStrategy[Event] = happenings
        if made and draw(st.integers(0, 3)) == 1:
            about = outcomes([report.id for report in made])
        if made and draw(st.integers(0, 2)) == 1:
            made.append(_changed(draw(st.sampled_from(made)), **draw(_TWINS)))
        else:
            made.append(draw(reports(about, ordinals=ordinals)))
    return draw(st.permutations(made))


# What is different between reports that otherwise have the same place in fold order.
_TWINS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"denied": True},
        {"attribution": (Hop("KGZ", "agency"),)},
        {"attribution": (Hop("RUS", "agency"),), "ordinal": 2},
        {"assertion": "claim", "ordinal": 1},
        {"assertion": "opinion"},
        {"background": True},
        {"source": Source("AP", "2017-02-28"), "assertion": "fact"},
    ]
)


def _changed(value: Any, **given: Any) -> Any:
    return attrs.evolve(value, **given)


# Plans: what is done to a ledger. Targets are numbers, taken modulo the entries that are there.


@attrs.frozen
class Append:
    """Append one report; of those with a ``target``, an outcome of that entry, amendments too."""

    report: Report
    target: int | None = None


@attrs.frozen
class Extend:
    """Extend by some reports, repetitions among them."""

    reports: list[Report]


@attrs.frozen
class Amend:
    """Correct or retract an entry; ``date`` sets that of its event, whatever its type."""

    kind: str
    target: int
    source: Source | None
    reason: str
    fields: dict[str, Any]
    date: When | None = None


@attrs.frozen
class Withdraw:
    """Withdraw a source or a page."""

    what: Source | str
    source: Source | None


@attrs.frozen
class Pass:
    """Let the clock run, or run back."""

    time: timedelta


@attrs.frozen
class Erase:
    """Erase an entry, or its chain."""

    target: int
    chain: bool


Step: TypeAlias = Append | Extend | Amend | Withdraw | Pass | Erase
Plan: TypeAlias = list[Step]


_CHANGES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {}, {"assertion": "rumour"}, {"denied": True}, {"background": True, "assertion": "claim"}]
)


@st.composite
def amendments(draw: st.DrawFn, pool: Sequence[Report]) -> Amend:
    """Draw a correction or a retraction, of ours or of a source's."""
    kind = draw(st.sampled_from(["correction", "retraction"]))
    fields: dict[str, Any] = {}
    date = None
    if kind == "correction":
        event = st.sampled_from([report.event for report in pool])
        if draw(st.integers(0, 2)) == 1:
            fields["event"] = draw(event | event | happenings)
        elif draw(st.booleans()):
            date = draw(beginnings)
        fields |= draw(_CHANGES)
    return Amend(
        kind,
        draw(st.integers(0, 3) | st.integers(0, 12)),
        draw(st.none() | st.sampled_from([report.source for report in pool]) | sources),
        draw(st.sampled_from(["", "", "misread"])),
        fields,
        date,
    )


@st.composite
def plans(
    draw: st.DrawFn, *, max_size: int = 14, withdrawals: bool = True, erasures: bool = False
) -> Plan:
    """Draw what happens to a ledger: reports come, come again, and are amended, as time passes.

    ``erasures``: and are erased, for ledgers whose store can do that.
    """
    pool = draw(batches(max_size=5))
    one = st.sampled_from(pool)
    steps: list[st.SearchStrategy[Step]] = [
        st.builds(Append, one),
        st.builds(Extend, st.lists(one, max_size=5)),
        amendments(pool),
        amendments(pool),
        amendments(pool),
        st.builds(Append, reports(outcomes([pool[0].id])), st.integers(0, 12)),
        st.builds(Pass, st.sampled_from([0, 1, 1_000_000, -3]).map(_microseconds)),
    ]
    if withdrawals:
        what = st.sampled_from([report.source for report in pool])
        page = st.sampled_from([page for page in _PAGES if page])
        steps.append(st.builds(Withdraw, what | page, st.none() | sources))
    if erasures:
        erase = st.builds(Erase, st.integers(0, 3) | st.integers(0, 12), st.booleans())
        steps += [erase, erase]
    plan: Plan = [Extend(pool)] if draw(st.booleans()) else [Append(pool[0])]
    for _ in range(draw(st.integers(3, max_size))):
        again = [step for step in plan if isinstance(step, Amend | Withdraw)]
        choices = [*steps, st.sampled_from(again)] if again else steps
        plan.append(draw(st.one_of(choices)))
    return plan


def _microseconds(count: int) -> timedelta:
    return timedelta(microseconds=count)


class Clock:
    """A clock that stands still until it is told that time passes: calling it gives ``now``."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:  # noqa: D102 (see the class)
        return self.now


def open_ledger(clock: Clock, path: Path | None = None) -> Ledger:
    """Open a ledger with a clock, in memory or in a file."""
    return Ledger.open(path, clock=clock, durability="normal")


def dated(event: Event, date: When) -> Event:
    """Give an event with another date."""
    changed: Event = _changed(event, **{"period" if hasattr(event, "period") else "occurred": date})
    return changed


def play(ledger: Ledger, clock: Clock, step: Step) -> list[Entry]:  # noqa: C901, PLR0911 (one a kind)
    """Do one step of a plan; give what the ledger gives."""
    entries = list(ledger.entries())
    match step:
        case Pass(time):
            clock.now += time
        case Withdraw(what, source):
            return ledger.withdraw(what, source)
        case Extend(reports):
            return ledger.extend(reports)
        case Append(report, None):
            return [ledger.append(report)]
        case Append() | Amend() | Erase() if not entries:
            pass
        case Erase(target, chain):
            return [ledger.erase(entries[target % len(entries)], "law", chain=chain)]
        case Amend(_, target) if entries[target % len(entries)].erased:
            pass
        case Append(report, int(target)):
            event = _changed(report.event, of=entries[target % len(entries)].id)
            return [ledger.append(_changed(report, event=event))]
        case Amend("retraction", target, source, reason):
            wrong = entries[target % len(entries)]
            return [ledger.retract(wrong, source, reason=reason)]
        case Amend(_, target, source, reason, fields, date):
            wrong = entries[target % len(entries)]
            given = {"event": dated(wrong.event, date)} if date else fields
            return [ledger.correct(wrong, source=source, reason=reason, **{**fields, **given})]
    return []


@contextmanager
def played(plan: Plan, *, file: bool = False) -> Iterator[Ledger]:
    """Open a ledger to which a plan happened; ``file``: with two writers in turn, opened again."""
    clock, late = Clock(), Clock(START - timedelta(hours=1))
    if not file:
        with open_ledger(clock) as ledger:
            for step in plan:
                play(ledger, clock, step)
            yield ledger
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with open_ledger(clock, path) as ledger, open_ledger(late, path) as other:
            given: list[Entry] = []
            for number, step in enumerate(plan):
                writer = (other, late) if number % 3 == 2 else (ledger, clock)  # noqa: PLR2004
                given += play(*writer, step)
            entries = list(ledger.entries())
            assert list(other.entries()) == entries  # noqa: S101 (it is a test)
        with open_ledger(clock, path) as ledger:
            assert list(ledger.entries()) == entries  # noqa: S101
            there = [(ledger.get(entry.id), entry) for entry in given]
            assert all(now == then or now.erased for now, then in there)  # noqa: S101
            yield ledger
