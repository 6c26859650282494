"""A UmaDB server of one's own, from the package umadb."""

from __future__ import annotations

import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

_PATIENCE = 30


class UmaServer:
    """UmaDB's own server on an empty file in a folder; it may be killed and started again.

    One server is one ledger. It is up in a tenth of a second, and found at ``url``.
    """

    process: subprocess.Popen[str]

    def __init__(self, folder: Path | str, *options: str) -> None:
        self.port = _free_port()
        self.url = f"umadb://127.0.0.1:{self.port}"
        self.folder = Path(folder)
        self._options = [
            *("--listen", f"127.0.0.1:{self.port}"),
            *("--db-path", str(self.folder / "uma.db")),
            *options,
        ]
        self.start()

    @classmethod
    @contextmanager
    def on_an_empty_file(cls, *options: str) -> Iterator[UmaServer]:
        """Run one in a temporary folder for the block."""
        with TemporaryDirectory(prefix="newsledger-umadb-") as folder:
            server = cls(folder, *options)
            try:
                yield server
            finally:
                with suppress(ProcessLookupError):
                    server.stop()

    def start(self) -> None:
        """Start it on its file, and wait until it is ready."""
        script = Path(sysconfig.get_path("scripts")) / "umadb"
        self.process = subprocess.Popen(
            [sys.executable, str(script), *self._options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # It says so when it is ready, and ends its output when it cannot be.
        for line in self.process.stdout or ():
            if "started" in line:
                return
        raise RuntimeError(f"umadb did not start: {self.process.wait(_PATIENCE)}")

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.terminate()
        self._reap()

    def kill(self) -> None:
        """End it without a word, as a crash does."""
        self.process.kill()
        self._reap()

    def _reap(self) -> None:
        try:
            self.process.wait(_PATIENCE)
        finally:
            if self.process.stdout is not None:
                self.process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
