"""Naming: the entities that a content names; an outcome those of what it refers to.

What an outcome refers to may be amended, so it may name an entity for some of the time only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from newsledger.engine.about import Scope
from newsledger.reports import Line

Span: TypeAlias = tuple[int, int, Line]
Standing: TypeAlias = dict[str, list[Span]]
"""By root, what stands in a report's place from when to when."""


def within_scope(span: Span, standing: Standing, scope: Scope) -> Iterator[Span]:
    """Yield the parts of an outcome's span in which it names what is asked for."""
    since, until, line = span
    ticks = [since, *sorted(t for t in _changes(line, standing) if since < t < until), until]
    begun: int | None = None
    for tick in ticks[:-1]:
        admitted = scope.admits(_named(line, tick, standing))
        if admitted and begun is None:
            begun = tick
        if not admitted and begun is not None:
            yield begun, tick, line
            begun = None
    if begun is not None:
        yield begun, until, line


def _named(line: Line, tick: int, standing: Standing) -> set[str]:
    named = set(line.entry.event.entities)
    seen: set[str] = set()
    while line.of is not None and line.of not in seen:
        seen.add(line.of)
        there = (
            other for since, until, other in standing.get(line.of, ()) if since <= tick < until
        )
        target = next(there, None)
        if target is None:
            break
        line = target
        named |= line.entry.event.entities
    return named


def _changes(line: Line, standing: Standing) -> set[int]:
    """Find where what is referred to changes, directly or by way of other outcomes."""
    ticks: set[int] = set()
    seen: set[str] = set()
    waiting = [line]
    while waiting:
        of = waiting.pop().of
        if of is None or of in seen:
            continue
        seen.add(of)
        for since, until, other in standing.get(of, ()):
            ticks |= {since, until}
            waiting.append(other)
    return ticks
