"""Every faster way to an answer gives what a fold of the oracle's list gives, at every point.

Ledgers are asked while they grow, so that what is kept between questions is there and goes on; and
the index of keyed projections, which is meant for many entries, is used for the fewest.

At length, with 1000 examples of each: ``pytest tests/properties -m campaign``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st

from newsledger import (
    FOREVER,
    Event,
    MembershipEnded,
    MembershipStarted,
    Projection,
    TradeReported,
    When,
    on,
)
from newsledger.engine import ENDLESS, Piece, many, sweep
from newsledger.index import indexes, subjects, visible
from newsledger.ledger import live_keyed
from newsledger.projections import Count, Last, Sum
from newsledger.testing import oracle
from newsledger.testing.running import prop
from newsledger.testing.strategies.plans import (
    ENTITIES,
    Clock,
    open_ledger,
    plans,
    play,
)

TICK = timedelta(microseconds=1)
DAYS = ["2014", "2015-08-12", "2016", "2017-02-28", "2017-03-01", "2017-12-31", "2019", FOREVER]
KINDS = ["MembershipStarted", "MembershipEnded", "MeetingHeld", "TradeReported", "OutcomeRecorded"]
days = st.sampled_from(DAYS)
kinds_of_dates = st.sampled_from(["certain", "possible"])


@pytest.fixture(autouse=True)
def always_indexed(monkeypatch):
    monkeypatch.setattr(indexes, "FEWEST", 0)


@pytest.fixture(params=[1, 100], ids=["forgetful", "mindful"])
def tracks(request, monkeypatch):
    """How many keys a live view follows, and how long its index may lag behind."""
    monkeypatch.setattr(live_keyed, "_TRACKS", request.param)
    monkeypatch.setattr(live_keyed, "_UNTOLD", request.param * 6)


@pytest.fixture
def nothing_is_kept(monkeypatch):
    """As if each subject had more lines than are kept."""
    monkeypatch.setattr(subjects, "LARGEST", 0)
    monkeypatch.setattr(visible, "LARGEST", 0)


class Some(Projection):
    """Read some types, or all; of one entity, or of all."""

    def __init__(self, about=()):
        self._about = about

    def about(self):
        return self._about

    def initial(self):
        return None

    def ask(self, state, event, entry):
        raise AssertionError

    @on(Event)
    def told(self, state, event, entry):
        return self.ask(state, event, entry)

    @on(MembershipEnded, denied=True)
    def denied(self, state, event, entry):
        return self.ask(state, event, entry)


class Latest(Some):
    """Forgets all but the last."""

    def ask(self, state, event, entry):
        return f"{type(event).__name__} {event.occurred}"


class Counted(Some):
    """Never forgets; equal states that differ, 1 and True, come out of it."""

    def ask(self, state, event, entry):
        return True if state is None else state + (0 if state > 3 else 1)


class Trace(Some):
    """Tells all that it met, in order."""

    def ask(self, state, event, entry):
        return (*(state or ()), str(entry.id), entry.denied)


class Names(Some):
    """A set, of which things are taken out again."""

    def initial(self):
        return frozenset()

    def ask(self, state, event, entry):
        names = event.entities
        return state - names if isinstance(event, MembershipEnded) else state | names


class Loose(Some):
    """Its states compare by less than they hold, so equal is not the same."""

    def ask(self, state, event, entry):
        return Held(1 if state is None else state.count + 1)


class Held:
    """All of them are equal."""

    def __init__(self, count):
        self.count = count

    def __eq__(self, other):
        return isinstance(other, Held)

    __hash__ = None

    def __repr__(self):
        return f"#{self.count}"


class Impure(Some):
    """Against the rules it changes its state in place, which must not change other answers."""

    def initial(self):
        return []

    def ask(self, state, event, entry):
        state.append(str(event.occurred))
        return state


class Since(Some):
    """Only some types, and an answer that asks the view."""

    @on(MembershipStarted)
    def told(self, state, event, entry):
        return str(event.occurred)

    def ask(self, state, event, entry):
        return f"not {event.occurred}"

    def result(self, state, view):
        return (state, str(view.known_at), view.position)


def keyed(cls):
    def keys(self, event, entry):
        return event.entities if isinstance(event, MembershipStarted) else [type(event).__name__]

    return type(f"Keyed{cls.__name__}", (cls,), {"keys": keys})


FOLDS = [Latest, Counted, Trace, Names, Loose, Impure, Since]
KEYED = [keyed(cls) for cls in FOLDS]
abouts = st.sampled_from([(), (), *ENTITIES, ("KGZ", "EEU")])


def folded(projection, shown, view):
    """Fold as the contract says, without a projection's own machinery."""
    since = isinstance(projection, Since)
    states = {}
    for entry in shown:
        event = entry.event
        if entry.denied:
            if not isinstance(event, MembershipEnded):
                continue
            handler = projection.denied
        elif since and not isinstance(event, MembershipStarted):
            continue
        else:
            handler = projection.told
        keys = projection.keys(event, entry) if hasattr(projection, "keys") else [None]
        for key in dict.fromkeys(keys):
            states[key] = handler(states.get(key, projection.initial()), event, entry)
    answers = {key: projection.result(state, view) for key, state in states.items()}
    if hasattr(projection, "keys"):
        return answers
    return answers[None] if answers else projection.result(projection.initial(), view)


def told(answer):
    """An answer with all that it holds, so that equal is the same."""
    if isinstance(answer, frozenset):
        return sorted(answer)
    return repr(answer)


def view_and_shown(data, ledger, log, about=(), *, recorded=None):
    position = data.draw(st.integers(0, len(log))) if recorded is None else recorded
    valid, known, dates = data.draw(days), data.draw(days), data.draw(kinds_of_dates)
    view = ledger.as_of(valid, known_at=known, recorded_at=position, dates=dates)
    return view, shown_at(log, view, about)


def end(point):
    return None if point is FOREVER else When(point).stop


def shown_at(log, view, about):
    names = [about] if isinstance(about, str) else list(about)
    seen = oracle.visible(log, view.position, end(view.known_at))
    return [
        e
        for e in oracle.show(seen, end(view.valid_at), view.dates)
        if oracle.matches(
            e.event, oracle.names(e.event, seen, log[: view.position]), (), names, any
        )
    ]


def check(projection, view, shown):
    answer, expected = view.project(projection), folded(projection, shown, view)
    if not hasattr(projection, "keys"):
        assert told(answer) == told(expected)
        return
    for key in [*ENTITIES, *KINDS, "nobody", 1]:
        assert (key in answer) == (key in expected)
        assert told(answer.get(key)) == told(expected.get(key))
    again = view.project(projection)
    assert len(again) == len(expected)
    assert {k: told(v) for k, v in again.items()} == {k: told(v) for k, v in expected.items()}
    assert {k: told(v) for k, v in answer.items()} == {k: told(v) for k, v in expected.items()}
    assert sorted(map(str, answer)) == sorted(map(str, expected))


@prop(80)
def test_a_ledger_that_grows_is_asked_at_any_point(data):
    grows_and_is_asked(data, KEYED + FOLDS)


def grows_and_is_asked(data, chosen):
    plan = data.draw(plans(max_size=18, erasures=True), label="plan")
    kinds = data.draw(st.lists(st.sampled_from(chosen), min_size=2, max_size=3))
    asked = [kind(data.draw(abouts)) for kind in kinds]
    clock = Clock()
    with open_ledger(clock) as ledger:
        for step in plan:
            play(ledger, clock, step)
            if data.draw(st.integers(0, 2)) == 1:
                log = list(ledger.entries())
                for projection in asked:
                    check(projection, *view_and_shown(data, ledger, log, projection.about()))
        log = list(ledger.entries())
        for projection in asked:
            for _ in range(4):
                check(projection, *view_and_shown(data, ledger, log, projection.about()))
            check(
                projection,
                *view_and_shown(data, ledger, log, projection.about(), recorded=len(log)),
            )


class Facts(Some):
    """By member and by type, so that amendments move entries between keys."""

    def keys(self, event, entry):
        return [getattr(event, "member", None), type(event).__name__]

    def ask(self, state, event, entry):
        return (*(state or ()), str(event.occurred))[-2:]


FORGETFUL = [KEYED[0], KEYED[3], KEYED[4]]
OTHERS = [KEYED[1], KEYED[2], KEYED[5], KEYED[6], Facts]


@pytest.mark.usefixtures("nothing_is_kept")
@prop(60)
def test_a_large_ledger_that_grows_is_asked_at_any_point(data):
    grows_and_is_asked(data, FOLDS)


@prop(60)
def test_an_index_that_grows_answers_at_every_point(data):
    plan = data.draw(plans(max_size=16, erasures=True), label="plan")
    kinds = data.draw(st.tuples(st.sampled_from(FORGETFUL), st.sampled_from(OTHERS)))
    first = data.draw(st.integers(1, len(plan)), label="first asked after")
    positions = data.draw(st.lists(st.integers(0, 100), max_size=2), label="positions")
    clock = Clock()
    with open_ledger(clock) as ledger:
        for number, step in enumerate(plan, 1):
            play(ledger, clock, step)
            if number < first or number % 3:
                continue
            log = list(ledger.entries())
            for valid in DAYS:
                view = ledger.as_of(valid)
                shown = shown_at(log, view, ())
                for kind in kinds:
                    check(kind(), view, shown)
        log = list(ledger.entries())
        for position in [len(log), *(at % (len(log) + 1) for at in positions)]:
            for dates in ("certain", "possible"):
                for known in DAYS:
                    for valid in DAYS[1::2]:
                        view = ledger.as_of(
                            valid, known_at=known, recorded_at=position, dates=dates
                        )
                        shown = shown_at(log, view, ())
                        for kind in kinds:
                            check(kind(), view, shown)


@prop(40)
def test_many_points_are_asked_at_once(data):
    plan = data.draw(plans(max_size=14, erasures=True), label="plan")
    kinds = data.draw(st.lists(st.sampled_from(FOLDS + KEYED), min_size=2, max_size=3))
    dates = data.draw(st.sampled_from(["certain", "possible"]))
    few = data.draw(st.booleans())
    clock = Clock()
    with open_ledger(clock) as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "_QUARTER", 10**9 if few else -1)
        for step in plan:
            play(ledger, clock, step)
        log = list(ledger.entries())
        position = data.draw(st.integers(0, len(log)))
        points = [(valid, known) for known in DAYS for valid in reversed(DAYS)]
        for kind in kinds:
            projection = kind(data.draw(abouts))
            view = ledger.as_of(recorded_at=position, dates=dates)
            answers = view.project_many(projection, points)
            for (valid, known), answer in zip(points, answers, strict=True):
                view = ledger.as_of(valid, known_at=known, recorded_at=position, dates=dates)
                expected = folded(projection, shown_at(log, view, projection.about()), view)
                if hasattr(projection, "keys"):
                    assert {k: told(v) for k, v in answer.items()} == {
                        k: told(v) for k, v in expected.items()
                    }
                else:
                    assert told(answer) == told(expected)


@pytest.mark.usefixtures("tracks")
@prop(60)
def test_a_live_view_is_always_what_projecting_afresh_gives(data):
    lives_on(data, [*FOLDS, *KEYED, Facts])


def lives_on(data, chosen):
    plan = data.draw(plans(max_size=20, erasures=True), label="plan")
    kinds = data.draw(st.lists(st.sampled_from(chosen), min_size=2, max_size=3))
    from_step = data.draw(st.integers(0, 3), label="live from")
    clock, other_clock = Clock(), Clock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with open_ledger(clock, path) as ledger, open_ledger(other_clock, path) as other:
            lives = []
            for number, step in enumerate(plan):
                if number == from_step:
                    for kind in kinds:
                        projection = kind(data.draw(abouts))
                        valid, dates = data.draw(days), data.draw(kinds_of_dates)
                        lives.append(
                            (projection, valid, dates, ledger.live(projection, valid, dates=dates))
                        )
                writer = (ledger, clock) if number % 3 else (other, other_clock)
                play(*writer, step)
                asked = data.draw(st.sampled_from(["nothing", "no key", "a key", "all"]))
                if asked == "all":
                    look(ledger, lives)
                elif asked != "nothing":
                    key = data.draw(st.sampled_from(ENTITIES)) if asked == "a key" else None
                    for projection, valid, dates, live in lives:
                        glance(ledger, projection, ledger.as_of(valid, dates=dates), live, key)
            before = [(live.state, live.position) for *_, live in lives]
            play(ledger, clock, plan[0])
            look(ledger, lives)
            log = list(ledger.entries())
            for (projection, valid, dates, _), (state, position) in zip(lives, before, strict=True):
                view = ledger.as_of(valid, recorded_at=position, dates=dates)
                same_as(
                    projection,
                    state,
                    folded(projection, shown_at(log, view, projection.about()), view),
                )


def look(ledger, lives):
    log = list(ledger.entries())
    for projection, valid, dates, live in lives:
        view = ledger.as_of(valid, dates=dates)
        shown = shown_at(log, view, projection.about())
        state = live.state
        assert live.position == len(log)
        same_as(projection, state, folded(projection, shown, view))


def glance(ledger, projection, view, live, key):
    """Let it follow, and ask no more than one key: of the others its index may not be told."""
    state = live.state
    if key is not None and hasattr(projection, "keys"):
        shown = shown_at(list(ledger.entries()), view, projection.about())
        assert told(state.get(key)) == told(folded(projection, shown, view).get(key))


def same_as(projection, answer, expected):
    if not hasattr(projection, "keys"):
        assert told(answer) == told(expected)
        return
    for key in [*ENTITIES, *KINDS]:
        assert told(answer.get(key)) == told(expected.get(key))
    assert {k: told(v) for k, v in answer.items()} == {k: told(v) for k, v in expected.items()}


@pytest.mark.usefixtures("nothing_is_kept")
@prop(40)
def test_a_live_view_of_a_large_ledger_is_what_projecting_afresh_gives(data):
    lives_on(data, FOLDS)


@prop(60)
def test_a_difference_is_that_of_the_two_states(data):
    plan = data.draw(plans(max_size=14, erasures=True), label="plan")
    clock = Clock()
    with open_ledger(clock) as ledger:
        for step in plan:
            play(ledger, clock, step)
        log = list(ledger.entries())
        projection = data.draw(st.sampled_from([*KEYED[:4], Facts]))()
        dates = data.draw(kinds_of_dates)
        head = len(log)
        for _ in range(8):
            one, other = (
                ledger.as_of(
                    data.draw(days), known_at=data.draw(days), recorded_at=position, dates=dates
                )
                for position in [head, data.draw(st.sampled_from([head, head, head // 2]))]
            )
            if data.draw(st.booleans()):
                other = ledger.as_of(one.valid_at, known_at=other.known_at, dates=dates)
            before, after = (
                folded(projection, shown_at(log, view, ()), view) for view in (one, other)
            )
            found = one.diff(other, projection)
            assert found.added == {k: v for k, v in after.items() if k not in before}
            assert found.removed == {k: v for k, v in before.items() if k not in after}
            assert found.changed == {
                k: (v, after[k]) for k, v in before.items() if k in after and v != after[k]
            }


@prop(60)
def test_a_history_tells_what_views_at_each_arrival_tell(data):
    plan = data.draw(plans(max_size=14, erasures=True), label="plan")
    thin = data.draw(st.booleans(), label="thin")
    clock = Clock()
    with open_ledger(clock) as ledger, pytest.MonkeyPatch.context() as patch:
        if thin:
            patch.setattr(sweep, "_MOST_BYTES", -1)
            patch.setattr(sweep, "_SPARSE", 3)
        for step in plan:
            play(ledger, clock, step)
        log = list(ledger.entries())
        for kind in data.draw(st.lists(st.sampled_from([*FOLDS, *KEYED]), min_size=2, max_size=3)):
            projection = kind(data.draw(abouts))
            axis = data.draw(st.sampled_from(["known", "recorded"]))
            view = ledger.as_of(
                data.draw(days), known_at=data.draw(days), dates=data.draw(kinds_of_dates)
            )
            history = view.history(projection, along=axis)
            steps = [(instant, told_whole(state)) for instant, state, _ in history]
            known = [entry.published.stop - TICK for entry in log]
            recorded = [entry.recorded for entry in log]
            expected = []
            last = told_whole(history.initial)
            for instant in sorted(set(known if axis == "known" else recorded)):
                there = view.moved(axis, instant)
                state = folded(projection, shown_at(log, there, projection.about()), there)
                now = told_whole(state)
                # The view that answers may be another one, if only by its point.
                if now != last and not isinstance(projection, Since):
                    expected.append((instant, now))
                last = now
            if not isinstance(projection, Since):
                assert steps == expected


def told_whole(answer):
    """An answer that compares as Python compares it: a history takes equal ones for one."""
    return dict(answer) if isinstance(answer, Mapping) else answer


def reduced(projection, shown):
    """A count, a sum or a last value, by hand."""
    read = [
        e.event
        for e in shown
        if isinstance(e.event, projection._types)
        and e.assertion in projection.accept
        and not e.denied
    ]
    if isinstance(projection, Count):
        return len(read)
    if isinstance(projection, Sum):
        return sum(one.amount.amount for one in read if one.amount is not None)
    return str(read[-1].occurred) if read else None


@pytest.mark.usefixtures("nothing_is_kept")
@prop(60)
def test_what_is_declared_a_reduction_is_reduced_as_by_hand(data):
    plan = data.draw(plans(max_size=18, erasures=True), label="plan")
    clock = Clock()
    asked = [
        Count(MembershipStarted, MembershipEnded),
        Count(MembershipStarted, about="KGZ", accept=["claim"]),
        Sum(TradeReported, value="amount.amount"),
        Last(MembershipStarted, TradeReported, value=_occurred),
    ]
    with open_ledger(clock) as ledger:
        for step in plan:
            play(ledger, clock, step)
            if data.draw(st.integers(0, 2)) == 1:
                log = list(ledger.entries())
                for projection in asked:
                    for _ in range(3):
                        view, shown = view_and_shown(data, ledger, log, projection.about())
                        assert view.project(projection) == reduced(projection, shown)
                    view, shown = view_and_shown(
                        data, ledger, log, projection.about(), recorded=len(log)
                    )
                    assert view.project(projection) == reduced(projection, shown)


def _occurred(event):
    return str(event.occurred)


class Numbered:
    """As much of a line as a sweep needs."""

    def __init__(self, number):
        self.entry = self
        self.event = number


def forgetting(state, event, _):
    return (*state, event)[-2:]


@prop(200)
def test_what_moves_at_one_tick_comes_to_what_is_there_then(data):
    size = data.draw(st.integers(1, 12))
    spans = st.tuples(st.integers(0, 3), st.integers(1, 5))
    read = []
    for number in range(size):
        since, length = data.draw(spans)
        until = data.draw(st.sampled_from([since + length, ENDLESS]))
        event = data.draw(st.integers(0, 2))
        read.append((Piece(0, 0, 0, 0, 0, "", since, until, Numbered(event), number), forgetting))
    kept = sweep.Sweep(read, (), keep_rows=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "_MOST_BYTES", -1)
        patch.setattr(sweep, "_SPARSE", 3)
        thin = sweep.Sweep(read, ())
        for tick, moves in sweep.by_tick(sweep.moves_of(read)):
            kept.move(tick, moves)
            thin.move(tick, moves)
            there = [n for n, (piece, _) in enumerate(read) if piece.since <= tick < piece.until]
            states = [()]
            for number in there:
                states.append(forgetting(states[-1], read[number][0].line.event, None))
            assert kept.places == thin.places == there
            assert kept.states == states[1:]
            assert [thin.after(count) for count in range(len(there) + 1)] == states
            assert thin.state == states[-1]
    assert all(since < until for _, since, until, _ in kept.rows)
