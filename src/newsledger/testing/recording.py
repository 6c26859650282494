"""Recording as the contract says: which entries are new, and what they bear."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

import attrs

from newsledger.engine import Projection, scope_of
from newsledger.fields import changed
from newsledger.reports import Entry, Report, Source
from newsledger.testing import oracle


@attrs.frozen
class Anew:
    """What is to be recorded: a report, or an amendment of one."""

    report: Report
    kind: str = "report"
    amends: UUID | None = None
    ours: bool = False
    reason: str = ""

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What tells it from everything else that is recorded with it."""
        return (self.kind, self.amends, *oracle.said(self.report, self.report.source))


Wanted: TypeAlias = Entry | Anew


def told(log: list[Entry], report: Report) -> Wanted:
    """Say what an append gives: the entry that is there, or a new one."""
    return oracle.same_report(log, report) or Anew(report)


def amended(
    log: list[Entry],
    target: Entry,
    kind: str,
    source: Source | None,
    *,
    reason: str,
    changes: Mapping[str, Any] = MappingProxyType({}),
) -> Wanted:
    """Say what an amendment gives."""
    ours = source is None
    report = changed(target.report, source=source or target.source, **changes)
    there = oracle.same_amendment(log, target.id, kind, report, ours=ours, reason=reason)
    return there or Anew(report, kind, target.id, ours, reason)


def withdrawn(
    log: list[Entry], what: Source | str, source: Source | None, reason: str
) -> list[Wanted]:
    """Say what a withdrawal gives, in the order of what it retracts."""
    named = {entry.source.id for entry in log if what in (entry.source, entry.source.url)}
    ids = named | ({what.id} if isinstance(what, Source) else set())
    return [
        Anew(
            changed(entry.report, source=source or entry.source),
            "retraction",
            entry.id,
            source is None,
            reason,
        )
        for entry in oracle.to_withdraw(log, ids)
    ]


def read_since(log: list[Entry], projection: Projection[Any], position: int) -> list[Entry]:
    """Say what a projection reads of what was recorded after a position: what overtakes it.

    An amendment counts when anything in its chain does.
    """
    scope = scope_of(projection.about())
    own = {
        entry.id: projection.handler_of(entry) is not None
        and scope.admits(oracle.ever(entry.event, log))
        for entry in log
    }
    chains = {entry.root: any(own[e.id] for e in log if e.root == entry.root) for entry in log}
    return [
        entry
        for entry in log
        if entry.position > position and (chains[entry.root] if entry.amends else own[entry.id])
    ]


def faults(
    log: list[Entry],
    new: list[Entry],
    wanted: Sequence[Wanted],
    given: Sequence[Entry],
    now: datetime,
) -> list[str]:
    """Say what is wrong with what a call recorded and gave, or nothing."""
    if len(given) != len(wanted):
        return [f"it gave {len(given)} entries for {len(wanted)}"]
    wrong = []
    made: dict[tuple[Hashable, ...], Entry] = {}
    for entry, one in zip(given, wanted, strict=True):
        if isinstance(one, Entry):
            if entry != one:
                wrong.append(f"it gave {entry!r} for what is there as {one!r}")
        elif one.key in made:
            if made[one.key] != entry:
                wrong.append(f"it gave {entry!r} for the same as {made[one.key]!r}")
        else:
            made[one.key] = entry
            wrong += _new(log, entry, one, now)
    if sorted(made.values(), key=_position) != new:
        wrong.append(f"it recorded {new!r}, and gave as new {list(made.values())!r}")
    return wrong


def _position(entry: Entry) -> int:
    return entry.position


def _new(log: list[Entry], entry: Entry, one: Anew, now: datetime) -> list[str]:
    """Say what is wrong with an entry that should be new."""
    if any(entry.id == other.id for other in log):
        return [f"it gave {entry!r}, which was there, for {one!r}"]
    amends = next((other for other in log if other.id == one.amends), None)
    expected = {
        "kind": one.kind,
        "amends": one.amends,
        "root": entry.id if amends is None else amends.root,
        "ours": one.ours,
        "reason": one.reason,
        "recorded": max([now, *(other.recorded for other in log)]),
    }
    wrong = [
        f"{name} is {getattr(entry, name)!r}, not {value!r}"
        for name, value in expected.items()
        if getattr(entry, name) != value
    ]
    numbered = changed(one.report, ordinal=entry.report.ordinal)
    if entry.report != numbered or one.report.ordinal not in {None, entry.ordinal}:
        wrong.append(f"it holds {entry.report!r}, not {one.report!r}")
    if one.kind == "report" and entry.id != one.report.id:
        wrong.append(f"its id is {entry.id}, not {one.report.id}")
    return [f"of the new entry {entry.position}, {fault}" for fault in wrong]
