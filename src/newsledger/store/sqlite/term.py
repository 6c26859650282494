# ruff: noqa: S608 -- statements are put together from constants; values travel as parameters
"""One range of an index, narrowed by others: the piece that queries are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

# SQLite joins at most 64 tables; what is left over is counted instead.
_JOINED = 40
# How far tags are counted to find the rarest: first so many, then eight times as many, …
_FIRST_GLANCE = 64
_LAST_GLANCE = 1 << 16
# So many are counted by one statement.
_COUNTED = 100

_EVENT = "SELECT t0.position AS position FROM event AS t0"
_TAG = "SELECT t0.position AS position FROM event_tag AS t0"
_RANGE = "t0.position > ? AND t0.position <= ?"


@dataclass(frozen=True, slots=True)
class Term:
    """A SELECT of the column ``position``, in order if it has one range, without repetitions.

    Its parameters are ``head``, the two bounds of positions, then ``tail``. ``type_id``: of one
    that is all events of a type.
    """

    sql: str
    head: tuple[Any, ...]
    tail: tuple[Any, ...] = ()
    type_id: int | None = None

    def parameters(self, after: int, upto: int) -> list[Any]:
        """Return the values for the marks in ``sql``, in their order."""
        return [*self.head, after, upto, *self.tail]

    @classmethod
    def typed(cls, type_id: int) -> Self:
        """All events of one type."""
        return cls(
            f"{_EVENT} WHERE t0.type = ? AND {_RANGE}",
            (type_id,),
            type_id=type_id,
        )

    @classmethod
    def any_tag(cls, tags: tuple[str, ...]) -> Self:
        """All events with any of these tags, sorted each time: for many small ranges."""
        marks = ",".join("?" * len(tags))
        return cls(
            f"{_TAG.replace('SELECT', 'SELECT DISTINCT')} WHERE t0.tag IN ({marks}) AND {_RANGE}",
            tags,
        )

    @classmethod
    def tagged(cls, tags: tuple[str, ...], types: tuple[int, ...] = ()) -> Self:
        """All events with all of these tags, found by the first, and one of the types."""
        return cls(_tagged(len(tags), len(types)), tags[:1], (*types, *tags[1:]))

    @classmethod
    def typed_and_tagged(cls, type_id: int, tags: tuple[str, ...]) -> Self:
        """All events with all of these tags and this type, found by the type."""
        joins, narrow = _narrowed(len(tags))
        return cls(
            f"{_EVENT}{joins} WHERE t0.type = ? AND {_RANGE}{narrow}",
            (type_id,),
            tags,
        )


@lru_cache(maxsize=64)
def _tagged(tags: int, types: int) -> str:
    of_type = f" AND t0.type IN ({','.join('?' * types)})" if types else ""
    joins, narrow = _narrowed(tags - 1)
    return f"{_TAG}{joins} WHERE t0.tag = ? AND {_RANGE}{of_type}{narrow}"


def _narrowed(tags: int) -> tuple[str, str]:
    """Return joins and conditions that ask for so many more tags, which are their parameters."""
    joined = min(tags, _JOINED)
    # CROSS is what keeps SQLite from choosing another order than ours.
    joins = "".join(f" CROSS JOIN event_tag AS t{n}" for n in range(1, joined + 1))
    narrow = "".join(
        f" AND t{n}.tag = ? AND t{n}.position = t0.position" for n in range(1, joined + 1)
    )
    if counted := tags - joined:
        marks = ",".join("?" * counted)
        narrow += (
            " AND (SELECT count(*) FROM event_tag AS c"
            f" WHERE c.tag IN ({marks}) AND c.position = t0.position) = {counted}"
        )
    return joins, narrow


def rarest_first(
    fetch: Callable[[str, Sequence[Any]], list[Any]],
    tags: tuple[str, ...],
    types: tuple[int, ...],
    after: int,
    upto: int,
    *,
    counts: dict[Term, int],
) -> Term:
    """Return the term for these tags and types that begins with the shortest range.

    Ranges are counted only as far as it takes to see which is the shortest. ``counts`` remembers
    between the items of one query.
    """
    if len(tags) == 1 and len(types) != 1:
        return Term.tagged(tags, types)
    ranges: dict[Term, str | None] = {Term.tagged((tag,)): tag for tag in tags}
    if len(types) == 1:
        ranges[Term.typed(types[0])] = None
    glance = _FIRST_GLANCE
    while True:
        unsure = [term for term in ranges if counts.get(term, glance // 8) >= glance // 8]
        for start in range(0, len(unsure), _COUNTED):
            some = unsure[start : start + _COUNTED]
            parts = [f"(SELECT count(*) FROM ({term.sql} LIMIT ?))" for term in some]
            values = [one for term in some for one in (*term.parameters(after, upto), glance)]
            counts.update(zip(some, fetch(f"SELECT {', '.join(parts)}", values)[0], strict=True))
        ordered = sorted(ranges, key=counts.__getitem__)
        if counts[ordered[0]] < glance or glance >= _LAST_GLANCE:
            break
        glance *= 8
    by_rarity = tuple(tag for term in ordered if (tag := ranges[term]) is not None)
    if ranges[ordered[0]] is None:
        return Term.typed_and_tagged(types[0], by_rarity)
    return Term.tagged(by_rarity, types)
