"""Counting tags where the store cannot: kept in memory, and brought up to date by reading on."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsledger.store.uma.events import Found

_KEPT = 16


class TagCounts:
    """How many events bear each tag that begins in some way, for the ways that were asked for.

    A server has no index of what tags begin with. So the first question about a prefix reads all
    events, and each later one those that came since; a prefix that begins with one that was asked
    for is answered from that. The last 16 are kept, at about 100 bytes for each of their tags.
    """

    def __init__(self, found: Callable[[int, int], Iterator[Found]]) -> None:
        """``found`` gives the events after one position and up to another."""
        self._found = found
        self._lock = threading.Lock()
        self._counted: OrderedDict[str, tuple[int, Counter[str]]] = OrderedDict()

    def at(self, prefix: str, head: int) -> list[tuple[str, int]]:
        """Return tags and counts up to ``head``, in code point order."""
        with self._lock:
            known = self._covering(prefix)
            upto, counts = self._counted.get(known, (0, Counter[str]()))
            if upto < head:
                # A copy, so that what breaks off half-way has counted nothing twice.
                fresh = self._count(known, upto, head)
                counts.update(fresh)
                upto = head
            self._counted[known] = (upto, counts)
            self._counted.move_to_end(known)
            if len(self._counted) > _KEPT:
                self._counted.popitem(last=False)
            return sorted((tag, count) for tag, count in counts.items() if tag.startswith(prefix))

    def _covering(self, prefix: str) -> str:
        covering = [known for known in self._counted if prefix.startswith(known)]
        return max(covering, key=len, default=prefix)

    def _count(self, prefix: str, after: int, upto: int) -> Counter[str]:
        fresh: Counter[str] = Counter()
        for _, _, _, tags, _ in self._found(after, upto):
            fresh.update(tag for tag in tags if tag.startswith(prefix))
        return fresh
