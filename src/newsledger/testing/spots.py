"""Spots: points on the three axes, by number, at the edges of whatever a ledger holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from newsledger.engine import Dates
from newsledger.reports import Entry
from newsledger.testing import oracle
from newsledger.when import FOREVER, When

_MICROSECOND = timedelta(microseconds=1)
_YEARS = range(2, 9998)


@attrs.frozen
class Spot:
    """A point of each axis: 0 is the end of it, other numbers count edges of what is there.

    An edge is where something begins, is published or was recorded, or a microsecond beside.
    Below zero ``recorded`` counts positions.
    """

    valid: int = 0
    known: int = 0
    recorded: int = 0
    dates: Dates = "certain"

    def among(self, log: list[Entry]) -> dict[str, Any]:
        """Give the arguments of `Ledger.as_of`, for a ledger with these entries."""
        recorded: Any = _edge(self.recorded, (entry.recorded for entry in log))
        if self.recorded < 0:
            recorded = -(self.recorded + 1) % (len(log) + 1)
        return {
            "valid_at": _edge(self.valid, (bound for entry in log for bound in entry.onset)),
            "known_at": _edge(self.known, map(oracle.stop_of, log)),
            "recorded_at": recorded,
            "dates": self.dates,
        }


def _edge(number: int, bounds: Iterable[datetime | None]) -> Any:
    known = sorted({bound for bound in bounds if bound is not None and bound.year in _YEARS})
    if number <= 0 or not known:
        return FOREVER
    which, beside = divmod(number - 1, 3)
    return str(When(known[which % len(known)] + (0, -1, 1)[beside] * _MICROSECOND))


_numbers = st.just(0) | st.integers(0, 30)
spots = st.builds(
    Spot,
    valid=_numbers,
    known=_numbers,
    recorded=st.just(0) | st.integers(-20, 20),
    dates=st.sampled_from(["certain", "possible"]),
)
