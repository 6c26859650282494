"""Canonical JSON: one text for one value, on every machine, so that ids are digests.

The rules are those of RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by
the UTF-16 code units of their names, ECMAScript's shortest strings and numbers. Whole numbers
beyond 2**53, which that RFC leaves to doubles, keep all their digits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from newsledger.codec.ids import uuid_of_name

# Everything that newsledger identifies is a name in this namespace. Changing it changes every id.
NAMESPACE = UUID("5f0d9c0e-7a53-5c35-9a2e-2f0a7c1b6f1d")


def canonical(value: Any) -> str:
    """Write a JSON value in its one canonical form."""
    if _is_plain(value):
        return msgspec.json.encode(value, order="sorted").decode()
    return _spelled_out(value)


def _is_plain(value: Any) -> bool:
    """Tell whether msgspec, which is much faster, writes the same text as the RFC.

    It writes floats its own way, and sorts by code points, which differ from UTF-16 beyond ASCII.
    """
    if isinstance(value, dict):
        return all(map(str.isascii, value)) and _are_plain(value.values())
    if isinstance(value, list | tuple):
        return _are_plain(value)
    return value is None or value is True or value is False or type(value) is str


def _are_plain(values: Iterable[Any]) -> bool:
    for value in values:  # noqa: SIM110 (a generator takes twice as long)
        if type(value) is not str and not _is_plain(value):
            return False
    return True


def _spelled_out(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=_utf16)
        return "{" + ",".join(f"{_text(key)}:{_spelled_out(item)}" for key, item in members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_spelled_out, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value, allow_nan=False)


def digest(value: Any) -> UUID:
    """Identify a JSON value: the UUIDv5 (RFC 9562) of its canonical text."""
    if _is_plain(value):
        return uuid_of_name(NAMESPACE, msgspec.json.encode(value, order="sorted"))
    return uuid_of_name(NAMESPACE, _spelled_out(value).encode())


def _utf16(member: tuple[str, Any]) -> bytes:
    return member[0].encode("utf-16-be")


def _text(value: str) -> str:
    # Python's escapes with ensure_ascii=False are those of the RFC, DEL included.
    return json.dumps(value, ensure_ascii=False)


def _float(value: float) -> str:
    """Write a double as ECMAScript's Number::toString does."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 (NaN is not itself)
        raise ValueError(f"JSON has no number {value}")
    if value == 0:
        return "0"
    # repr gives the shortest digits that read back alike, which is what the RFC asks for; only
    # the place of the point and the exponent are written differently.
    mantissa, _, exponent_text = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent_text or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    sign = "-" if value < 0 else ""
    if 0 < point <= 21:  # noqa: PLR2004 (ECMAScript's bound for plain notation)
        if len(digits) <= point:
            return sign + digits.ljust(point, "0")
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004 (likewise)
        return f"{sign}0.{'0' * -point}{digits}"
    head, tail = digits[0], digits[1:]
    return f"{sign}{head}{'.' + tail if tail else ''}e{point - 1:+d}"
