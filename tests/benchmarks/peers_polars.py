"""The same questions to polars: one frame of versions for each kind of news, in fold order.

A frame that is in fold order answers "the last of each key" with ``last``, so nothing is sorted
when asked. Names are categories, which makes filters and groups by them cheaper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from points import Point


class Polars:
    name = "polars"

    def __init__(self, table: pl.DataFrame) -> None:
        table = table.sort("place").with_columns(
            pl.col("key", "value", "kind").cast(pl.Categorical)
        )
        about_bases = pl.col("kind") == "BaseStatusReported"
        self._memberships = table.filter(~about_bases)
        self._statuses = table.filter(about_bases)

    def members(self, organization: str, point: Point) -> frozenset[str]:
        found = (
            self._memberships.lazy()
            .filter(pl.col("key") == organization, *_standing(point))
            .group_by("value")
            .agg(pl.col("kind").last())
            .filter(pl.col("kind") == "MembershipStarted")
            .select("value")
            .collect()
        )
        return frozenset(found["value"].to_list())

    def members_at(self, organization: str, points: Sequence[Point]) -> Any:
        asked = pl.LazyFrame(
            [(number, *point.ends) for number, point in enumerate(points)],
            schema={"number": pl.Int64, "valid": pl.Datetime("us"), "known": pl.Datetime("us")},
            orient="row",
        )
        found = (
            self._memberships.lazy()
            .filter(pl.col("key") == organization)
            .join(asked, how="cross", maintain_order="left")
            .filter(
                pl.col("stop") <= pl.col("valid"),
                pl.col("known_from") <= pl.col("known"),
                pl.col("known_to") > pl.col("known"),
            )
            .group_by("number", "value")
            .agg(pl.col("kind").last())
            .filter(pl.col("kind") == "MembershipStarted")
            .group_by("number")
            .agg(pl.col("value"))
            .collect()
        )
        return found.rows()

    def whole(self, point: Point) -> pl.DataFrame:
        return self._latest(point).collect()

    def statuses(self, point: Point) -> dict[str, str]:
        return dict(self.whole(point).iter_rows())

    def survivors(self, point: Point) -> list[int]:
        """Give the positions of what is shown of bases, in fold order."""
        return self._statuses.filter(*_standing(point))["position"].to_list()

    def some(self, point: Point, bases: Iterable[str]) -> dict[str, str]:
        wanted = pl.col("key").is_in(list(bases))
        return dict(self._latest(point, wanted).collect().iter_rows())

    def changes(self, point: Point, later: Point) -> list[tuple[str, str | None, str | None]]:
        found = (
            self._latest(point)
            .join(self._latest(later), on="key", how="full", coalesce=True)
            .filter(pl.col("value").ne_missing(pl.col("value_right")))
            .collect()
        )
        return found.rows()

    def _latest(self, point: Point, *wanted: pl.Expr) -> pl.LazyFrame:
        standing = self._statuses.lazy().filter(*wanted, *_standing(point))
        return standing.group_by("key").agg(pl.col("value").last())


def _standing(point: Point) -> tuple[pl.Expr, ...]:
    valid, known = point.ends
    return (
        pl.col("stop") <= valid,
        pl.col("known_from") <= known,
        pl.col("known_to") > known,
    )
