"""Seen: what histories, comparisons and audits ask of a view."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal, Protocol, TypeAlias

from newsledger.engine import Handler, Piece, Projection, Scope, Vantage
from newsledger.progress import OnProgress
from newsledger.reports import Entry, Line
from newsledger.when import PointLike

Axis: TypeAlias = Literal["valid", "known", "recorded"]


class Seen(Vantage, Protocol):
    """A view, as far as the files beneath it know one."""

    def entries(self) -> Iterator[Entry]:
        """Yield what it shows, in fold order."""

    @property
    def erased(self) -> tuple[Entry, ...]:
        """Entries that it would show, had they not been erased."""

    def project(self, projection: Any, *, progress: OnProgress | None = None) -> Any:
        """Fold what it shows into the projection's state."""

    def read_by(self, projection: Projection[Any]) -> list[tuple[Entry, Handler]]:
        """Give the shown entries that reach a handler, each with it, in fold order."""

    def reading(self, projection: Projection[Any]) -> Iterator[tuple[Piece, Handler]]:
        """Yield the same as pieces, lazily."""

    def lines(self, types: frozenset[str], scope: Scope, position: int | None) -> list[Line]:
        """Read what may matter, up to a position; None: to the end of the log."""

    def at(self, valid_at: PointLike, known_at: PointLike) -> Seen:
        """Make the view from another point of valid and known time."""

    def moved(self, along: Axis, point: PointLike | int) -> Seen:
        """Make the view from another point of one axis."""

    def at_end(self, end: datetime | None) -> Seen:
        """Make the view at the instant before an exclusive end of valid time."""

    def before_all(self, axis: Axis) -> Seen:
        """Make the view from before everything that was recorded, or known."""

    def at_arrival(self, axis: Axis, end: datetime, position: int) -> Seen:
        """Make the first view that shows what is known, or recorded, by an exclusive end."""

    @property
    def today(self) -> date:
        """The day that TODAY stands for."""

    @property
    def ticks(self) -> tuple[int, int]:
        """The exclusive ends of valid and of known time, as ticks."""
