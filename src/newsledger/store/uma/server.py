"""The connection to a UmaDB server: what it says, said as sentences, and who may ask.

Positions here are the server's, which begin with 1; see `newsledger.store.uma` for the ledger's.
"""

from __future__ import annotations

import contextlib
import errno
import re
from typing import TYPE_CHECKING

import umadb

from newsledger.errors import LedgerClosed, StoreError
from newsledger.store.base import StoreValueError
from newsledger.store.held import Held

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsledger.store.uma.address import Address

_SHOWN = 300
# What the client says of a connection that broke, where it has no exception for that.
_BROKEN = re.compile("transport::Error|http2 error")
_UNKNOWN = (
    "whether this was recorded is not known; append it again when the server is back, and what is"
    " there already will not be recorded twice"
)


class Overtaken(Exception):
    """The fence of an append was not above the last one."""


class _Stream:
    """A read that is under way, closed as connections are."""

    def __init__(self, stream: umadb.ReadResponse) -> None:
        self._stream = stream

    def close(self) -> None:
        self._stream.cancel()


class Server:
    """One client, used by the threads of the process that made it."""

    def __init__(self, address: Address) -> None:
        self.where = f"the UmaDB server at {address}"
        self._held = Held()
        self._closed = False
        with self._explained("it was not opened"):
            self._client = umadb.Client(address.url, ca_path=address.ca, api_key=address.key)
        self._held.add(self._client)

    @property
    def here(self) -> bool:
        """Whether this is the process that opened it."""
        return self._held.here

    def head(self) -> int:
        """Return the last position, 0 where nothing is."""
        self.check()
        with self._explained():
            return self._client.head() or 0

    def read(
        self, query: umadb.Query | None, start: int, limit: int | None
    ) -> Iterator[list[umadb.SequencedEvent]]:
        """Yield what matches from a position on, in batches as the server sends them."""
        self.check()
        with self._explained():
            stream = self._client.read(query, start=start, limit=limit)
        open_stream = _Stream(stream)
        self._held.add(open_stream)
        try:
            while True:
                self.check()
                with self._explained():
                    batch = stream.next_batch()
                if not batch:
                    return
                yield batch
        finally:
            if self._held.here:
                self._held.close(open_stream)

    def first(self, event: umadb.Event) -> bool:
        """Append the very first event; False where there is one."""
        self.check()
        try:
            with self._explained(_UNKNOWN):
                self._client.append([event], umadb.AppendCondition(umadb.Query()))
        except umadb.IntegrityError:
            return False
        return True

    def append(self, events: list[umadb.Event], source: str, fence: int) -> int:
        """Append all or nothing if ``fence`` is above the last one of ``source``, else `Overtaken`.

        Fence and events are recorded together. A condition would say the same, but the server's
        answer to one that fails repeats the whole event that it met, and where that takes more
        than a few kilobytes the connection breaks instead.
        """
        self.check()
        try:
            with self._explained(_UNKNOWN):
                return self._client.append(events, None, umadb.TrackingInfo(source, fence))
        except umadb.IntegrityError as error:
            raise Overtaken from error

    def fence(self, source: str) -> int:
        """Return the last fence of ``source``, 0 where there was none."""
        self.check()
        with self._explained():
            return self._client.get_tracking_info(source) or 0

    def check(self) -> None:
        """Refuse to go on after close, or in another process than the one that opened."""
        if not self._held.here:
            raise LedgerClosed(
                f"{self.where} was opened by the parent of this process, and connections to it do"
                " not survive a fork: open it again in this process"
            )
        if self._closed:
            raise LedgerClosed(f"{self.where} is closed")

    def close(self) -> None:
        """End all streams and the connection; in a forked child, do nothing."""
        if self._closed or not self._held.here:
            self._closed = True
            return
        self._closed = True
        self._held.close(self._client)
        # With the last reference to it go its threads.
        del self._client

    @contextlib.contextmanager
    def _explained(self, unknown: str = "try again when it is back") -> Iterator[None]:
        """Let no exception of umadb out of the block, but `umadb.IntegrityError`."""
        try:
            yield
        except umadb.IntegrityError:
            raise
        except umadb.CancelledByUserError as error:
            self.check()
            raise StoreError(f"reading from {self.where} was cancelled") from error
        except umadb.AuthenticationError as error:
            raise _refusal(
                f"{self.where} does not accept the API key (it says: {_text(error)}): give the"
                " right one, as umadb://key@host:port?tls=1",
                errno.EACCES,
            ) from error
        except umadb.TransportError as error:
            raise self._unreachable(error, unknown) from error
        except umadb.CorruptionError as error:
            raise StoreError(
                f"{self.where} finds its file damaged: restore a copy (it says: {_text(error)})"
            ) from error
        except ValueError as error:
            raise StoreValueError(
                f"{self.where} cannot take an event with so many tags, or so long a type: it has"
                " about 4,000 bytes for both; nothing was recorded (it says:"
                f" {_text(error)})"
            ) from error
        except AttributeError:
            # Closed by another thread between the look and the call.
            self.check()
            raise
        except Exception as error:
            if _BROKEN.search(str(error)):
                raise self._unreachable(error, unknown) from error
            raise StoreError(f"{self.where} cannot do it: it says: {_text(error)}") from error

    def _unreachable(self, error: Exception, unknown: str) -> StoreError:
        return _refusal(
            f"{self.where} cannot be reached; {unknown} (its client says: {_text(error)})",
            errno.ECONNREFUSED,
        )


def _refusal(message: str, code: int) -> StoreError:
    error = StoreError(message)
    error.errno = code
    return error


def _text(error: Exception) -> str:
    text = str(error)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
