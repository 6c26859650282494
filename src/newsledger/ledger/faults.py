"""Faults: what a verification of a ledger gives."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

FaultKind: TypeAlias = Literal[
    "damaged", "unreadable", "id", "stamp", "type", "target", "tags", "index", "tile", "store"
]


@attrs.frozen
class Fault:
    """One thing that is not as it was recorded, or as it must be.

    ``position``: the entry that it concerns, None where that cannot be told. ``kind``:

    - "damaged": the entry is missing, or its row is not what was recorded,
    - "unreadable": it is what was recorded, and this process cannot read it,
    - "id": its id does not follow from its content, or two entries have one,
    - "stamp": it was recorded earlier than the entry before it,
    - "type": it is filed under the type of something else,
    - "target": what it amends is not there, or stands in another chain,
    - "tags": its tags do not follow from its content and what it refers to,
    - "index": the store finds it by other tags than it has,
    - "tile": a kept hash, of the 1,024 entries from this one on, is not theirs,
    - "store": the file itself is damaged.
    """

    position: int | None
    kind: FaultKind
    message: str

    def __str__(self) -> str:
        where = "" if self.position is None else f"#{self.position} "
        return f"{where}{self.kind}: {self.message}"


@attrs.frozen
class Verification:
    """What a verification found; true where nothing is wrong. It prints one fault a line.

    ``entries``: how many positions were checked. ``faults``: by position; of very many, the first
    10,000 that were met. ``count``: how many there are.
    """

    entries: int
    faults: tuple[Fault, ...]
    count: int

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.count

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        entries = f"{self.entries} {'entry' if self.entries == 1 else 'entries'}"
        if self.ok:
            return f"{entries}: no fault"
        untold = self.count - len(self.faults)
        return "\n".join(
            [
                f"{entries}: {self.count} {'fault' if self.count == 1 else 'faults'}",
                *map(str, self.faults),
                *([f"and {untold} more"] if untold else []),
            ]
        )
