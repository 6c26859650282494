"""The same questions to a ledger, through the public interface only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from folds import LatestStatus, Members
from points import Point

from newsledger import Ledger, View


class Newsledger:
    name = "newsledger"

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def view(self, point: Point, **axes: Any) -> View:
        return self.ledger.as_of(point.valid, known_at=point.known, **axes)

    def members(self, organization: str, point: Point) -> frozenset[str]:
        return self.view(point).project(Members(organization))

    def members_at(self, organization: str, points: Sequence[Point]) -> list[frozenset[str]]:
        return self.ledger.project_many(Members(organization), points)

    def statuses(self, point: Point) -> dict[str, str]:
        return dict(self.view(point).project(LatestStatus()))

    def some(self, point: Point, bases: Iterable[str], **axes: Any) -> list[str | None]:
        latest = self.view(point, **axes).project(LatestStatus())
        return [latest.get(base) for base in bases]

    def changes(self, point: Point, later: Point) -> Any:
        return self.view(point).diff(self.view(later), LatestStatus())
