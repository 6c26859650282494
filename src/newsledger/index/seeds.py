"""Seeds: what is looked for first, to find all that can matter to a question."""

from __future__ import annotations

from newsledger.engine import Scope
from newsledger.events import ERASED, RESERVED, OutcomeRecorded
from newsledger.reports import Line, tags
from newsledger.store import Query, QueryItem

TOMBSTONES = QueryItem(types=[ERASED])
_OUTCOME = OutcomeRecorded.TYPE.name


def without_strangers(found: dict[int, Line]) -> dict[int, Line]:
    """Leave out what was erased in chains of which nothing else was found."""
    roots = {line.root for line in found.values() if not line.erased}
    return {at: line for at, line in found.items() if not line.erased or line.root in roots}


def seeds(
    types: frozenset[str], scope: Scope, *, dangling: bool, erased: bool = False
) -> Query | None:
    """Make the query for what bears the wanted types and entities itself, or by inheritance.

    ``erased``: and for what was erased, which bears no entities, yet may have amended such.
    """
    if not types and not scope:
        return None
    kinds = sorted(types | RESERVED) if types else []
    names = sorted(scope.names)
    if scope.every:
        items = [QueryItem(types=kinds, tags=[*map(tags.entity_tag, names)])]
    elif names:
        items = [QueryItem(types=kinds, tags=[tags.entity_tag(name)]) for name in names]
    else:
        items = [QueryItem(types=kinds)]
    if erased and scope:
        items.append(TOMBSTONES)
    if dangling:
        items.append(QueryItem(types=[_OUTCOME, *sorted(RESERVED)], tags=[tags.DANGLING]))
    return Query(items=items)
