"""Order: the pieces of very many lines, in fold order, as columns.

Which of them are shown at a point is one comparison of whole columns, and their order is there; so
a fold of everything costs what it folds. A piece takes 88 bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import attrs

from newsledger.engine.pieces import Chains, Dates, Piece, known, piece, report_of, spans
from newsledger.reports import Line
from newsledger.when.ticks import NEVER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]

_HALF = 1 << 64
_SIGN = 1 << 63


@attrs.frozen(eq=False)
class Order:
    """Pieces in fold order; see the module. ``line``, ``report``: positions."""

    lead: Ints
    other: Ints
    weight: Ints
    published: Ints
    ordinal: Ints
    root: Ints
    root_end: Ints
    since: Ints
    until: Ints
    line: Ints
    report: Ints

    def at(self, valid: int, tick: int) -> Ints:
        """Find the numbers of the pieces that are shown at a point, in fold order."""
        import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

        end = int(self.lead.searchsorted(valid, side="right"))
        alive = (self.since[:end] <= tick) & (self.until[:end] > tick)
        found: Ints = np.flatnonzero(alive)
        return found

    def with_chains(self, chains: Chains, dates: Dates, types: frozenset[str]) -> Order:
        """Make one in which some chains stand as they are now, whether they were there or not."""
        import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

        reports = [line.position for chain in chains.values() for line in chain]
        stay = ~np.isin(self.report, reports)
        added = order_of(chains, dates, types)
        columns = [
            np.concatenate([old[stay], new])
            for old, new in zip(_columns(self), _columns(added), strict=True)
        ]
        return _sorted(columns)

    def pieces(self, numbers: Ints, lines: Iterable[Line]) -> Iterator[Piece]:
        """Make pieces again from their numbers and their lines, all but their roots."""
        columns = (
            *(self.lead, self.other, self.weight, self.published, self.ordinal),
            *(self.since, self.until, self.report),
        )
        values = zip(*(column[numbers].tolist() for column in columns), strict=True)
        for row, line in zip(values, lines, strict=True):
            lead, other, weight, published, ordinal, since, until, report = row
            yield Piece(lead, other, weight, published, ordinal, "", since, until, line, report)


def order_of(chains: Chains, dates: Dates, types: frozenset[str]) -> Order:
    """Sort all contents of the wanted types of some chains into fold order."""
    import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

    columns = [array("q") for _ in range(11)]
    rows: list[tuple[int, ...]] = []
    for chain in chains.values():
        for since, until, line in spans(chain, known):
            if (types and line.name not in types) or (dates == "certain" and line.stop == NEVER):
                continue
            report = line if len(chain) == 1 else report_of(chain)
            rows.append(_row(piece(line, report, since, until, dates)))
        if len(rows) > _TOGETHER:
            _extend(columns, rows)
            rows.clear()
    _extend(columns, rows)
    return _sorted([np.array(column, dtype=np.int64) for column in columns])


_TOGETHER = 10_000


def _row(one: Piece) -> tuple[int, ...]:
    high, low = divmod(int(one.root.replace("-", ""), 16), _HALF)
    # Halves of a UUID have no sign, and columns have one: half of the range down keeps the order.
    return (*one[:5], high - _SIGN, low - _SIGN, one[6], one[7], one[8].position, one[9])


def _extend(columns: list[array[int]], rows: Iterable[tuple[int, ...]]) -> None:
    for column, values in zip(columns, zip(*rows, strict=True), strict=False):
        column.extend(values)


def _columns(order: Order) -> list[Ints]:
    return [getattr(order, field.name) for field in attrs.fields(Order)]


def _sorted(columns: list[Ints]) -> Order:
    import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

    # lexsort takes the column that decides first last; of one root pieces go by time.
    places = np.lexsort(columns[7::-1])
    return Order(*(column[places] for column in columns))
