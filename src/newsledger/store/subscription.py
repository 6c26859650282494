"""Subscription: a recorder's events as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from eventsourcing.dcb.api import DCBSubscription

from newsledger.errors import LedgerClosed
from newsledger.store.base import Recorder

if TYPE_CHECKING:
    from newsledger.store.base import Query, ReadResponse, SequencedEvent

RecorderT_co = TypeVar("RecorderT_co", bound=Recorder, covariant=True)


class Subscription(DCBSubscription[RecorderT_co], Generic[RecorderT_co]):
    """What matches, as it comes, until it is stopped or its recorder closes."""

    def __init__(
        self, recorder: RecorderT_co, query: Query | None = None, after: int | None = None
    ) -> None:
        super().__init__(recorder, query, after)
        self._watch = recorder.changes(self._last_position)
        self._response: ReadResponse | None = None

    def stop(self) -> None:
        """End the iteration, also one that is blocked in another thread."""
        super().stop()
        self._watch.stop()

    def __next__(self) -> SequencedEvent:
        while not self._watch.ended():
            try:
                event = self._pull()
            except LedgerClosed:
                if self._watch.ended():
                    break
                raise
            if event is not None:
                return event
            self._watch.wait(self._last_position)
        raise StopIteration

    def _pull(self) -> SequencedEvent | None:
        if self._response is None:
            self._response = self._recorder.read(self._query, after=self._last_position)
        event = next(self._response, None)
        if event is None:
            # Nothing up to there matches, so the next read need not look at it again.
            self._last_position = max(self._last_position, self._response.head or 0)
            self._response = None
        else:
            self._last_position = event.position
        return event
