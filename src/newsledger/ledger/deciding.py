"""Deciding: pairs of entries whose order the dates leave open, although the answer hangs on it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

from newsledger.engine import Projection, answer_of, by_key, fold, is_keyed, step
from newsledger.ledger.seen import Seen
from newsledger.reports import Entry

Pair: TypeAlias = tuple[Entry, Entry]


def undetermined(view: Seen, projection: Projection[Any]) -> tuple[Pair, ...]:
    """List the undecided pairs, each in fold order.

    A projection that reasons with windows says so itself. Of any other, two entries are a pair
    when their onset windows overlap, so that either can have come first, and when folding them
    in the other order at the place of the first gives another answer. The cost grows with the
    number of overlapping pairs (of one key, where keyed).
    """
    entries = view.read_by(projection)
    groups: dict[Hashable, list[Entry]] = (
        by_key(projection, entries) if is_keyed(projection) else {None: entries}
    )
    found: dict[tuple[int, int], Pair] = {}
    for group in groups.values():
        told = projection.undetermined(fold(projection, group))
        pairs = _by_trying(view, projection, group) if told is None else told
        found.update(((a.position, b.position), (a, b)) for a, b in pairs)
    return tuple(found.values())


def _by_trying(view: Seen, projection: Projection[Any], entries: Sequence[Entry]) -> list[Pair]:
    pairs = []
    before = projection.initial()
    for index, first in enumerate(entries):
        for second in entries[index + 1 :]:
            if either_first(first, second):
                one = step(projection, step(projection, before, first), second)
                other = step(projection, step(projection, before, second), first)
                if answer_of(projection, one, view) != answer_of(projection, other, view):
                    pairs.append((first, second))
        before = step(projection, before, first)
    return pairs


def either_first(a: Entry, b: Entry) -> bool:
    """Tell whether each can have begun before the other: their windows overlap."""
    (a_start, a_stop), (b_start, b_stop) = a.onset, b.onset
    return (b_stop is None or a_start is None or a_start < b_stop) and (
        a_stop is None or b_start is None or b_start < a_stop
    )
