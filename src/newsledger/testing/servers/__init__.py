"""Real servers for tests, each ended by its own process id; they listen on this machine only."""

from __future__ import annotations

from newsledger.testing.servers.postgres import PostgresServer
from newsledger.testing.servers.umadb import UmaServer

__all__ = ["PostgresServer", "UmaServer"]
