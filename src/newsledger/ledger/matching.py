"""Matching: which entries of the log, as recorded, a reader asked for.

An amendment matches when anything in its chain does, so that whoever follows an entity also
hears that a report of it was changed into one of another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from uuid import UUID

import attrs

from newsledger.codec import type_name
from newsledger.engine import Scope
from newsledger.events import OutcomeRecorded
from newsledger.index.log import Log
from newsledger.index.seeds import seeds
from newsledger.reports import Entry

Names = Callable[[Entry], frozenset[str]]


@attrs.frozen
class Wanted:
    """What a reader asks for: types (none: all), entities, and a test of its own."""

    types: frozenset[str]
    scope: Scope
    test: Callable[[Entry], bool] | None = None

    def admits(self, entry: Entry, names: Names) -> bool:
        """Tell whether one entry by itself is asked for."""
        return (
            (not self.types or type_name(entry.event) in self.types)
            and (not self.scope or self.scope.admits(names(entry)))
            and (self.test is None or self.test(entry))
        )


def matching(log: Log, wanted: Wanted, *, after: int = 0, upto: int) -> Iterator[Entry]:
    """Yield what matches after one position and up to another, in position order.

    Without entities the log is streamed; with them, what names them is read at once.
    """
    if wanted.scope:
        yield from _about(log, wanted, after, upto)
        return
    everything = not wanted.types and wanted.test is None
    query = seeds(wanted.types, wanted.scope, dangling=False)
    for entry in log.read(query, after=after, upto=upto):
        alone = everything or entry.amends is None
        relatives = [entry] if alone else log.chain(entry.root, upto=upto)
        if any(wanted.admits(one, _own_names) for one in relatives):
            yield entry


def _about(log: Log, wanted: Wanted, after: int, upto: int) -> Iterator[Entry]:
    lines = log.gather(wanted.types, wanted.scope, after=after, upto=upto)
    gathered = [line.entry for line in lines]
    chains: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in gathered:
        chains[entry.root].append(entry)

    def names(entry: Entry, seen: frozenset[UUID] = frozenset()) -> frozenset[str]:
        named = entry.event.entities
        if isinstance(entry.event, OutcomeRecorded):
            root = entry.root_of(entry.event.of)
            if root not in seen:
                for other in chains.get(root, ()):
                    named |= names(other, seen | {root})
        return named

    for entry in gathered:
        relatives = [entry] if entry.amends is None else chains[entry.root]
        if entry.position > after and any(wanted.admits(one, names) for one in relatives):
            yield entry


def _own_names(entry: Entry) -> frozenset[str]:
    return entry.event.entities
