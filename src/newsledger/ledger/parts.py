"""Parts: what a store takes at once of a batch that is too large for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from newsledger.store import BatchTooLarge

T = TypeVar("T")


def in_parts(items: Sequence[T], most: int, record: Callable[[Sequence[T]], object]) -> int:
    """Record items in their order, at most so many at once, and fewer where the store says so.

    Each part is recorded whole or not at all. Gives how many to bring at most from now on. One
    that is too large by itself raises `BatchTooLarge`; what comes before it is recorded then.
    """
    rest = items
    while rest:
        part = rest[:most]
        try:
            record(part)
        except BatchTooLarge as error:
            if len(part) == 1:
                raise
            # A little less, as some are longer than others.
            most = max(1, min(len(part) - 1, int(len(part) * error.part * 0.9)))
        else:
            rest = rest[len(part) :]
    return most
