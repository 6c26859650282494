"""Many points: one projection from any number of points of valid and known time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from newsledger.engine import (
    Projection,
    Reading,
    answer_of,
    has_result,
    states_at,
)
from newsledger.errors import InvalidWhen
from newsledger.fields import shown
from newsledger.index.visible import Visible
from newsledger.ledger.seen import Seen
from newsledger.progress import OnProgress
from newsledger.when import PointLike
from newsledger.when.ticks import point_ticks

Points: TypeAlias = Iterable[tuple[PointLike, PointLike]]
"""Pairs of ``valid_at`` and ``known_at``."""
_BOTH = 2


def project_many(
    view: Seen,
    visible: Visible,
    projection: Projection[Any],
    points: Points,
    progress: OnProgress | None = None,
) -> list[Any]:
    """Project from pairs of valid and known time, the view's position and dates fixed."""
    pairs = list(map(_pair, points))
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
        return [view.at(*pair).project(projection, progress=progress) for pair in pairs]
    meter = visible.replay(view.position, progress)
    timeline = visible.whole_timeline(reading, view.dates, view.position, meter.seen)
    read = list(meter.through(timeline.all(), len(timeline)))
    states = states_at(read, projection.initial(), ends)
    meter.end()
    if not has_result(projection):
        return states
    return [
        answer_of(projection, state, view.at(*pair))
        for pair, state in zip(pairs, states, strict=True)
    ]


def _pair(point: Any) -> tuple[PointLike, PointLike]:
    if isinstance(point, str) or not isinstance(point, Sequence) or len(point) != _BOTH:
        raise InvalidWhen(
            f"points: expected pairs of valid_at and known_at, got {shown(point)} among them"
        )
    valid, known = point
    return valid, known
