"""Question: what a decision rests on, to be named in ``expecting=``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from newsledger.engine import Projection, scope_of
from newsledger.errors import AppendConflict, WrongLedger
from newsledger.events import CATALOGUE, Event
from newsledger.index.log import Log
from newsledger.ledger.matching import Wanted, matching

Types = Iterable[type[Event] | str] | type[Event] | str | None


def types_of(types: Types) -> frozenset[str]:
    """Normalise what callers may write for ``types=``: classes or wire names, one or several."""
    several = [types] if isinstance(types, type | str) else types or ()
    return frozenset(CATALOGUE.named(one) for one in several)


@attrs.frozen(eq=False)
class Question:
    """A projection asked at a position of one ledger.

    ``ledger.append(…, expecting=question)`` records only if nothing that the projection reads
    was recorded after that position.
    """

    projection: Projection[Any]
    position: int
    ledger: str

    def check(self, log: Log, head: int) -> None:
        """Raise AppendConflict if the projection reads an entry after the position."""
        if self.ledger != log.recorder.identity:
            raise WrongLedger("expecting= was asked of another ledger")
        read = Wanted(
            self.projection.types(),
            scope_of(self.projection.about()),
            lambda entry: self.projection.handler_of(entry) is not None,
        )
        if newer := list(matching(log, read, after=self.position, upto=head)):
            raise AppendConflict(
                f"{len(newer)} entries that {type(self.projection).__name__} reads were recorded "
                f"after position {self.position}, the first of them {newer[0]!r}: look again",
                entries=newer,
            )
