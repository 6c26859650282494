"""Deciding: pairs of entries whose order the dates leave open, although the answer hangs on it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

from newsledger.engine import Handler, Projection, answer_of, fold, is_keyed, keys_of, step
from newsledger.ledger.seen import Seen
from newsledger.reports import Entry

Pair: TypeAlias = tuple[Entry, Entry]
Read: TypeAlias = tuple[Entry, Handler]


def undetermined(view: Seen, projection: Projection[Any]) -> tuple[Pair, ...]:
    """List the undecided pairs, each in fold order.

    A projection that reasons with windows says so itself. Of any other, two entries are a pair
    when their onset windows overlap, so that either can have come first, and when folding them
    in the other order at the place of the first gives another answer. The cost grows with the
    number of overlapping pairs (of one key, where keyed).
    """
    groups: dict[Hashable, list[Read]] = {None: []}
    for entry, handler in view.read_by(projection):
        for key in keys_of(projection, entry) if is_keyed(projection) else (None,):
            groups.setdefault(key, []).append((entry, handler))
    found: dict[tuple[int, int], Pair] = {}
    for group in groups.values():
        told = projection.undetermined(fold(projection, group))
        pairs = _by_trying(view, projection, group) if told is None else told
        found.update(((a.position, b.position), (a, b)) for a, b in pairs)
    return tuple(found.values())


def _by_trying(view: Seen, projection: Projection[Any], read: Sequence[Read]) -> list[Pair]:
    pairs = []
    before = projection.initial()
    for index, (first, take_first) in enumerate(read):
        for second, take_second in read[index + 1 :]:
            if either_first(first, second):
                one = step(take_second, step(take_first, before, first), second)
                other = step(take_first, step(take_second, before, second), first)
                if answer_of(projection, one, view) != answer_of(projection, other, view):
                    pairs.append((first, second))
        before = step(take_first, before, first)
    return pairs


def either_first(a: Entry, b: Entry) -> bool:
    """Tell whether each can have begun before the other: their windows overlap."""
    (a_start, a_stop), (b_start, b_stop) = a.onset, b.onset
    return (b_stop is None or a_start is None or a_start < b_stop) and (
        a_stop is None or b_start is None or b_start < a_stop
    )
