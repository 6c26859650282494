"""The contract's rules as plain Python over a list of entries: what every answer is held against.

Slow and without cleverness, so that it can be checked against ``contract.md`` by reading. It knows
the values (entries, events, dates) and nothing of the engine, the ledger or the store.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from newsledger import Entry, Event, OutcomeRecorded, Report, Source

How: TypeAlias = Callable[[Iterable[bool]], bool]
"""The builtin ``any`` or ``all``: how many of the names in ``about`` must be named."""
Effect: TypeAlias = Entry | Literal["takes out"] | None
"""The entry whose content it puts in place, "takes out", or None where it has none."""
ALWAYS = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)


# Steps 1 and 2: recorded, known. The end of a point is the first instant after it; None: FOREVER.


def position_at(entries: list[Entry], end: datetime | None) -> int:
    """Give the last position before the first entry that is stamped later."""
    for entry in entries:
        if end is not None and entry.recorded >= end:
            return entry.position - 1
    return len(entries)


def visible(entries: list[Entry], position: int, known_end: datetime | None) -> list[Entry]:
    """Give what is recorded by the position and published by the end of known time."""
    known = (entry for entry in entries if stop_of(entry) <= (known_end or NEVER))
    return [entry for entry in known if entry.position <= position]


def stop_of(entry: Entry) -> datetime:
    """Give the end of its publication date."""
    return entry.published.stop or NEVER


# Step 3: amended.


def amendments(entry: Entry, seen: list[Entry]) -> list[tuple[Entry, Effect]]:
    """Give its visible amendments that have an effect, with that; the last one decides."""
    effects = [(other, effect(other, seen)) for other in seen if other.amends == entry.id]
    having = [(other, does) for other, does in effects if does is not None]
    return sorted(having, key=lambda one: (stop_of(one[0]), one[0].position))


def effect(entry: Entry, seen: list[Entry]) -> Effect:
    """Settle what an entry does, from the far end of its chain."""
    for _, does in reversed(amendments(entry, seen)):
        return None if does == "takes out" else does
    return "takes out" if entry.kind == "retraction" else entry


def standing(seen: list[Entry]) -> dict[UUID, tuple[Entry, Entry]]:
    """Give the reports that are not taken out, by id, each with the entry shown in its place.

    Where that was erased, nothing is shown.
    """
    shown = {}
    for entry in seen:
        does = effect(entry, seen) if entry.kind == "report" else None
        if isinstance(does, Entry) and does.erased is None:
            shown[entry.id] = (entry, does)
    return shown


def conflicts(seen: list[Entry]) -> list[tuple[Entry, tuple[Entry, ...]]]:
    """Give the entries on which more than one amendment has an effect, with those."""
    found = [(entry, tuple(a for a, _ in amendments(entry, seen))) for entry in seen]
    return [one for one in found if len(one[1]) > 1]


def erased(seen: list[Entry], valid_end: datetime | None, dates: str) -> list[Entry]:
    """Give what would be shown, had it not been erased, by position."""
    effects = [effect(entry, seen) for entry in seen if entry.kind == "report"]
    gone = [one for one in effects if isinstance(one, Entry) and one.erased is not None]
    return sorted(
        (one for one in gone if begun(one.event, valid_end, dates)), key=lambda one: one.position
    )


# Step 4: valid. Step 5: fold order.


def begun(event: Event, valid_end: datetime | None, dates: str) -> bool:
    """Say whether it has certainly begun, or may have."""
    start, stop = event.onset
    if dates == "certain":
        return stop is not None and (valid_end is None or stop <= valid_end)
    return start is None or valid_end is None or start < valid_end


def fold_key(report: Entry, shown: Entry, dates: str) -> tuple[Any, ...]:
    """Give the place of a shown entry in fold order."""
    start, stop = shown.event.onset
    onset = (start or ALWAYS, stop or NEVER)
    weight = {"opinion": 0, "rumour": 1, "claim": 2, "fact": 3}[shown.assertion]
    return (
        *(onset if dates == "possible" else reversed(onset)),
        0 if shown.background else weight,
        stop_of(shown),
        report.ordinal,
        report.root,
    )


def show(seen: list[Entry], valid_end: datetime | None, dates: str) -> list[Entry]:
    """Give what a view shows of what is visible at it, in fold order."""
    pairs = [pair for pair in standing(seen).values() if begun(pair[1].event, valid_end, dates)]
    return [shown for _, shown in sorted(pairs, key=lambda pair: fold_key(pair[0], pair[1], dates))]


# What it names. An outcome names what the report that it refers to names, as shown at the view.


def names(
    event: Event, seen: list[Entry], recorded: list[Entry], passed: frozenset[UUID] = frozenset()
) -> frozenset[str]:
    """Give the entities of an event as seen among visible entries; references lead to roots."""
    if not isinstance(event, OutcomeRecorded) or event.of in passed:
        return event.entities
    roots = [entry.root for entry in recorded if entry.id == event.of]
    referred = standing(seen).get(roots[0]) if roots else None
    passed |= {event.of}
    return names(referred[1].event, seen, recorded, passed) if referred else frozenset()


def matches(
    event: Event, named: frozenset[str], types: Collection[type], about: Collection[str], how: How
) -> bool:
    """Say whether an event is of one of the types (none: of any) and about the entities."""
    return (not types or type(event) in types) and (
        not about or how(name in named for name in about)
    )


# The log.


def ever(event: Event, log: list[Entry], passed: frozenset[UUID] = frozenset()) -> frozenset[str]:
    """Give the entities of an event, of an outcome those of all in the chain it refers to."""
    named = event.entities
    if isinstance(event, OutcomeRecorded):
        roots = {entry.root for entry in log if entry.id == event.of} - passed
        chain = [entry for entry in log if entry.root in roots]
        named = named.union(*(ever(entry.event, log, passed | roots) for entry in chain))
    return named


def matching(
    log: list[Entry], types: Collection[type], about: Collection[str], how: How
) -> list[Entry]:
    """Give the entries that match; an amendment matches when anything in its chain does."""
    own = {e.id: matches(e.event, ever(e.event, log), types, about, how) for e in log}
    chains = {e.root: any(own[other.id] for other in log if other.root == e.root) for e in log}
    return [entry for entry in log if (chains[entry.root] if entry.amends else own[entry.id])]


# What is the same again.


def said(report: Report | Entry, source: Source | None) -> tuple[Hashable, ...]:
    """Give what an id covers."""
    kinds = (report.assertion, report.background, report.denied)
    if source is None:
        return (report.event, report.attribution, *kinds)
    place = (source.url,) if source.url else (source.outlet, source.title, source.author)
    return (report.event, report.attribution, *kinds, source.published, *place)


def same_report(entries: list[Entry], report: Report) -> Entry | None:
    """Give the entry that this report is, where it is there."""
    there = (e for e in entries if e.kind == "report")
    return next((e for e in there if said(e, e.source) == said(report, report.source)), None)


def same_amendment(
    entries: list[Entry], target: UUID, kind: str, report: Report, *, ours: bool, reason: str
) -> Entry | None:
    """Give the entry that this amendment is, where it is there and still stands."""
    wanted = (target, kind, reason, ours, said(report, None if ours else report.source))
    for one in reversed(entries):
        its = said(one, None if one.ours else one.source)
        if (one.amends, one.kind, one.reason, one.ours, its) == wanted:
            amended = any(other.amends == one.id for other in entries)
            effective = [a for e in entries if e.id == target for a, _ in amendments(e, entries)]
            decides = one in effective[-1:]
            return None if amended or (ours and not decides) else one
    return None


def to_withdraw(entries: list[Entry], sources: Collection[UUID]) -> list[Entry]:
    """Give the reports and corrections of these sources that have an effect, none retracts them."""
    return [
        entry
        for entry in entries
        if entry.source.id in sources
        and not entry.ours
        and entry.kind != "retraction"
        and effect(entry, entries) is not None
        and not any(does == "takes out" for _, does in amendments(entry, entries))
    ]
