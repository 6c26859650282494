"""Values: what each entry adds to a count, a sum or a last value, read once and kept."""

from __future__ import annotations

from functools import reduce
from operator import add
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from newsledger.engine import Order, Reading
from newsledger.index.log import Log

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]

_TOGETHER = 2_000


class Values:
    """The values of one projection that reduces, by the position of their entry.

    A value takes 16 bytes beside itself.
    """

    def __init__(self, log: Log, reading: Reading) -> None:
        import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

        self._log = log
        self._reading = reading
        self._positions: Ints = np.empty(0, dtype=np.int64)
        self._held: list[Any] = []
        self._seen: Ints = self._positions
        self._order: Order | None = None
        self._places: Ints = self._positions
        self._lock = Lock()

    def reduced(self, order: Order, valid: int, tick: int) -> Any:
        """Reduce the values of what an order shows at a point."""
        with self._lock:
            if order is not self._order:
                self._align(order)
            held, places = self._held, self._places
        initial = self._reading.projection.initial()
        places = places[order.at(valid, tick)]
        places = places[places >= 0]
        if not len(places):
            return initial
        match self._reading.projection.reduces:
            case "count":
                return initial + len(places)
            case "last":
                return held[places[-1]]
            case _:
                # Not by sum(), which adds floats more exactly than a fold does.
                return reduce(add, (held[place] for place in places.tolist()), initial)

    def _align(self, order: Order) -> None:
        """Read the values of lines that are new, and find the place of each piece's value."""
        import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

        wanted = np.unique(order.line)
        fresh = np.setdiff1d(wanted, self._seen, assume_unique=True)
        positions: list[int] = []
        values: list[Any] = []
        for start in range(0, len(fresh), _TOGETHER):
            for line in self._log.entries_at(fresh[start : start + _TOGETHER].tolist()):
                if self._reading.handler_of(line.entry) is not None:
                    value = self._reading.projection.value(line.entry.event)
                    if value is not None:
                        positions.append(line.position)
                        values.append(value)
        # New lines stand at the end of the log, but for what is gathered with an amendment.
        at = np.concatenate([self._positions, np.array(positions, dtype=np.int64)])
        sorting = at.argsort(kind="stable")
        both = [*self._held, *values]
        self._positions, self._held = at[sorting], [both[place] for place in sorting.tolist()]
        self._seen = np.union1d(self._seen, wanted)
        if len(at):
            places = self._positions.searchsorted(order.line).clip(max=len(at) - 1)
            self._places = np.where(self._positions[places] == order.line, places, -1)
        else:
            self._places = np.full(len(order.line), -1, dtype=np.int64)
        self._order = order
