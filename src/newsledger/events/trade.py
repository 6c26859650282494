"""Trade: figures that somebody published for a period."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import datetime

from newsledger.errors import InvalidEvent
from newsledger.events.base import Event, event
from newsledger.fields import Dated, Entity, MaybeEntity, MaybeNumber, Number, Texts, field, record

FLOWS = ("total", "exports", "imports")
_CURRENCY = re.compile(r"[A-Z]{3}")


@record()
class Money:
    """An exact amount of a currency, in its main unit; ``currency`` by ISO 4217, as "USD".

    Trailing zeros do not count as precision: 1.2e9 and 1,200,000,000 are one amount, and both are
    taken for a figure rounded to two digits.
    """

    amount: Number
    currency: str

    def __attrs_post_init__(self) -> None:
        if not _CURRENCY.fullmatch(self.currency):
            raise InvalidEvent(
                f"Money.currency: {self.currency!r} has not the shape of an ISO 4217 code: "
                "three capital letters, as 'USD'",
                field="Money.currency",
            )

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,}"


@event(
    "TradeReported", identity=("partner", "reporter", "counterpart", "compiler", "flow", "period")
)
class TradeReported(Event):
    """A figure of the trade between two parties in a period.

    ``reporter``: whose trade it is; ``flow`` is as that side sees it. Where it is nobody's in
    particular (a total), ``reporter`` is None and the parties are ``partner`` and
    ``counterpart``. ``compiler``: who computed the figure, where known. ``change`` against the
    period before is a fraction: ``-0.13`` fell by 13 percent. ``wording``: the source's words
    where they matter ("up to" a figure that was reached).

    ``period`` is given instead of ``occurred`` and is the same value; the figure covers all of
    it, so the onset is its whole extent.
    """

    partner: Entity
    reporter: MaybeEntity = None
    counterpart: MaybeEntity = None
    compiler: MaybeEntity = None
    flow: str = field(choices=FLOWS)
    period: Dated
    amount: Money | None = None
    change: MaybeNumber = field(default=None)
    products: Texts = field(default=())
    causes: Texts = field(default=())
    wording: str | None = None
    occurred: Dated = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "occurred", self.period)
        if self.reporter is None and self.counterpart is None:
            raise InvalidEvent(
                "TradeReported.counterpart: trade has two parties: give the reporter, or with "
                "reporter=None the counterpart",
                field="TradeReported.counterpart",
            )
        if self.partner in {self.reporter, self.counterpart}:
            raise InvalidEvent(
                f"TradeReported.partner: {self.partner!r} does not trade with itself",
                field="TradeReported.partner",
            )

    @property
    def onset(self) -> tuple[datetime | None, datetime | None]:
        """The whole period: a figure holds for all of it, and is certain when all is over."""
        return (self.period.start, self.period.stop)

    @property
    def parties(self) -> frozenset[str]:
        """The two sides."""
        return frozenset({self.partner, self.reporter or self.counterpart or self.partner})

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """As of any event; periods are extents, and where no side reports there is no order."""
        parties: Hashable = self.parties if self.reporter is None else (self.partner, self.reporter)
        return (self.TYPE.name, parties, self.compiler, self.flow, self.onset)
