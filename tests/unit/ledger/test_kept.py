"""What is kept between questions: for whom, how much of it, and when it is no longer right."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

import attrs
import pytest

from newsledger import Entry, Event, Ledger, OpaqueEvent, Projection, RoleStarted, Source, event, on
from newsledger.engine import Scope, Timeline, sweep
from newsledger.engine.sameness import copied
from newsledger.events import CATALOGUE
from newsledger.index import indexes, subjects, timelines, visible
from newsledger.projections import Count, Sum


@pytest.fixture(autouse=True)
def indexed(monkeypatch):
    monkeypatch.setattr(indexes, "FEWEST", 0)


@pytest.fixture
def large(monkeypatch):
    """As if each subject had more lines than are kept."""
    monkeypatch.setattr(subjects, "LARGEST", 0)
    monkeypatch.setattr(visible, "LARGEST", 0)


@pytest.fixture
def ledger():
    with Ledger.open() as ledger:
        for number, of in enumerate(["Club", "Pub", "Club"]):
            ledger.append(started(f"p{number}", of), source(number))
        yield ledger


def source(title):
    return Source("The Daily Example", "2017-02-28", title=str(title))


def started(person, of="Club", day="2015"):
    return RoleStarted(person=person, office="o", of=of, occurred=day)


class Persons(Projection):
    def keys(self, event, entry):
        return [event.of]

    def initial(self):
        return ()

    @on(RoleStarted)
    def started(self, state, event, entry):
        return (*state, event.person)


# Who is recognised.


class Holding(Persons):
    def __init__(self, held):
        self.held = held


@attrs.frozen
class Settings:
    of: Any


@pytest.mark.parametrize("held", [math, {"of": [math]}, Settings([math]), Lock(), iter(())])
def test_a_projection_may_hold_what_cannot_be_copied(ledger, held):
    live = ledger.live(Holding(held))
    assert dict(live.state) == dict(ledger.project(Holding(held)))
    ledger.append(started("p3"), source(3))
    assert live.state["Club"] == ledger.project(Holding(held))["Club"] == ("p0", "p2", "p3")


def test_what_is_kept_does_not_change_with_what_the_caller_holds(ledger):
    class Named(Holding):
        @on(RoleStarted)
        def started(self, state, event, entry):
            return (*state, *self.held.of)

    asked = Named(Settings(["a"]))
    before = ledger.project(asked)
    asked.held.of.append("b")
    assert before["Club"] == ("a", "a")
    assert ledger.project(asked)["Club"] == ("a", "b", "a", "b")
    assert ledger.project(Named(Settings(["a"])))["Club"] == ("a", "a")


@pytest.mark.parametrize("fewest", [0, 1000])
def test_what_a_projection_is_about_may_hang_on_something_else(ledger, monkeypatch, fewest):
    monkeypatch.setattr(indexes, "FEWEST", fewest)
    about = ["Club"]

    class Of(Persons):
        def about(self):
            return about

    assert list(ledger.project(Of())) == ["Club"]
    about[:] = ["Pub"]
    assert list(ledger.project(Of())) == ["Pub"]


def test_what_a_class_says_may_change(ledger):
    class Repeated(Persons):
        times = 1

        @on(RoleStarted)
        def started(self, state, event, entry):
            return (*state, event.person * self.times)

    assert ledger.project(Repeated())["Pub"] == ("p1",)
    Repeated.times = 2
    assert ledger.project(Repeated())["Pub"] == ("p1p1",)
    Repeated.initial = lambda self: ("new",)
    assert ledger.project(Repeated())["Pub"] == ("new", "p1p1")


@pytest.mark.parametrize("fewest", [0, 1000])
def test_keys_come_by_their_first_entries_with_an_index_or_without(ledger, monkeypatch, fewest):
    monkeypatch.setattr(indexes, "FEWEST", fewest)
    live = ledger.live(Persons())
    # It sorts before all others of its day, and was recorded last.
    ledger.append(started("rumoured"), source(4), assertion="rumour")
    assert list(ledger.project(Persons())) == list(live.state) == ["Pub", "Club"]


# Types of event that are registered while a ledger is open.


def make(path="Prize", **namespace):
    namespace = {"__annotations__": {"winner": str}, "__module__": "tests", **namespace}
    return event("example.Kept")(type(path, (Event,), namespace))


@pytest.fixture
def forgetting():
    yield
    CATALOGUE._types.pop("example.Kept", None)


def winners(cls, keyed):
    def take(self, state, event, entry):
        return (*state, event.winner)

    def keys(self, event, entry):
        return ["all"]

    handlers = {"take": on(cls)(take), **({"keys": keys} if keyed else {})}
    return type("Winners", (Persons,), {"keys": None, **handlers})()


@pytest.mark.usefixtures("forgetting")
@pytest.mark.parametrize("many", [False, True])
def test_a_type_that_is_registered_anew_is_read_anew(monkeypatch, many):
    if many:
        monkeypatch.setattr(subjects, "LARGEST", 0)
        monkeypatch.setattr(visible, "LARGEST", 0)
    first = make()
    with Ledger.open() as ledger:
        for name in ("Ada", "Bea"):
            ledger.append(first(winner=name, occurred="2015"), source(name))
        live = ledger.live(winners(first, keyed=False))
        for keyed in (True, False):
            ledger.project(winners(first, keyed))
        second = make(shout=lambda self: self.winner.upper())
        answers = [ledger.project(winners(second, keyed)) for keyed in (True, False)]
        assert [dict(answers[0]), answers[1]] == [{"all": ("Ada", "Bea")}, ("Ada", "Bea")]
        assert {type(entry.event) for entry in ledger.entries()} == {second}
        with pytest.raises(LookupError, match="no registered"):
            _ = live.state


@pytest.mark.usefixtures("forgetting")
def test_a_type_that_is_registered_late_is_read_from_then_on():
    first = make()
    with Ledger.open() as ledger:
        ledger.append(first(winner="Ada", occurred="2015"), source("a"))
        del CATALOGUE._types["example.Kept"]
        CATALOGUE.changes += 1
        assert [type(entry.event) for entry in ledger.entries()] == [OpaqueEvent]
        late = make()
        assert [type(entry.event) for entry in ledger.entries()] == [late]
        assert ledger.project(winners(late, keyed=False)) == ("Ada",)


# What is declared a reduction.


class Largest(Sum):
    def added(self, state, value):
        return max(state, value)


class Letters(Sum):
    def initial(self):
        return ""


class FromTen(Count):
    def initial(self):
        return 10


def number(event):
    return int(event.person[1:])


def person(event):
    return event.person


@pytest.mark.parametrize(
    ("projection", "answer"),
    [
        (Largest(RoleStarted, value=number), 2),
        (Letters(RoleStarted, value=person), "p0p1p2"),
        (FromTen(RoleStarted), 13),
    ],
)
@pytest.mark.usefixtures("large")
def test_a_reducer_of_ones_own_is_reduced_as_it_folds(projection, answer):
    with Ledger.open() as ledger:
        for place in range(3):
            ledger.append(started(f"p{place}", day=f"201{place}"), source(place))
        assert ledger.project(projection) == answer
        assert ledger.project_many(projection, [("2018", "2018")]) == [answer]


# How much is kept.


class Wrapped(NamedTuple):
    items: tuple


@dataclass
class Record:
    items: tuple


@dataclass(slots=True)
class Slotted:
    items: tuple


@attrs.frozen
class Deeper:
    items: tuple


class Plain:
    def __init__(self, items):
        self.items = items


WRAPPINGS: list[Callable[[tuple], Any]] = [
    *(Wrapped, Record, Slotted, Deeper, Plain, frozenset, list),
    *(lambda items: {"items": items}, lambda items: (len(items), (items,))),
    *(lambda items: Deeper(Record(items)), lambda items: [{"items": items}]),
    lambda items: dict.fromkeys(range(30), items[: len(items) // 30]),
]


@pytest.mark.parametrize("wrapped", WRAPPINGS)
def test_a_state_weighs_what_it_holds_however_it_is_wrapped(wrapped):
    items = tuple(range(3000))
    assert sweep.weight(wrapped(items)) > 20_000
    assert sweep.weight(wrapped(())) < 3_000


def test_an_entry_in_a_state_weighs_little(ledger):
    [entry, *_] = ledger.entries()
    assert sweep.weight((("before", entry), entry)) < 500


def test_timelines_are_limited_over_all_indexes_of_a_ledger(ledger, monkeypatch):
    monkeypatch.setattr(timelines, "KEPT", 5)
    monkeypatch.setattr(sweep, "_ROWS_EACH", 0)
    monkeypatch.setattr(sweep, "_ROWS_ANYHOW", -1)
    monkeypatch.setattr(sweep, "_BYTES_EACH", 0)
    monkeypatch.setattr(sweep, "_BYTES_ANYHOW", -1)  # all keys are deep
    gc.collect()
    before = {id(one) for one in gc.get_objects() if isinstance(one, Timeline)}
    for held in range(8):
        assert ledger.project(Holding(held))["Club"] == ("p0", "p2")
    gc.collect()
    kept = [one for one in gc.get_objects() if isinstance(one, Timeline) and id(one) not in before]
    assert 0 < sum(map(len, kept)) <= 5


@pytest.mark.usefixtures("large")
def test_an_ordinal_may_be_larger_than_a_column_holds(ledger):
    class Everybody(Persons):
        keys = None

    ledger.append(started("last"), source(4), ordinal=2**70)
    assert ledger.project(Everybody())[-1] == "last"
    assert sorted(ledger.as_of(recorded_at=3).project(Everybody())) == ["p0", "p1", "p2"]


# What several threads ask for.


def test_a_key_that_comes_while_keys_are_listed_is_no_fault(ledger):
    """Done in one thread, as another would: in the middle of the listing."""
    coming = []

    class Key(str):
        __slots__ = ()

        def __hash__(self):
            while coming:
                of = coming.pop()
                ledger.append(started("new", of=of), source(of))
                ledger.project(ByKey()).get("nobody")
            return str.__hash__(self)

    class ByKey(Persons):
        def keys(self, event, entry):
            return [Key(event.of)]

    ledger.project(ByKey())["Club"]
    for of in ("Inn", "Bar"):
        ledger.append(started("p3", of=of), source(of))
    states = ledger.project(ByKey())
    states.get("nobody")
    coming += ["a", "b", "c"]
    assert sorted(states) == ["Bar", "Club", "Inn", "Pub"]


def test_what_another_thread_gathers_is_not_taken_for_ones_own(ledger):
    log = ledger._visible.log
    coming = [frozenset({"MeetingHeld"})]

    class Types(frozenset):
        """In the middle of a comparison another thread gathers something else."""

        def __eq__(self, other):
            while coming:
                log.gather(coming.pop(), Scope(), after=1, upto=3)
            return frozenset.__eq__(self, other)

        __hash__ = frozenset.__hash__

    types = [Types({"RoleStarted"}), Types({"RoleStarted"})]
    found = [[line.position for line in log.gather(one, Scope(), after=1, upto=3)] for one in types]
    assert found == [[2, 3], [2, 3]]


# States that can be changed in place.


class Evidence:
    def __init__(self, entries=()):
        self.entries = list(entries)


@pytest.mark.parametrize(
    "held",
    [
        lambda entries: {"entries": entries, "last": {"one": entries[-1]}},
        lambda entries: [entries, {entries[0].id}],
        Evidence,
    ],
)
def test_the_copy_of_a_state_shares_the_entries_that_it_holds(ledger, held):
    state = held(list(ledger.entries()))
    made = copied(state)
    entries = [one for one in gc.get_referents(*_parts(made)) if isinstance(one, Entry)]
    assert entries
    assert {id(one) for one in entries} <= {id(one) for one in ledger.entries()}
    assert not {id(one) for one in _parts(made)} & {id(one) for one in _parts(state)}


def test_the_copy_of_a_state_has_its_shape():
    one = [1]
    state = {"a": one, "b": [one, {2}], "c": (one,)}
    state["d"] = state
    made = copied(state)
    assert made["a"] is made["b"][0] is not one
    assert made["d"] is made
    assert made["b"] == [[1], {2}]


def _parts(state):
    """List the state, and the containers in it."""
    parts = [state]
    for part in parts:
        inner = vars(part).values() if isinstance(part, Evidence) else part
        inner = inner.values() if isinstance(inner, dict) else inner
        parts += [one for one in inner if isinstance(one, list | dict | set)]
    return parts
