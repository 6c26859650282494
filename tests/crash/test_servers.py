"""Clients and servers are killed: what was acknowledged is there, whole, and work goes on."""

from __future__ import annotations

import random
import signal

import pytest


def moments(rng):
    """At which steps, and how long after them, something is killed."""
    while True:
        yield rng.randrange(1, 12), rng.random() ** 2 / 25


def clients(postgres, worker, checking, working, rounds, seed=1, short=False):
    """Kill clients of PostgreSQL, which keep a read model there too."""
    rng = random.Random(seed)
    killed, number = 0, 0
    while killed < rounds:
        number += 1
        with postgres.schema() as schema:
            url, table = postgres.url(schema), f"statuses_{seed}_{number}"
            job = {"url": url, "into": postgres.uri, "table": table, "seed": number, "short": short}
            job["durability"] = rng.choice(["full", "normal"])
            told, ended = checking.Told(), None
            while ended != 0:
                if killed >= rounds or rng.random() < 0.1:
                    ended, _ = worker.run(told, **job)
                else:
                    steps, seconds = next(moments(rng))
                    ended = worker.kill_after(told, steps, seconds, **job)
                assert ended in {0, -signal.SIGKILL}
                killed += ended != 0
                if told.steps:
                    checking.check(url, told)
            checking.check(url, told, thorough=True)
            checking.check_model(url, postgres.uri, working.LatestStatus(), table)


def crashes(server, url, crash, worker, checking, working, tmp_path, rounds, seed=1):
    """Crash a server under one who works."""
    rng = random.Random(seed)
    count, number, into = 0, 0, tmp_path / "read.db"
    told = checking.Told()
    while count < rounds:
        number += 1
        job = {"url": url, "into": into, "seed": f"{seed}{number}"}
        count += worker.crash_after(told, moments(rng), crash, server.start, **job)
        checking.check(url, told)
    checking.check_model(url, into, working.LatestStatus())
    assert told.refused
    assert len(told.positions) > 500


def test_clients_of_postgresql_are_killed(postgres, worker, checking, working):
    clients(postgres, worker, checking, working, 4, short=True)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [2, 3])
def test_clients_of_postgresql_are_killed_at_length(postgres, worker, checking, working, seed):
    clients(postgres, worker, checking, working, 30, seed=seed)


@pytest.fixture(scope="module")
def mortal(start_postgres):
    """A server that crashes, while nobody else's tests need it."""
    with start_postgres() as server:
        yield server


@pytest.mark.parametrize("how", ["kill_backends", "crash"])
def test_postgresql_crashes(mortal, worker, checking, working, tmp_path, how):
    crash = getattr(mortal, how)
    with mortal.schema() as schema:
        url = mortal.url(schema)
        crashes(mortal, url, crash, worker, checking, working, tmp_path, 2)


@pytest.mark.campaign
@pytest.mark.parametrize("how", ["kill_backends", "crash"])
def test_postgresql_crashes_at_length(mortal, worker, checking, working, tmp_path, how):
    crash = getattr(mortal, how)
    with mortal.schema() as schema:
        url = mortal.url(schema)
        crashes(mortal, url, crash, worker, checking, working, tmp_path, 30, seed=2)


def test_umadb_is_killed(umadb_server, worker, checking, working, tmp_path):
    server = umadb_server
    crashes(server, server.url, server.kill, worker, checking, working, tmp_path, 3)


@pytest.mark.campaign
def test_umadb_is_killed_at_length(umadb_server, worker, checking, working, tmp_path):
    server = umadb_server
    crashes(server, server.url, server.kill, worker, checking, working, tmp_path, 60, seed=2)
