"""Audits: what an editor should look at in what a view shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

from newsledger.events import (
    BaseStatusReported,
    Event,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
    RoleEnded,
    RoleHeld,
    RoleStarted,
    TradeReported,
)
from newsledger.ledger.deciding import either_first
from newsledger.ledger.findings import Audit, Finding
from newsledger.ledger.seen import Seen
from newsledger.projections.bases import BaseStatus
from newsledger.projections.calendar import Calendar
from newsledger.projections.commitments import Commitments
from newsledger.projections.membership import Membership
from newsledger.projections.roles import Roles
from newsledger.projections.trade import Trade
from newsledger.reports import Entry

MEMBERSHIPS = (MembershipStarted, MembershipEnded, MembershipConfirmed, MembersListed)
ROLES = (RoleHeld, RoleStarted, RoleEnded)


def audit(view: Seen) -> Audit:
    """Look through all that a view shows; the cost grows with the ledger.

    Found are forecasts that have begun and that no later report confirmed, or that a later one
    with equal identity fields dates differently; reports that contradict each other; what is
    overdue; and what was erased. Opinions and rumours are left aside.
    """
    entries = [entry for entry in view.entries() if entry.assertion in {"fact", "claim"}]
    findings = [
        *_forecasts(view, entries),
        *_denials(entries),
        *_disputes(view, entries),
        *_figures(view, entries),
        *_overdue(view),
        *_erased(view),
    ]
    # A denial that also makes a membership disputed is one thing to look at.
    once = {(one.kind, frozenset(e.root for e in one.entries)): one for one in reversed(findings)}
    return Audit(reversed(once.values()))


def _erased(view: Seen) -> Iterator[Finding]:
    for entry in view.erased:
        assert entry.erased is not None  # noqa: S101 (it is among those that were)
        message = f"erased on {entry.erased.at:%Y-%m-%d}: {entry.erased.reason}"
        yield Finding("erased", message, (entry,))


def _forecasts(view: Seen, entries: list[Entry]) -> Iterator[Finding]:
    told = defaultdict(list)
    for entry in view.at_end(None).entries():
        if not entry.denied and entry.assertion in {"fact", "claim"}:
            told[entry.event.identity].append(entry)
    for forecast in entries:
        if not forecast.forecast or forecast.denied:
            continue
        said = f"{forecast.source.outlet} said on {forecast.published}: {forecast.event!r}"
        same = [one for one in told[forecast.event.identity] if one.root != forecast.root]
        if not any(either_first(forecast, one) and not one.forecast for one in same):
            yield Finding("unconfirmed forecast", f"nothing confirms what {said}", (forecast,))
        later = [
            one for one in same if not either_first(forecast, one) and _stop(one) > _stop(forecast)
        ]
        if later:
            dates = ", ".join(dict.fromkeys(str(one.event.occurred) for one in later))
            yield Finding(
                "forecast dated differently", f"{said}; later dated {dates}", (forecast, *later)
            )


def _stop(entry: Entry) -> float:
    stop = entry.published.stop
    return stop.timestamp() if stop else 0.0


def _denials(entries: list[Entry]) -> Iterator[Finding]:
    asserted: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        if not entry.denied:
            asserted[entry.event.identity].append(entry)
    for denial in entries:
        if denial.denied:
            against = [e for e in asserted[denial.event.identity] if either_first(denial, e)]
            if against:
                outlets = ", ".join(dict.fromkeys(e.source.outlet for e in against))
                yield Finding(
                    "contradiction",
                    f"{denial.source.outlet} denies what {outlets} said: {denial.event!r}",
                    (denial, *against),
                )


def _disputes(view: Seen, entries: list[Entry]) -> Iterator[Finding]:
    def named(types: tuple[type[Event], ...], field: str) -> dict[str, None]:
        told = (entry.event for entry in entries if isinstance(entry.event, types))
        return dict.fromkeys(getattr(event, field) for event in told)

    for organization in named(MEMBERSHIPS, "organization"):
        for who, sides in view.project(Membership(organization)).disputed.items():
            yield Finding("contradiction", f"{who} in {organization} is disputed", sides)
    for state in named(ROLES, "of"):
        for what, sides in view.project(Roles(state)).disputed.items():
            person, office, of = what
            yield Finding("contradiction", f"{person} as {office} of {of} is disputed", sides)
    for base in named((BaseStatusReported,), "base"):
        if sides := view.project(BaseStatus(base)).disputed:
            yield Finding("contradiction", f"the status of {base} is disputed", sides)


def _figures(view: Seen, entries: list[Entry]) -> Iterator[Finding]:
    pairs = {e.event.parties for e in entries if isinstance(e.event, TradeReported)}
    for a, b in sorted(map(sorted, pairs)):
        for one, other in view.project(Trade(a, b)).contradictions:
            yield Finding(
                "contradiction",
                f"{one.flow} of {a} and {b}, {one.period}: {one.amount} or {other.amount}",
                (one.entry, other.entry),
            )


def _overdue(view: Seen) -> Iterator[Finding]:
    for commitment in view.project(Commitments()).overdue:
        yield Finding(
            "overdue",
            f"{commitment.by} promised by {commitment.due}: {commitment.promise}",
            commitment.reports,
        )
    for item in view.project(Calendar()).past_without_word:
        message = f"no word of what was due {item.window}: {item.what}"
        yield Finding("overdue", message, item.reports)
