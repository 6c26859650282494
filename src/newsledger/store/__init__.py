"""Where a ledger is kept: the only room that knows of databases and of eventsourcing.

`open_recorder` gives a `Recorder`, which is what the ledger works with; see `base` for what it
promises and `schema` for what an SQLite ledger looks like from outside.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from newsledger.store.base import (
    AppendCondition,
    BatchTooLarge,
    ConditionFailed,
    Query,
    QueryItem,
    ReadResponse,
    Recorder,
    Row,
    SequencedEvent,
    StoredEvent,
    StoreFault,
    StoreValueError,
    refusal,
)
from newsledger.store.rounds import PATIENCE, rounds
from newsledger.store.sqlite.recorder import SQLiteRecorder
from newsledger.store.subscription import Subscription
from newsledger.store.watch import Watch

__all__ = [
    "PATIENCE",
    "AppendCondition",
    "BatchTooLarge",
    "ConditionFailed",
    "Query",
    "QueryItem",
    "ReadResponse",
    "Recorder",
    "Row",
    "SQLiteRecorder",
    "SequencedEvent",
    "StoreFault",
    "StoreValueError",
    "StoredEvent",
    "Subscription",
    "Watch",
    "open_recorder",
    "rounds",
]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
# By scheme: the class, the package that it needs, and the extra that brings it.
_SERVERS = {
    "postgresql": ("postgres.recorder.PostgresRecorder", "psycopg", "postgres"),
    "postgres": ("postgres.recorder.PostgresRecorder", "psycopg", "postgres"),
    "umadb": ("uma.recorder.UmaRecorder", "umadb", "umadb"),
}


def open_recorder(
    url: str | os.PathLike[str] | None = None, *, mode: str = "a", durability: str = "full"
) -> Recorder:
    """Open the store at ``url``; ``mode`` and ``durability`` as in `SQLiteRecorder`.

    None and ``":memory:"`` keep it in memory; a path, or ``sqlite:///path``, in an SQLite file
    (``sqlite:////path`` for an absolute one); ``postgresql://…`` and ``umadb://host:port`` on a
    server. Other schemes are refused by a `StoreError`.
    """
    if url is None or url == ":memory:":
        return SQLiteRecorder(None, mode=mode, durability=durability)
    if isinstance(url, str) and (found := _SCHEME.match(url)):
        scheme = found[1].lower()
        if scheme in _SERVERS:
            return _on_server(scheme)(url, mode=mode, durability=durability)
        return SQLiteRecorder(_path(url, scheme), mode=mode, durability=durability)
    if not isinstance(url, str | os.PathLike):
        raise StoreValueError(f"a ledger is opened by its path or URL, not by {url!r}")
    path = os.fspath(url)
    if not isinstance(path, str):
        raise StoreValueError(f"the path of a ledger is text, not {path!r}")
    return SQLiteRecorder(Path(path) if path else path, mode=mode, durability=durability)


def _on_server(scheme: str) -> Callable[..., Recorder]:
    """Give the class of a store on a server; only who keeps a ledger there needs its client."""
    where, package, extra = _SERVERS[scheme]
    module, _, name = where.rpartition(".")
    try:
        kind: Callable[..., Recorder] = getattr(import_module(f"{__name__}.{module}"), name)
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise refusal(
            f"a ledger at {scheme}:// needs the package {package}, which is not installed:"
            f' pip install "newsledger[{extra}]"'
        ) from error
    return kind


def _path(url: str, scheme: str) -> str:
    if scheme != "sqlite":
        raise refusal(
            f"{scheme}:// is no store that newsledger knows: give a path or sqlite:///path for an"
            " SQLite file, postgresql://… or umadb://… for a server, or None or ':memory:' for"
            " memory"
        )
    rest = url[len("sqlite://") :]
    if not rest.startswith("/") or rest == "/":
        raise StoreValueError(f"{url!r} names no file: write sqlite:///path")
    return rest[1:]
