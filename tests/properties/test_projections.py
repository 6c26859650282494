"""What holds of every built-in projection, whatever was reported and however it came in.

At length, with 300 examples of each: ``pytest tests/properties -m campaign``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from newsledger import (
    FOREVER,
    AgendaItem,
    CommitmentMade,
    EventScheduled,
    ExpectationStated,
    Hop,
    Ledger,
    MeetingHeld,
    Money,
    OfferMade,
    OutcomeRecorded,
    Report,
    Source,
    StatementMade,
    TradeReported,
    When,
)
from newsledger.projections import (
    Calendar,
    Commitments,
    Coverage,
    Meetings,
    Offers,
    Statements,
    Trade,
)

TICK = timedelta(microseconds=1)
DATES = ["2015", "2015-02", "2015-02-28", "2015-03", "2016", "[..2015-06]", "[2015..]", "201X"]
ENDS = [None, "2015-02", "2015-12-31", "[..2016]", "[2016..]", "2016-03/.."]
WORDS = ["kept", "broken", "happened", "cancelled", "postponed", "declined", "stalled"]
QUESTIONS = [
    Trade("KGZ", "RUS"),
    Meetings(),
    Meetings("KGZ"),
    Statements("Putin", accept=["fact", "opinion"]),
    Statements(topic="trade"),
    Commitments(),
    Commitments("KGZ"),
    Calendar(),
    Calendar(["KGZ"]),
    Offers(),
    Coverage(),
]
named = pytest.mark.parametrize(
    "question", QUESTIONS, ids=[f"{type(q).__name__}-{n}" for n, q in enumerate(QUESTIONS)]
)

pick = st.sampled_from
dates = pick(DATES)
ends = pick(ENDS)
events = st.one_of(
    st.builds(
        TradeReported,
        partner=st.just("RUS"),
        reporter=pick([None, "KGZ"]),
        counterpart=st.just("KGZ"),
        compiler=pick([None, "NSC"]),
        flow=pick(["total", "exports"]),
        period=pick(["2015", "2015-01/2015-12", "2016"]),
        amount=pick([None, Money("1.2e9", "USD"), Money("1193.5e6", "USD"), Money("5", "EUR")]),
        change=pick([None, "-0.13", "0"]),
    ),
    st.builds(
        MeetingHeld,
        participants=pick([["Putin", "KGZ"], ["Putin", "Xi"]]),
        representing=pick([(), ("RUS",), ("KGZ", "RUS")]),
        agenda=st.lists(st.builds(AgendaItem, pick(["a", "b"]), st.booleans()), max_size=2),
        occurred=dates,
    ),
    st.builds(
        StatementMade,
        speaker=pick(["Putin", "Xi"]),
        summary=pick(["yes", "no"]),
        topics=pick([(), ("trade",)]),
        about=pick([(), ("KGZ",)]),
        occurred=dates,
    ),
    st.builds(
        CommitmentMade, by=pick(["KGZ", "RUS"]), promise=st.just("p"), due=ends, occurred=dates
    ),
    st.builds(
        OfferMade,
        by=st.just("RUS"),
        to=st.just("KGZ"),
        offer=st.just("o"),
        condition=pick([None, "c"]),
        occurred=dates,
    ),
    st.builds(
        EventScheduled,
        title=st.just("t"),
        host=pick(["KGZ", None]),
        window=pick(ENDS[1:]),
        occurred=dates,
    ),
    st.builds(
        ExpectationStated,
        expectation=st.just("e"),
        about=pick([(), ("KGZ",)]),
        window=ends,
        occurred=dates,
    ),
)


@st.composite
def batches(draw):
    """Reports with explicit ordinals; outcomes among them refer to any other."""

    def report(event):
        return Report(
            event,
            Source(draw(pick(["a", "b"])), draw(pick(["2014", "2015-02-28", "2017"]))),
            attribution=draw(pick([(), (Hop("TASS", "agency"),)])),
            assertion=draw(pick(["fact", "fact", "claim", "opinion"])),
            denied=draw(st.integers(0, 5)) == 1,
            ordinal=draw(st.integers(1, 3)),
        )

    made = [report(draw(events)) for _ in range(draw(st.integers(1, 8)))]
    targets = [report.id for report in made]
    for _ in range(draw(st.integers(0, 5))):
        outcome = OutcomeRecorded(
            of=draw(pick(targets)),
            outcome=draw(pick(WORDS)),
            new_window=draw(ends),
            occurred=draw(dates),
        )
        made.append(report(outcome))
    by_id = {}
    for one in made:  # a report that comes again is the one that is there, with its ordinal
        by_id.setdefault(one.id, one)
    return list(by_id.values())


def both(examples):
    """Run a property with some examples by default, and with 300 in the campaign."""

    def decorate(test):
        def at_length(question, data):
            test(question, data)

        at_length.__name__ = at_length.__qualname__ = f"{test.__name__}_at_length"
        checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
        run = settings(max_examples=300, deadline=None, suppress_health_check=checks)
        given_data = given(data=st.data())
        globals()[at_length.__name__] = pytest.mark.campaign(named(run(given_data(at_length))))
        few = settings(max_examples=examples, deadline=None, suppress_health_check=checks)
        return named(few(given_data(test)))

    return decorate


def seen(ledger, data):
    day = data.draw(pick([*DATES[:5], "2018", FOREVER]), label="valid")
    return ledger.as_of(day, dates=data.draw(pick(["certain", "possible"]), label="dates"))


@both(20)
def test_the_order_of_arrival_never_changes_a_state(question, data):
    batch = data.draw(batches(), label="reports")
    order = data.draw(st.permutations(batch), label="order")
    with Ledger.open() as one, Ledger.open() as other:
        one.extend(batch)
        for report in order:
            other.append(report)
        here = seen(one, data)
        there = other.as_of(here.valid_at, dates=here.dates)
        state = there.project(question)
        assert here.project(question) == state
        assert hash(here.project(question)) == hash(state)
        assert repr(here.project(question)) == repr(state)


@both(20)
def test_a_history_changes_where_and_only_where_views_do(question, data):
    with Ledger.open() as ledger:
        ledger.extend(data.draw(batches(), label="reports"))
        view = seen(ledger, data)
        history = view.history(question)
        state = history.initial
        points = []
        for instant, after, _ in history:
            assert history.at(instant - TICK) == state
            assert history.at(instant) == after != state
            state = after
            points.append((instant, after))
        assert history.at(FOREVER) == state
        for text in (*DATES[:5], *filter(None, ENDS), "2014", "2018"):
            if (end := When(text).stop) is None:
                continue
            for day in (end - TICK, end):
                expected = [after for instant, after in points if instant <= day]
                assert history.at(day) == (expected[-1] if expected else history.initial)


@both(20)
def test_what_is_merged_is_neither_lost_nor_counted_twice(question, data):
    with Ledger.open() as ledger:
        ledger.extend(data.draw(batches(), label="reports"))
        view = seen(ledger, data)
        state = view.project(question)
        read = {e.root for e in view.explain(question) if not isinstance(e.event, OutcomeRecorded)}
        told = [e.root for one in state for e in getattr(one, "reports", ())]
        told += [e.root for one in state for e in getattr(one, "entries", ())]
        told = [root for root in told if root in read]
        assert len(told) == len(set(told))
        if not isinstance(question, Statements | Coverage | Trade):
            assert set(told) == read
        if isinstance(question, Commitments):
            lists = [state.open, *map(state.with_outcome, [*WORDS[:4], *WORDS[5:]])]
            assert sorted(map(repr, state)) == sorted(repr(one) for part in lists for one in part)
            assert set(state.overdue) <= set(state.open)


@settings(max_examples=50, deadline=None)
@given(batches())
def test_time_alone_makes_nothing_final(batch):
    promised = [report for report in batch if not isinstance(report.event, OutcomeRecorded)]
    with Ledger.open() as ledger:
        ledger.extend(promised)
        for day in ("2016", datetime(9990, 1, 1, tzinfo=UTC), FOREVER):
            view = ledger.as_of(day)
            commitments = view.project(Commitments())
            assert commitments.open == tuple(commitments)
            assert view.project(Offers()).standing == tuple(view.project(Offers()))
            calendar = view.project(Calendar())
            assert {*calendar.pending, *calendar.past_without_word} == set(calendar)
