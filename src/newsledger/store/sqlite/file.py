"""The ledger's file before SQLite touches it: what each mode asks, and what is refused.

Everything here only looks, so that a file that is refused is left byte for byte as it was.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from newsledger.store.base import StoreValueError, refusal
from newsledger.store.sqlite.schema import check

if TYPE_CHECKING:
    from newsledger.errors import StoreError

BUSY = errno.EBUSY

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_GLANCES = 5


def absolute(path: str | os.PathLike[str]) -> Path:
    """Fix the path now: connections are opened later too, when the folder may have changed."""
    text = os.fspath(path)
    if not text or "\0" in text:
        raise StoreValueError(f"{text!r} is no path of a file")
    return Path(text).absolute()


def prepare(path: Path, mode: str) -> None:
    """Refuse what ``mode`` cannot open; for mode "x", make the file, empty as yet."""
    where = repr(str(path))
    try:
        found = path.stat()
    except FileNotFoundError:
        _prepare_new(path, mode, where)
        return
    except OSError as error:
        raise refusal(f"{where} cannot be reached: {error.strerror}", error.errno) from error
    if mode == "x":
        raise _exists(where, empty=found.st_size == 0)
    if stat.S_ISDIR(found.st_mode):
        raise refusal(f"{where} is a folder: give the path of a file in it", errno.EISDIR)
    if not stat.S_ISREG(found.st_mode):
        raise refusal(f"{where} is not a regular file: choose another path", errno.EINVAL)
    if found.st_size == 0:
        if mode != "a":
            raise refusal(
                f"{where} is empty, not a ledger; mode 'a' would make one there", errno.EINVAL
            )
    else:
        _check_header(path, where)
    if mode != "r":
        _check_writable(path, where)


def file_at(path: Path) -> tuple[int, int] | None:
    """Tell which file is at a path now, None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Signature(NamedTuple):
    """What changes when somebody writes to a ledger, or begins to."""

    inode: int
    size: int
    modified: int
    unmerged: bool
    """Whether a file beside it may hold what belongs into the ledger and is not there yet."""


def signature(path: Path) -> Signature:
    """Look at the ledger from outside."""
    try:
        found = path.stat()
    except OSError as error:
        raise refusal(f"{str(path)!r} cannot be reached: {error.strerror}", error.errno) from error
    unmerged = False
    for companion in "-wal", "-journal":
        try:
            unmerged |= path.with_name(path.name + companion).stat().st_size > 0
        except FileNotFoundError:
            continue
        except OSError:
            unmerged = True
    return Signature(found.st_ino, found.st_size, found.st_mtime_ns, unmerged)


def _prepare_new(path: Path, mode: str, where: str) -> None:
    if mode in {"r", "r+"}:
        raise refusal(f"{where} does not exist; mode 'a' would make a ledger there", errno.ENOENT)
    if not path.parent.is_dir():
        raise refusal(
            f"{where} cannot be made: there is no folder {str(path.parent)!r}; make it first",
            errno.ENOENT,
        )
    if mode == "x":
        # Of several that try at once, one makes the file: SQLite alone could not tell who did.
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
        except FileExistsError as error:
            raise _exists(where) from error
        except OSError as error:
            raise refusal(f"{where} cannot be made: {error.strerror}", error.errno) from error
    else:
        _check_writable(path, where)


def _check_header(path: Path, where: str) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError as error:
        raise refusal(f"{where} cannot be read: {error.strerror}", error.errno) from error
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise refusal(
            f"{where} is not an SQLite file, so it is no ledger; it was left as it is: choose"
            " another path, or restore a copy if it was one",
        )
    application = int.from_bytes(header[68:72], "big")
    version = int.from_bytes(header[60:64], "big", signed=True)
    check(application, version, where)
    if _is_cut(path):
        raise refusal(
            f"{where} is damaged: its end is missing; restore a copy, or save what can be saved"
            " with the command .recover of the sqlite3 shell"
        )


def _is_cut(path: Path) -> bool:
    """Return whether the file is shorter than it says it is, which SQLite overlooks in a page."""
    for _ in range(_GLANCES):
        before = signature(path)
        with path.open("rb") as file:
            header = file.read(_HEADER)
        # The page size is a power of two from 512 to 65536, which is told as 1.
        page = int.from_bytes(header[16:18], "big")
        promised = int.from_bytes(header[28:32], "big") * (page if page > 1 else 65536)
        if before.unmerged or before.size >= promised:
            return False
        if signature(path) == before:
            return True
        # Somebody was folding the -wal file into it just now.
    return False


def _check_writable(path: Path, where: str) -> None:
    # SQLite opens what it may not write read-only, without a word.
    if path.exists() and not os.access(path, os.W_OK):
        raise refusal(
            f"{where} may not be written; open it with mode 'r', or change its permissions",
            errno.EACCES,
        )
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise refusal(
            f"the folder of {where} may not be written, and SQLite keeps files beside a ledger;"
            " open it with mode 'r', or change the folder's permissions",
            errno.EACCES,
        )


def _exists(where: str, *, empty: bool = False) -> StoreError:
    how = ", though empty, as a maker who failed leaves it" if empty else ""
    return refusal(
        f"{where} exists already{how}, and mode 'x' makes a new ledger; mode 'a' opens or makes"
        " one",
        errno.EEXIST,
    )
