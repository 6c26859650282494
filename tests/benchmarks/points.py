"""Where questions are asked from: random points of valid and known time, the same for everybody."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import shape


class Point(NamedTuple):
    """A day on the valid and one on the known axis."""

    valid: date
    known: date

    @property
    def ends(self) -> tuple[datetime, datetime]:
        """The exclusive ends of both days, as naive UTC: what other tools compare with."""
        return tuple(datetime.combine(day + timedelta(1), time()) for day in self)


def points(count: int, salt: str) -> list[Point]:
    """Draw points over the years that the ledgers are about, the later nine tenths of them."""
    rng = random.Random(f"{shape.SEED} {salt}")
    return [Point(_day(rng), _day(rng)) for _ in range(count)]


def _day(rng: random.Random) -> date:
    return shape.FIRST_DAY + timedelta(rng.randint(shape.DAYS // 10, shape.DAYS))
