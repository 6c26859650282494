"""SQLite's complaints, said as sentences about the ledger's file."""

from __future__ import annotations

import errno
import sqlite3

from newsledger.errors import LedgerClosed, NewsledgerError
from newsledger.store.base import refusal

_NOTHING = "nothing was recorded"

_FULL = f"cannot grow: the disk is full; {_NOTHING}; make room and do it again"
# Of a disk that cannot read a page, SQLite says the same.
_MALFORMED = (
    "is damaged, or its disk cannot read it: its SQLite structure is malformed; if it stays so,"
    " restore a copy, or save what can be saved with the command .recover of the sqlite3 shell"
)
_UNOPENED = (
    "cannot be opened: it, or the -wal and -shm files beside it, were moved, deleted or may not be"
    " accessed"
)

_SENTENCES: dict[int, tuple[str, int | None]] = {
    sqlite3.SQLITE_PERM: ("may not be accessed: permission denied", errno.EACCES),
    sqlite3.SQLITE_BUSY: (
        "is locked by another process that has not let go in time; try again when it is done",
        errno.EBUSY,
    ),
    sqlite3.SQLITE_LOCKED: ("is locked by another connection; try again", errno.EBUSY),
    sqlite3.SQLITE_READONLY: (
        "cannot be written: the file or its folder is read-only",
        errno.EROFS,
    ),
    # A disk may keep what it said it could not, and who opens the file after a crash finds it.
    sqlite3.SQLITE_IOERR: (
        (
            "cannot be read or written: the disk reports an error, and what was being recorded may"
            " be there or not; do it again when the disk is well, as what is there already is not"
            " recorded twice"
        ),
        errno.EIO,
    ),
    sqlite3.SQLITE_CORRUPT: (_MALFORMED, None),
    sqlite3.SQLITE_NOTADB: ("is damaged or was overwritten: it is not an SQLite file", None),
    sqlite3.SQLITE_FULL: (_FULL, errno.ENOSPC),
    # What cannot grow is the -shm file.
    sqlite3.SQLITE_IOERR_SHMSIZE: (_FULL, errno.ENOSPC),
    sqlite3.SQLITE_CANTOPEN: (_UNOPENED, errno.EACCES),
    sqlite3.SQLITE_TOOBIG: (
        f"cannot take an event this big: SQLite's limit is about a gigabyte; {_NOTHING}",
        errno.EFBIG,
    ),
    sqlite3.SQLITE_NOLFS: ("has outgrown what its file system allows", errno.EFBIG),
}


def explain(error: sqlite3.Error, where: str) -> NewsledgerError:
    """Say what SQLite found wrong with ``where``."""
    code = getattr(error, "sqlite_errorcode", 0)
    for known in (code, code & 0xFF):
        if known in _SENTENCES:
            sentence, number = _SENTENCES[known]
            return refusal(f"{where} {sentence} (SQLite says: {error})", number)
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return LedgerClosed(f"{where} was closed while it was in use")
    return refusal(f"{where} cannot be used: SQLite says: {error}")


class Explained:
    """Lets no exception of sqlite3 out of its block; one will do for any number of blocks."""

    def __init__(self, where: str) -> None:
        """Name ``where`` in what it says."""
        self._where = where

    def __enter__(self) -> None:
        """Go in."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Say what went wrong, if SQLite said it."""
        if error is None:
            return
        if isinstance(error, sqlite3.Error):
            raise explain(error, self._where) from error
        if isinstance(error, OverflowError):
            # The binding itself refuses texts and blobs of 2 GiB and more.
            sentence, number = _SENTENCES[sqlite3.SQLITE_TOOBIG]
            raise refusal(f"{self._where} {sentence}", number) from error
