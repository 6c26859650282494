"""Query points: the day or instant from which a view looks.

A point means its last instant, so that a view of a day shows all of that day.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Final, TypeAlias

from newsledger.errors import InvalidWhen
from newsledger.when.value import When


class Forever(Enum):
    """The type of :data:`FOREVER`."""

    FOREVER = "FOREVER"

    @property
    def stop(self) -> None:
        """Its end is open, as that of a When may be."""
        return

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__


class Today(Enum):
    """The type of :data:`TODAY`."""

    TODAY = "TODAY"

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__


FOREVER: Final = Forever.FOREVER
"""The point after everything, known or still to be known."""

TODAY: Final = Today.TODAY
"""The whole present day in UTC, by the clock of whoever is asked."""

PointLike: TypeAlias = When | str | date | Forever | Today
"""A ``date``, an aware ``datetime``, EDTF text, a When with a stop, ``FOREVER`` or ``TODAY``."""


def as_point(
    value: PointLike, *, name: str = "valid_at", today: date | None = None
) -> When | Forever:
    """Read a query point; ``today`` is the day that ``TODAY`` stands for.

    :class:`~newsledger.errors.InvalidWhen` names ``name`` as the argument that was wrong; besides
    all that is no date it refuses what has no last instant, as ``2015/..`` and ``[2015..]``.

    >>> as_point("2017-02-28")
    When('2017-02-28')
    >>> as_point(TODAY, today=date(2017, 2, 28))
    When('2017-02-28')
    >>> as_point("2015/..", name="known_at")
    Traceback (most recent call last):
      ...
    newsledger.errors.InvalidWhen: known_at: '2015/..' has no last instant: its end is open
    """
    if isinstance(value, Forever):
        return value
    if isinstance(value, Today):
        if today is None:
            raise InvalidWhen(f"{name}: TODAY stands for no day here: give a date")
        value = today
    try:
        point = When(value)
    except InvalidWhen as error:
        raise InvalidWhen(f"{name}: {error}") from None
    if point.stop is None:
        raise InvalidWhen(f"{name}: {str(point)!r} has no last instant: its end is open")
    return point


def end_of(point: When | Forever) -> datetime | None:
    """Return the first UTC instant after the point, or None: nothing is after ``FOREVER``.

    What is wholly before it has happened at that point.

    >>> end_of(as_point("2017-02-28")).isoformat()
    '2017-03-01T00:00:00+00:00'
    >>> end_of(as_point("2017-02-28T08:05:00Z")).isoformat()
    '2017-02-28T08:05:00.000001+00:00'
    """
    return None if isinstance(point, Forever) else point.stop
