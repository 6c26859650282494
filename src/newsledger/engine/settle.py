"""Settling: which content stands after all amendments, and which amendments compete.

This is the third step of what a view shows. Amendments can be amended in turn, so effects are
settled from the far end of each chain: an amendment always stands at a later position than what
it amends, so one walk from the last entry to the first knows the effect of every amendment
before it is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

import attrs

from newsledger.reports import Entry


@attrs.frozen
class Conflict:
    """Several amendments with an effect on one entry; ``decided`` is the one that counts."""

    target: Entry
    amendments: tuple[Entry, ...]

    @property
    def decided(self) -> Entry:
        """The last by publication, then by position."""
        return self.amendments[-1]


@attrs.frozen
class Shown:
    """What stands in a report's place: the entry whose content is shown, and the report."""

    entry: Entry
    report: Entry


@attrs.frozen
class Settled:
    """The outcome of settling: what is shown by root, the effect of every entry, conflicts."""

    shown: dict[UUID, Shown]
    effects: dict[UUID, Entry | None]
    conflicts: tuple[Conflict, ...]


def settle(entries: Iterable[Entry]) -> Settled:
    """Settle the amendments among ``entries``; those whose target is missing have no effect.

    The effect of an entry is the entry whose content it now stands for: its own, a correction's,
    a retraction (which takes its target out), or None: it is itself taken out.
    """
    by_position = sorted(entries, key=lambda entry: entry.position, reverse=True)
    amendments: dict[UUID, list[Entry]] = defaultdict(list)
    effects: dict[UUID, Entry | None] = {}
    shown: dict[UUID, Shown] = {}
    conflicts = []
    for entry in by_position:
        effective = sorted(amendments.pop(entry.id, ()), key=rank)
        if len(effective) > 1:
            conflicts.append(Conflict(entry, tuple(effective)))
        effect = effects[effective[-1].id] if effective else entry
        if effective and effect is not None and effect.kind == "retraction":
            effect = None
        effects[entry.id] = effect
        if entry.amends is None:
            if effect is not None:
                shown[entry.id] = Shown(effect, entry)
        elif effect is not None:
            amendments[entry.amends].append(entry)
    conflicts.reverse()
    return Settled(shown, effects, tuple(conflicts))


def rank(amendment: Entry) -> tuple[object, int]:
    """Order competing amendments: the last by publication, then by position, decides."""
    return (amendment.published.stop, amendment.position)
