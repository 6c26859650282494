"""Amendment: what is to be appended to a chain, and when it is there already."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import attrs

from newsledger.codec import digest
from newsledger.engine import rank, settle
from newsledger.reports import Entry, Report, Source, line_of, said

UNSAID = ("confidence", "quote", "ordinal", "ref", "note")
"""What a report holds beyond what its source says; its id does not cover it."""


@attrs.frozen
class Amendment:
    """What is to be appended to a chain."""

    target: UUID
    kind: str
    source: Source | None
    reason: str
    change: Callable[[Report], Report]


def amendment_id(
    wanted: Amendment, report: Report, target: Entry, chain: list[Entry]
) -> tuple[UUID, Entry | None]:
    """Identify an amendment, and find the equal one that still stands.

    The id counts the earlier equal ones. The last of them is kept as long as nothing has amended
    it and, for our own, as long as it is the one that decides. One that was erased is kept in any
    case: what it said is not to be recorded again.
    """
    content = {
        **said(report),
        "kind": wanted.kind,
        "amends": str(target.id),
        "reason": wanted.reason,
        **({} if wanted.source is None else {"source": str(wanted.source.id)}),
    }
    by_id = {entry.id: entry for entry in chain}
    equal: list[Entry] = []
    while (id := digest({**content, "earlier": len(equal)})) in by_id:
        equal.append(by_id[id])
    if equal and equal[-1].erased is not None:
        return equal[-1].id, equal[-1]
    if not equal or any(entry.amends == equal[-1].id for entry in chain):
        return id, None
    # What is not said is not in the id, but who gives another quote or note amends again.
    if any(getattr(equal[-1].report, name) != getattr(report, name) for name in UNSAID):
        return id, None
    if wanted.source is None and _deciding(target, chain) != equal[-1].id:
        return id, None
    return equal[-1].id, equal[-1]


def _deciding(target: Entry, chain: list[Entry]) -> UUID | None:
    lines = [line_of(entry) for entry in chain]
    effects = settle(lines).effects
    at = str(target.id)
    effective = [line for line in lines if line.amends == at and effects[line.id] is not None]
    return UUID(max(effective, key=rank).id) if effective else None
