"""Faults: what is wrong with a text that is no date, and what to write instead.

Nothing here decides whether a text is a date; that is the grammar's. This is asked only about
texts that the grammar has refused, so it may guess what was meant.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable
from typing import TypeAlias

EXPECTED = (
    "expected YYYY, YYYY-MM or YYYY-MM-DD, an instant such as 2017-02-28T08:05:00Z, or a set or "
    "interval of these such as [2017-04..2017-05] or 2017-02/2017-03"
)
_LONGEST = 80


class Fault(ValueError):
    """Why a text is no date; it leaves this room only as an ``InvalidWhen``."""


def shown(value: object) -> str:
    """Quote what was given, short enough for a message."""
    if isinstance(value, str):
        whole = len(value) <= _LONGEST
        return repr(value) if whole else f"{value[:_LONGEST]!r}… ({len(value)} characters)"
    try:
        return reprlib.repr(value)
    except Exception:  # noqa: BLE001 (somebody else's repr may do anything)
        return f"<{type(value).__name__}>"


def advice(text: str) -> str | None:
    """Say what is wrong with a refused text, if it is one of the usual mistakes."""
    if not text.strip():
        return "it is empty"
    if text != text.strip():
        return "there are blanks around it"
    if not text.isascii():
        odd = next(character for character in text if not character.isascii())
        return f"it has {odd!a} in it, and dates are written in ASCII"
    if len(text) > _LONGEST:
        return None
    for pattern, reply in _MISTAKES:
        found = pattern.fullmatch(text)
        said = found and (reply(found) if callable(reply) else found.expand(reply))
        if said:
            return said
    return None


def _padded(found: re.Match[str]) -> str | None:
    padded = "-".join(number.zfill(2) for number in found[0].split("-"))
    return f"months and days have two digits: write '{padded}'" if padded != found[0] else None


def _capitals(found: re.Match[str]) -> str:
    return f"T, X and Z are capital letters: write '{found[0].upper()}'"


def _quarter(found: re.Match[str]) -> str:
    return f"quarters are numbered 33 to 36: write '{found[1]}-{32 + int(found[2])}'"


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = {"spr": "21", "sum": "22", "aut": "23", "fal": "23", "win": "24"} | {
    name: f"{number:02}" for number, name in enumerate(_MONTHS, 1)
}


def _in_words(found: re.Match[str]) -> str | None:
    parts = found.groupdict()
    number = _WORDS.get(parts["word"][:3].lower())
    if number is None:
        return None
    day = f"-{int(parts['day']):02}" if parts.get("day") else ""
    return f"dates are written in numbers: write '{parts['year']}-{number}{day}'"


_Reply: TypeAlias = str | Callable[[re.Match[str]], str | None]
_CLOCK = r"(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,6})?"
_ZONE = r"(?:Z|[+-]\d\d:\d\d)"


def _table(*rows: tuple[str, _Reply]) -> tuple[tuple[re.Pattern[str], _Reply], ...]:
    return tuple((re.compile(pattern, re.ASCII | re.DOTALL), reply) for pattern, reply in rows)


# The first row that fits speaks. No row may fit a date, or a set of dates with another fault in it
# would be told of the wrong one.
_MISTAKES = _table(
    # Days and months in other clothes.
    (r"\d{4}-\d{1,2}(?:-\d{1,2})?", _padded),
    (
        r"(\d{4})[/.](\d\d)[/.](\d\d)",
        r"between year, month and day stand hyphens: write '\1-\2-\3'",
    ),
    (
        r"(\d{4})[/.](0[1-9]|1[0-2])",
        r"between year and month stands a hyphen: write '\1-\2'",
    ),
    (r"(\d{4})(\d\d)(\d\d)", r"between year, month and day stand hyphens: write '\1-\2-\3'"),
    (r"\d{1,2}([-/.])\d{1,2}\1\d{4}", "the year comes first: write it as YYYY-MM-DD"),
    (r"\d{1,3}(?:-\d\d)*", "a year has four digits"),
    (r"Y-?\d.*|[-+]\d.*|\d{5,}.*", "years run from 0001 to 9998 and have four digits and no sign"),
    (r"(\d{4})-\d{3}", r"days of the year are not supported: write '\1-MM-DD'"),
    (r"\d{4}-?W\d.*", "weeks are not supported: write first and last day as '[..]' or with '/'"),
    (r"(\d{4})-?Q([1-4])", _quarter),
    (r"(?P<day>\d{1,2})[ .-]+(?P<word>[A-Za-z]+)[ .,-]+(?P<year>\d{4})", _in_words),
    (r"(?P<word>[A-Za-z]+)\.? (?P<day>\d{1,2}),? (?P<year>\d{4})", _in_words),
    (r"(?P<word>[A-Za-z]+)[ .,-]+(?P<year>\d{4})", _in_words),
    (r"(?:c|ca|circa|about)\.? ?(\d{4})", r"'about' is the mark ~: write '\1~'"),
    # Digits that are not known.
    (r"\d\d(?:\dx|x[xX]|Xx)[?~%]?|\d{4}-(?:x[xX]|Xx)", _capitals),
    (r"XXXX.*", "a year of which nothing is known says nothing"),
    (r"(\d{4})-XX-XX", r"a day somewhere in the year is written '\1' or '\1-XX'"),
    (r"(\d{4}-(?:0[1-9]|1[0-2]))-XX", r"a day somewhere in the month is written '\1'"),
    (
        r"(?=.*X)(?!(?:\d{3}X|\d\dXX|\d{4}-XX)$)[0-9X]{4}(?:-[0-9X]{2})*",
        "X stands for the last digit of a year, its last two, or the whole month",
    ),
    # Marks.
    (r".*[?~%]{2,}.*", "a component takes one mark: '?' and '~' together are '%'"),
    (r"(?:.*[-/,.[])?[?~%].*", "a mark follows its component, as in '2017?' or '2017-02~'"),
    (r"[0-9.:+-]+T[0-9.:Z+-]+[?~%]", "an instant is exact: it takes no mark"),
    # Instants.
    (r"\d{4}-\d\d-\d\d(?:t[0-9:.]+.*|T[0-9:.]+z)", _capitals),
    (r"(\d{4}-\d\d-\d\d) +(\d\d:.*)", r"between day and time stands a T: write '\1T\2'"),
    (_CLOCK, r"it has no time zone: add Z for UTC or an offset such as +06:00, or write '\1'"),
    (r"\d{4}-\d\d-\d\dT\d\d(?::\d\d)?" + _ZONE + "?", "seconds are missing: write HH:MM:SS"),
    (r".*:\d\d\.\d{7,}.*", "a fraction of a second has six digits at most, and is never rounded"),
    (r"[0-9-]+T[0-9:]+,\d+.*", "before the fraction of a second stands a '.'"),
    (_CLOCK + r"[+-]\d[0-9:]*", "an offset is written with hours and minutes, as +06:00"),
    # Sets and intervals.
    (r"\{(.*)\}", r"all of several dates is not supported; one of them is written '[\1]'"),
    (r"[^][/]+\.\.[^][/]*|\.\.[^][/]+", r"a range stands in brackets: write '[\g<0>]'"),
    (r"(.*)/(?:open|unknown|now|present|today)", r"an open end is written '..': '\1/..'"),
    (r"(?:open|unknown)/(.*)", r"an open start is written '..': '../\1'"),
)
