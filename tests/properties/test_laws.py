"""Laws that hold for every history of a ledger, whatever the rules say in detail.

At length, with 1000 examples of each: ``pytest tests/properties -m campaign``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import assume, strategies as st

from newsledger import (
    FOREVER,
    AppendConflict,
    Event,
    Ledger,
    MembershipEnded,
    MembershipStarted,
    OutcomeRecorded,
    Projection,
    Report,
    StatementMade,
    TradeReported,
    When,
    WrongLedger,
    on,
)
from newsledger.testing import oracle
from newsledger.testing.running import prop
from newsledger.testing.strategies.plans import (
    ENTITIES,
    START,
    Amend,
    Append,
    Clock,
    Extend,
    Withdraw,
    amendments,
    batches,
    dated,
    open_ledger,
    plans,
    play,
    played,
    reports,
    sources,
)

TICK = timedelta(microseconds=1)
DAYS = ["2015-12-31", "2016", "2017-02-28", "2017-03-01", "2017-12-31", FOREVER]
days = st.sampled_from(DAYS)
kinds = st.sampled_from(["certain", "possible"])
abouts = st.sampled_from([(), *ENTITIES, ("KGZ", "EEU")])


class Trace(Projection[tuple]):
    """Everything in order."""

    def __init__(self, about=()):
        self._about = about

    def about(self):
        return self._about

    def initial(self):
        return ()

    @on(Event)
    def told(self, state, event, entry):
        return (*state, str(entry.id))


class Outcomes(Trace):
    """Some types only, what is denied too."""

    @on(OutcomeRecorded, MembershipStarted, TradeReported)
    def told(self, state, event, entry):
        return (*state, event)

    @on(MembershipEnded, denied=True)
    def denied(self, state, event, entry):
        return (*state, "denied")


class Members(Trace):
    """The contract's example: different evidence may give the same answer."""

    def initial(self):
        return frozenset()

    @on(Event)
    def told(self, state, event, entry):
        return state

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return state | {event.member}

    @on(MembershipEnded)
    def left(self, state, event, entry):
        return state - {event.member}


class ByName(Trace):
    """Everything in order, by entity."""

    def keys(self, event, entry):
        return event.entities


class CountByType(Projection[int]):
    """How many of each type, up to two, as an answer that depends on the view."""

    def initial(self):
        return 0

    def keys(self, event, entry):
        return [type(event).__name__]

    @on(Event)
    def told(self, state, event, entry):
        return min(state + 1, 2)


projections = st.one_of(
    st.builds(Trace, abouts),
    st.builds(Outcomes, abouts),
    st.builds(Members, abouts),
    st.builds(ByName, abouts),
    st.builds(CountByType),
)


def some(data, **kinds):
    """Open a ledger to which something happened, one in six in a file."""
    plan = data.draw(plans(**kinds), label="plan")
    return played(plan, file=data.draw(st.integers(0, 5), label="file") == 5)


def plain(state):
    return state if isinstance(state, tuple | frozenset) else dict(state)


def answers(view):
    """All that a view says, by ids."""
    return (
        [entry.id for entry in view.entries()],
        [[entry.id for entry in view.entries(about=name)] for name in ENTITIES],
        {c.target.id: [a.id for a in c.amendments] for c in view.conflicts},
        plain(view.project(Members())),
        plain(view.project(ByName())),
    )


@prop(60)
def test_the_order_of_arrival_plays_no_part(data):
    told = data.draw(batches(ordinals=True, min_size=2))
    told = list({report.id: report for report in told}.values())
    steps = data.draw(st.lists(amendments(told), max_size=5), label="amendments")
    # Amendments in an order of their own, each after what it amends; the rest anyhow.
    targets = [step.target % (len(told) + number) for number, step in enumerate(steps)]
    order = data.draw(st.permutations(range(len(told))), label="order")
    delays = sorted(data.draw(st.lists(st.integers(0, len(told)), min_size=5, max_size=5)))

    def target(made, number):
        return made[targets[number]]

    def record(ledger, order, delays):
        made, waiting = {}, list(enumerate(steps))
        for count, number in enumerate([*order, None]):
            while waiting and (number is None or delays[waiting[0][0]] <= count):
                index, step = waiting[0]
                if targets[index] not in made:
                    break
                waiting.pop(0)
                made[len(told) + index] = amend(ledger, made[targets[index]], step)
            if number is not None:
                made[number] = ledger.append(told[number])
        return made

    with open_ledger(Clock()) as one, open_ledger(Clock()) as other:
        first = record(one, range(len(told)), [len(told)] * 5)
        second = record(other, order, delays)
        assert {n: e.id for n, e in first.items()} == {n: e.id for n, e in second.items()}
        for _ in range(3):
            point = {"valid_at": data.draw(days), "known_at": data.draw(days)}
            point["dates"] = data.draw(kinds)
            assert answers(one.as_of(**point)) == answers(other.as_of(**point))


def amend(ledger, entry, step):
    if step.kind == "retraction":
        return ledger.retract(entry.id, step.source, reason=step.reason)
    given = {"event": dated(entry.event, step.date)} if step.date else {}
    fields = {**step.fields, **given}
    return ledger.correct(entry, source=step.source, reason=step.reason, **fields)


def later(step, log):
    """Let a step be published after everything, or not happen."""

    def late(source):
        return attrs.evolve(source, published="2018-06")

    def told(report):
        return attrs.evolve(report, source=late(report.source))

    match step:
        case Append(report, target):
            return Append(told(report), target)
        case Extend(batch):
            return Extend([told(report) for report in batch])
        case Amend(source=None):
            chosen = log[step.target % len(log)] if log else None
            return step if chosen and chosen.published == When("2018-06") else None
        case Amend(source=source):
            return attrs.evolve(step, source=late(source))
        case Withdraw(what, source):
            return Withdraw(what, late(source)) if source else None
    return step


@prop(60)
def test_what_is_recorded_or_published_later_changes_no_earlier_answer(data):
    with some(data) as ledger:
        more = data.draw(plans(), label="more")
        point = {"valid_at": data.draw(days), "known_at": data.draw(days)}
        point["dates"] = data.draw(kinds)
        position = data.draw(st.integers(0, len(ledger)))
        fixed = ledger.as_of(**point, recorded_at=position)
        at_head = ledger.as_of(**point)
        before = answers(fixed), answers(at_head)
        tokens = fixed.token, at_head.token
        known_only = point["known_at"] is not FOREVER and data.draw(st.booleans())
        clock = Clock(START + timedelta(days=1))
        for step in more:
            chosen = later(step, list(ledger.entries())) if known_only else step
            if chosen is not None:
                play(ledger, clock, chosen)
        if known_only:
            assert answers(ledger.as_of(**point)) == before[1]
        assert answers(ledger.as_of(**point, recorded_at=position)) == before[0]
        for view, token, answer in zip((fixed, at_head), tokens, before, strict=True):
            assert answers(view) == answer
            again = ledger.view(token)
            for name in ("valid_at", "known_at", "position", "dates", "token"):
                assert getattr(again, name) == getattr(view, name)
            assert answers(again) == answer


@prop(20)
def test_a_token_is_refused_elsewhere(data):
    with some(data) as ledger, Ledger.open() as other:
        view = ledger.as_of(data.draw(days))
        with pytest.raises(WrongLedger):
            other.view(view.token)


@prop(50)
def test_a_retracted_retraction_brings_back_and_a_second_one_takes_out_again(data):
    with some(data) as ledger:
        log = list(ledger.entries())
        assume(log)
        source = data.draw(st.none() | sources)
        states = [answers(ledger.as_of(FOREVER, dates="possible"))]
        entry = ledger.retract(data.draw(st.sampled_from(log)), source, reason="once")
        assume(entry.position > len(log))
        for _ in range(3):
            states.append(answers(ledger.as_of(FOREVER, dates="possible")))
            entry = ledger.retract(entry, data.draw(st.none() | sources))
        shown = [(entries, names, members, by) for entries, names, _, members, by in states]
        assert shown[0] == shown[2]
        assert shown[1] == shown[3]


@prop(40)
def test_the_same_again_is_nothing_new(data):
    with some(data) as ledger:
        log = list(ledger.entries())
        assume(log)
        before = answers(ledger.as_of())
        told = [
            Report(
                e.event,
                e.source,
                attribution=e.attribution,
                assertion=e.assertion,
                background=e.background,
                denied=e.denied,
                note="seen again",
            )
            for e in log
            if e.kind == "report"
        ]
        again = ledger.extend(told * 2)
        assert again == [e for e in log if e.kind == "report"] * 2
        assert list(ledger.entries()) == log
        assert answers(ledger.as_of()) == before


@prop(60)
def test_what_is_certain_is_possible_and_a_later_view_only_adds_at_the_end(data):
    with some(data) as ledger:
        known = data.draw(days)
        for about in ("KGZ", ()):
            before = []
            for day in DAYS:
                point = {"valid_at": day, "known_at": known}
                certain = list(ledger.as_of(**point).entries(about=about))
                possible = list(ledger.as_of(**point, dates="possible").entries(about=about))
                assert {e.id for e in certain} <= {e.id for e in possible}
                assert certain[: len(before)] == before
                before = certain


def moments(log, axis):
    """All instants at which something can change along an axis, and those next to them."""
    bounds = {
        "valid": [bound for entry in log for bound in entry.onset],
        "known": [oracle.stop_of(entry) for entry in log],
        "recorded": [entry.recorded for entry in log],
    }[axis]
    base = [datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)]
    near = {b + d * TICK for b in [*bounds, *base] if b is not None for d in (-2, -1, 0, 1)}
    return sorted(near)


@prop(120)
def test_a_history_yields_exactly_the_changes(data):
    with some(data) as ledger:
        log = list(ledger.entries())
        projection = data.draw(projections, label="projection")
        axis = data.draw(st.sampled_from(["valid", "known", "recorded"]), label="along")
        point = {"valid_at": data.draw(days), "known_at": data.draw(days)}
        point |= {"dates": data.draw(kinds)}
        point["recorded_at"] = data.draw(st.integers(0, len(log)) | st.just(len(log)))
        view = ledger.as_of(**point)
        if data.draw(st.integers(0, 3)) == 3:
            view = view.where(lambda entry: entry.source.outlet != "TASS" or not entry.ours)
            point["where"] = lambda entry: entry.source.outlet != "TASS" or not entry.ours
        where = point.pop("where", None)

        def at(moment):
            one = ledger.as_of(**{**point, f"{axis}_at": moment})
            return one.where(where) if where else one

        history = view.history(projection, along=axis)
        expected, before = [], None
        for moment in moments(log, axis):
            state = plain(at(moment).project(projection))
            if before is None:
                assert plain(history.initial) == state
            elif state != before:
                expected.append((moment, state))
            before = state
        changes = list(history)
        assert [(instant, plain(state)) for instant, state, _ in changes] == expected
        for instant, state, causes in changes:
            assert plain(history.at(instant)) == plain(state)
            assert plain(history.at(instant - TICK)) != plain(state)
            assert causes
            new = list(at(instant).entries())
            old = list(at(instant - TICK).entries())
            for cause in causes:
                if axis == "valid":
                    assert cause in new
                    assert cause not in old
                elif axis == "known":
                    assert instant == oracle.stop_of(cause) - TICK
                else:
                    assert instant == cause.recorded
        assert plain(history.at(point[f"{axis}_at"])) == plain(view.project(projection))


@prop(60)
def test_a_diff_compares_the_states(data):
    with some(data) as ledger:
        one = ledger.as_of(data.draw(days), known_at=data.draw(days), dates=data.draw(kinds))
        two = ledger.as_of(data.draw(days), known_at=data.draw(days))
        projection = data.draw(projections)
        before, after = plain(one.project(projection)), plain(two.project(projection))
        diff = one.diff(two, projection)
        assert bool(diff) == (before != after)
        match before:
            case frozenset():
                assert (diff.added, diff.removed) == (after - before, before - after)
            case dict():
                assert diff.added == {k: v for k, v in after.items() if k not in before}
                assert diff.removed == {k: v for k, v in before.items() if k not in after}
                assert diff.changed == {
                    k: (v, after[k]) for k, v in before.items() if after.get(k, v) != v
                }


@prop(60)
def test_an_append_conflicts_with_what_the_projection_read_since(data):
    with some(data) as ledger:
        log = list(ledger.entries())
        position = data.draw(st.integers(0, len(log)))
        about = data.draw(abouts)
        names = [about] if isinstance(about, str) else list(about)
        kind, types = data.draw(st.sampled_from([(Trace, ()), (ByName, ()), (Outcomes, Outcomes)]))
        projection = kind(about)
        question = ledger.as_of(recorded_at=position).question(projection)

        def read(entry):
            handled = not entry.denied
            if types:
                wanted = (OutcomeRecorded, MembershipStarted, TradeReported)
                handled = isinstance(entry.event, MembershipEnded if entry.denied else wanted)
            named = oracle.ever(entry.event, log)
            return handled and (not names or any(name in named for name in names))

        since = [
            entry
            for entry in log[position:]
            if any(read(e) for e in log if e is entry or (entry.amends and e.root == entry.root))
        ]
        told = data.draw(
            reports(
                st.builds(
                    StatementMade,
                    occurred=st.just("2016"),
                    speaker=st.just("X"),
                    summary=st.just("Y"),
                )
            )
        )
        if since:
            with pytest.raises(AppendConflict):
                ledger.append(told, expecting=question)
            assert list(ledger.entries()) == log
        else:
            ledger.append(told, expecting=question)
