# ruff: noqa: S608 -- statements are put together from constants; values travel as parameters
"""Ranges of the indexes, narrowed by others: the pieces that queries are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Fetch: TypeAlias = Callable[[str, Sequence[Any]], list[Any]]

# So many tags are asked for by joins; what is left over is counted.
_JOINED = 8
# How far tags are counted to find the rarest: first so many, then eight times as many, …
_FIRST_GLANCE = 64
_LAST_GLANCE = 1 << 16

_RANGE = "t0.position > %s AND t0.position <= %s"


@dataclass(frozen=True, slots=True)
class Term:
    """All events with all of some tags, found by the first, and one of some types, if any.

    ``by_type``: found by their one type instead, whose events are fewer than those of any tag.
    """

    tags: tuple[bytes, ...]
    types: tuple[int, ...] = ()
    by_type: bool = False

    def ordered(self, after: int, upto: int, limit: int) -> tuple[str, list[Any]]:
        """Return a SELECT of the first positions in order, without repetitions."""
        found_by_type = self.by_type or not self.tags
        if found_by_type:
            first, rest = f"event AS t0 {{}} WHERE t0.type = %s AND {_RANGE}", self.tags
            head: list[Any] = [self.types[0], after, upto]
        else:
            first, rest = f"event_tag AS t0 {{}} WHERE t0.tag = %s AND {_RANGE}", self.tags[1:]
            head = [self.tags[0], after, upto]
            if self.types:
                first += " AND t0.type = ANY(%s::bigint[])"
                head.append(list(self.types))
        joined, counted = rest[:_JOINED], rest[_JOINED:]
        joins = " ".join(
            f"JOIN event_tag AS t{n} ON t{n}.tag = %s AND t{n}.position = t0.position"
            for n in range(1, len(joined) + 1)
        )
        if counted:
            first += (
                " AND (SELECT count(*) FROM event_tag AS c WHERE c.tag = ANY(%s::bytea[])"
                " AND c.position = t0.position) = %s"
            )
            head += [list(counted), len(counted)]
        sql = f"SELECT t0.position FROM {first.format(joins)} ORDER BY t0.position LIMIT %s"
        return sql, [*joined, *head, limit]


def alternatives(
    terms: Sequence[Term], after: int, upto: int, limit: int | None
) -> list[tuple[str, list[Any]]]:
    """Return statements that select the positions of any of many terms, unordered.

    Those that ask for equally many tags and the same types are asked for by one statement.
    """
    shapes: dict[tuple[int, tuple[int, ...], bool], list[Term]] = {}
    for term in terms:
        shapes.setdefault((len(term.tags), term.types, term.by_type), []).append(term)
    return [_together(alike, after, upto, limit) for alike in shapes.values()]


def _together(
    terms: Sequence[Term], after: int, upto: int, limit: int | None
) -> tuple[str, list[Any]]:
    example = terms[0]
    count = len(example.tags)
    if example.by_type or not count or count > _JOINED:
        # Few are like this, and each is a range of its own.
        parts = [term.ordered(after, upto, limit or (1 << 62)) for term in terms]
        sql = " UNION ALL ".join(f"({part})" for part, _ in parts)
        return sql, [value for _, values in parts for value in values]
    columns = [f"w{n}" for n in range(count)]
    arrays = ", ".join(["%s::bytea[]"] * count)
    joins = " ".join(
        f"JOIN event_tag AS t{n} ON t{n}.tag = w.w{n}"
        + (f" AND {_RANGE}" if n == 0 else f" AND t{n}.position = t0.position")
        for n in range(count)
    )
    sql = f"SELECT t0.position FROM unnest({arrays}) AS w({', '.join(columns)}) {joins}"
    values: list[Any] = [[term.tags[n] for term in terms] for n in range(count)]
    values += [after, upto]
    if example.types:
        sql += " WHERE t0.type = ANY(%s::bigint[])"
        values.append(list(example.types))
    if limit is not None:
        sql += " LIMIT %s"
        values.append(limit)
    return sql, values


def rarest_first(
    fetch: Fetch,
    wanted: Sequence[tuple[tuple[bytes, ...], tuple[int, ...]]],
    after: int,
    upto: int,
) -> list[Term]:
    """Return a term for each pair of tags and types, that begins with its shortest range.

    Ranges are counted only as far as it takes to see which is the shortest, those of all terms
    together.
    """
    counts: dict[bytes | int, int] = {}
    glance = 0
    pending = [
        (tags, types) for tags, types in wanted if len(tags) > 1 or (tags and len(types) == 1)
    ]
    while pending and glance < _LAST_GLANCE:
        glance = glance * 8 or _FIRST_GLANCE
        asked = {
            key
            for tags, types in pending
            for key in (*tags, *(types if len(types) == 1 else ()))
            if counts.get(key, glance // 8) >= glance // 8
        }
        counts.update(_counted(fetch, asked, after, upto, glance))
        pending = [
            (tags, types)
            for tags, types in pending
            if min(counts[key] for key in (*tags, *(types if len(types) == 1 else ()))) >= glance
        ]
    return [_term(tags, types, counts) for tags, types in wanted]


def _term(tags: tuple[bytes, ...], types: tuple[int, ...], counts: dict[bytes | int, int]) -> Term:
    if len(tags) > 1:
        tags = tuple(sorted(tags, key=counts.__getitem__))
    by_type = bool(tags) and len(types) == 1 and counts[types[0]] < counts[tags[0]]
    return Term(tags, types, by_type)


def _counted(
    fetch: Fetch, asked: set[bytes | int], after: int, upto: int, glance: int
) -> dict[bytes | int, int]:
    """Count the range of each tag and type, as far as ``glance``."""
    counts: dict[bytes | int, int] = {}
    for table, column, kind in ("event_tag", "tag", "bytea"), ("event", "type", "bigint"):
        keys = [key for key in asked if isinstance(key, bytes) is (kind == "bytea")]
        if keys:
            rows = fetch(
                f"SELECT w.key, (SELECT count(*) FROM (SELECT FROM {table} AS t0 WHERE"
                f" t0.{column} = w.key AND {_RANGE} LIMIT %s) AS glance)"
                f" FROM unnest(%s::{kind}[]) AS w(key)",
                (after, upto, glance, keys),
            )
            counts.update(rows)
    return counts
