"""Handlers that raise: only who looks at a point that shows the entry is told."""

from __future__ import annotations

import pytest

from newsledger import (
    FOREVER,
    Ledger,
    Projection,
    ProjectionError,
    RoleEnded,
    RoleStarted,
    Source,
    on,
)
from newsledger.engine import sweep
from newsledger.ledger.live_keyed import KeyedLive as Keyed


@pytest.fixture(params=["walked", "indexed"], autouse=True)
def fewest(request, monkeypatch):
    monkeypatch.setattr("newsledger.index.indexes.FEWEST", 0 if request.param == "indexed" else 99)


@pytest.fixture
def ledger():
    with Ledger.open() as ledger:
        yield ledger


class Strict(Projection):
    """Who holds an office; nobody ends what did not begin."""

    def initial(self):
        return frozenset()

    @on(RoleStarted)
    def started(self, state, event, entry):
        return state | {event.person}

    @on(RoleEnded)
    def ended(self, state, event, entry):
        if event.person not in state:
            raise ValueError("never began")
        return state - {event.person}


class OfEach(Strict):
    def keys(self, event, entry):
        if event.of == "nowhere":
            raise ValueError("no place")
        return [event.of]


def source(day, title=None):
    return Source("The Daily Example", day, title=title)


def started(person, day, of="Club"):
    return RoleStarted(person=person, office="o", of=of, occurred=day)


def ended(person, day, of="Club"):
    return RoleEnded(person=person, office="o", of=of, occurred=day)


@pytest.fixture(params=[False, True])
def thin(request, monkeypatch):
    """Whether sweeps forget most of their states."""
    if request.param:
        monkeypatch.setattr(sweep, "_MOST_BYTES", -1)
        monkeypatch.setattr(sweep, "_SPARSE", 3)


@pytest.mark.usefixtures("thin")
def test_what_a_correction_replaces_is_never_missing_in_between(ledger):
    for number in range(7):
        ledger.append(started(f"p{number}", "2014"), source("2016-12-01"))
    ada = ledger.append(started("Ada", "2015"), source("2017-01-01"))
    ledger.append(ended("Ada", "2016"), source("2017-01-02"))
    ledger.append(started("Bea", "2016-02"), source("2017-01-03"))
    ledger.correct(ada, started("Ada", "2015-02"), source("2017-01-05"))
    others = frozenset(f"p{number}" for number in range(7))
    after = others | {"Bea"}
    view = ledger.as_of(FOREVER)
    assert view.project(Strict()) == view.project(OfEach())["Club"] == after
    for axis in ("known", "recorded"):
        assert [state for _, state, _ in view.history(Strict(), axis)][-1] == after
        assert [dict(state) for _, state, _ in view.history(OfEach(), axis)][-1] == {"Club": after}
    points = [("2018", day) for day in ("2016-12-31", "2017-01-02", "2017-01-04", "2018")]
    answers = [others, others, after, after]
    assert ledger.project_many(Strict(), points) == answers
    assert [states["Club"] for states in ledger.project_many(OfEach(), points)] == answers


def test_a_key_that_cannot_be_folded_concerns_no_other(ledger):
    ledger.append(started("Ada", "2015"), source("2017"))
    ledger.append(ended("Bea", "2016", of="Pub"), source("2017"))
    states = ledger.as_of(FOREVER).project(OfEach())
    assert states["Club"] == {"Ada"}
    with pytest.raises(ProjectionError, match="never began") as caught:
        states["Pub"]
    assert caught.value.entry.position == 2
    assert "Pub" not in ledger.as_of("2015").project(OfEach())


def test_many_points_tell_only_of_what_they_show(ledger):
    ledger.append(started("Ada", "2015"), source("2017"))
    ledger.append(ended("Bea", "2019"), source("2017"))
    assert ledger.project_many(Strict(), [("2016", FOREVER)]) == [{"Ada"}]
    with pytest.raises(ProjectionError, match="never began"):
        ledger.project_many(Strict(), [("2016", FOREVER), ("2019", FOREVER)])


def test_keys_that_raise_concern_only_who_sees_the_entry(ledger):
    ledger.append(started("Ada", "2015"), source("2017"))
    early = ledger.as_of(FOREVER)
    assert early.project(OfEach())["Club"] == {"Ada"}
    live = ledger.live(OfEach())
    bad = ledger.append(started("Bea", "2015", of="nowhere"), source("2017"))
    for ask in (lambda: ledger.as_of(FOREVER).project(OfEach()), lambda: live.state):
        with pytest.raises(ProjectionError, match="no place") as caught:
            ask()["Club"]
        assert caught.value.entry == bad
    ledger.retract(bad)
    ledger.append(started("Cem", "2015"), source("2017"))
    for states in (ledger.as_of(FOREVER).project(OfEach()), live.state):
        assert dict(states) == {"Club": {"Ada", "Cem"}}
    assert early.project(OfEach())["Club"] == {"Ada"}


def test_a_state_that_a_live_view_gave_stays_when_the_next_one_fails(ledger):
    ledger.append(started("Ada", "2015"), source("2017"))
    ledger.append(started("Bea", "2015", of="Pub"), source("2017"))
    live = ledger.live(OfEach())
    ledger.append(started("Cem", "2016"), source("2017"))
    given = live.state
    ledger.append(started("Dan", "2016"), source("2017"))
    ledger.append(ended("nobody", "2016", of="Pub"), source("2017"))
    later = live.state
    with pytest.raises(ProjectionError, match="never began"):
        later["Pub"]
    assert given["Club"] == {"Ada", "Cem"}
    assert later["Club"] == {"Ada", "Cem", "Dan"}


def test_a_state_that_a_live_view_gave_stays_when_the_next_one_is_interrupted(ledger):
    interrupted = []

    class Slow(OfEach):
        @on(RoleStarted)
        def started(self, state, event, entry):
            if event.person == "slow" and not interrupted:
                interrupted.append(entry)
                raise KeyboardInterrupt
            return state | {event.person}

    ledger.append(started("Ada", "2015"), source("2017"))
    ledger.append(started("Bea", "2015", of="Pub"), source("2017"))
    live = ledger.live(Slow())
    ledger.append(started("Cem", "2016"), source("2017"))
    given = live.state
    ledger.append(started("Dan", "2016"), source("2017"))
    ledger.append(started("slow", "2016", of="Pub"), source("2017"))
    if isinstance(live._fold, Keyed):
        with pytest.raises(KeyboardInterrupt):
            _ = live.state
        assert given["Club"] == {"Ada", "Cem"}
    assert live.state["Club"] == {"Ada", "Cem", "Dan"}
