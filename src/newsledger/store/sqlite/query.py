# ruff: noqa: S608 -- statements are put together from constants; values travel as parameters
"""From a query to positions: which rows of which index, in which order.

A query is planned for one read, after its head is fixed. `Everything` goes by the events
themselves, `Streamed` merges a few ordered ranges of the indexes page by page, and `Gathered`
first collects the positions that lie in many small ranges, at eight bytes each.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from newsledger.errors import CorruptEntry
from newsledger.store.checksum import storable
from newsledger.store.sqlite.term import Term, rarest_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from newsledger.store.base import Query, QueryItem
    from newsledger.store.paged import Plan

    Fetch = Callable[[str, Sequence[Any]], list[Any]]

# So many ordered ranges are merged while reading; more are collected beforehand.
MERGED = 12
# Where at least one row of so many is wanted, all of them are read.
_CLOSE = 4
# So many tags are looked up by one statement.
TOGETHER = 1000

COLUMNS = "event.position, event.type, event.tags, event.data, event.checksum"


def plan(fetch: Fetch, query: Query | None, after: int, upto: int, limit: int | None) -> Plan:
    """Decide how to find what matches above ``after`` and up to ``upto``.

    ``limit`` tells how many events will be asked for at most.
    """
    items = query.items if query is not None else []
    if not items or any(not item.types and not item.tags for item in items):
        return Everything(fetch, after, upto)
    singles, others = _terms(fetch, items, after, upto)
    if len(singles) + len(others) <= MERGED:
        terms = [Term.tagged((tag,)) for tag in singles] + others
        return Streamed(fetch, terms, after, upto)
    terms = [
        Term.any_tag(tuple(singles[start : start + TOGETHER]))
        for start in range(0, len(singles), TOGETHER)
    ]
    return Gathered(fetch, terms + others, after, upto, limit)


class Everything:
    """All events in a range: their positions are known without looking."""

    def __init__(self, fetch: Fetch, after: int, upto: int) -> None:
        self._fetch = fetch
        self._after = after
        self._upto = upto

    def page(self, after: int, size: int) -> list[Any]:
        """Read the next stretch of the table; a gap in it is damage."""
        last = min(after + size, self._upto)
        rows = self._fetch(
            f"SELECT {COLUMNS} FROM event WHERE position > ? AND position <= ? ORDER BY position",
            (after, last),
        )
        if len(rows) != max(last - after, 0):
            found = {row[0] for row in rows}
            raise _missing(next(n for n in range(after + 1, last + 1) if n not in found))
        return rows

    def last(self, limit: int) -> int | None:
        """Tell it by arithmetic."""
        last = min(self._after + limit, self._upto)
        return last if last > self._after else None

    def any(self) -> bool:
        """Tell it by arithmetic."""
        return self._upto > self._after


class Streamed:
    """The union of a few ordered ranges of the indexes, merged as it is read.

    Where all of them are of types, and what they hold lies close together, the table is read in
    its own order instead: to pass over a few rows is cheaper than to look up each of the others.
    """

    def __init__(self, fetch: Fetch, terms: Sequence[Term], after: int, upto: int) -> None:
        self._fetch = fetch
        self._terms = terms
        self._after = after
        self._upto = upto
        self._types = [term.type_id for term in terms]
        self._dense = False

    def page(self, after: int, size: int) -> list[Any]:
        """Merge the ranges from ``after`` on."""
        if not self._terms:
            return []
        if self._dense:
            rows = self._passed(after, min(after + _CLOSE * size, self._upto), size)
            if rows is not None:
                return rows
        rows = self._merged(after, size)
        self._dense = (
            None not in self._types
            and len(rows) == size
            and (rows[-1][0] - rows[0][0] < _CLOSE * size)
        )
        return rows

    def _passed(self, after: int, last: int, size: int) -> list[Any] | None:
        """Read the next rows in the order of the table; None where too few are close."""
        marks = ",".join("?" * len(self._types))
        # The plus keeps SQLite from going by the index.
        rows = self._fetch(
            f"SELECT {COLUMNS} FROM event WHERE +type IN ({marks})"
            " AND position > ? AND position <= ? ORDER BY position LIMIT ?",
            [*self._types, after, last, size],
        )
        return rows if len(rows) == size or last == self._upto else None

    def _merged(self, after: int, size: int) -> list[Any]:
        sql, parameters = self._positions(after, size)
        # The left join keeps what the index knows and the table lacks, to be told of.
        rows = self._fetch(
            f"SELECT {COLUMNS}, found.position FROM ({sql}) AS found"
            " LEFT JOIN event ON event.position = found.position",
            parameters,
        )
        return _complete(rows)

    def last(self, limit: int) -> int | None:
        """Merge the ranges, positions only."""
        if not self._terms:
            return None
        sql, parameters = self._positions(self._after, limit)
        found = self._fetch(f"SELECT max(position) FROM ({sql})", parameters)[0][0]
        return int(found) if found is not None else None

    def any(self) -> bool:
        """Look for one match in one range after the other."""
        return any(_some(self._fetch, term, self._after, self._upto) for term in self._terms)

    def _positions(self, after: int, limit: int) -> tuple[str, list[Any]]:
        parts: list[str] = []
        parameters: list[Any] = []
        for term in self._terms:
            parts.append(term.sql)
            parameters += term.parameters(after, self._upto)
        parameters.append(limit)
        return f"{' UNION '.join(parts)} ORDER BY position LIMIT ?", parameters


class Chosen:
    """The events at positions that are known, in order."""

    def __init__(self, fetch: Fetch, positions: Sequence[int]) -> None:
        self._fetch = fetch
        self._positions = positions

    def page(self, after: int, size: int) -> list[Any]:
        """Fetch the events at the next positions."""
        start = bisect_right(self._positions, after)
        wanted = self._positions[start : start + size]
        if len(wanted) == 1:
            return self._one(wanted[0])
        # Whole numbers travel safely as JSON, and no limit on parameters applies to it.
        rows = self._fetch(
            f"SELECT {COLUMNS}, found.value FROM json_each(?) AS found"
            " LEFT JOIN event ON event.position = found.value",
            (f"[{','.join(map(str, wanted))}]",),
        )
        return _complete(rows)

    def _one(self, position: int) -> list[Any]:
        rows = self._fetch(f"SELECT {COLUMNS} FROM event WHERE position = ?", (position,))
        if not rows:
            raise _missing(position)
        return rows

    def last(self, limit: int) -> int | None:
        """Look it up."""
        positions = self._positions[:limit]
        return positions[-1] if positions else None

    def any(self) -> bool:
        """Tell whether there is one."""
        return bool(self._positions)


class Gathered:
    """The union of many ranges, collected when the first page is asked for."""

    def __init__(
        self, fetch: Fetch, terms: Sequence[Term], after: int, upto: int, limit: int | None
    ) -> None:
        self._fetch = fetch
        self._terms = terms
        self._after = after
        self._upto = upto
        self._limit = limit
        self._found: Chosen | None = None

    def page(self, after: int, size: int) -> list[Any]:
        """Fetch the events at the next collected positions."""
        return self._chosen().page(after, size)

    def last(self, limit: int) -> int | None:
        """Look it up in what was collected."""
        return self._chosen().last(limit)

    def any(self) -> bool:
        """Look for one match in one range after the other, collecting nothing."""
        return any(_some(self._fetch, term, self._after, self._upto) for term in self._terms)

    def _chosen(self) -> Chosen:
        if self._found is None:
            found: set[int] = set()
            limit = -1 if self._limit is None else self._limit
            for term in self._terms:
                rows = self._fetch(
                    f"{term.sql} ORDER BY position LIMIT ?",
                    [*term.parameters(self._after, self._upto), limit],
                )
                found.update(row[0] for row in rows)
            self._found = Chosen(self._fetch, array("q", sorted(found)))
        return self._found


def _terms(
    fetch: Fetch, items: Iterable[QueryItem], after: int, upto: int
) -> tuple[list[str], list[Term]]:
    """Return the tags that suffice by themselves, and a term for every other item."""
    singles: dict[str, None] = {}
    others: dict[Term, None] = {}
    known: dict[str, int | None] = {}
    counts: dict[Term, int] = {}
    for item in items:
        tags = tuple(dict.fromkeys(item.tags))
        if not all(map(storable, tags)):
            continue
        if len(tags) == 1 and not item.types:
            singles[tags[0]] = None
            continue
        for name in item.types:
            if name not in known:
                known[name] = _type_id(fetch, name)
        types = tuple(sorted({n for name in item.types if (n := known[name]) is not None}))
        if item.types and not types:
            continue
        if not tags:
            others.update((Term.typed(number), None) for number in types)
        else:
            others[rarest_first(fetch, tags, types, after, upto, counts=counts)] = None
    return list(singles), list(others)


def _type_id(fetch: Fetch, name: str) -> int | None:
    # Looked up anew for every read: a type that was unknown a moment ago may be known by now.
    if not storable(name):
        return None
    rows = fetch("SELECT id FROM type WHERE name = ?", (name,))
    return rows[0][0] if rows else None


def _some(fetch: Fetch, term: Term, after: int, upto: int) -> bool:
    return bool(fetch(f"{term.sql} LIMIT 1", term.parameters(after, upto)))


def _complete(rows: list[Any]) -> list[Any]:
    for row in rows:
        if row[0] is None:
            raise _missing(row[5])
    rows.sort(key=_position)
    return rows


def _position(row: tuple[Any, ...]) -> int:
    position: int = row[0]
    return position


def _missing(position: int) -> CorruptEntry:
    return CorruptEntry(
        f"the entry at position {position} is missing; restore a copy", position=position
    )
