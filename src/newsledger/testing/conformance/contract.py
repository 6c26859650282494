"""The base of the conformance classes: how a store is given to them, and what it says it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from threading import Thread
from typing import Any, ClassVar, Protocol, TypeAlias

import pytest

from newsledger.store import Query, QueryItem, Recorder, StoredEvent

PATIENCE = 30.0
"""Seconds after which something that should have happened has not."""

# What an event takes at most besides its data, where tests append very much.
_AROUND = 200

EVENT = StoredEvent("T", b"data", ["a"])


class Opener(Protocol):
    """Opens a recorder on one store; each call opens another on the same."""

    def __call__(self, mode: str = "a") -> Recorder:
        """Open it as `Ledger.open` would."""


class Contract:
    """What is asked of every store; subclasses give the stores."""

    locks: ClassVar[bool] = True
    """Whether ``exclusive()`` holds a lock and joins the appends inside it."""

    reopens: ClassVar[bool] = True
    """Whether the store outlives its recorder, and may have several at once."""

    forks: ClassVar[bool] = True
    """Whether a fork beside an open recorder can be tested, as far as the system has forks."""

    erases: ClassVar[bool] = True
    """Whether what was recorded can be erased; else the store refuses it."""

    examples: ClassVar[int] = 30
    """How many examples Hypothesis tries of each property."""

    items: ClassVar[int] = 9_000
    """How many items a query, or an append's condition, can be asked to bear."""

    big: ClassVar[int] = 4 << 20
    """How many bytes the data of one event is asked to hold."""

    batch: ClassVar[int] = 1 << 30
    """How many bytes of data the store takes in one append, some of them for each event's tags."""

    def new_store(self) -> AbstractContextManager[Opener]:
        """Make a new, empty store, and clean up after the block.

        Tests close what they open. With ``reopens`` false, the opener is called once.
        """
        raise NotImplementedError(f"{type(self).__name__} must give new stores")

    def append(self, recorder: Recorder, events: Sequence[StoredEvent]) -> None:
        """Append events at once, or in as few parts as the store takes them."""
        part: list[StoredEvent] = []
        size = 0
        for event in events:
            size += len(event.data) + _AROUND
            if part and size > self.batch:
                recorder.append(part)
                part, size = [], len(event.data) + _AROUND
            part.append(event)
        recorder.append(part)

    @pytest.fixture
    def opened(self) -> Iterator[Opener]:
        """Open recorders on one new store, and close them at the end."""
        with self.new_store() as opener, ExitStack() as stack:

            def opened(mode: str = "a") -> Recorder:
                return stack.enter_context(opener(mode))

            yield opened

    @pytest.fixture
    def recorder(self, opened: Opener) -> Recorder:
        """Open one recorder on a new store."""
        return opened()


def items(*tag_sets: Sequence[str], types: Sequence[str] = ()) -> Query:
    """Make a query of one item for each set of tags."""
    return Query([QueryItem(types=list(types), tags=list(tags)) for tags in tag_sets])


def positions(found: Any) -> list[int]:
    """Give the positions of what was read."""
    return [one.position for one in found]


def events(recorder: Recorder) -> list[StoredEvent]:
    """Give all that a store holds."""
    return [found.event for found in recorder.read()]


Call: TypeAlias = Callable[[], Any]


class Waiting(Thread):
    """A thread that keeps what a call returned or raised."""

    def __init__(self, call: Call) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._result: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._call()
        except BaseException as error:  # noqa: BLE001 (it is raised where it is asked for)
            self._error = error

    def outcome(self) -> Any:
        """Wait for its end; raise what it raised."""
        self.join(PATIENCE)
        assert not self.is_alive(), f"still waiting after {PATIENCE:g} seconds"
        if self._error is not None:
            raise self._error
        return self._result


def together(*calls: Call) -> list[Any]:
    """Run calls in threads of their own and give what they returned; raise what one raised."""
    return [waiting.outcome() for waiting in [Waiting(call) for call in calls]]
