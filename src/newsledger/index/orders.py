"""Orders: very many lines in fold order, kept between questions and read as they are folded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from threading import RLock
from typing import Any, TypeAlias

import attrs

from newsledger.engine import Dates, Handler, Order, Piece, Reading, Scope, chains_of, order_of
from newsledger.index.log import Log
from newsledger.index.pausing import no_collections
from newsledger.index.values import Values
from newsledger.reports import Line

Wanted: TypeAlias = tuple[frozenset[str], Scope, Dates, int]
MOST_ORDERS = 4
_TOGETHER = 2_000


@attrs.frozen(eq=False)
class Reads:
    """What a projection reads of an order, from the store while it is walked."""

    log: Log
    order: Order
    reading: Reading
    values: Values | None = None

    def reduced(self, valid: int, tick: int) -> Any:
        """Reduce what is read at a point, without a fold, where the projection ``reduces``."""
        assert self.values is not None  # noqa: S101 (asked only then)
        return self.values.reduced(self.order, valid, tick)

    def __len__(self) -> int:
        return len(self.order.line)

    def at(self, valid: int, tick: int) -> Iterator[tuple[Piece, Handler]]:
        """Yield what is read at a point, in fold order, each piece with its handler."""
        return self._read(self.order.at(valid, tick))

    def _read(self, numbers: Any) -> Iterator[tuple[Piece, Handler]]:
        for start in range(0, len(numbers), _TOGETHER):
            some = numbers[start : start + _TOGETHER]
            positions = self.order.line[some].tolist()
            there = {line.position: line for line in self.log.entries_at(sorted({*positions}))}
            lines = [there[position] for position in positions]
            for piece in self.order.pieces(some, lines):
                handler = self.reading.handler_of(piece.line.entry)
                if handler is not None:
                    yield piece, handler


class Orders:
    """At most `MOST_ORDERS` orders, each of some types, entities and reading of dates."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = RLock()
        self._kept: OrderedDict[Wanted, tuple[int, Order]] = OrderedDict()
        self._values: OrderedDict[Hashable, Values] = OrderedDict()

    def reads(
        self,
        reading: Reading,
        dates: Dates,
        position: int,
        lines: list[Line] | None = None,
        seen: Callable[[int], object] | None = None,
    ) -> Reads | None:
        """Give what a projection reads as of a position; None where there is no order of that.

        That is so where it is further on, or where an ordinal is too large for a column.
        ``lines``: all that matters up to the position, where that was read already.
        """
        # Types that are registered anew may have other dates.
        wanted = (reading.types, reading.scope, dates, self._log.epoch)
        with self._lock:
            kept = self._kept
            upto, order = kept.get(wanted, (0, None))
            if upto > position:
                return None
            if order is None or upto < position:
                with no_collections():
                    if order is not None or lines is None:
                        lines = self._log.gather(
                            reading.types, reading.scope, after=upto, upto=position, seen=seen
                        )
                    chains = chains_of(lines)
                    try:
                        if order is None:
                            order = order_of(chains, dates, reading.types)
                        elif chains:
                            order = order.with_chains(chains, dates, reading.types)
                    except OverflowError:
                        return None
            kept[wanted] = (position, order)
            kept.move_to_end(wanted)
            while len(kept) > MOST_ORDERS:
                kept.popitem(last=False)
            return Reads(self._log, order, reading, self._values_of(reading, wanted))

    def forget(self) -> None:
        """Let go of all of them; who is making one has it for itself."""
        self._kept = OrderedDict()
        self._values = OrderedDict()

    def _values_of(self, reading: Reading, wanted: Wanted) -> Values | None:
        if reading.projection.reduces is None or reading.mark is None:
            return None
        name, kept = (reading.mark, wanted), self._values
        if name not in kept:
            kept[name] = Values(self._log, reading.kept())
        kept.move_to_end(name)
        while len(kept) > MOST_ORDERS:
            kept.popitem(last=False)
        return kept[name]
