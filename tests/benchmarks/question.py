"""Question: what is asked, of whom, how its answers are compared, and what it is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from arena import Arena
from bars import Bar
from measuring import Case

from newsledger.ledger.comparing import Diff

Cases = Callable[[Arena, ExitStack], Iterable[Case]]


class Question(NamedTuple):
    """One row of the report, or a few.

    ``cases`` compares the answers before it gives anything to measure: what is wrong is not timed.
    """

    name: str
    title: str
    explains: str
    cases: Cases
    bars: Sequence[Bar] = ()
    drawn: bool = False
    unit: str = "ms"
    once: bool = False  # the size of the ledger plays no part


def turns(size: int, *, few: int) -> int:
    """Repeat what takes long at a large size less often; ``few`` at a million entries."""
    return max(few, min(30, 30 * 10_000 // size * 2)) if size >= 100_000 else 30


def same(ours: object, theirs: object, who: str, asked: object) -> None:
    """Raise where two answers differ; there is nothing to measure then."""
    if ours != theirs:
        raise AssertionError(f"{who} answers otherwise than newsledger to {asked}")


def as_changes(answer: Any) -> dict[str, tuple[str | None, str | None]]:
    """Bring a difference into one form: key → (before, after)."""
    if isinstance(answer, Diff):
        return {
            **{key: (None, after) for key, after in answer.added.items()},
            **{key: (before, None) for key, before in answer.removed.items()},
            **answer.changed,
        }
    return {key: (before, after) for key, before, after in answer}


def as_sets(answer: Any, count: int) -> list[frozenset[str]]:
    """Bring members at many points into one form: a set for each point."""
    if answer and isinstance(answer[0], frozenset):
        return list(answer)
    sets: list[set[str]] = [set() for _ in range(count)]
    for number, members in answer:
        sets[number].update([members] if isinstance(members, str) else members)
    return [frozenset(one) for one in sets]
