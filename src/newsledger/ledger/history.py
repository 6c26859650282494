"""History: a projection's state along one axis, wherever it changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from newsledger.engine import Projection
from newsledger.ledger import arriving, steps
from newsledger.ledger.seen import Axis, Seen
from newsledger.reports import Entry
from newsledger.when import PointLike

S = TypeVar("S")
Change: TypeAlias = tuple[datetime, S, tuple[Entry, ...]]
AXES = ("valid", "known", "recorded")


class History(Generic[S]):
    """The state along one axis, the other two fixed at a view's point.

    Iterating gives ``(instant, state, entries)`` for each change, in order: the instant is the
    first at which a view shows the state (aware UTC), the entries are those that brought it (none
    where time alone did). States that are equal are one: a change of evidence behind an equal
    answer is none. ``initial`` is the state before the first change.
    """

    def __init__(self, view: Seen, projection: Projection[S], along: Axis) -> None:
        if along not in AXES:
            raise ValueError(f"along= takes one of {', '.join(AXES)}, got {along!r}")
        self._view = view
        self._projection = projection
        self.along: Axis = along

    def __repr__(self) -> str:
        return f"History({type(self._projection).__name__}, along={self.along!r}, {self._view!r})"

    def at(self, point: PointLike | int) -> S:
        """Give the state at a point of this axis: what projecting a view there gives.

        Along "recorded" the point may be a position.
        """
        state: S = self._view.moved(self.along, point).project(self._projection)
        return state

    @property
    def initial(self) -> S:
        """The state before the first change."""
        return next(self._walk())[1]

    def __iter__(self) -> Iterator[Change[S]]:
        """Walk the changes, lazily, in one pass over what the projection reads."""
        steps = self._walk()
        next(steps)
        return steps

    def _walk(self) -> Iterator[Change[S]]:
        """Yield the initial state, then the changes."""
        if self.along == "valid":
            return steps.along_valid(self._view, self._projection)
        return arriving.along_arrival(self._view, self._projection, self.along)
