"""Live: the answer of a projection, kept up to date as entries arrive."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from newsledger.engine import ENDLESS, Piece, Projection, Reading, answer_of, piece, step
from newsledger.ledger.live_keyed import KeyedLive, news
from newsledger.ledger.view import View
from newsledger.progress import OnProgress
from newsledger.reports import Line
from newsledger.when.ticks import NEVER

S = TypeVar("S")


class Live(Generic[S]):
    """The state of a projection by all that is recorded and known, whenever it is asked for.

    ``state`` is what projecting a view afresh gives, from the last entry that this process or
    another has recorded. A state that was given does not change; ask for ``state`` again. Make one
    with ``ledger.live``, best in a ``with`` block. It is safe to use from several threads.
    """

    def __init__(
        self,
        look: Callable[[], View],
        projection: Projection[S],
        progress: OnProgress | None = None,
    ) -> None:
        """Follow what ``look`` sees; it is asked for a view of the end of the log each time."""
        self._look = look
        self._progress = progress
        self._reading = Reading(projection).kept()
        self._lock = RLock()
        self._view = look()
        self._watch = self._view.visible.log.recorder.changes(self._view.position)
        self._epoch = self._view.visible.log.epoch
        self._fold = self._folding(self._view)
        self._state: Any = self._fold.first(self._view)
        self._whole = True

    def __repr__(self) -> str:
        return f"Live({type(self._reading.projection).__name__}, {self._view!r})"

    def _folding(self, view: View) -> KeyedLive | _Afresh:
        """Choose a way to follow: by the index, where there is one."""
        reading, progress = self._reading, self._progress
        keyed = reading.keyed and view.visible.generation(
            reading, view.dates, view.position, progress
        )
        return KeyedLive(reading, progress) if keyed else _Afresh(reading, progress)

    @property
    def state(self) -> S:
        """The state as of the last entry; looks whether there are new ones."""
        with self._lock:
            view = self._look()
            # After an answer that failed half-way, or where today is another day.
            anew = not self._whole or view.valid_at != self._view.valid_at
            self._whole = False
            if self._epoch != (epoch := view.visible.log.epoch):
                # Entries are read as what they are now, or what is left of them.
                self._reading = Reading(self._reading.projection)
                self._fold, self._epoch, anew = self._folding(view), epoch, True
            if anew:
                self._state = self._fold.first(view)
            elif view.position > self._view.position:
                self._state = self._fold.next(self._view, view)
            self._view, self._whole = view, True
            state: S = self._state
            return state

    @property
    def position(self) -> int:
        """The position up to which the last state that was given reaches."""
        return self._view.position

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until something is recorded after `position`: True; False after so many seconds.

        False also once the live view, or its ledger, is closed.
        """
        return self._watch.wait(self._view.position, timeout)

    def close(self) -> None:
        """Let go whoever waits; the state can still be asked for."""
        self._watch.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Afresh:
    """An unkeyed projection: one step for a report that comes last in fold order, else anew."""

    def __init__(self, reading: Reading, progress: OnProgress | None) -> None:
        self._reading = reading
        self._progress = progress
        self._folded: Any = None
        self._last: Piece | None = None

    def first(self, view: View) -> Any:
        """Fold all that the view shows."""
        projection = self._reading.projection
        if self._reading.keyed:
            return view.project(projection, progress=self._progress)
        self._folded, self._last = projection.initial(), None
        for made, handler in view.reading(projection, progress=self._progress):
            self._folded = step(handler, self._folded, made.line.entry)
            self._last = made
        if self._last is not None and not self._last.root:
            self._last = _whole(self._last, view)
        return answer_of(projection, self._folded, view)

    def next(self, before: View, now: View) -> Any:
        """Take in what was recorded since."""
        lines = sorted(news(self._reading, before, now), key=lambda line: line.position)
        if self._reading.keyed or not self._follow(lines, now):
            return self.first(now)
        return answer_of(self._reading.projection, self._folded, now)

    def _follow(self, lines: list[Line], now: View) -> bool:
        """Fold reports that come last, or tell that they do not."""
        pieces = []
        for line in lines:
            if line.amends is not None or line.of is not None:
                return False
            if self._reading.types and line.name not in self._reading.types:
                continue
            pieces.append(piece(line, line, line.known, ENDLESS, now.dates))
        valid = now.ticks[0]
        shown = sorted(one for one in pieces if one.lead <= valid and one.lead < NEVER)
        if self._last is not None and shown and shown[0] < self._last:
            return False
        for one in shown:
            handler = self._reading.handler(one.line)
            if handler is not None:
                self._folded = step(handler, self._folded, one.line.entry)
                self._last = one
        return True


def _whole(made: Piece, view: View) -> Piece:
    """Make a piece with its root from one that was read from an order."""
    positions = sorted({made.line.position, made.report})
    lines = {line.position: line for line in view.visible.log.lines_at(positions)}
    line, report = lines[made.line.position], lines[made.report]
    return piece(line, report, made.since, made.until, view.dates)
