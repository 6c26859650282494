"""Columns: the rows of very many keys, as arrays that a whole question is asked of at once.

A row is a state of one key: it held from ``since`` to ``until`` on the known axis, for views whose
valid end is not below ``lead``. Rows of a key stand together, in fold order; so the answer of a key
at a point is the last of its rows that is alive there. A row takes 56 bytes and its state.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from newsledger.engine.sweep import Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]


@attrs.frozen(eq=False)
class Columns:
    """Rows of many keys; see the module. What a key is made of is told by ``positions``."""

    keys: Sequence[Hashable]
    numbers: dict[Hashable, int]
    starts: Ints
    lead: Ints
    since: Ints
    until: Ints
    line: Ints
    report: Ints
    owner: Ints
    states: list[Any]
    spread: Ints
    positions: Ints
    last: Ints
    deep: frozenset[int]
    """Keys whose rows would be too many: they have none and are folded when asked for."""
    _sorted: dict[str, tuple[NDArray[Any], ...]] = attrs.field(factory=dict)

    @property
    def nbytes(self) -> int:
        """How many bytes the arrays and the table of keys take, without keys and states."""
        arrays = (
            *(self.starts, self.lead, self.since, self.until, self.line, self.report),
            *(self.owner, self.spread, self.positions, self.last),
            *(array for those in self._sorted.values() for array in those),
        )
        tables = self.states.__sizeof__() + self.numbers.__sizeof__() + self.keys.__sizeof__()
        return sum(int(array.nbytes) for array in arrays) + int(tables)

    def positions_of(self, number: int) -> list[int]:
        """Give the positions of all lines that the pieces of a key are made of."""
        found: list[int] = self.positions[self.spread[number] : self.spread[number + 1]].tolist()
        return found

    def row_at(self, number: int, valid: int, tick: int) -> int:
        """Find the last row of a key that is alive at a point, or -1."""
        begin, end = int(self.starts[number]), int(self.starts[number + 1])
        lead, since, until = self.lead, self.since, self.until
        for row in range(end - 1, begin - 1, -1):
            if lead[row] <= valid and since[row] <= tick < until[row]:
                return row
        return -1

    def rows_at(
        self, valid: int, tick: int, *, numbers: Ints | None = None, first: bool = False
    ) -> Ints:
        """Find the last (or first) row alive at a point, -1 where there is none.

        Of every key, or of those with some numbers, which are in order.
        """
        import numpy as np  # noqa: PLC0415 (only who asks about many keys pays for it)

        if numbers is None:
            rows = np.flatnonzero((self.lead <= valid) & (self.since <= tick) & (self.until > tick))
            owners = self.owner[rows]
            found = np.full(len(self.keys), -1, dtype=np.int64)
        else:
            rows = self._rows_of(numbers)
            rows = rows[
                (self.lead[rows] <= valid) & (self.since[rows] <= tick) & (self.until[rows] > tick)
            ]
            owners = numbers.searchsorted(self.owner[rows])
            found = np.full(len(numbers), -1, dtype=np.int64)
        if len(rows):
            # Rows of a key stand together: where the owner changes, one ends and the next begins.
            edges = np.flatnonzero(owners[1:] != owners[:-1])
            chosen = np.append(0, edges + 1) if first else np.append(edges, len(owners) - 1)
            found[owners[chosen]] = rows[chosen]
        return found

    def _rows_of(self, numbers: Ints) -> Ints:
        """List the rows of some keys, in order."""
        import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

        starts = self.starts[numbers]
        counts = self.starts[numbers + 1] - starts
        before = np.cumsum(counts) - counts
        rows: Ints = np.arange(int(counts.sum())) + np.repeat(starts - before, counts)
        return rows

    def in_order(self, rows: Ints) -> Ints:
        """Sort some rows by their lead, then by the position of their report: give their places.

        What all rows are sorted by is kept, since numbers are sorted many times faster than pairs.
        """
        import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

        if "rank" not in self._sorted:
            order = np.lexsort((self.report, self.lead))
            rank = np.empty(len(order), dtype=np.int32)
            rank[order] = np.arange(len(order), dtype=np.int32)
            self._sorted["rank"] = (rank,)
        return self._sorted["rank"][0][rows].argsort()

    def changing(self, earlier: int, later: int) -> Ints:
        """Find the keys of which rows begin or end after one tick and up to another, in order."""
        import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

        found = []
        for name in ("since", "until"):
            values, owners = self._by(name)
            low, high = values.searchsorted([earlier, later], side="right")
            found.append(owners[low:high])
        return np.unique(np.concatenate(found))

    def _by(self, name: str) -> tuple[Ints, Ints]:
        """Sort one of the columns, once, beside the owners of its rows."""
        if name not in self._sorted:
            values = getattr(self, name)
            order = values.argsort(kind="stable")
            self._sorted[name] = (values[order], self.owner[order])
        values, owners = self._sorted[name]
        return values, owners


def columns_of(
    keys: Iterable[tuple[Hashable, list[Row] | None, list[int]]],
) -> Columns:
    """Put rows of keys together; each key comes with the positions of its lines, in order.

    Rows None: there would be too many.
    """
    import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

    names: list[Hashable] = []
    states: list[Any] = []
    deep = set()
    plain: dict[str, str] = {}
    # lead, since, until, line, report
    columns = [array("q") for _ in range(5)]
    positions, last = array("q"), array("q")
    starts, spread = array("q", [0]), array("q", [0])
    for key, rows, its in keys:
        if rows is None:
            deep.add(len(names))
        names.append(key)
        if rows:
            *values, reached = zip(*rows, strict=True)
            for column, those in zip(columns, values, strict=True):
                column.extend(those)
            # Texts repeat, and each was decoded anew.
            states += [plain.setdefault(s, s) if type(s) is str else s for s in reached]
        positions.extend(its)
        starts.append(len(states))
        spread.append(len(positions))
        last.append(its[-1])
    lead, since, until, line, report = map(_ints, columns)
    counts = np.diff(_ints(starts))
    return Columns(
        keys=names,
        numbers={name: number for number, name in enumerate(names)},
        starts=_ints(starts),
        lead=lead,
        since=since,
        until=until,
        line=line,
        report=report,
        owner=np.repeat(np.arange(len(names), dtype=np.int64), counts),
        states=states,
        spread=_ints(spread),
        positions=_ints(positions),
        last=_ints(last),
        deep=frozenset(deep),
    )


def _ints(values: Any) -> Ints:
    import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

    return np.array(values, dtype=np.int64)
