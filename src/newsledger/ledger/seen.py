"""Seen: what histories, comparisons and audits ask of a view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from newsledger.engine import Projection, Vantage
from newsledger.reports import Entry
from newsledger.when import PointLike

Axis: TypeAlias = Literal["valid", "known", "recorded"]


class Seen(Vantage, Protocol):
    """A view, as far as the files beneath it know one."""

    def entries(self) -> Iterator[Entry]:
        """Yield what it shows, in fold order."""

    def project(self, projection: Any) -> Any:
        """Fold what it shows into the projection's state."""

    def read_by(self, projection: Projection[Any]) -> list[Entry]:
        """Give the shown entries that reach a handler, in fold order."""

    def moved(self, along: Axis, point: PointLike | int) -> Seen:
        """Make the view from another point of one axis."""

    def at_end(self, end: datetime | None) -> Seen:
        """Make the view at the instant before an exclusive end of valid time."""

    def before_all(self, axis: Axis) -> Seen:
        """Make the view from before everything that was recorded, or known."""

    def arrivals(
        self, projection: Projection[Any], axis: Axis
    ) -> Sequence[tuple[datetime, Seen, tuple[Entry, ...]]]:
        """List the ends of known or recorded time at which something arrives."""
