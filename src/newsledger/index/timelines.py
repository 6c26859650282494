"""Timelines that were asked for last, kept for the next question."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from newsledger.engine import Timeline

KEPT = 200_000


class Timelines:
    """At most `KEPT` pieces, or a single timeline that has more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Timeline] = OrderedDict()
        self._pieces = 0

    def get(self, key: Hashable) -> Timeline | None:
        """Find one that is kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def forget(self) -> None:
        """Let go of all of them."""
        with self._lock:
            self._kept.clear()
            self._pieces = 0

    def keep(self, key: Hashable, timeline: Timeline) -> None:
        """Keep one, and let the oldest go."""
        with self._lock:
            before = self._kept.pop(key, None)
            self._pieces += len(timeline.pieces) - (len(before.pieces) if before else 0)
            self._kept[key] = timeline
            while self._pieces > KEPT and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._pieces -= len(oldest.pieces)
