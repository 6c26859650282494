"""Survey: reading a whole log past whatever is damaged in it."""

from __future__ import annotations

from collections.abc import Iterator

from newsledger.errors import CorruptEntry, StoreError
from newsledger.ledger.faults import Fault
from newsledger.store import Recorder, SequencedEvent

_STRETCH = 1024


def survey(recorder: Recorder, upto: int) -> Iterator[SequencedEvent | Fault]:
    """Yield, for each position in order, what is stored there, or why it cannot be had."""
    for low in range(0, upto, _STRETCH):
        yield from _stretch(recorder, low, min(low + _STRETCH, upto))


def _stretch(recorder: Recorder, after: int, upto: int) -> Iterator[SequencedEvent | Fault]:
    """Read what lies between; where that fails, in halves, so that the fault is told to a row."""
    try:
        for found in recorder.read(after=after, upto=upto):
            for position in range(after + 1, found.position):
                yield _missing(position)
            after = found.position
            yield found
    except (CorruptEntry, StoreError) as error:
        if upto - after <= 1:
            yield Fault(upto, "damaged", str(error))
            return
        middle = (after + upto) // 2
        yield from _stretch(recorder, after, middle)
        yield from _stretch(recorder, middle, upto)
        return
    for position in range(after + 1, upto + 1):
        yield _missing(position)


def _missing(position: int) -> Fault:
    return Fault(position, "damaged", f"the entry at position {position} is missing")
