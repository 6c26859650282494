"""Rounding: what a printed number may stand for."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal


def rounding_range(number: Decimal) -> tuple[Decimal, Decimal]:
    """Give the least and the greatest value that rounds to ``number`` as it is printed.

    That is half a unit of its last significant digit to either side, both ends included, since
    nobody knows which way the halves went. Trailing zeros of whole numbers are not significant:

    >>> [f"{end:,}" for end in rounding_range(Decimal("1200000000"))]
    ['1,150,000,000', '1,250,000,000']
    >>> rounding_range(Decimal("1193.5"))
    (Decimal('1193.45'), Decimal('1193.55'))
    """
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{number} is rounded from nothing: expected a finite number")
    while exponent >= 0 and len(digits) > 1 and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    half = Decimal((0, (5,), exponent - 1))
    exact = Context(prec=len(digits) + 2, Emax=MAX_EMAX, Emin=MIN_EMIN)
    printed = Decimal((sign, digits, exponent))
    low, high = exact.subtract(printed, half), exact.add(printed, half)
    return _plain(low), _plain(high)


def may_agree(one: Decimal, other: Decimal) -> bool:
    """Tell whether two printed numbers may stand for the same value: their ranges meet.

    >>> may_agree(Decimal("1200000000"), Decimal("1193500000"))
    True
    >>> may_agree(Decimal("1200000000"), Decimal("1300000000"))
    True
    >>> may_agree(Decimal("1210000000"), Decimal("1193500000"))
    False
    """
    (low, high), (other_low, other_high) = rounding_range(one), rounding_range(other)
    return low <= other_high and other_low <= high


def percent(fraction: Decimal) -> Decimal:
    """Give a fraction in percent, which is how changes are printed and rounded."""
    sign, digits, exponent = fraction.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 (events hold finite numbers)
    return fraction if not fraction else Decimal((sign, digits, exponent + 2))


def _plain(number: Decimal) -> Decimal:
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or not 0 < exponent <= 60:  # noqa: PLR2004 (as events hold them)
        return number
    return Decimal((sign, digits + (0,) * exponent, 0))
