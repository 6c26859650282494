"""A clock for tests: it stands still until it is told that time passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsledger.when import FOREVER, PointLike, as_point, end_of

START = datetime(2030, 1, 1, 12, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def last_instant(point: PointLike, *, name: str) -> datetime:
    """Give the last instant of a point, which is what a point means everywhere."""
    end = end_of(as_point(point, name=name))
    if end is None:
        raise ValueError(f"{name}: {FOREVER!r} has no last instant: give a date")
    return end - _MICROSECOND


class Clock:
    """Gives the time at which it stands, aware UTC, whenever it is called.

    A date means its last instant, as a point of a view does.

    >>> clock = Clock("2017-02-28")
    >>> clock().isoformat()
    '2017-02-28T23:59:59.999999+00:00'
    >>> clock.advance(days=1)
    >>> clock.now.date().isoformat()
    '2017-03-01'
    """

    def __init__(self, now: PointLike = START) -> None:
        self.now = last_instant(now, name="now")

    def __repr__(self) -> str:
        return f"Clock({self.now.isoformat()!r})"

    def __call__(self) -> datetime:
        """Give the time."""
        return self.now

    def move(self, to: PointLike) -> None:
        """Set it to the last instant of a point, later or earlier."""
        self.now = last_instant(to, name="to")

    def advance(self, **time: float) -> None:
        """Let time pass, in whatever a ``timedelta`` is told in: ``days=1``, ``hours=2``."""
        self.now += timedelta(**time)
