"""Diff: what is different between two states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set as AbstractSet
from typing import Any

import attrs

from newsledger.engine import MISSING


@attrs.frozen
class Diff:
    """What a later state has, lost and changed against an earlier one.

    Of mappings: ``added`` and ``removed`` map keys to values, ``changed`` maps keys to (before,
    after). Of sets: ``added`` and ``removed`` are frozensets. Of the built-in states, and any
    other attrs class, ``changed`` goes by the names of its fields; of anything else its only key
    is "state". An empty diff is false.
    """

    added: Any
    removed: Any
    changed: Mapping[Any, tuple[Any, Any]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def diff_of(changes: Iterable[tuple[Any, Any, Any]]) -> Diff:
    """Put together what may have changed: keys with their states before and after, or MISSING."""
    found = Diff({}, {}, {})
    for key, before, after in changes:
        if before is MISSING:
            if after is not MISSING:
                found.added[key] = after
        elif after is MISSING:
            found.removed[key] = before
        elif before != after:
            found.changed[key] = (before, after)  # type: ignore[index]  # made a few lines above
    return found


def diff(before: Any, after: Any) -> Diff:
    """Compare two states of one projection; the cost grows with their size."""
    if isinstance(before, AbstractSet) and isinstance(after, AbstractSet):
        return Diff(frozenset(after - before), frozenset(before - after), {})
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return Diff(
            {key: after[key] for key in after if key not in before},
            {key: before[key] for key in before if key not in after},
            {
                key: (before[key], after[key])
                for key in before
                if key in after and before[key] != after[key]
            },
        )
    if attrs.has(type(before)) and type(before) is type(after):
        pairs = {
            a.name: (getattr(before, a.name), getattr(after, a.name))
            for a in attrs.fields(type(before))
            if a.eq and not a.name.startswith("_")
        }
        return Diff({}, {}, {name: pair for name, pair in pairs.items() if pair[0] != pair[1]})
    return Diff({}, {}, {} if before == after else {"state": (before, after)})
