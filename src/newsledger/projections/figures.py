"""Figures: what was published of a trade flow in a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from newsledger.errors import InvalidWhen
from newsledger.events import Money
from newsledger.projections.base import brief
from newsledger.projections.coverage import origin_of
from newsledger.reports import Entry
from newsledger.when import When

Extent: TypeAlias = tuple[datetime | None, datetime | None]


@attrs.frozen(repr=False)
class Figure:
    """A published figure; several reports of it one after the other are one figure.

    ``reporter``: whose trade it is, ``flow`` as that side sees it; None: nobody's in particular.
    ``compiler``: who computed it, where known. ``published``: when it was first. ``entries``: its
    reports, in the order in which they were published.
    """

    flow: str
    period: When
    amount: Money | None = None
    change: Decimal | None = None
    reporter: str | None = None
    partner: str = attrs.field(kw_only=True)
    compiler: str | None = None
    products: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    wording: str | None = None
    published: When = attrs.field(kw_only=True)
    entries: tuple[Entry, ...] = attrs.field(default=(), eq=False, repr=False)

    __repr__ = brief

    @property
    def entry(self) -> Entry:
        """The first report of it."""
        return self.entries[0]

    @property
    def vouchers(self) -> frozenset[str]:
        """Who stands for it: the compiler or, where none is known, the origins of its reports."""
        return frozenset([self.compiler] if self.compiler else map(origin_of, self.entries))


class Figures(tuple[Figure, ...]):
    """Figures of one period, by compiler and publication; ``[compiler, published]`` finds one."""

    __slots__ = ()

    def __getitem__(self, which: Any) -> Any:
        if not isinstance(which, tuple):
            return super().__getitem__(which)
        compiler, published = which
        for figure in self:
            if figure.compiler == compiler and str(figure.published) == str(published):
                return figure
        raise KeyError(which)


class Series(Mapping[When, tuple[Figure, ...]]):
    """Figures by period, in order; periods that cover the same days are one key.

    A period can be looked up by any text of it.
    """

    __slots__ = ("_by_extent",)

    def __init__(self, figures: Iterable[Figure]) -> None:
        by_extent: dict[Extent, list[Figure]] = defaultdict(list)
        for figure in figures:
            by_extent[figure.period.extent].append(figure)
        self._by_extent = {extent: Figures(there) for extent, there in by_extent.items()}

    def __getitem__(self, period: When | str | date) -> tuple[Figure, ...]:
        try:
            return self._by_extent[When(period).extent]
        except (KeyError, InvalidWhen):
            raise KeyError(str(period)) from None

    def __iter__(self) -> Iterator[When]:
        # One name for a period, whoever reported it first.
        for figures in self._by_extent.values():
            yield min((f.period for f in figures), key=lambda when: (len(str(when)), str(when)))

    def __len__(self) -> int:
        return len(self._by_extent)

    def __repr__(self) -> str:
        told = ", ".join(f"{str(period)!r}: {figures!r}" for period, figures in self.items())
        return f"Series({{{told}}})"
