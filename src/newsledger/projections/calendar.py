"""Calendar: what is scheduled or expected, and what came of it."""

from __future__ import annotations

from uuid import UUID

import attrs

from newsledger.engine import Vantage, on
from newsledger.events import EventScheduled, ExpectationStated, OutcomeRecorded
from newsledger.projections.base import Collected, Listing, all_told, brief, counted, part, told
from newsledger.projections.outcomes import POSTPONED, Fate, Joining, fates, is_over
from newsledger.reports import Entry
from newsledger.when import When

PENDING = "pending"
PAST = "past without word"


@attrs.frozen(repr=False)
class CalendarItem:
    """Something scheduled (``expected`` is false) or expected, and what came of it.

    ``status``: "pending", "postponed", "past without word", or the final outcome. ``window``:
    when, as it was last postponed; ``first_window``: as it was first announced. ``about``: whom
    it names. ``stated``: when it was announced. ``depends_on``: the roots of reports of what it
    hangs on. ``disputed``: outcomes that contradict each other and may be equally late. Behind
    it: ``reports`` and ``outcomes``, as entries.
    """

    what: str
    status: str = attrs.field(kw_only=True)
    window: When | None = None
    first_window: When | None = attrs.field(default=None, repr=False)
    expected: bool = False
    stated: When = attrs.field(kw_only=True)
    about: tuple[str, ...] = ()
    place: str | None = None
    hedge: str | None = None
    depends_on: tuple[UUID, ...] = attrs.field(default=(), repr=False)
    disputed: tuple[Entry, ...] = attrs.field(default=(), eq=bool, repr=counted)
    reports: tuple[Entry, ...] = attrs.field(default=(), eq=False, repr=False)
    outcomes: tuple[Entry, ...] = attrs.field(default=(), eq=False, repr=False)

    __repr__ = brief


@attrs.frozen(repr=False)
class CalendarState(Listing[CalendarItem]):
    """All that is scheduled or expected, in the order in which it was said; each has one status.

    ``postponed``: those whose new ``window`` is not over, or was not told. ``disputed``: those
    whose outcomes contradict each other, listed by the last in fold order too.
    """

    pending: tuple[CalendarItem, ...] = part(lambda one: one.status == PENDING)
    postponed: tuple[CalendarItem, ...] = part(lambda one: one.status == POSTPONED)
    happened: tuple[CalendarItem, ...] = part(lambda one: one.status == "happened")
    did_not_happen: tuple[CalendarItem, ...] = part(lambda one: one.status == "did not happen")
    cancelled: tuple[CalendarItem, ...] = part(lambda one: one.status == "cancelled")
    superseded: tuple[CalendarItem, ...] = part(lambda one: one.status == "superseded")
    past_without_word: tuple[CalendarItem, ...] = part(lambda one: one.status == PAST)
    disputed: tuple[CalendarItem, ...] = part(lambda one: bool(one.disputed))

    def with_status(self, status: str) -> tuple[CalendarItem, ...]:
        """Give those with this status, also where no attribute lists them."""
        return tuple(one for one in self if one.status == status)

    def needed_by(self, item: CalendarItem) -> tuple[CalendarItem, ...]:
        """Give the items that ``item`` depends on, as far as they are on this calendar."""
        needed = set(item.depends_on)
        return tuple(
            one for one in self if not needed.isdisjoint(entry.root for entry in one.reports)
        )


class Calendar(Joining[CalendarState]):
    """What is scheduled or expected, of anybody or of some entities, and what came of it.

    Where the window is over (its stop before the view's end) and no outcome is recorded, the
    item is "past without word"; a window that is open is never over.

    >>> from newsledger import EventScheduled, Ledger, Source
    >>> from newsledger.projections import Calendar
    >>> ledger = Ledger.open()
    >>> summit = EventScheduled(
    ...     title="EEU summit", host="KGZ", window="[2017-04..2017-05]", occurred="2017-02-28"
    ... )
    >>> _ = ledger.append(summit, Source("The Daily Example", "2017-02-28"))
    >>> ledger.as_of("2017-03-15").project(Calendar("KGZ")).pending[0].what
    'EEU summit'
    >>> ledger.as_of("2017-06-01").project(Calendar("KGZ"))[0].status
    'past without word'
    """

    @on(EventScheduled, ExpectationStated, OutcomeRecorded)
    def collect(
        self,
        state: Collected,
        event: EventScheduled | ExpectationStated | OutcomeRecorded,
        entry: Entry,
    ) -> Collected:
        """Keep the report."""
        return (state, entry)

    def result(self, state: Collected, view: Vantage, /) -> CalendarState:
        """Join what is said to come with its outcomes, and look at the clock."""
        return CalendarState(items=tuple(_item(fate, view) for fate in fates(state)))


def _item(fate: Fate, view: Vantage) -> CalendarItem:
    happening = fate.happening
    expected = isinstance(happening.event, ExpectationStated)
    announced = told(happening, "window")
    window = fate.date(announced)
    past = fate.unsettled and is_over(window, view)
    named = {name for entry in happening.reports for name in entry.entities}
    return CalendarItem(
        what=told(happening, "expectation" if expected else "title"),
        status=PAST if past else fate.outcome or PENDING,
        window=window,
        first_window=announced,
        expected=expected,
        stated=happening.when,
        about=all_told(happening, "about") if expected else tuple(sorted(named)),
        place=None if expected else told(happening, "place"),
        hedge=told(happening, "hedge") if expected else None,
        depends_on=_needed(happening.reports) if expected else (),
        disputed=fate.disputed,
        reports=happening.reports,
        outcomes=fate.outcomes,
    )


def _needed(reports: tuple[Entry, ...]) -> tuple[UUID, ...]:
    roots = (
        entry.root_of(one)
        for entry in reports
        if isinstance(entry.event, ExpectationStated)
        for one in entry.event.depends_on
    )
    return tuple(dict.fromkeys(roots))
