"""Findings: what an audit gives."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from newsledger.reports import Entry

Kind: TypeAlias = Literal[
    "unconfirmed forecast", "forecast dated differently", "contradiction", "overdue", "erased"
]


@attrs.frozen
class Finding:
    """One thing to look at, and the entries that it is about."""

    kind: Kind
    message: str
    entries: tuple[Entry, ...] = attrs.field(repr=False)

    def __str__(self) -> str:
        where = ", ".join(f"#{entry.position}" for entry in self.entries)
        return f"{self.kind}: {self.message} ({where})"


class Audit(tuple[Finding, ...]):
    """The findings of an audit: a tuple that prints one a line."""

    __slots__ = ()

    def of(self, kind: Kind) -> Audit:
        """Keep the findings of one kind."""
        return Audit(finding for finding in self if finding.kind == kind)

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "nothing to look at"
