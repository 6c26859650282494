"""Subscription: entries as they come, from this process or another."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from types import TracebackType
from typing import Self

from newsledger.index.log import Log
from newsledger.ledger.matching import Wanted, matching
from newsledger.reports import Entry


class Subscription(Iterator[Entry]):
    """Yields matching entries in position order, none twice and none skipped, and waits for more.

    It ends when :meth:`stop` is called (from any thread), when the ledger is closed, or when
    nothing new has matched for ``timeout`` seconds. Use it in a ``with`` block.
    """

    def __init__(
        self,
        log: Log,
        *,
        after: int,
        wanted: Wanted,
        timeout: float | None,
    ) -> None:
        self._log = log
        self._wanted = wanted
        self._timeout = timeout
        self._seen = after
        self._ready: Iterator[Entry] = iter(())
        self._stopped = False
        self._watch = log.recorder.changes(after)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._stopped = True
        self._watch.stop()

    def __next__(self) -> Entry:
        deadline = None if self._timeout is None else monotonic() + self._timeout
        while not self._stopped:
            entry = next(self._ready, None)
            if entry is not None:
                return entry
            left = None if deadline is None else max(0.0, deadline - monotonic())
            if not self._watch.wait(self._seen, left):
                break
            # What matches is read up to a head fixed before, so that nothing falls in between.
            head = self._log.head()
            self._ready = matching(self._log, self._wanted, after=self._seen, upto=head)
            self._seen = head
        self.stop()
        raise StopIteration
