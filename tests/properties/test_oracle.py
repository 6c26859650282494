"""Whatever happens to a ledger, it answers as the oracle that was written from the contract.

At length, with 1000 examples of each: ``pytest tests/properties -m campaign``.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import strategies as st

from newsledger import (
    FOREVER,
    TODAY,
    All,
    Entry,
    Event,
    Hop,
    MembershipStarted,
    OutcomeRecorded,
    Projection,
    Report,
    Source,
    StatementMade,
    TradeReported,
    UnknownEntry,
    When,
    on,
)
from newsledger.testing import oracle
from newsledger.testing.running import prop
from newsledger.testing.strategies.plans import (
    ENTITIES,
    REFS,
    STATES,
    Amend,
    Append,
    Clock,
    Extend,
    Pass,
    Withdraw,
    events,
    open_ledger,
    plans,
    play,
    played,
    reports,
)

TICK = timedelta(microseconds=1)
TYPES = [MembershipStarted, TradeReported, OutcomeRecorded]
TODAYS = datetime(2030, 1, 2, tzinfo=UTC)


def some(data, **kinds):
    """Open a ledger to which something happened, one in six in a file."""
    plan = data.draw(plans(**kinds), label="plan")
    return played(plan, file=data.draw(st.integers(0, 5), label="file") == 5)


def end(point):
    return None if point is FOREVER else When(point).stop


def around(bounds):
    """The instants at bounds and just around them, as points, with a day and for ever."""
    near = {
        b + d
        for b in bounds
        if b is not None and 1 < b.year < 9998
        for d in (-TICK, 0 * TICK, TICK)
    }
    return [FOREVER, "2017-02-28", "2016", *sorted(near)]


def bounds_of(entries):
    return [bound for entry in entries for bound in entry.onset]


def point(data, entries):
    """Draw a point on the three axes: as arguments of as_of, and as ends for the oracle."""
    valid = data.draw(st.sampled_from(around(bounds_of(entries))), label="valid_at")
    known = data.draw(st.sampled_from(around(map(oracle.stop_of, entries))), label="known_at")
    stamps = around([entry.recorded for entry in entries])
    recorded = data.draw(st.sampled_from([*range(len(entries) + 1), *stamps]), label="recorded_at")
    dates = data.draw(st.sampled_from(["certain", "possible"]), label="dates")
    position = recorded if isinstance(recorded, int) else oracle.position_at(entries, end(recorded))
    asked = {"valid_at": valid, "known_at": known, "recorded_at": recorded, "dates": dates}
    return asked, position, oracle.visible(entries, position, end(known))


abouts = st.sampled_from(
    [
        *[((), any, ())] * 3,
        *[(name, any, [name]) for name in ENTITIES],
        (["KGZ", "EEU"], any, ["KGZ", "EEU"]),
        (All("KGZ", "EEU"), all, ["KGZ", "EEU"]),
        (All("KGZ", "RUS"), all, ["KGZ", "RUS"]),
        ("nobody", any, ["nobody"]),
    ]
)
typess = st.sampled_from([(), (), [MembershipStarted], TYPES, [OutcomeRecorded]])


def filtered(shown, seen, recorded, types, names, how):
    return [
        e
        for e in shown
        if oracle.matches(e.event, oracle.names(e.event, seen, recorded), types, names, how)
    ]


@prop(100)
def test_a_view_shows_what_the_oracle_shows(data):
    with some(data, erasures=True) as ledger:
        log = list(ledger.entries())
        for _ in range(4):
            asked, position, seen = point(data, log)
            view = ledger.as_of(**asked)
            assert view.position == position
            shown = oracle.show(seen, end(asked["valid_at"]), view.dates)
            assert list(view.entries()) == shown
            gone = oracle.erased(seen, end(asked["valid_at"]), view.dates)
            assert list(view.erased) == gone
            conflicts = {(c.target.id, tuple(a.id for a in c.amendments)) for c in view.conflicts}
            assert conflicts == {
                (e.id, tuple(a.id for a in rivals)) for e, rivals in oracle.conflicts(seen)
            }
            for about, how, names in data.draw(st.lists(abouts, min_size=3, max_size=3)):
                types = data.draw(typess)
                expected = filtered(shown, seen, log[:position], types, names, how)
                assert list(view.entries(types=types, about=about)) == expected
                wire = [one.TYPE.name for one in types]
                assert list(view.entries(types=wire, about=about)) == expected


@prop(60)
def test_ties_are_broken_as_the_oracle_breaks_them(data):
    """Reports of one day that differ only in what breaks ties, some of them corrected."""
    hops = st.sampled_from(["A", "B", "C", "D"]).map(lambda agent: (Hop(agent, "agency"),))
    dates = st.sampled_from(["2015", "2015-12-31", "[2015..]", "[..2015]"])
    days = st.sampled_from(["2016", "2016-12-31", "2017"])
    origins = st.builds(Source, st.sampled_from(["TASS", "AP"]), days)
    member = {"organization": "EEU", "member": "KGZ"}
    told = st.builds(
        Report,
        st.builds(MembershipStarted, occurred=dates, **{k: st.just(v) for k, v in member.items()}),
        origins,
        attribution=hops,
        assertion=st.sampled_from(["fact", "fact", "claim", "rumour"]),
        ordinal=st.integers(1, 2),
    )
    with open_ledger(Clock()) as ledger:
        ledger.extend(data.draw(st.lists(told, min_size=4, max_size=10)))
        reported = list(ledger.entries())
        for entry in data.draw(st.lists(st.sampled_from(reported), max_size=5)):
            ledger.correct(entry, source=data.draw(origins), ordinal=data.draw(st.integers(1, 2)))
        log = list(ledger.entries())
        for dates in ("certain", "possible"):
            view = ledger.as_of(FOREVER, dates=dates)
            assert list(view.entries()) == oracle.show(log, None, dates)


@prop(60)
def test_the_log_matches_as_the_oracle_does(data):
    with some(data, erasures=True) as ledger:
        log = list(ledger.entries())
        assert [entry.position for entry in log] == list(range(1, len(log) + 1))
        assert len(ledger) == ledger.position == len(log)
        stamps = [entry.recorded for entry in log]
        assert stamps == sorted(stamps)
        after = data.draw(st.integers(0, len(log) + 1), label="after")
        limit = data.draw(st.none() | st.integers(0, 5), label="limit")
        assert list(ledger.entries(after, limit=limit)) == log[after:][:limit]
        for about, how, names in data.draw(st.lists(abouts, min_size=4, max_size=4)):
            types = data.draw(typess)
            expected = [
                entry.position
                for entry in oracle.matching(log, types, names, how)
                if entry.position > after
            ]
            found = ledger.entries(after, types=types, about=about, limit=limit)
            assert [entry.position for entry in found] == expected[:limit]
        for prefix in ["", "K", "nobody"]:
            named = [n for e in log for n in e.event.entities if n.startswith(prefix)]
            assert dict(ledger.entities(prefix)) == Counter(named)
        for entry in log:
            assert ledger.get(entry.id) == ledger.get(str(entry.id)) == entry
            chain = tuple(other for other in log if other.root == entry.root)
            assert ledger.chain(entry) == ledger.chain(entry.id) == chain
        for ref in REFS:
            expected = tuple(e for e in log if e.ref == ref and e.kind == "report")
            assert ledger.find(ref) == expected
        counted = {s.id: n for s, n in ledger.sources().items()}
        assert counted == dict(
            Counter(entry.source.id for entry in log if not entry.ours and not entry.erased)
        )


def expect(log, step):  # noqa: PLR0911
    """Say what a step gives: entries that are there, or the reports that are recorded anew."""
    match step:
        case Pass():
            return []
        case Extend(batch):
            return [oracle.same_report(log, report) or report for report in batch]
        case Append(report, None):
            return [oracle.same_report(log, report) or report]
        case Append(report, target):
            if not log:
                return []
            event = attrs.evolve(report.event, of=log[target % len(log)].id)
            made = attrs.evolve(report, event=event)
            return [oracle.same_report(log, made) or made]
        case Withdraw(what, source):
            sources = {e.source for e in log if what in {e.source, e.source.url}}
            ids = {one.id for one in sources} | ({what.id} if isinstance(what, Source) else set())
            return [
                ("retraction", entry.id, attrs.evolve(entry.report, source=source or entry.source))
                for entry in oracle.to_withdraw(log, ids)
            ]
        case Amend() if not log:
            return []
        case Amend(kind, target, source, reason, fields, date):
            wrong = log[target % len(log)]
            given = dict(fields)
            if date:
                name = "period" if isinstance(wrong.event, TradeReported) else "occurred"
                given["event"] = attrs.evolve(wrong.event, **{name: date})
            report = attrs.evolve(wrong.report, source=source or wrong.source, **given)
            there = oracle.same_amendment(
                log, wrong.id, kind, report, ours=source is None, reason=reason
            )
            return [there or (kind, wrong.id, report)]


def says(entry):
    return (entry.kind, entry.amends, *oracle.said(entry, entry.source))


@prop(120)
def test_what_is_recorded_anew_is_what_the_oracle_takes_for_new(data):
    plan = data.draw(plans(max_size=20), label="plan")
    clock = Clock()
    with open_ledger(clock) as ledger:
        log = []
        for step in plan:
            expected = expect(log, step)
            given = play(ledger, clock, step)
            new = list(ledger.entries(after=len(log)))
            assert list(ledger.entries())[: len(log)] == log
            if isinstance(step, Withdraw):
                given.sort(key=lambda e: log.index(ledger.get(e.amends)))
            assert len(given) == len(expected)
            fresh = {}
            for entry, one in zip(given, expected, strict=True):
                if isinstance(one, Entry):
                    assert entry == one
                    continue
                kind, amends, report = one if isinstance(one, tuple) else ("report", None, one)
                key = (kind, amends, *oracle.said(report, report.source))
                assert says(entry) == key
                assert entry.id not in {e.id for e in log}
                if key not in fresh:
                    check_new(ledger, log, clock, step, entry, report)
                assert fresh.setdefault(key, entry) == entry
            assert sorted(e.id for e in fresh.values()) == sorted(e.id for e in new)
            log += new
        assert len({entry.id for entry in log}) == len(log)


def check_new(ledger, log, clock, step, entry, report):
    """What a new entry bears."""
    assert entry.position > len(log)
    assert entry.recorded == max([clock.now, *(e.recorded for e in log)])
    assert entry.ours == (entry.kind != "report" and step.source is None)
    if entry.kind == "report":
        assert entry.root == entry.id == report.id
        before = [
            e.ordinal
            for e in ledger.entries()
            if e.source.id == entry.source.id and e.kind == "report" and e.position < entry.position
        ]
        assert entry.ordinal == report.ordinal or (
            report.ordinal is None and entry.ordinal > max([0, *before])
        )
    else:
        assert entry.root == ledger.get(entry.amends).root
        assert entry.reason == getattr(step, "reason", "")
    for name in ("confidence", "quote", "ref", "note", "attribution"):
        assert getattr(entry, name) == getattr(report, name)


@prop(20)
def test_amending_what_is_unknown_records_nothing(data):
    with some(data) as ledger:
        before = len(ledger)
        stranger = data.draw(reports())
        if stranger.id not in {entry.id for entry in ledger.entries()}:
            for call in (ledger.retract, ledger.correct, ledger.get, ledger.chain):
                with pytest.raises(UnknownEntry):
                    call(stranger.id)
        assert len(ledger) == before


class Trace(Projection[tuple]):
    """Everything that reaches a handler, in order, except what is denied."""

    def __init__(self, about=()):
        self._about = about

    def about(self):
        return self._about

    def initial(self):
        return ()

    @on(MembershipStarted, TradeReported, OutcomeRecorded)
    def some(self, state, event, entry):
        assert event is entry.event
        return (*state, str(entry.id))

    @on(OutcomeRecorded, denied=True)
    def denied(self, state, event, entry):
        return (*state, f"not {entry.id}")


class TraceAll(Trace):
    @on(Event)
    def others(self, state, event, entry):
        return (*state, str(entry.id))


class ByName(TraceAll):
    """The same by entity."""

    def keys(self, event, entry):
        return event.entities


def folded(projection, entries):
    """Fold as the contract says, without a projection's own machinery."""
    read = []
    for entry in entries:
        mine = isinstance(entry.event, tuple(TYPES)) or isinstance(projection, TraceAll)
        if not entry.denied and mine:
            read.append((entry, str(entry.id)))
        if entry.denied and isinstance(entry.event, OutcomeRecorded):
            read.append((entry, f"not {entry.id}"))
    if not isinstance(projection, ByName):
        return tuple(mark for _, mark in read), [entry for entry, _ in read]
    state = {}
    for entry, mark in read:
        for name in entry.event.entities:
            state[name] = (*state.get(name, ()), mark)
    return state, [entry for entry, _ in read]


def asks(data, view, shown, seen, recorded):
    """Whatever is projected at the view is what the oracle's list folds to."""
    about, how, names = data.draw(abouts)
    mine = filtered(shown, seen, recorded, (), names, how)
    for kind in (Trace, TraceAll, ByName):
        projection = kind(about)
        state, read = folded(projection, mine)
        answer = view.project(projection)
        assert (dict(answer) if kind is ByName else answer) == state
        assert list(view.explain(projection)) == read
    for name in STATES:
        assert answer.get(name) == state.get(name)
        assert (name in answer) == (name in state)
        because = [entry for entry in read if name in entry.event.entities]
        assert list(view.explain(projection, key=name)) == because


@prop(80)
def test_a_projection_folds_what_the_oracle_shows(data):
    with some(data) as ledger:
        log = list(ledger.entries())
        for _ in range(3):
            asked, position, seen = point(data, log)
            view = ledger.as_of(**asked)
            asks(
                data,
                view,
                oracle.show(seen, end(asked["valid_at"]), view.dates),
                seen,
                log[:position],
            )


PREDICATES = [
    lambda e: e.source.outlet != "TASS",
    lambda e: not e.ours,
    lambda e: e.kind != "retraction",
    lambda e: e.assertion == "fact",
    lambda e: "KGZ" not in e.event.entities,
]


@prop(80)
def test_where_is_as_if_the_others_had_never_been_reported(data):
    with some(data) as ledger:
        log = list(ledger.entries())
        asked, position, seen = point(data, log)
        predicates = data.draw(st.lists(st.sampled_from(PREDICATES), min_size=1, max_size=2))
        view = ledger.as_of(**asked)
        for predicate in predicates:
            view = view.where(predicate)
        seen = [entry for entry in seen if all(good(entry) for good in predicates)]
        shown = oracle.show(seen, end(asked["valid_at"]), view.dates)
        assert list(view.entries()) == shown
        conflicts = {(c.target.id, tuple(a.id for a in c.amendments)) for c in view.conflicts}
        assert conflicts == {
            (e.id, tuple(a.id for a in some)) for e, some in oracle.conflicts(seen)
        }
        asks(data, view, shown, seen, log[:position])
        assert view.token is None


@prop(80)
def test_a_supposition_is_a_last_entry_that_is_known(data):
    with some(data) as ledger:
        log = list(ledger.entries())
        asked, position, seen = point(data, log)
        told = log[:position]  # known or not, they have their places within their sources
        view = ledger.as_of(**asked)
        known = log and data.draw(st.booleans())
        first = data.draw(st.sampled_from(log)).report if known else data.draw(reports())
        more = [data.draw(reports()) for _ in range(data.draw(st.integers(0, 1)))]
        if log and data.draw(st.booleans()):
            like, date = data.draw(st.sampled_from(log)), data.draw(st.sampled_from(log))
            event = StatementMade(occurred=date.event.occurred, speaker="Putin", summary="Yes.")
            more.append(Report(event, like.source))
        for report in [first, *more]:
            view = view.suppose(report)
            if oracle.same_report(seen, report) is None:
                ordinals = [
                    e.ordinal
                    for e in [*told, *seen]
                    if e.source.id == report.source.id and e.kind == "report"
                ]
                given = attrs.evolve(report, ordinal=report.ordinal or max([0, *ordinals]) + 1)
                position += 1
                seen = [
                    *seen,
                    Entry(
                        id=report.id,
                        position=position,
                        recorded=TODAYS,
                        report=given,
                        root=report.id,
                    ),
                ]
        shown = oracle.show(seen, end(asked["valid_at"]), view.dates)
        assert [(e.id, e.event) for e in view.entries()] == [(e.id, e.event) for e in shown]
        assert len(ledger) == len(log)
        assert view.token is None
        for kind in (TraceAll, ByName):
            answer = view.project(kind())
            state, _ = folded(kind(), shown)
            assert (dict(answer) if kind is ByName else answer) == state


@prop(40)
def test_an_event_is_supposed_by_nobody_in_particular(data):
    with some(data) as ledger:
        asked, _, _ = point(data, list(ledger.entries()))
        event = data.draw(events())
        view = ledger.as_of(**asked)
        before = list(view.entries())
        after = list(view.suppose(event).entries())
        new = [entry for entry in after if entry not in before]
        assert [entry for entry in after if entry in before] == before
        begun = oracle.begun(event, end(asked["valid_at"]), view.dates)
        assert [entry.event for entry in new] == [event] * begun


@prop(20)
def test_today_is_the_clocks_day(data):
    with some(data) as ledger:
        today = ledger.as_of(TODAY).valid_at
        assert ledger.as_of().valid_at == today == When("2030-01-01")
        day = data.draw(st.sampled_from(["2016", "2017-02-28"]))
        now, then = ledger.as_known(day), ledger.as_of(day, known_at=day)
        assert list(now.entries()) == list(then.entries())


def test_an_outcome_recorded_before_its_report_is_seen_with_its_amendments():
    # Found at length: the question about EEU met the outcome, and not the correction of it.
    source = Source("TASS", "2015")
    member = MembershipStarted(organization="EEU", member="KGZ", occurred="2015")
    other = MembershipStarted(organization="CIS", member="KAZ", occurred="2015")
    told = Report(member, source)
    with open_ledger(Clock()) as ledger:
        outcome = OutcomeRecorded(of=told.id, outcome="happened", occurred="2015")
        ledger.correct(ledger.append(outcome, source), other)
        ledger.append(told)
        assert [entry.position for entry in ledger.as_of().entries(about="EEU")] == [3]
        log = list(ledger.entries())
        assert list(ledger.entries(about="EEU")) == oracle.matching(log, (), ["EEU"], any) == log


def test_an_amended_outcome_is_found_by_what_its_target_came_to_name():
    # Found at length: what an outcome refers to was corrected, then the outcome itself.
    source = Source("TASS", "2015")
    other = MembershipStarted(organization="CIS", member="KAZ", occurred="2015")
    with open_ledger(Clock()) as ledger:
        told = ledger.append(StatementMade(occurred="2015", speaker="Putin", summary="No."), source)
        outcome = ledger.append(
            OutcomeRecorded(of=told.id, outcome="happened", occurred="2015"), source
        )
        twice = ledger.append(
            OutcomeRecorded(of=outcome.id, outcome="happened", occurred="2016"), source
        )
        assert list(ledger.as_of().entries(about="KAZ")) == []
        ledger.correct(told, other)
        last = ledger.correct(outcome, StatementMade(occurred="2015", speaker="X", summary="N"))
        again = ledger.correct(twice, StatementMade(occurred="2015", speaker="Y", summary="N"))
        log = list(ledger.entries())
        assert list(ledger.entries(4, about="KAZ")) == [last, again]
        assert list(ledger.entries(about="KAZ")) == oracle.matching(log, (), ["KAZ"], any)
        assert [entry.event for entry in ledger.as_of().entries(about="KAZ")] == [other]
