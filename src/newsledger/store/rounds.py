"""Trying again where somebody else was faster."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 30.0
"""For how many seconds to try again: as long as SQLite waits for its lock."""

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.1


def rounds(patience: float = PATIENCE) -> Iterator[int]:
    """Yield 0, 1, 2, …: a number for each try, the first at once, until patience is at an end.

    The pauses between them are drawn by lot, up to a bound that doubles each time, so that those
    who ran into each other once do not do it again.
    """
    yield 0
    deadline = time.monotonic() + patience
    number, bound = 0, _FIRST_PAUSE
    while True:
        time.sleep(random.uniform(0, bound))  # noqa: S311 (nothing is hidden by it)
        if time.monotonic() > deadline:
            return
        number, bound = number + 1, min(bound * 2, _LONGEST_PAUSE)
        yield number
