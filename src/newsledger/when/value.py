"""``When``, the date of everything in the library."""

from __future__ import annotations

from datetime import date, datetime, timezone
from functools import lru_cache
from typing import Any, final

import attrs

from newsledger.errors import InvalidWhen
from newsledger.when import grammar, plain
from newsledger.when.extent import Extent, of_instant
from newsledger.when.faults import Fault, shown

# News repeats its dates: a ledger of millions of reports has thousands of days. Longer texts are
# lists, which do not repeat and would fill the memory.
_CACHED = 2**15
_LONGEST_CACHED = 64


@final
@attrs.frozen(
    init=False, repr=False, order=False
)  # said aloud: type checkers take the default for True
class When:
    """A date as the news gives it: of any precision, doubtful, one of several, or a stretch.

    It is made from EDTF text (the table in the library's documentation lists the forms; ISO
    8601-2:2019 and the Library of Congress' specification of 2019 define them), a ``date``, an
    aware ``datetime`` or another When. Anything else is
    :class:`~newsledger.errors.InvalidWhen`, a ValueError that says what is wrong.

    >>> When("2017-02")
    When('2017-02')
    >>> When("2017-02").start.isoformat(), When("2017-02").stop.isoformat()
    ('2017-02-01T00:00:00+00:00', '2017-03-01T00:00:00+00:00')
    >>> When("2017-02-30")
    Traceback (most recent call last):
      ...
    newsledger.errors.InvalidWhen: '2017-02-30' is no date: there is no day 30: 2017-02 has 28 days

    ``str(when)`` gives the text back, and two are equal when their texts are: ``2017`` and
    ``2017-XX`` are the same year and yet two values. Only instants are rewritten, in UTC:

    >>> str(When("2017-02-28T14:05:00+06:00"))
    '2017-02-28T08:05:00Z'

    They have no order, since which of ``2017`` and ``2017-02`` is earlier depends on what is asked;
    compare ``start`` or ``stop``.

    ``start``, ``stop``
        The extent: aware UTC datetimes, the start inclusive and the stop exclusive, None where it
        is open or unknown. A day is the calendar day of the place, read as UTC; an instant is one
        microsecond long.
    ``extent``
        Both as a pair.
    ``onset``
        The window, again a pair, in which it *began*. It differs from the extent only where the
        date lasts: a membership of ``2015-08-12/..`` began on a day that is known, one of
        ``../2017-02-28`` at any time before its end.
    ``lasts``
        Whether it is a stretch that lasts (a form with ``/``), not one moment within the extent.
    ``uncertain``, ``approximate``
        Whether any of its components is marked ``?`` or ``%``, ``~`` or ``%``. Marks say how far
        the text is to be trusted; they never widen the extent.

    >>> stay = When("2015-08-12~/..")
    >>> stay.lasts, stay.approximate, stay.stop
    (True, True, None)
    >>> [moment.day for moment in stay.onset]
    [12, 13]
    """

    _text: str
    start: datetime | None = attrs.field(eq=False)
    stop: datetime | None = attrs.field(eq=False)
    extent: Extent = attrs.field(eq=False)
    onset: Extent = attrs.field(eq=False)
    uncertain: bool = attrs.field(eq=False)
    approximate: bool = attrs.field(eq=False)
    lasts: bool = attrs.field(eq=False)

    def __new__(cls, value: When | str | date) -> When:
        """Return the value that the text, date, datetime or When stands for."""
        if isinstance(value, str):
            # A subclass of str may have a __str__ of its own; its text is what counts.
            return read_text(value if type(value) is str else str.__str__(value))
        if isinstance(value, When):
            return value
        if isinstance(value, datetime):  # before date, of which it is a subclass
            return _of_datetime(value)
        if isinstance(value, date):
            return read_text(date.isoformat(value))
        hint = f": write '{value}'" if type(value) is int and 0 < value < 10**4 else ""  # type: ignore[unreachable]
        raise InvalidWhen(
            f"{shown(value)} is no date: expected EDTF text, a date or an aware datetime, "
            f"not {type(value).__name__}{hint}"
        )

    def __str__(self) -> str:
        return self._text

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"When({self._text!r})"

    def __reduce__(self) -> tuple[type[When], tuple[str]]:
        # The text says it all, and what was pickled years ago is read by the rules of the day.
        return When, (self._text,)


def read_text(text: str) -> When:
    """Return the value that an exact str stands for: what ``When(text)`` does first of all."""
    return _cached(text) if len(text) <= _LONGEST_CACHED else _read(text)


def _read(text: str) -> When:
    try:
        return _made(plain.read(text) or grammar.read(text))
    except Fault as fault:
        raise InvalidWhen(f"{shown(text)} is no date: {fault}") from None


_cached = lru_cache(maxsize=_CACHED)(_read)


def _of_datetime(moment: datetime) -> When:
    text = moment.isoformat()
    offset = moment.utcoffset() if moment.tzinfo else None
    if offset is None:
        raise InvalidWhen(
            f"'{text}' is no date: it has no time zone: give the datetime a tzinfo, as "
            f"datetime.UTC, or give a date"
        )
    # A pandas.Timestamp is a datetime with nanoseconds; When never rounds.
    if getattr(moment, "nanosecond", 0):
        raise InvalidWhen(f"'{text}' is no date: it is finer than a microsecond")
    clock = (moment.hour, moment.minute, moment.second, moment.microsecond)
    # A plain datetime, whatever subclass was given: what a When holds is compared and pickled.
    plain = datetime(moment.year, moment.month, moment.day, *clock, tzinfo=timezone(offset))
    try:
        extent = of_instant(plain)
    except Fault as fault:
        raise InvalidWhen(f"'{text}' is no date: {fault}") from None
    return _made(grammar.Reading(grammar.instant_text(extent[0]), extent, extent))


class _Draft(When):  # type: ignore[misc]  # final to others
    """A When whose slots have no guard, until they are filled and it is a When."""

    __slots__ = ()
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__


def _made(reading: grammar.Reading) -> When:
    when: Any = object.__new__(_Draft)
    when._text = reading.text  # noqa: SLF001 (its own)
    when.start, when.stop = when.extent = reading.extent
    when.onset = reading.onset
    marks = reading.marks
    when.uncertain = "?" in marks or "%" in marks
    when.approximate = "~" in marks or "%" in marks
    when.lasts = reading.lasts
    when.__class__ = When
    made: When = when
    return made
