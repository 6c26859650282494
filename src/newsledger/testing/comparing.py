"""Comparing: what pytest shows where an answer, an entry, a view or a date is not the other one."""

from __future__ import annotations

from newsledger.ledger import View
from newsledger.testing.differing import differences

_WIDTH = 70


def compared(left: object, right: object) -> list[str] | None:
    """Say what differs, after a line with both; None where there is nothing more to say.

    The value on the right is taken for the expected one.
    """
    lines = differences(left, right)
    if isinstance(left, View) and isinstance(right, View) and not lines:
        lines = ["they look from one point, but views are equal only to themselves: compare what"]
        lines += ["they show, or their tokens, of which one ledger gives the same for the same"]
    if not lines:
        return None
    return [f"{_short(left)} == {_short(right)}", *lines]


def _short(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
