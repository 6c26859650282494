"""Orders: very many lines in fold order, kept between questions and read as they are folded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from threading import RLock
from typing import Any, TypeAlias

import attrs

from newsledger.engine import Dates, Handler, Order, Piece, Reading, Scope, chains_of, order_of
from newsledger.ledger.log import Log
from newsledger.ledger.pausing import no_collections
from newsledger.reports import Line

Wanted: TypeAlias = tuple[frozenset[str], Scope, Dates]
MOST_ORDERS = 4
_TOGETHER = 2_000


@attrs.frozen(eq=False)
class Reads:
    """What a projection reads of an order, from the store while it is walked."""

    log: Log
    order: Order
    reading: Reading

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

    def reads(
        self,
        reading: Reading,
        dates: Dates,
        position: int,
        lines: list[Line] | None = None,
        seen: Callable[[int], object] | None = None,
    ) -> Reads | None:
        """Give what a projection reads as of a position; None where the order is further on.

        ``lines``: all that matters up to the position, where that was read already.
        """
        wanted = (reading.types, reading.scope, dates)
        with self._lock:
            upto, order = self._kept.get(wanted, (0, None))
            if upto > position:
                return None
            if order is None or upto < position:
                with no_collections():
                    if order is not None or lines is None:
                        lines = self._log.gather(
                            reading.types, reading.scope, after=upto, upto=position, seen=seen
                        )
                    chains = chains_of(lines)
                    if order is None:
                        order = order_of(chains, dates, reading.types)
                    elif chains:
                        order = order.with_chains(chains, dates, reading.types)
            self._kept[wanted] = (position, order)
            self._kept.move_to_end(wanted)
            while len(self._kept) > MOST_ORDERS:
                self._kept.popitem(last=False)
        return Reads(self._log, order, reading)
