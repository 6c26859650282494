"""Everything that newsledger raises, in one tree.

::

    NewsledgerError
    ├── InvalidWhen (ValueError)          a date that is no date
    ├── InvalidEvent (ValueError)         an event, source or report with a bad field
    ├── UnknownEventType (LookupError)    a type that this process has not registered
    ├── UnknownEntry (KeyError)           an id that the ledger does not hold
    ├── EntryErased (ValueError)          nothing is left of it that could be amended
    ├── WrongLedger (ValueError)          a token, question or copy of another ledger
    ├── CorruptEntry (ValueError)         stored bytes that are not what was stored
    ├── InvalidProof (ValueError)         a proof or digest that is none, or does not hold
    ├── AppendConflict (RuntimeError)     ``expecting=`` was overtaken
    ├── ProjectionError (RuntimeError)    a handler raised
    ├── StoreError (OSError)              the file or server refused
    └── LedgerClosed (RuntimeError)       used after close, or in a forked child

    FuturePublication (UserWarning)       a source dated later than its recording
    ErasureUnfinished (UserWarning)       erased, but traces may still be in files

A call that raises has recorded nothing, but for a `StoreError` that says that this is not known:
where a connection broke in a commit, or a disk reported an error. To do the same again is safe. Of
a load or a copy, whole batches may be there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class NewsledgerError(Exception):
    """The root of the tree: catch it to catch all of them."""


class InvalidWhen(NewsledgerError, ValueError):
    """A text that is no date, a date that is no day, or a datetime without a time zone."""


class InvalidEvent(NewsledgerError, ValueError):
    """A field of an event, source, hop or report holds what it cannot hold.

    The message and ``field`` name it, as ``"MeetingHeld.participants"``.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownEventType(NewsledgerError, LookupError):
    """A class or wire name that no ``@event`` in this process has registered."""


class UnknownEntry(NewsledgerError, KeyError):
    """The ledger holds no entry with this id."""

    def __str__(self) -> str:
        # KeyError shows the repr of its argument, which buries a sentence in quotes.
        return str(self.args[0]) if self.args else ""


class EntryErased(NewsledgerError, ValueError):
    """The entry was erased, so that nothing is left of it that could be corrected or retracted."""


class WrongLedger(NewsledgerError, ValueError):
    """A view's token or question was made by another ledger, or is no token at all.

    Or the target of a copy holds something that its source does not.
    """


class CorruptEntry(NewsledgerError, ValueError):
    """What is stored at ``position`` is damaged or was altered."""

    def __init__(self, message: str, *, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class InvalidProof(NewsledgerError, ValueError):
    """A proof that does not lead to the digest that it was checked against, or no proof at all."""


class AppendConflict(NewsledgerError, RuntimeError):
    """Others recorded something that the caller's decision rested on; see ``entries``."""

    def __init__(self, message: str, *, entries: Iterable[Any] = ()) -> None:
        super().__init__(message)
        self.entries = tuple(entries)


class ProjectionError(NewsledgerError, RuntimeError):
    """A projection's handler raised; ``entry`` is the one that it failed on."""

    def __init__(self, message: str, *, entry: Any = None) -> None:
        super().__init__(message)
        self.entry = entry


class StoreError(NewsledgerError, OSError):
    """The file or the server behind the ledger cannot do what was asked."""


class LedgerClosed(NewsledgerError, RuntimeError):
    """The ledger was closed, or it was opened by the parent of this process."""


class FuturePublication(UserWarning):
    """A report bears a publication date that lies after its recording."""


class ErasureUnfinished(UserWarning):
    """An entry is erased, but files may hold traces of it until the erasure is repeated."""
