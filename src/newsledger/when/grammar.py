"""The grammar of dates: from text to what it means.

A subset of EDTF, the Extended Date/Time Format of ISO 8601-2:2019 as the Library of Congress
specified it in 2019, with instants to the microsecond::

    when      =  element | set | interval
    element   =  date | instant
    date      =  year [mark] [ "-" part [mark] [ "-" day [mark] ] ]
    year      =  "2017" | "201X" | "20XX"              a decade or century takes no part
    part      =  "01".."12" | "XX" | "21".."24" | "33".."36"      only a month takes a day
    mark      =  "?" uncertain | "~" approximate | "%" both       it follows its component
    instant   =  YYYY-MM-DD "T" HH:MM:SS [ "." 1 to 6 digits ] ( "Z" | ±HH:MM )
    set       =  "[" element ".." element "]" | "[.." element "]" | "[" element "..]"
              |  "[" element "," element { "," element } "]"
    interval  =  element "/" element | element "/" [ ".." ] | [ ".." ] "/" element

What does not read so is a ``Fault``, which says what is wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from newsledger.when import extent, faults
from newsledger.when.faults import Fault

if TYPE_CHECKING:
    from datetime import datetime

# [0-9] rather than \d, which takes the digits of every script.
_DATE = re.compile(
    r"([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)([?~%]?)"
    r"(?:-([0-9]{2}|XX)([?~%]?)(?:-([0-9]{2})([?~%]?))?)?"
)
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_OPEN = ("", "..")
_UNKNOWN = "XX"


class Reading(NamedTuple):
    """What a text means: its normal form, extent and onset, its marks, and whether it lasts."""

    text: str
    extent: extent.Extent
    onset: extent.Extent
    marks: str = ""
    lasts: bool = False


class _Element(NamedTuple):
    text: str
    start: datetime
    stop: datetime
    marks: str = ""


def read(text: str) -> Reading:
    """Read a text; a ``Fault`` says why it is no date."""
    if "/" in text or text.startswith("["):
        try:
            return _interval(text) if "/" in text else _set(text)
        except Fault as fault:
            # What is meant by it all ("2017/02/28") is more to the point than where reading ended.
            raise Fault(faults.advice(text) or str(fault)) from None
    element = _element(text)
    moments = (element.start, element.stop)
    return Reading(element.text, moments, moments, element.marks)


def instant_text(moment: datetime) -> str:
    """Write an instant in UTC in normal form: with ``Z``, the fraction as short as it can be."""
    text = moment.replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if moment.microsecond else text) + "Z"


def _set(text: str) -> Reading:
    if not text.endswith("]"):
        raise Fault("the bracket '[' is not closed by a ']' at the end")
    inner = text[1:-1]
    if ".." in inner:
        return _range(inner)
    members = [_part(member) for member in inner.split(",")]
    if len(members) == 1:
        raise Fault(f"a set has two members or more: write '{inner}'")
    moments = (min(one.start for one in members), max(one.stop for one in members))
    normal = ",".join(one.text for one in members)
    return Reading(f"[{normal}]", moments, moments, "".join(one.marks for one in members))


def _range(inner: str) -> Reading:
    if "," in inner:
        raise Fault("a set is a range with '..' or a list with ',', never both")
    before, _, after = inner.partition("..")
    if ".." in after:
        raise Fault("a range has one '..' between its ends")
    if not before and not after:
        raise Fault("a range that is open on both sides says nothing")
    first = _part(before) if before else None
    last = _part(after) if after else None
    _in_order(first, last)
    moments = (first and first.start, last and last.stop)
    return Reading(f"[{_text(first)}..{_text(last)}]", moments, moments, _marks(first, last))


def _interval(text: str) -> Reading:
    before, _, after = text.partition("/")
    if "/" in after:
        raise Fault("an interval has one '/' between its two ends")
    if "[" in text or "]" in text:
        raise Fault("the ends of an interval are simple dates or instants, not sets")
    if before in _OPEN and after in _OPEN:
        raise Fault("an interval that is open on both sides says nothing")
    first = None if before in _OPEN else _part(before)
    last = None if after in _OPEN else _part(after)
    _in_order(first, last)
    normal = f"{first.text if first else before}/{last.text if last else after}"
    stop = last and last.stop
    onset = (first.start, first.stop) if first else (None, stop)
    return Reading(normal, (first and first.start, stop), onset, _marks(first, last), lasts=True)


def _in_order(first: _Element | None, last: _Element | None) -> None:
    if first and last and not first.start < last.stop:
        raise Fault(f"it ends before it starts: all of '{last.text}' is before '{first.text}'")


def _text(element: _Element | None) -> str:
    return element.text if element else ""


def _marks(first: _Element | None, last: _Element | None) -> str:
    return (first.marks if first else "") + (last.marks if last else "")


def _part(text: str) -> _Element:
    try:
        return _element(text)
    except Fault as fault:
        raise Fault(f"in {faults.shown(text)}, {fault}") from None


def _element(text: str) -> _Element:
    if date := _DATE.fullmatch(text):
        return _date(date)
    if instant := _INSTANT.fullmatch(text):
        return _instant(instant)
    raise Fault(faults.advice(text) or faults.EXPECTED)


def _date(found: re.Match[str]) -> _Element:
    year, first, part, second, day, third = found.groups()
    unknown = year.count("X")
    if unknown and part:
        raise Fault(f"a decade or century takes no month: write '{year}'")
    if part == _UNKNOWN and day:
        raise Fault(f"a day in an unknown month is not supported: write '{year}-XX'")
    if day:
        start, stop = extent.of_day(int(year), int(part), int(day))
    elif part and part != _UNKNOWN:
        start, stop = extent.of_part_of_year(int(year), int(part))
    else:
        start, stop = extent.of_years(int(year.replace("X", "0")), 10**unknown)
    return _Element(found.string, start, stop, f"{first}{second or ''}{third or ''}")


def _instant(found: re.Match[str]) -> _Element:
    *numbers, fraction, sign, hours, minutes = found.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    offset = _offset(sign, int(hours), int(minutes)) if sign else 0
    moment = extent.moment_of((hour, minute, second), (year, month, day), offset)
    if fraction:
        moment = moment.replace(microsecond=int(fraction.ljust(6, "0")))
    start, stop = extent.of_instant(moment)
    return _Element(instant_text(start), start, stop)


def _offset(sign: str, hours: int, minutes: int) -> int:
    if hours > 23 or minutes > 59:  # noqa: PLR2004 (hours and minutes)
        raise Fault(f"there is no offset {sign}{hours:02}:{minutes:02}")
    if sign == "-" and not hours and not minutes:
        raise Fault("the offset -00:00 says that the zone is unknown: write Z for UTC")
    return (hours * 60 + minutes) * (-1 if sign == "-" else 1)
