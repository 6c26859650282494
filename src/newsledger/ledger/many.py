"""Many points: one projection from any number of points of valid and known time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from newsledger.engine import (
    Projection,
    Reading,
    answer_of,
    has_result,
    states_at,
)
from newsledger.ledger.view import View
from newsledger.when import PointLike
from newsledger.when.ticks import point_ticks


def project_many(
    view: View, projection: Projection[Any], points: Iterable[tuple[PointLike, PointLike]]
) -> list[Any]:
    """Project from pairs of valid and known time, the view's position and dates fixed."""
    pairs = list(points)
    today = view.today
    ends = [
        (
            point_ticks(valid, name="valid_at", today=today),
            point_ticks(known, name="known_at", today=today),
        )
        for valid, known in pairs
    ]
    if not pairs:
        return []
    reading = Reading(projection)
    if reading.keyed:
        return [view.at(*pair).project(projection) for pair in pairs]
    timeline = view.visible.whole_timeline(reading, view.dates, view.position)
    states = states_at(list(timeline.all()), projection.initial(), ends)
    if not has_result(projection):
        return states
    return [
        answer_of(projection, state, view.at(*pair))
        for pair, state in zip(pairs, states, strict=True)
    ]
