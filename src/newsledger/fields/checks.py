"""Checks: from what a caller gives to what a field holds, or a ValueError that says why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Set as AbstractSet
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from uuid import UUID

import msgspec

T = TypeVar("T")

# A number is held in plain notation up to this many digits, so that stored text stays readable;
# beyond it in scientific notation, so that "1E+999999" does not fill the memory.
PLAIN_DIGITS = 60
# Texts of numbers that are in this form already; Decimal keeps every digit of them.
_IN_NORMAL_FORM = re.compile(r"-?(?:0|[1-9][0-9]{0,29})\.[0-9]{0,29}[1-9]|-?[1-9][0-9]{0,59}|0")


def shown(value: object) -> str:
    """Show a value in a message, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 (one line)


def text(value: object) -> str:
    """Take a str that UTF-8 can hold."""
    if type(value) is str and value.isascii():
        return value
    if type(value) is not str and not isinstance(value, str):
        raise ValueError(f"expected text, got {type(value).__name__} {shown(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"the text {shown(value)} has a lone surrogate at index {error.start}, "
                "which no UTF-8 file can hold"
            ) from None
    return str.__str__(value)  # of an enum's member its value, not its name


def encodable(value: str) -> bool:
    """Tell whether UTF-8 can hold a text."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def name(value: object) -> str:
    """Take a text that names something: not empty."""
    if not (checked := text(value)):
        raise ValueError("expected a name, got an empty text")
    return checked


def boolean(value: object) -> bool:
    """Take True or False, and nothing that merely is true."""
    if value is not True and value is not False:
        raise ValueError(f"expected True or False, got {shown(value)}")
    return value


def whole(value: object) -> int:
    """Take an int; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected a whole number, got {shown(value)}")
    return int(value)


def real(value: object) -> float:
    """Take a finite int or float; a bool is neither."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, got {shown(value)}")
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 (NaN is not itself)
        raise ValueError(f"expected a finite number, got {value}")
    return value


def percent(value: object) -> float:
    """Take a number from 0 to 100."""
    checked = real(value)
    if not 0 <= checked <= 100:  # noqa: PLR2004 (that is what it means)
        raise ValueError(f"{checked} is not between 0 and 100")
    return checked


def number(value: object) -> Decimal:
    """Take a finite Decimal, an int or a text, and bring it into normal form.

    The normal form is plain notation without trailing zeros after the point, so that equal
    numbers are held, stored and told alike. A float is refused: it is rarely the number that
    was printed.
    """
    if (type(value) is str and _IN_NORMAL_FORM.fullmatch(value)) or (
        type(value) is Decimal and _IN_NORMAL_FORM.fullmatch(str(value))
    ):
        return Decimal(value)
    if isinstance(value, float):
        raise ValueError(f"a float is not exact: write Decimal('{value}') or '{value}'")
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise ValueError(f"expected a Decimal, an int or a text, got {shown(value)}")
    try:
        given = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{shown(value)} is not a number") from None
    if not given.is_finite():
        raise ValueError(f"expected a finite number, got {given}")
    return _normal(given)


def _normal(given: Decimal) -> Decimal:
    # Decimal.normalize rounds to the context's precision; this does not.
    sign, digits, exponent = given.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 (finite, checked by the caller)
    if not any(digits):
        return Decimal(0)
    while digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    if 0 < exponent <= PLAIN_DIGITS:
        digits, exponent = digits + (0,) * exponent, 0
    return Decimal((sign, digits, exponent))


def uuid_of(value: str) -> UUID:
    """Read the text of a UUID in any form that :class:`uuid.UUID` reads, the usual one fast."""
    try:
        return msgspec.convert(value, UUID)
    except msgspec.ValidationError:
        return UUID(value)


def reference(value: object) -> UUID:
    """Take a UUID, the text of one, or an entry or report that has one."""
    if type(value) is not str:
        value = getattr(value, "id", value)
    if isinstance(value, UUID):
        return value
    if isinstance(value, str):
        try:
            return uuid_of(value)
        except ValueError:
            pass
    raise ValueError(f"expected the id of a report (a UUID), got {shown(value)}")


def many(check: Callable[[object], T], *, of: str) -> Callable[[object], tuple[T, ...]]:
    """Take an iterable of what ``check`` takes, as a tuple.

    The order given is kept; a set, which has none, is sorted, so that the same set makes the
    same report in every process.
    """

    def checked(value: object) -> tuple[T, ...]:
        if type(value) is tuple or type(value) is list:
            try:
                return tuple([check(item) for item in value])
            except ValueError:
                pass  # which of them is told below
        if isinstance(value, str | bytes):
            raise ValueError(
                f"expected {of}, got the lone text {shown(value)}: write ({shown(value)},)"
            )
        if not isinstance(value, Iterable):
            raise ValueError(f"expected {of}, got {type(value).__name__} {shown(value)}")
        held = []
        for index, item in enumerate(value):
            try:
                held.append(check(item))
            except ValueError as error:
                raise ValueError(f"item {index}: {error}") from None
        return tuple(sorted(held, key=_by_text) if isinstance(value, AbstractSet) else held)

    return checked


def _by_text(item: object) -> str:
    return item if isinstance(item, str) else repr(item)


def maybe(check: Callable[[object], T]) -> Callable[[object], T | None]:
    """Take None, or what ``check`` takes."""

    def checked(value: object) -> T | None:
        return None if value is None else check(value)

    return checked


def instance(cls: type[T]) -> Callable[[object], T]:
    """Take an instance of ``cls``."""

    def checked(value: object) -> T:
        if not isinstance(value, cls):
            raise ValueError(
                f"expected a {cls.__name__}, got {type(value).__name__} {shown(value)}"
            )
        return value

    return checked
