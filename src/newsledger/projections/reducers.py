"""Reducers: counts, sums and last values, declared so that they need no fold.

A fold that is opaque has to meet every entry that a view shows. Of a count, a sum or a last value
it is known what an entry adds whatever came before. So a ledger reads each value once, keeps it,
and answers at any point from the values of what is shown there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeAlias, TypeVar

from newsledger.engine import About, Handler, Projection
from newsledger.events import CATALOGUE, Event
from newsledger.projections.base import DEFAULT_ACCEPT, accepted, kept_about
from newsledger.reports import Entry

S = TypeVar("S")
Value: TypeAlias = str | Callable[[Event], Any]
"""The name of a field, also of one within it ("amount.amount"), or a function of the event."""


class Reducer(Projection[S], Generic[S]):
    """What counts, sums and last values have in common.

    They read the given types of event, facts and claims unless ``accept`` says otherwise, and
    never what is denied. Every report counts: two of one happening are two.
    """

    def __init__(
        self,
        *types: type[Event],
        value: Value | None = None,
        about: About = (),
        accept: Iterable[str] = DEFAULT_ACCEPT,
    ) -> None:
        if not types:
            raise TypeError(f"{type(self).__name__}() names no type of event")
        self._types = types
        self._names = frozenset(map(CATALOGUE.named, types))
        self._value = value
        self._about = kept_about(about)
        self.accept = accepted(accept)

    def about(self) -> About:
        """Whom it was asked about."""
        return self._about

    def types(self) -> frozenset[str]:
        """Wire names of the types that it was asked about."""
        return self._names

    def handler_of(self, entry: Entry) -> Handler | None:
        """Read entries of its types that are accepted and not denied."""
        accept = self.accept or ()
        read = type(entry.event) in self._types and entry.assertion in accept and not entry.denied
        return self._take if read else None

    def value(self, event: Event) -> Any:
        """Give what an event adds; None adds nothing."""
        if self._value is None:
            return event
        if callable(self._value):
            return self._value(event)
        held: Any = event
        for name in self._value.split("."):
            held = None if held is None else getattr(held, name)
        return held

    def _take(self, state: Any, event: Event, entry: Entry) -> Any:
        value = self.value(event)
        return state if value is None else self.added(state, value)

    def added(self, state: Any, value: Any) -> Any:
        """Add a value to a state; by default the later value takes its place.

        A subclass with one of its own is folded, as any projection is.
        """
        return value


class Count(Reducer[int]):
    """How many reports of these types there are.

    >>> from newsledger import Ledger, MeetingHeld, Source
    >>> from newsledger.projections import Count
    >>> with Ledger.open() as ledger:
    ...     talks = MeetingHeld(participants=["A", "B"], occurred="2017-02-28")
    ...     _ = ledger.append(talks, Source("The Daily Example", "2017-02-28"))
    ...     ledger.as_of("2017").project(Count(MeetingHeld))
    1
    """

    reduces = "count"

    def __init__(
        self, *types: type[Event], about: About = (), accept: Iterable[str] = DEFAULT_ACCEPT
    ) -> None:
        super().__init__(*types, about=about, accept=accept)

    def initial(self) -> int:
        """Nothing was counted."""
        return 0

    def added(self, state: int, value: Any) -> int:
        """Count one more."""
        return state + 1


class Sum(Reducer[Any]):
    """The sum of a value over all reports of these types; 0 where there is none.

    ``value``: a field's name, also within another ("amount.amount"), or a named function of the
    event; where it is None nothing is added. Sums of Decimals are exact; mind the currencies.
    """

    reduces = "sum"

    def __init__(
        self,
        *types: type[Event],
        value: Value,
        about: About = (),
        accept: Iterable[str] = DEFAULT_ACCEPT,
    ) -> None:
        super().__init__(*types, value=value, about=about, accept=accept)

    def initial(self) -> int:
        """Nothing was added."""
        return 0

    def added(self, state: Any, value: Any) -> Any:
        """Add one more."""
        return state + value


class Last(Reducer[Any]):
    """The value of the last report of these types in fold order that has one, or None.

    ``value`` as of :class:`Sum`; without, the event itself.
    """

    reduces = "last"

    def initial(self) -> None:
        """Nothing was told."""
        return
