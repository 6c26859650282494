"""The script of a machine's run: its steps as a program that needs no Hypothesis."""

from __future__ import annotations

from typing import Any

_BEFORE = """\
from decimal import Decimal
from uuid import UUID
from newsledger import *
from newsledger.projections import *
from newsledger.testing import Clock
clock = Clock()
def open_ledger(): return Ledger.open({place}clock=clock)  # at an empty place
ledger = open_ledger()
{other}def e(position): return list(ledger.entries())[position - 1]"""


class Bare(str):
    """A text that stands in a script as it is."""

    __slots__ = ()
    __repr__ = str.__str__


class Script:
    """Lines that are written out only where somebody reads them."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, tuple[Any, ...]]] = []

    def say(self, line: str, *values: Any) -> None:
        """Add a line; values go where it has ``{}``, as the code that makes them."""
        self._lines.append((line, values))

    def text(self, place: object) -> str:
        """Write it out, for a ledger at a place."""
        lasts = place is not None
        before = _BEFORE.format(
            place=f"{place!r}, " if lasts else "",
            other="other = open_ledger()\n" if lasts else "",
        )
        return "\n".join([before, *(line.format(*map(repr, vs)) for line, vs in self._lines)])
