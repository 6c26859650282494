"""What a user of another tool would load: one row for each content that stands, and while it does.

Amendments are settled here once, at load, by the rules as the testing kit's oracle states them
(plain Python, nothing of the engine). A row says from when until when, in known time, a report had
this content. So other tools need no recursion to answer: they take the rows that are known at K and
have begun by V, and of each key the last in fold order. ``place`` is the row's number in fold
order, worked out beforehand, which is the most that a table can do for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from newsledger import BaseStatusReported, Entry, Ledger
from newsledger.testing import oracle

VERSION = 2  # of these rows: another one makes new tables
END = datetime(9999, 12, 31)  # noqa: DTZ001 (tables hold naive UTC)


class Row(NamedTuple):
    """One content of one report, while it stands."""

    key: str  # the organisation or the base
    value: str  # the member who came or went, or the status
    kind: str
    stop: datetime
    start: datetime
    weight: int
    published: datetime
    ordinal: int
    root: str
    position: int  # of the entry with this content
    known_from: datetime
    known_to: datetime

    @property
    def fold_key(self) -> tuple[Any, ...]:
        return (*self[3:9], self.known_from)


def rows(ledger: Ledger, upto: int | None = None) -> list[Row]:
    """Give the rows for what is recorded by a position, in fold order."""
    upto = ledger.position if upto is None else upto
    single: dict[str, Row] = {}
    chains: dict[str, list[Entry]] = {}
    for entry in ledger.entries(limit=upto):
        if entry.kind == "report":
            single[str(entry.id)] = _row(entry, entry, oracle.stop_of(entry), None)
        else:
            chains.setdefault(str(entry.root), []).append(entry)
    found = [row for root, row in single.items() if root not in chains]
    for root, amendments in chains.items():
        report = ledger.get(root)
        found += _settled(report, sorted([report, *amendments], key=lambda one: one.position))
    return sorted(found, key=lambda row: row.fold_key)


def _settled(report: Entry, chain: Sequence[Entry]) -> Iterator[Row]:
    """Give what stands in a report's place, from each moment at which that changes."""
    since, shown = None, None
    for moment in sorted({oracle.stop_of(entry) for entry in chain}):
        seen = oracle.visible(list(chain), chain[-1].position, moment)
        now = oracle.effect(report, seen) if report in seen else None
        now = now if isinstance(now, Entry) else None
        if now is not shown:
            if shown is not None:
                yield _row(report, shown, since, moment)
            since, shown = moment, now
    if shown is not None:
        yield _row(report, shown, since, None)


def _row(report: Entry, shown: Entry, since: datetime, until: datetime | None) -> Row:
    event = shown.event
    if isinstance(event, BaseStatusReported):
        key, value = event.base, event.status
    else:
        key, value = event.organization, event.member
    stop, start, weight, published, ordinal, root = oracle.fold_key(report, shown, "certain")
    return Row(
        key,
        value,
        event.TYPE.name,
        stop.replace(tzinfo=None),
        start.replace(tzinfo=None),
        weight,
        published.replace(tzinfo=None),
        ordinal,
        str(root),
        shown.position,
        since.replace(tzinfo=None),
        END if until is None else until.replace(tzinfo=None),
    )
