"""Servers that tests need: real ones, started once, each ended by its own process id."""

from __future__ import annotations

import socket
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

PATIENCE = 30


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
