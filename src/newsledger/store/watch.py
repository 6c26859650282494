"""Waiting for what will be recorded: a bell in this process, a glance at the head for the others.

There is no background thread. Whoever waits looks at the head again when somebody in this process
has appended, and besides at least every `LONGEST_PAUSE` where other processes may write.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from newsledger.errors import LedgerClosed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

SHORTEST_PAUSE = 0.001
LONGEST_PAUSE = 0.05


class Bell:
    """Rung whenever a recorder of this process has committed, and once when it closes."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.rung = 0
        self.closed = False

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self.rung += 1
            self._condition.notify_all()

    def close(self) -> None:
        """Wake everybody, and let nobody wait again."""
        with self._condition:
            self.closed = True
            self.rung += 1
            self._condition.notify_all()

    def sleep(self, rung: int, seconds: float | None) -> None:
        """Sleep until it has rung more than ``rung`` times, or for so many seconds."""
        with self._condition:
            if self.rung == rung:
                self._condition.wait(seconds)


class Watch:
    """Waits until a store's head has passed a position. One may serve several threads."""

    def __init__(
        self,
        head: Callable[[], int],
        bell: Bell,
        *,
        after: int = 0,
        shared: bool = True,
        longest: Callable[[], float] = lambda: LONGEST_PAUSE,
    ) -> None:
        """Watch ``head``; ``shared`` tells that other processes may move it without the bell.

        ``longest``: how many seconds at most may pass between two looks at a shared head.
        """
        self._head = head
        self._bell = bell
        self._after = after
        self._shared = shared
        self._longest = longest
        self._stopped = False

    def ended(self) -> bool:
        """Whether it was stopped, or its recorder closed: no wait will ever succeed again."""
        return self._stopped or self._bell.closed

    def wait(self, after: int | None = None, timeout: float | None = None) -> bool:
        """Block until the head is above ``after``: True; False on time-out, stop or close.

        Without ``after`` it is the position that the watch was made with.
        """
        after = self._after if after is None else after
        deadline = None if timeout is None else time.monotonic() + timeout
        pause = SHORTEST_PAUSE
        while True:
            # Counted before looking, so that a ring in between makes the sleep return at once.
            rung = self._bell.rung
            if self.ended():
                return False
            try:
                if self._head() > after:
                    return True
            except LedgerClosed:
                if self.ended():
                    return False
                raise
            rest = None if deadline is None else deadline - time.monotonic()
            if rest is not None and rest <= 0:
                return False
            if self._shared:
                rest = pause if rest is None else min(rest, pause)
                pause = min(pause * 2, self._longest())
            self._bell.sleep(rung, rest)

    def stop(self) -> None:
        """Let every waiting thread go, now and later. Any thread may call it."""
        self._stopped = True
        self._bell.ring()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
