"""A read model answers as a fold of the oracle's list does, at every point, however it came about.

At length, with 1000 examples of each: ``pytest tests/properties -m campaign``.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from itertools import combinations, count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from newsledger import (
    FOREVER,
    Event,
    MembershipEnded,
    MembershipStarted,
    Projection,
    When,
    on,
)
from newsledger.engine import ENDLESS, rectangles_of
from newsledger.testing import oracle
from newsledger.testing.running import prop
from newsledger.testing.strategies.plans import ENTITIES, Clock, open_ledger, plans, play

TICK = timedelta(microseconds=1)
DAYS = ["0001-01-01T00:00:00Z", "2015-08-12", "2016", "2017-02-28", "2017-12-31", FOREVER]
numbers = count()


class Some(Projection):
    """Read some types, or all; of one entity, or of all."""

    def __init__(self, about=()):
        self._about = about

    def about(self):
        return self._about

    def initial(self):
        return None

    @on(Event)
    def told(self, state, event, entry):
        return self.ask(state, event, entry)

    @on(MembershipEnded, denied=True)
    def denied(self, state, event, entry):
        return self.ask(state, event, entry)


class Latest(Some):
    """Forgets all but the last, and goes to the keys of what it names."""

    def keys(self, event, entry):
        return event.entities

    def ask(self, state, event, entry):
        return f"{type(event).__name__} {event.occurred}"


class Trace(Some):
    """Tells all that it met, in order; amendments move entries between its keys."""

    def keys(self, event, entry):
        return [getattr(event, "member", None), (type(event).__name__, entry.assertion)]

    def ask(self, state, event, entry):
        return (*(state or ()), str(entry.id))


class Names(Some):
    """A set, of which things are taken out again."""

    def keys(self, event, entry):
        return ["all"]

    def initial(self):
        return frozenset()

    def ask(self, state, event, entry):
        names = event.entities
        return state - names if isinstance(event, MembershipEnded) else state | names

    def result(self, state, view):
        return {"names": state, "count": len(state)}


class Joined(Latest):
    """Reads one type only."""

    def handler_of(self, entry):
        joined = type(entry.event) is MembershipStarted and not entry.denied
        return self.told if joined else None

    def types(self):
        return frozenset({"MembershipStarted"})


KINDS = [Latest, Trace, Names, Joined]


def end(point):
    return None if point is FOREVER else When(point).stop


def expected(projection, log, valid, known, dates):
    """Fold as the contract says, without the library's machinery, into what JSON gives back."""
    about = projection.about()
    names = [about] if isinstance(about, str) else list(about)
    seen = oracle.visible(log, len(log), end(known))
    states = {}
    for entry in oracle.show(seen, end(valid), dates):
        event = entry.event
        if not oracle.matches(event, oracle.names(event, seen, log), (), names, any):
            continue
        if entry.denied and not isinstance(event, MembershipEnded):
            continue
        if isinstance(projection, Joined) and type(event) is not MembershipStarted:
            continue
        for key in dict.fromkeys(projection.keys(event, entry)):
            states[key] = projection.ask(states.get(key, projection.initial()), event, entry)
    answers = {}
    for key, state in states.items():
        answers[key] = list(state) if isinstance(state, tuple) else state
        if isinstance(projection, Names):
            answers[key] = {"names": sorted(state), "count": len(state)}
    return answers


def points(bounds):
    near = {b + d for b in bounds if b and 1 < b.year < 9998 for d in (-2 * TICK, -TICK, 0 * TICK)}
    return [*DAYS, *sorted(near)]


def check(data, model, projection, log, dates, asked=6):
    valid_at = points([bound for entry in log for bound in entry.onset])
    known_at = points(map(oracle.stop_of, log))
    for _ in range(asked):
        valid, known = data.draw(st.sampled_from(valid_at)), data.draw(st.sampled_from(known_at))
        found = model.at(valid, known_at=known)
        wanted = expected(projection, log, valid, known, dates)
        assert len(found) == len(wanted)
        assert {key: found[key] for key in wanted} == wanted


def rows(path, table):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(
            "SELECT key, valid_from, coalesce(valid_to, '9999-12'), known_from,"
            f" coalesce(known_to, '9999-12'), state FROM {table} ORDER BY 1, 2, 4"
        ).fetchall()


def check_rectangles(found):
    """They are some, do not overlap, and no two could be one."""
    for one, other in combinations(found, 2):
        if one[0] != other[0]:
            continue
        _, a, b, c, d, state = one
        _, e, f, g, h, its = other
        assert not (max(a, e) < min(b, f) and max(c, g) < min(d, h))
        if state == its:
            assert not ((a, b) == (e, f) and (d == g or h == c))
            assert not ((c, d) == (g, h) and (b == e or f == a))
    assert all(one[1] < one[2] and one[3] < one[4] for one in found)


def grows_and_is_kept(data, into, fresh):
    """Keep a model of a ledger that grows, and hold it against the oracle and a fresh one."""
    plan = data.draw(plans(max_size=12, erasures=True), label="plan")
    projection = data.draw(st.sampled_from(KINDS))(data.draw(st.sampled_from([(), *ENTITIES])))
    dates = data.draw(st.sampled_from(["certain", "possible"]))
    batch = st.integers(1, 6)
    clock = Clock()
    table = f"kept{next(numbers)}"
    with open_ledger(clock) as ledger:

        def keep(where, name):
            return ledger.materialize(
                projection, where, table=name, dates=dates, batch=data.draw(batch)
            )

        model = keep(into, table) if data.draw(st.booleans()) else None
        for step in plan:
            play(ledger, clock, step)
            done = data.draw(st.sampled_from(["", "", "update", "again", "rebuild"]))
            if not done:
                continue
            if model is None or done == "again":
                if model is not None:
                    model.close()
                model = keep(into, table)
            assert (model.rebuild() if done == "rebuild" else model.update()).position == len(
                ledger
            )
            check(data, model, projection, list(ledger.entries()), dates, 2)
        if model is not None:
            model.close()
        with keep(into, table) as model:
            assert model.position == len(ledger)
            check(data, model, projection, list(ledger.entries()), dates)
        with keep(fresh, f"{table}_fresh"):
            pass
    return table


@prop(60)
def test_a_table_answers_as_the_oracle_at_every_point(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "read.db"
        table = grows_and_is_kept(data, path, path)
        check_rectangles(rows(path, table))
        assert rows(path, table) == rows(path, f"{table}_fresh")


def on_postgres(data, postgres_url):
    import psycopg

    table = grows_and_is_kept(data, postgres_url, postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as db:
        kept, fresh = (
            db.execute(
                "SELECT key, valid_from, coalesce(valid_to, 'infinity')::text, known_from,"
                f" known_to, state FROM {name} ORDER BY 1, 2, 4"
            ).fetchall()
            for name in (table, f"{table}_fresh")
        )
        for name in (table, f"{table}_fresh"):
            for part in ("rows", "entries", "generations"):
                db.execute(f"DROP TABLE {name}_{part} CASCADE")
    assert kept == fresh


CHOSEN = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=12, **CHOSEN)
@given(data=st.data())
def test_a_table_of_postgresql_answers_as_the_oracle(postgres_url, data):
    on_postgres(data, postgres_url)


@pytest.mark.campaign
@settings(max_examples=300, **CHOSEN)
@given(data=st.data())
def test_a_table_of_postgresql_answers_as_the_oracle_at_length(postgres_url, data):
    on_postgres(data, postgres_url)


edges = st.integers(0, 6)
layers = st.builds(
    lambda lead, since, length, state: (lead, since, since + length, state),
    edges,
    edges,
    st.integers(1, 6) | st.just(ENDLESS),
    st.sampled_from("abc"),
)


@prop(300)
def test_rectangles_show_the_last_layer_at_each_point(data):
    laid = sorted(data.draw(st.lists(layers, max_size=10)), key=lambda one: one[0])
    made = rectangles_of(laid)
    for valid in range(9):
        for tick in range(14):
            there = [s for lead, a, b, s in laid if lead <= valid and a <= tick < b]
            found = [
                one.state
                for one in made
                if one.valid_from <= valid < one.valid_to and one.known_from <= tick < one.known_to
            ]
            assert found == there[-1:]
    check_rectangles([("key", *one) for one in made])
