"""Whoever is killed, and however many work at it: the table is what the ledger was."""

from __future__ import annotations

import json
import os
import random
import signal
import traceback
from datetime import timedelta
from time import perf_counter

import pytest

from newsledger import FOREVER, BaseStatusReported, Ledger, Projection, When, on
from newsledger.readmodels import work
from newsledger.readmodels.postgres import PostgresTables
from newsledger.readmodels.sqlite import SQLiteTables

ALL = (
    "SELECT key, valid_from, coalesce(CAST(valid_to AS TEXT), '-'), known_from,"
    " coalesce(CAST(known_to AS TEXT), '-'), CAST(state AS TEXT) FROM {} ORDER BY 1, 2, 4"
)
POINTS = [("2013", FOREVER), ("2016", "2019"), (FOREVER, FOREVER), ("2014-06", "2018-06-01")]


class Second(Projection[str]):
    """The last status of each base, of which versions differ in what they say."""

    def keys(self, event, entry):
        return (event.base,)

    def initial(self):
        return None

    @on(BaseStatusReported)
    def reported(self, state, event, entry):
        return event.status

    def result(self, state, view):
        return f"{self.version}: {state}"


def projection(version):
    made = Second()
    made.version = version
    return made


def forked(work_on, statements=None):
    """Run a function in a child, which tells each step by a byte; give its id and the pipe.

    ``statements``: it kills itself before it runs another one in the database.
    """
    told, tell = os.pipe()
    child = os.fork()
    if child:
        os.close(tell)
        return child, told
    code = 1
    try:
        os.close(told)
        before(work.Work, "_step", lambda: os.write(tell, b"."))
        if statements is not None:
            left = iter(range(statements))
            for kind in SQLiteTables, PostgresTables:
                for name in "run", "insert", "delete":
                    before(kind, name, lambda: next(left, None) is None and die())
        work_on()
        code = 0
    except BaseException:  # noqa: BLE001 (nothing may leave the child)
        traceback.print_exc()
    finally:
        os._exit(code)


def before(kind, name, act):
    done = getattr(kind, name)

    def acted(*given):
        act()
        return done(*given)

    setattr(kind, name, acted)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def keeping(news, into, table, version, writer):
    """Keep a model, make it anew and go on, for ever; record the like meanwhile."""

    def work_on():
        with (
            Ledger.open(news, durability="normal") as ledger,
            ledger.materialize(projection(version), into, table=table, batch=9) as model,
        ):
            while True:
                writer.record(ledger, 3)
                model.update()
                if writer.rng.random() < 0.3:
                    model.rebuild()

    return work_on


def killed_again_and_again(tmp_path, into, ask, newsroom, rounds, table="second", other="fresh"):
    news = tmp_path / "news.db"
    rng = random.Random(1)
    with Ledger.open(news, durability="normal") as ledger:
        newsroom(0).record(ledger, 60)
    stages = set()
    for number in range(rounds):
        version = 1 + number // 3
        keep = keeping(news, into, table, version, newsroom(number + 1))
        if number % 2:
            child, told = forked(keep, statements=rng.randrange(20, 400))
        else:
            child, told = forked(keep)
            for _ in range(rng.randrange(1, 60)):
                assert os.read(told, 1) == b"."
            within = perf_counter() + rng.random() / 200
            while perf_counter() < within:
                pass
            os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        os.close(told)
        stages.update(stage for [stage] in ask(into, f"SELECT stage FROM {table}_generations"))
        check(ask, news, into, table)
    with Ledger.open(news) as ledger:
        ledger.materialize(projection(version + 1), into, table=table).close()
        ledger.materialize(projection(version + 1), into, table=other).close()
    assert ask(into, ALL.format(table)) == ask(into, ALL.format(other))
    assert stages >= {"sorting", "folding", "current"}


def check(ask, news, into, table):
    """Hold what readers see against the ledger as of the position that the table tells."""
    found = ask(into, f"SELECT version, position FROM {table}_models")
    if not found:
        return
    [(version, position)] = found
    with Ledger.open(news, mode="r") as ledger:
        for valid, known in POINTS:
            view = ledger.as_of(valid, known_at=known, recorded_at=position)
            v, k = (last_instant(point) for point in (valid, known))
            there = ask(
                into,
                f"SELECT key, CAST(state AS TEXT) FROM {table}"
                f" WHERE valid_from <= '{v}' AND (valid_to IS NULL OR '{v}' < valid_to)"
                f" AND known_from <= '{k}' AND (known_to IS NULL OR '{k}' < known_to)",
            )
            assert {key: json.loads(state) for key, state in there} == dict(
                view.project(projection(version))
            )


def last_instant(point):
    if point is FOREVER:
        return "9999-12-31T23:59:59.999999Z"
    return f"{When(point).stop - timedelta(microseconds=1):%Y-%m-%dT%H:%M:%S.%fZ}"


def test_killed_at_any_moment_it_shows_what_the_ledger_was(tmp_path, into, ask, newsroom):
    killed_again_and_again(tmp_path, into, ask, newsroom, 30)


def test_killed_at_any_moment_postgresql_shows_it_too(tmp_path, postgres_url, ask, newsroom):
    killed_again_and_again(tmp_path, postgres_url, ask, newsroom, 6)


@pytest.mark.campaign
def test_killed_at_any_moment_at_length(tmp_path, into, ask, newsroom):
    killed_again_and_again(tmp_path, into, ask, newsroom, 400)


@pytest.mark.campaign
def test_killed_at_any_moment_postgresql_at_length(tmp_path, postgres_url, ask, newsroom):
    killed_again_and_again(
        tmp_path, postgres_url, ask, newsroom, 60, "at_length", "fresh_at_length"
    )


def kept_by_several(tmp_path, into, ask, newsroom, table):
    """Several processes keep one model of a ledger to which all of them record."""
    news = tmp_path / "news.db"
    with Ledger.open(news, durability="normal") as ledger:
        newsroom(0).record(ledger, 60)

    def work_on(number):
        def at_it():
            with Ledger.open(news, durability="normal") as ledger:
                writer = newsroom(number)
                with ledger.materialize(projection(1), into, table=table, batch=5) as model:
                    for turn in range(12):
                        writer.record(ledger, 2)
                        if turn == 3 * number:
                            model.rebuild()
                        model.update()

        return at_it

    children = [forked(work_on(number)) for number in range(1, 5)]
    done = []
    for child, told in children:
        with os.fdopen(told, "rb") as steps:
            done.append((len(steps.read()) >= 12, os.waitpid(child, 0)[1]))
    assert done == [(True, 0)] * 4
    with Ledger.open(news) as ledger:
        assert len(ledger) > 60
        ledger.materialize(projection(1), into, table=table).close()
        ledger.materialize(projection(1), into, table=f"{table}_fresh").close()
    assert ask(into, ALL.format(table)) == ask(into, ALL.format(f"{table}_fresh"))
    check(ask, news, into, table)


def test_several_processes_keep_one_model(tmp_path, into, ask, newsroom):
    kept_by_several(tmp_path, into, ask, newsroom, "shared")


def test_several_processes_keep_one_model_in_postgresql(tmp_path, postgres_url, ask, newsroom):
    kept_by_several(tmp_path, postgres_url, ask, newsroom, "shared")


def first_started_by_many(tmp_path, into, ask, newsroom):
    news = tmp_path / "news.db"
    with Ledger.open(news, durability="normal") as ledger:
        newsroom(0).record(ledger, 20)
    for number in range(3):
        wait, go = os.pipe()
        table, place = f"started{number}", str(into).format(number)

        def work_on(wait=wait, go=go, table=table, place=place):
            with Ledger.open(news, durability="normal") as ledger:
                os.close(go)
                os.read(wait, 1)  # until the other end is closed
                ledger.materialize(projection(1), place, table=table, batch=7).close()

        children = [forked(work_on) for _ in range(6)]
        os.close(go)
        os.close(wait)
        assert [os.waitpid(child, 0)[1] for child, _ in children] == [0] * 6
        for _, told in children:
            os.close(told)
        check(ask, news, place, table)


def test_tables_are_made_once_by_many_who_start_together(tmp_path, ask, newsroom):
    first_started_by_many(tmp_path, tmp_path / "read{}.db", ask, newsroom)


def test_tables_of_postgresql_are_made_once_too(tmp_path, postgres_url, ask, newsroom):
    first_started_by_many(tmp_path, postgres_url, ask, newsroom)
