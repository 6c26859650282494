"""Where a ledger is kept: the only room that knows of databases and of eventsourcing.

`open_recorder` gives a `Recorder`, which is what the ledger works with; see `base` for what it
promises and `sqlite_schema` for what an SQLite ledger looks like from outside.
"""

from __future__ import annotations

import os
import re
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
    StoreValueError,
)
from newsledger.store.rounds import PATIENCE, rounds
from newsledger.store.sqlite import SQLiteRecorder
from newsledger.store.sqlite_errors import refusal
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
    "StoreValueError",
    "StoredEvent",
    "Subscription",
    "Watch",
    "open_recorder",
    "rounds",
]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PLANNED = {"postgresql": "PostgreSQL", "postgres": "PostgreSQL"}


def open_recorder(
    url: str | os.PathLike[str] | None = None, *, mode: str = "a", durability: str = "full"
) -> Recorder:
    """Open the store at ``url``; ``mode`` and ``durability`` as in `SQLiteRecorder`.

    None and ``":memory:"`` keep it in memory; a path, or ``sqlite:///path``, in an SQLite file
    (``sqlite:////path`` for an absolute one); ``umadb://host:port`` on a UmaDB server. Other
    schemes are refused by a `StoreError`.
    """
    if url is None or url == ":memory:":
        return SQLiteRecorder(None, mode=mode, durability=durability)
    if isinstance(url, str) and (found := _SCHEME.match(url)):
        if found[1].lower() == "umadb":
            return _umadb(url, mode, durability)
        return SQLiteRecorder(_path(url, found[1].lower()), mode=mode, durability=durability)
    if not isinstance(url, str | os.PathLike):
        raise StoreValueError(f"a ledger is opened by its path or URL, not by {url!r}")
    path = os.fspath(url)
    if not isinstance(path, str):
        raise StoreValueError(f"the path of a ledger is text, not {path!r}")
    return SQLiteRecorder(Path(path) if path else path, mode=mode, durability=durability)


def _umadb(url: str, mode: str, durability: str) -> Recorder:
    try:
        from newsledger.store.uma import UmaRecorder  # noqa: PLC0415 (its client is an extra)
    except ImportError as error:
        if error.name != "umadb":
            raise
        raise refusal(
            "a ledger at umadb:// needs UmaDB's client, which is not installed:"
            ' pip install "newsledger[umadb]"'
        ) from error
    return UmaRecorder(url, mode=mode, durability=durability)


def _path(url: str, scheme: str) -> str:
    if scheme in _PLANNED:
        raise refusal(
            f"{scheme}:// names a {_PLANNED[scheme]} store, which is planned; this version keeps"
            " ledgers in SQLite files or in memory only: give a path, or None"
        )
    if scheme != "sqlite":
        raise refusal(
            f"{scheme}:// is no store that newsledger knows: give a path or sqlite:///path for an"
            " SQLite file, or None or ':memory:' for memory"
        )
    rest = url[len("sqlite://") :]
    if not rest.startswith("/") or rest == "/":
        raise StoreValueError(f"{url!r} names no file: write sqlite:///path")
    return rest[1:]
