"""Indexes: the keyed indexes of a ledger that were asked last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from newsledger.engine import Dates, Reading
from newsledger.index.generation import Generation
from newsledger.index.keyed import PASSES, Keyed
from newsledger.index.subjects import LARGEST, Subjects
from newsledger.index.timelines import Timelines
from newsledger.progress import Meter, OnProgress

# A timeline of fewer lines is walked as fast as an index is asked.
FEWEST = 1_000
MOST_INDEXES = 16


class Indexes:
    """At most `MOST_INDEXES` indexes; each takes about 80 bytes an entry beside its states."""

    def __init__(self, subjects: Subjects, timelines: Timelines) -> None:
        self._subjects = subjects
        self._timelines = timelines
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Keyed] = OrderedDict()

    def forget(self) -> None:
        """Let go of all of them."""
        with self._lock:
            self._kept.clear()

    def reaching(
        self,
        reading: Reading,
        dates: Dates,
        position: int,
        progress: OnProgress | None = None,
    ) -> Generation | None:
        """Give an index that reaches to a position, or None where none is worth while or right."""
        if reading.mark is None or reading.sifts:
            return None
        epoch = self._subjects.log.epoch
        meter = Meter(progress, "index", position, PASSES)
        if self._lines(reading, position, meter) < FEWEST:
            return None
        name = (reading.mark, dates, epoch)
        with self._lock:
            keyed = self._kept.get(name)
            if keyed is None:
                keyed = self._kept[name] = Keyed(
                    self._subjects.log, reading.kept(), dates, self._timelines
                )
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_INDEXES:
                self._kept.popitem(last=False)
        generation = keyed.reaching(position, meter)
        meter.end()
        return generation

    def _lines(self, reading: Reading, position: int, meter: Meter) -> int:
        if not reading.scope:
            return position
        if self._subjects.is_large(reading.types, reading.scope):
            return LARGEST
        subject = self._subjects.subject(reading.types, reading.scope, position, meter.seen)
        return len(subject.lines)
