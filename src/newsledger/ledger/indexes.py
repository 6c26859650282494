"""Indexes: the keyed indexes of a ledger that were asked last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from newsledger.engine import Dates, Reading
from newsledger.ledger.generation import Generation
from newsledger.ledger.keyed import Keyed
from newsledger.ledger.subjects import Subjects

# A timeline of fewer lines is walked as fast as an index is asked.
FEWEST = 1_000
MOST_INDEXES = 16


class Indexes:
    """At most `MOST_INDEXES` indexes; each takes some 100 bytes an entry that it reads."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Keyed] = OrderedDict()

    def reaching(
        self,
        reading: Reading,
        dates: Dates,
        position: int,
        seen: Callable[[int], object] | None = None,
    ) -> Generation | None:
        """Give an index that reaches to a position, or None where none is worth while or right."""
        if reading.mark is None or reading.sifts or self._lines(reading, position) < FEWEST:
            return None
        name = (reading.mark, dates)
        with self._lock:
            keyed = self._kept.get(name)
            if keyed is None:
                keyed = self._kept[name] = Keyed(self._subjects.log, reading.kept(), dates)
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_INDEXES:
                self._kept.popitem(last=False)
        return keyed.reaching(position, seen)

    def _lines(self, reading: Reading, position: int) -> int:
        if not reading.scope:
            return position
        return len(self._subjects.subject(reading.types, reading.scope, position).lines)
