"""Settling: which content stands after all amendments, and which amendments compete.

This is the third step of what a view shows. Amendments can be amended in turn, so effects are
settled from the far end of each chain: an amendment always stands at a later position than what
it amends, so one walk from the last entry to the first knows the effect of every amendment
before it is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import attrs

from newsledger.reports import Entry, Line


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
class Settled:
    """The outcome of settling some lines.

    ``shown``: what stands in each report's place, by root; nothing where what does was erased.
    ``effects``: of every line, the line whose content it now stands for: its own, a correction's, a
    retraction (which takes its target out), or None: it is itself taken out. ``rivals``: amendments
    with an effect on one line, where there are several, the last of which decides.
    """

    shown: dict[str, Line]
    effects: dict[str, Line | None]
    rivals: dict[str, list[Line]]


def settle(lines: Iterable[Line]) -> Settled:
    """Settle the amendments among ``lines``; those whose target is missing have no effect."""
    amendments: dict[str, list[Line]] = defaultdict(list)
    settled = Settled({}, {}, {})
    for line in sorted(lines, key=_position, reverse=True):
        effective = sorted(amendments.pop(line.id, ()), key=rank)
        if len(effective) > 1:
            settled.rivals[line.id] = effective
        effect = settled.effects[effective[-1].id] if effective else line
        if effective and effect is not None and effect.kind == "retraction":
            effect = None
        settled.effects[line.id] = effect
        if line.amends is None:
            if effect is not None and not effect.erased:
                settled.shown[line.id] = effect
        elif effect is not None:
            amendments[line.amends].append(line)
    return settled


def conflicts(lines: Iterable[Line]) -> tuple[Conflict, ...]:
    """List what competes among ``lines``, by the position of what is amended."""
    by_id = {line.id: line for line in lines}
    rivals = settle(by_id.values()).rivals
    return tuple(
        Conflict(by_id[target].entry, tuple(line.entry for line in rivals[target]))
        for target in sorted(rivals, key=lambda target: by_id[target].position)
    )


def rank(amendment: Line) -> tuple[int, int]:
    """Order competing amendments: the last by publication, then by position, decides."""
    return (amendment.published, amendment.position)


def _position(line: Line) -> int:
    return line.position
