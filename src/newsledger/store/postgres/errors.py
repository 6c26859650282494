"""PostgreSQL's complaints, said as sentences about the ledger on its server."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING

import psycopg

from newsledger.store.base import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsledger.errors import StoreError

_GONE = (
    "cannot be reached: its server is away, or refuses this user, password or database; once that"
    " is put right, try again, also on a ledger that is open, which makes new connections by itself"
)

# By SQLSTATE: whole, or the class of two letters that it begins with.
_SENTENCES: dict[str, tuple[str, int | None]] = {
    "08": (_GONE, errno.ECONNREFUSED),
    "57P": (_GONE, errno.ECONNREFUSED),
    "25P03": (
        (
            "has been idle for longer inside a transaction than its server allows: do less inside"
            " exclusive(), or raise idle_in_transaction_session_timeout"
        ),
        errno.ETIMEDOUT,
    ),
    "28": (
        "cannot be opened by this user: the server refuses the name or the password",
        errno.EACCES,
    ),
    "3D000": (
        "cannot be opened: there is no such database; make it with CREATE DATABASE first",
        errno.ENOENT,
    ),
    "42501": (
        (
            "cannot be used so: the database role lacks the right; have the owner grant it, or open"
            " with mode 'r' to read"
        ),
        errno.EACCES,
    ),
    "25006": (
        (
            "cannot be written: the server or session is read-only, as a standby is; open it with"
            " mode 'r', or on the primary"
        ),
        errno.EROFS,
    ),
    "42P01": (
        (
            "is no longer there: its tables are missing; restore a backup, or open it"
            " again to make a new one"
        ),
        errno.ENOENT,
    ),
    "53100": (
        "cannot grow: the server's disk is full; nothing was recorded; make room and do it again",
        errno.ENOSPC,
    ),
    "53200": ("cannot be used: the server is out of memory; try again later", errno.ENOMEM),
    "53300": (
        (
            "cannot be reached: the server has no connection left; raise max_connections, or close"
            " some"
        ),
        errno.EAGAIN,
    ),
    "54": ("cannot take an event this big: it is beyond what PostgreSQL holds", errno.EFBIG),
    "55P03": (
        "is locked by another writer that has not let go in time; try again when it is done",
        errno.EBUSY,
    ),
    "57014": (
        "was interrupted: the statement was cancelled, or took longer than statement_timeout",
        errno.ETIMEDOUT,
    ),
    "XX001": ("is damaged: PostgreSQL finds a page malformed; restore a backup", None),
    "XX002": ("is damaged: PostgreSQL finds an index malformed; REINDEX its tables", None),
}


def explain(error: psycopg.Error, where: str) -> StoreError:
    """Say what PostgreSQL found wrong with ``where``."""
    said = " ".join(str(error).split())
    if is_lost(error):
        sentence, number = _SENTENCES["08"]
        return refusal(f"{where} {sentence} (PostgreSQL says: {said})", number)
    state = error.sqlstate or ""
    for key in (state, state[:3], state[:2]):
        if key in _SENTENCES:
            sentence, number = _SENTENCES[key]
            return refusal(f"{where} {sentence} (PostgreSQL says: {said})", number)
    return refusal(f"{where} cannot be used: PostgreSQL says: {said}")


def is_lost(error: psycopg.Error) -> bool:
    """Whether the connection is what failed, and another may do."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(("08", "57P"))


@contextlib.contextmanager
def explained(where: str) -> Iterator[None]:
    """Let no exception of psycopg out of the block."""
    try:
        yield
    except psycopg.Error as error:
        raise explain(error, where) from error
