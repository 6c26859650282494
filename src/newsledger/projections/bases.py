"""Bases: whether a base stands, who runs it where, and what was offered about it.

Reports of a status are dated by their onset. Rules, of which the first that applies decides:

- reports whose windows are disjoint go by time: the status is what was told last;
- where the last ones overlap, "planned" precedes "operating", and "closing" precedes "closed" and
  "handed over", as a start precedes its own end;
- otherwise different statuses that may each be the last contradict each other: the status is
  "undetermined", and disputed.

The answer is disputed too where a report says that another status was seen after it, and only
places the beginning of that before it; where reports made afterwards disagree about the date since
which it is so; and where one of those behind it is denied. An offer stands until it has an outcome
that settles it; one that was postponed or is stalled stands.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import BaseStatusReported, OfferMade, OutcomeRecorded
from newsledger.fields import checks
from newsledger.projections.base import DEFAULT_ACCEPT, Collected, Collecting, collected
from newsledger.projections.offers import Offer, offer_of
from newsledger.projections.outcomes import fates
from newsledger.projections.spells import Word, turns
from newsledger.projections.windows import before, date_told, denials, in_order, window_of
from newsledger.reports import Entry
from newsledger.when import When

EARLIER = {
    "planned": frozenset({"operating"}),
    "closing": frozenset({"closed", "handed over"}),
}
UNSETTLED = frozenset({None, "postponed", "stalled", "partly kept"})


@attrs.frozen(repr=False)
class BaseState:
    """What is known of a base.

    ``status``: "planned", "operating", "suspended", "closing", "closed", "handed over",
    "undetermined" or "unknown"; ``since``: since when it is so, as told. ``host``, ``operator``,
    ``name``, ``agreement``: as last told. ``offers``: those that stand. ``unconfirmed``: the
    status rests on forecasts only. ``disputed``: the reports on all sides where the status is
    contradicted. ``evidence``: the reports behind the status, in fold order.

    States are equal when their answers are, whatever the reports behind them.
    """

    base: str
    status: str
    since: When | None
    host: str | None
    operator: str | None
    name: str | None
    agreement: str | None
    offers: tuple[Offer, ...]
    unconfirmed: bool
    disputed: tuple[Entry, ...] = attrs.field(eq=bool)
    evidence: tuple[Entry, ...] = attrs.field(eq=False)

    def __str__(self) -> str:
        told = [self.status + (f" since {self.since}" if self.since else "")]
        told += ["unconfirmed"] if self.unconfirmed else []
        told += ["disputed"] if self.disputed else []
        told += [f"host {self.host}"] if self.host else []
        told += [f"operator {self.operator}"] if self.operator else []
        told += [f"{len(self.offers)} standing offer{'s' * (len(self.offers) > 1)}"] * bool(
            self.offers
        )
        return f"{self.name or self.base}: {', '.join(told)}"

    def __repr__(self) -> str:
        return f"<BaseState {self}>"


class BaseStatus(Collecting[BaseState]):
    """The status of a base, from reports about it and offers about it with their outcomes.

    ``accept``: which assertions are read. The module's docstring has the rules.

    >>> from newsledger import Ledger, Source
    >>> with Ledger.open() as ledger:
    ...     _ = ledger.append(
    ...         BaseStatusReported(
    ...             base="base:RUS-KGZ", host="KGZ", operator="RUS",
    ...             status="operating", occurred="2017-02-28",
    ...         ),
    ...         Source("The Times of Central Asia", "2017-02-28"),
    ...     )
    ...     ledger.as_of("2017-02-28").project(BaseStatus("base:RUS-KGZ"))
    <BaseState base:RUS-KGZ: operating, host KGZ, operator RUS>
    """

    def __init__(self, base: str, *, accept: Iterable[str] = DEFAULT_ACCEPT) -> None:
        super().__init__(accept=accept)
        self.base = checks.name(base)

    def __repr__(self) -> str:
        return f"BaseStatus({self.base!r})"

    def about(self) -> str:
        """Only what names the base is read, and outcomes of what names it."""
        return self.base

    @on(BaseStatusReported)
    @on(BaseStatusReported, denied=True)
    def status(self, state: Collected, event: BaseStatusReported, entry: Entry) -> Collected:
        """Keep what is told of this base, not what names it in another part."""
        return (state, entry) if event.base == self.base else state

    @on(OfferMade)
    def offer(self, state: Collected, event: OfferMade, entry: Entry) -> Collected:
        """Keep offers about the base."""
        return (state, entry) if self.base in event.about else state

    @on(OutcomeRecorded)
    def outcome(self, state: Collected, event: OutcomeRecorded, entry: Entry) -> Collected:
        """Keep outcomes; those of other things find no offer."""
        return (state, entry)

    def result(self, state: Collected, view: Vantage) -> BaseState:
        """Read the statuses, and join outcomes to offers whichever came first."""
        return _read(self.base, state)

    def undetermined(self, state: Collected) -> list[tuple[Entry, Entry]]:
        """List pairs of reports of different statuses of which either may be the last."""
        last = _last(_words(collected(state)))
        entries = [word.entries[-1] for word in last]
        return [(one, other) for n, one in enumerate(entries) for other in entries[n + 1 :]]


def _words(entries: Iterable[Entry]) -> list[Word]:
    """Merge reports of one status, and sort all by time."""
    by_status: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry.event, BaseStatusReported) and not entry.denied:
            by_status.setdefault(entry.event.status, []).append(entry)
    words = [word for same in by_status.values() for word in turns(same, inside=True)]
    return sorted(words, key=lambda word: (word.window[1], word.window[0], _status(word)))


def _last(words: list[Word]) -> list[Word]:
    """Find the words that may be the last: several where their order is open."""
    last = [one for one in words if not any(before(one.window, other.window) for other in words)]
    told = {_status(word) for word in last}
    return [word for word in last if told.isdisjoint(EARLIER.get(_status(word), ()))]


def _stretch(word: Word, words: list[Word]) -> list[Word]:
    """Find the words that say the same as one of them, without another status in between."""
    same = [one for one in words if _status(one) == _status(word)]
    others = [one for one in words if _status(one) != _status(word)]
    return [
        one
        for one in same
        if not any(before(one.window, o.window) and before(o.window, word.window) for o in others)
    ]


def _read(base: str, state: Collected) -> BaseState:
    entries = collected(state)
    words = _words(entries)
    last = _last(words)
    behind = _stretch(last[0], words) if len(last) == 1 else last
    evidence = in_order(entry for word in behind for entry in word.entries)
    since: When | None = None
    disputed: tuple[Entry, ...] = ()
    if len(last) == 1:
        status = _status(last[0])
        since, disagreeing = date_told([(e, when) for e in evidence if (when := _report(e).since)])
        disputed = in_order([*disagreeing, *_against(behind, entries)])
    else:
        status = "undetermined" if last else "unknown"
        disputed = evidence
    told = [_report(entry) for entry in in_order(e for word in words for e in word.entries)]
    return BaseState(
        base=base,
        status=status,
        since=since,
        host=_last_of(report.host for report in told),
        operator=_last_of(report.operator for report in told),
        name=_last_of(report.name for report in told),
        agreement=_last_of(report.agreement for report in told),
        offers=_standing(entries),
        unconfirmed=bool(evidence) and all(entry.forecast for entry in evidence),
        disputed=disputed,
        evidence=evidence,
    )


def _against(behind: list[Word], entries: list[Entry]) -> list[Entry]:
    """Give the reports that contradict a status, and those that they contradict."""
    status, decisive = _status(behind[-1]), behind[-1]
    reports = [entry for entry in entries if isinstance(entry.event, BaseStatusReported)]
    found: list[Entry] = []
    for entry in reports:
        seen_at = window_of(entry.event.occurred.onset)
        other = not entry.denied and _report(entry).status != status
        if other and before(decisive.window, seen_at):
            found += [*decisive.entries, entry]
    denied = [entry for entry in reports if entry.denied and _report(entry).status == status]
    told = [entry for word in behind for entry in word.entries]
    return [*found, *denials(told, denied, since=behind[0].window)]


def _standing(entries: list[Entry]) -> tuple[Offer, ...]:
    """Give the offers that no outcome has settled, in order."""
    state: Collected = None
    for entry in entries:
        if not isinstance(entry.event, BaseStatusReported):
            state = (state, entry)
    return tuple(offer_of(fate) for fate in fates(state) if fate.outcome in UNSETTLED)


def _last_of(values: Iterable[str | None]) -> str | None:
    return next((value for value in reversed(list(values)) if value is not None), None)


def _report(entry: Entry) -> BaseStatusReported:
    assert isinstance(entry.event, BaseStatusReported)  # noqa: S101 (others are set apart)
    return entry.event


def _status(word: Word) -> str:
    return _report(word.entries[0]).status
