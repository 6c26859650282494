"""Trade: the figures that were published of the trade between two parties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime
from itertools import combinations

import attrs

from newsledger.engine import All, Vantage, on
from newsledger.events import TradeReported
from newsledger.events.trade import FLOWS
from newsledger.fields import shown
from newsledger.projections.base import (
    DEFAULT_ACCEPT,
    Collected,
    Collecting,
    Listing,
    all_told,
    collected,
    part,
    told,
)
from newsledger.projections.figures import Figure, Series
from newsledger.projections.happenings import Happening
from newsledger.projections.rounding import may_agree, percent
from newsledger.reports import Entry
from newsledger.when import When


@attrs.frozen(repr=False)
class TradeState(Listing[Figure]):
    """All figures of the trade between two parties, as they were published.

    Nothing is derived: no side's exports are turned into the other's imports, no change into an
    amount. In questions, ``reporter=None`` means any reporter, and none. Periods may be given as
    text and compare by what they cover: 2016 is 2016-01/2016-12.

    ``contradictions``: pairs of current figures (see :class:`Trade`) of one flow, reporter and
    period that rounding does not explain.
    """

    figures: tuple[Figure, ...] = part()
    contradictions: tuple[tuple[Figure, Figure], ...] = ()

    def series(self, flow: str, reporter: str | None = None) -> Series:
        """Give the figures of a flow by period, ordered by compiler (none first), published."""
        if flow not in FLOWS:
            raise ValueError(f"flow= takes one of {', '.join(FLOWS)}; got {shown(flow)}")
        return Series(
            one for one in self.figures if one.flow == flow and reporter in {None, one.reporter}
        )

    def vintages(
        self, flow: str, period: When | str | date, reporter: str | None = None
    ) -> tuple[Figure, ...]:
        """Give the figures of a flow and period in the order in which they were published."""
        figures = self.series(flow, reporter).get(When(period), ())
        return tuple(sorted(figures, key=_publication))

    def latest(
        self, flow: str, period: When | str | date, reporter: str | None = None
    ) -> Figure | None:
        """Give the figure of a flow and period that was published last, or None."""
        return next(reversed(self.vintages(flow, period, reporter)), None)


class Trade(Collecting[TradeState]):
    """Figures of the trade between exactly these two parties, whichever side reports.

    Figures of one compiler for one period are vintages: the last one published supersedes those
    before it and alone is held against those of others. Where no compiler is known, the origin
    (see :func:`~newsledger.projections.origin_of`) counts as one. Two figures
    contradict each other when no value rounds to both: amounts of one currency, changes in
    percent.

    >>> from newsledger import Ledger, Money, Source, TradeReported
    >>> from newsledger.projections import Trade
    >>> ledger = Ledger.open()
    >>> total = TradeReported(
    ...     partner="RUS", counterpart="KGZ", flow="total", period="2016",
    ...     amount=Money("1.2e9", "USD"), change="-0.13",
    ... )
    >>> _ = ledger.append(total, Source("The Daily Example", "2017-02-28"))
    >>> trade = ledger.as_of("2017-02-28").project(Trade("KGZ", "RUS"))
    >>> print(trade.latest("total", "2016").amount)
    USD 1,200,000,000
    >>> trade.contradictions
    ()
    """

    def __init__(self, a: str, b: str, *, accept: Iterable[str] = DEFAULT_ACCEPT) -> None:
        super().__init__(All(a, b), accept=accept)
        if a == b:
            raise ValueError(f"trade has two parties, got {shown(a)} twice")
        self.parties = frozenset({a, b})

    @on(TradeReported)
    def collect(self, state: Collected, event: TradeReported, entry: Entry) -> Collected:
        """Keep the report, if these two are the parties and not the compiler."""
        return (state, entry) if event.parties == self.parties else state

    def result(self, state: Collected, view: Vantage, /) -> TradeState:
        """Sort figures into vintages, and hold the current ones against each other."""
        vintages: dict[Hashable, list[Entry]] = defaultdict(list)
        for entry in sorted(collected(state), key=_by_publication):
            vintages[_vintages_of(_trade(entry))].append(entry)
        figures = [figure for entries in vintages.values() for figure in _figures(entries)]
        figures.sort(key=_in_series)
        return TradeState(items=tuple(figures), contradictions=tuple(_contradictions(figures)))


def _trade(entry: Entry) -> TradeReported:
    assert isinstance(entry.event, TradeReported)  # noqa: S101 (nothing else is collected)
    return entry.event


def _vintages_of(event: TradeReported) -> Hashable:
    return (event.period.extent, event.flow, event.reporter, event.compiler)


def _figures(entries: list[Entry]) -> Iterator[Figure]:
    """Make a figure of each run of reports, by publication, that say the same."""
    run: list[Entry] = []
    for entry in entries:
        if run and _value(entry) != _value(run[0]):
            yield _figure(run)
            run = []
        run.append(entry)
    yield _figure(run)


def _value(entry: Entry) -> Hashable:
    return (_trade(entry).amount, _trade(entry).change)


def _figure(run: list[Entry]) -> Figure:
    one, event = Happening(tuple(run)), _trade(run[0])
    return Figure(
        flow=event.flow,
        period=event.period,
        amount=event.amount,
        change=event.change,
        reporter=event.reporter,
        partner=event.partner,
        compiler=event.compiler,
        products=all_told(one, "products"),
        causes=all_told(one, "causes"),
        wording=told(one, "wording"),
        published=run[0].published,
        entries=tuple(run),
    )


def _contradictions(figures: list[Figure]) -> Iterator[tuple[Figure, Figure]]:
    comparable: dict[Hashable, list[Figure]] = defaultdict(list)
    for figure in figures:
        comparable[figure.period.extent, figure.flow, figure.reporter].append(figure)
    for there in comparable.values():
        current = [figure for figure in there if not _superseded(figure, there)]
        yield from (
            (a, b) for a, b in combinations(sorted(current, key=_publication), 2) if _clash(a, b)
        )


def _superseded(figure: Figure, others: list[Figure]) -> bool:
    """Tell whether everybody who stands for a figure published another one on a later date."""
    last = _stop(figure.entries[-1])
    later = [other for other in others if _stop(other.entries[-1]) > last]
    return all(any(voucher in other.vouchers for other in later) for voucher in figure.vouchers)


def _clash(a: Figure, b: Figure) -> bool:
    if (
        a.amount is not None
        and b.amount is not None
        and a.amount.currency == b.amount.currency
        and not may_agree(a.amount.amount, b.amount.amount)
    ):
        return True
    if a.change is None or b.change is None:
        return False
    return not may_agree(percent(a.change), percent(b.change))


def _stop(entry: Entry) -> datetime:
    assert entry.published.stop is not None  # noqa: S101 (a Source without one is refused)
    return entry.published.stop


def _by_publication(entry: Entry) -> tuple[object, ...]:
    return (_stop(entry), entry.weight, entry.ordinal, entry.root)


def _publication(figure: Figure) -> tuple[object, ...]:
    return _by_publication(figure.entry)


def _in_series(figure: Figure) -> tuple[object, ...]:
    start, stop = figure.period.extent
    period = (start is not None, start, stop is None, stop)
    return (*period, figure.flow, figure.compiler or "", _publication(figure))
