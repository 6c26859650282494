"""A case: a projection, and a ledger to which a story was told."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeAlias

from newsledger.engine import Handler, Projection, answer_of, is_keyed, keys_of, step
from newsledger.index import indexes, subjects, visible
from newsledger.ledger import Ledger, View
from newsledger.reports import Entry
from newsledger.testing.laws.comparing import alike, plain
from newsledger.testing.stories import Append, Clock, Story
from newsledger.when import FOREVER

TICK = timedelta(microseconds=1)
Read: TypeAlias = list[tuple[Entry, Handler]]
Point: TypeAlias = dict[str, Any]


class Case:
    """What a law is held against; ``untouched`` is a copy that was never asked before."""

    def __init__(
        self,
        projection: Projection[Any],
        story: Story,
        untouched: Projection[Any] | None = None,
    ) -> None:
        self.projection = projection
        self.story = story
        self.untouched = fresh(projection) if untouched is None else untouched

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger after the story."""
        clock = Clock()
        ledger = Ledger.open(clock=clock)
        self.story.tell(ledger, clock)
        return ledger

    def close(self) -> None:
        """Let the ledger go."""
        if "ledger" in vars(self):
            self.ledger.close()

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Where questions are asked: at the end, and in the midst of what happens."""
        onsets = {end for event in _events(self.story) for end in event.onset if end is not None}
        known = {one.source.published.stop for one in _reports(self.story)} - {None}
        valid_at, known_at = _middle(onsets), _middle(known)
        return (
            {"valid_at": FOREVER},
            {"valid_at": valid_at, "dates": "possible"},
            {"valid_at": FOREVER, "known_at": known_at},
            {"valid_at": valid_at, "known_at": known_at},
        )

    @cached_property
    def views(self) -> tuple[View, ...]:
        """The views from these points."""
        return tuple(self.ledger.as_of(**point) for point in self.points)

    def told_stepwise(self, opened: Callable[[Ledger], Callable[[], object]]) -> None:
        """Tell the story to a new ledger, and call what ``opened`` gives after each step."""
        clock = Clock()
        with Ledger.open(clock=clock) as ledger:
            after = opened(ledger)
            after()
            self.story.tell(ledger, clock, after)

    def stable(self, view: View) -> bool:
        """Tell whether the question has one answer, at least when it is asked twice in a row.

        Where it has not, another law is broken, and this one says nothing.
        """
        first, second = (plain(view.project(self.projection)) for _ in range(2))
        return alike(first, second)


def _events(story: Story) -> Iterator[Any]:
    for one in story:
        event = one.report.event if isinstance(one, Append) else getattr(one, "event", None)
        if event is not None:
            yield event


def _reports(story: Story) -> Iterator[Any]:
    return (one.report for one in story if isinstance(one, Append))


def _middle(moments: Any) -> Any:
    """Give the last instant before the middle one of some exclusive ends."""
    ordered = sorted(moments)
    if not ordered:
        return datetime(2017, 3, 1, tzinfo=UTC)
    return max(ordered[len(ordered) // 2] - TICK, ordered[0] - TICK)


# -- folding by hand -----------------------------------------------------------------------------


def grouped(projection: Projection[Any], read: Read) -> dict[Hashable, Read]:
    """Sort what is read by key; without keys it goes to None."""
    if not is_keyed(projection):
        return {None: read}
    groups: dict[Hashable, Read] = {}
    for entry, handler in read:
        for key in keys_of(projection, entry):
            groups.setdefault(key, []).append((entry, handler))
    return groups


def states(
    projection: Projection[Any], read: Read, passed: Callable[[Any], Any] = lambda state: state
) -> list[Any]:
    """Fold entry by entry; give the state before the first and after each.

    A handler that changes its state in place gets a copy. ``passed``: what becomes of a state on
    its way from one handler to the next.
    """
    made = [passed(projection.initial())]
    for entry, handler in read:
        made.append(passed(step(handler, made[-1], entry)))
    return made


def by_hand(
    projection: Projection[Any],
    view: View,
    passed: Callable[[Any], Any] = lambda state: state,
) -> Any:
    """Fold all that a view shows, without any of the library's shorter ways."""
    answers = {
        key: answer_of(projection, states(projection, read, passed)[-1], view)
        for key, read in grouped(projection, view.read_by(projection)).items()
    }
    return answers if is_keyed(projection) else answers[None]


def fresh(projection: Projection[Any]) -> Projection[Any]:
    """Copy a projection, where it can be copied."""
    try:
        return copy.deepcopy(projection)
    except Exception:  # noqa: BLE001 (it holds a file, a lock, or what else is one of a kind)
        return projection


_LIMITS: tuple[tuple[Any, str], ...] = (
    (indexes, "FEWEST"),
    (subjects, "LARGEST"),
    (visible, "LARGEST"),
)


@contextmanager
def as_if_large() -> Iterator[None]:
    """Let all be done for the fewest entries that is done for very many, and too many to keep."""
    before = [getattr(module, name) for module, name in _LIMITS]
    for module, name in _LIMITS:
        setattr(module, name, 0)
    try:
        yield
    finally:
        for (module, name), limit in zip(_LIMITS, before, strict=True):
            setattr(module, name, limit)
