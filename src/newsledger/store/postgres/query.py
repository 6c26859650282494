# ruff: noqa: S608 -- statements are put together from constants; values travel as parameters
"""From a query to positions: which rows of which index, in which order.

As in SQLite, a query is planned for one read, after its head is fixed: `Everything` goes by the
events themselves, `Streamed` merges a few ordered ranges of the indexes page by page, and
`Gathered` first collects the positions that lie in many small ranges. What differs is that here
each statement is a journey, so that as much as possible is asked in one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from newsledger.errors import CorruptEntry
from newsledger.store.checksum import storable
from newsledger.store.paged import Plan
from newsledger.store.postgres.rows import key_of
from newsledger.store.postgres.term import Fetch, Term, alternatives, rarest_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from newsledger.store.base import Query, QueryItem

# So many ordered ranges are merged while reading; more are collected beforehand.
MERGED = 12

_COLUMNS = "event.position, event.type, event.tags, event.data, event.checksum"
_FOUND = "LEFT JOIN event ON event.position = found.position"


def plan(
    fetch: Fetch,
    type_ids: Callable[[Iterable[str]], dict[str, int]],
    query: Query | None,
    after: int,
    upto: int,
) -> Plan:
    """Decide how to find what matches above ``after`` and up to ``upto``.

    ``type_ids`` gives the numbers of those types that are known.
    """
    items = query.items if query is not None else []
    if not items or any(not item.types and not item.tags for item in items):
        return Everything(fetch, after, upto)
    terms = rarest_first(fetch, _wanted(type_ids, items), after, upto)
    kind = Streamed if len(terms) <= MERGED else Gathered
    return kind(fetch, terms, after, upto)


class Everything:
    """All events in a range: their positions are known without looking."""

    def __init__(self, fetch: Fetch, after: int, upto: int) -> None:
        self._fetch = fetch
        self._after = after
        self._upto = upto

    def page(self, after: int, size: int) -> list[Any]:
        """Read the next stretch of the table; a gap in it is damage."""
        last = min(after + size, self._upto)
        if last <= after:
            return []
        rows = self._fetch(
            f"SELECT {_COLUMNS} FROM event WHERE position > %s AND position <= %s"
            " ORDER BY position",
            (after, last),
        )
        if len(rows) != last - after:
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
    """The union of a few ordered ranges of the indexes, merged as it is read."""

    def __init__(self, fetch: Fetch, terms: Sequence[Term], after: int, upto: int) -> None:
        self._fetch = fetch
        self._terms = terms
        self._after = after
        self._upto = upto

    def page(self, after: int, size: int) -> list[Any]:
        """Merge the ranges from ``after`` on."""
        if not self._terms or after >= self._upto:
            return []
        sql, parameters = self._positions(after, size)
        # The left join keeps what the index knows and the table lacks, to be told of.
        return _complete(
            self._fetch(
                f"SELECT {_COLUMNS}, found.position FROM ({sql}) AS found {_FOUND}", parameters
            )
        )

    def last(self, limit: int) -> int | None:
        """Merge the ranges, positions only."""
        if not self._terms or self._after >= self._upto:
            return None
        sql, parameters = self._positions(self._after, limit)
        found = self._fetch(f"SELECT max(position) FROM ({sql}) AS found", parameters)[0][0]
        return int(found) if found is not None else None

    def any(self) -> bool:
        """Look for the first match."""
        return self.last(1) is not None

    def _positions(self, after: int, limit: int) -> tuple[str, list[Any]]:
        parts = [term.ordered(after, self._upto, limit) for term in self._terms]
        if len(parts) == 1:
            return parts[0]
        sql = " UNION ".join(f"({part})" for part, _ in parts)
        parameters = [value for _, values in parts for value in values]
        return f"{sql} ORDER BY position LIMIT %s", [*parameters, limit]


class Chosen:
    """The events at positions that are known, in order."""

    def __init__(self, fetch: Fetch, positions: Sequence[int]) -> None:
        self._fetch = fetch
        self._positions = positions

    def page(self, after: int, size: int) -> list[Any]:
        """Fetch the events at the next positions."""
        start = bisect_right(self._positions, after)
        wanted = list(self._positions[start : start + size])
        if not wanted:
            return []
        return _complete(
            self._fetch(
                f"SELECT {_COLUMNS}, found.position FROM unnest(%s::bigint[]) AS found(position)"
                f" {_FOUND}",
                (wanted,),
            )
        )

    def last(self, limit: int) -> int | None:
        """Look it up."""
        positions = self._positions[:limit]
        return positions[-1] if positions else None

    def any(self) -> bool:
        """Tell whether there is one."""
        return bool(self._positions)


class Gathered:
    """The union of many ranges, collected when the first page is asked for."""

    def __init__(self, fetch: Fetch, terms: Sequence[Term], after: int, upto: int) -> None:
        self._fetch = fetch
        self._terms = terms
        self._after = after
        self._upto = upto
        self._found: Chosen | None = None

    def page(self, after: int, size: int) -> list[Any]:
        """Fetch the events at the next collected positions."""
        return self._chosen().page(after, size)

    def last(self, limit: int) -> int | None:
        """Look it up in what was collected."""
        return self._chosen().last(limit)

    def any(self) -> bool:
        """Look for one match in one range after the other, collecting nothing."""
        if self._after >= self._upto:
            return False
        statements = alternatives(self._terms, self._after, self._upto, 1)
        return any(self._fetch(sql, parameters) for sql, parameters in statements)

    def _chosen(self) -> Chosen:
        if self._found is None:
            found: set[int] = set()
            for sql, parameters in alternatives(self._terms, self._after, self._upto, None):
                found.update(row[0] for row in self._fetch(sql, parameters))
            self._found = Chosen(self._fetch, array("q", sorted(found)))
        return self._found


def _wanted(
    type_ids: Callable[[Iterable[str]], dict[str, int]], items: Sequence[QueryItem]
) -> list[tuple[tuple[bytes, ...], tuple[int, ...]]]:
    """Return the tags and types that each item asks for, without repetitions.

    An item that names only unknown types, or what no store can hold, matches nothing.
    """
    numbers = type_ids(name for item in items for name in item.types)
    wanted: dict[tuple[tuple[bytes, ...], tuple[int, ...]], None] = {}
    for item in items:
        if not all(map(storable, item.tags)):
            continue
        types = tuple(sorted({numbers[name] for name in item.types if name in numbers}))
        if item.types and not types:
            continue
        tags = tuple(dict.fromkeys(key_of(tag.encode()) for tag in item.tags))
        if tags:
            wanted[tags, types] = None
        else:
            wanted.update(dict.fromkeys(((), (number,)) for number in types))
    return list(wanted)


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
        f"the entry at position {position} is missing; restore a backup", position=position
    )
