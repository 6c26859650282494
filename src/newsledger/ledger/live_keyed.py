"""The live state of a keyed projection: an arrival repairs the tracks of its own keys.

The index is told of arrivals only where it is asked of a key that has no track. Until then it
stands at an earlier position, and of keys that were touched since, and have no track, it knows too
little: those are `loose`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from threading import Lock
from typing import Any

import attrs

from newsledger.engine import (
    ENDLESS,
    MISSING,
    Handler,
    KeyedState,
    Reading,
    States,
    chains_of,
    piece,
    states_of,
)
from newsledger.errors import ProjectionError
from newsledger.index.generation import Generation
from newsledger.index.indexed import Indexed
from newsledger.index.tracks import Track
from newsledger.ledger.view import View
from newsledger.progress import OnProgress
from newsledger.reports import Line
from newsledger.when.ticks import NEVER

_TRACKS = 10_000
# After so many arrivals the index is told in any case.
_UNTOLD = 10_000
_ON_ITS_WAY = -1


def news(reading: Reading, before: View, now: View) -> list[Line]:
    """Read what was recorded between two views and may matter, with whole chains."""
    return now.visible.log.gather(
        reading.types, reading.scope, after=before.position, upto=now.position
    )


class KeyedLive:
    """The states of a keyed projection at the end of the log; see the module."""

    def __init__(self, reading: Reading, progress: OnProgress | None) -> None:
        self.reading = reading
        self.progress = progress
        self.lock = Lock()
        self.tracks: OrderedDict[Hashable, Track] = OrderedDict()
        self.position = _ON_ITS_WAY
        self._generation: Generation | None = None
        self._told = 0
        self._loose: set[Hashable] = set()

    def first(self, view: View) -> Any:
        """Answer from the index, with no tracks yet."""
        with self.lock:
            self.position = _ON_ITS_WAY
        self.tracks.clear()
        self._tell(view)
        return self._answer(view)

    def next(self, before: View, now: View) -> Any:
        """Take in what was recorded since."""
        with self.lock:
            # From now on tracks are on their way; a state that was given does not go with them.
            self.position = _ON_ITS_WAY
        if self._generation is None or now.position - self._told > _UNTOLD:
            self._tell(before)
        try:
            self._follow(before, now)
        except ProjectionError:
            # Only who looks at what cannot be folded is to be told.
            self.tracks.clear()
            self._tell(now)
        return self._answer(now)

    def _tell(self, view: View) -> None:
        """Let the index reach to a view; None stands for one that cannot."""
        self._generation = view.visible.generation(
            self.reading, view.dates, view.position, self.progress
        )
        self._told = view.position
        self._loose.clear()

    def _follow(self, before: View, now: View) -> None:
        # A key of which something was amended starts anew, from the next arrival on.
        amended: set[Hashable] = set()
        came = []
        for chain in chains_of(news(self.reading, before, now)).values():
            if len(chain) > 1:
                amended.update(key for line in chain for key in self.reading.keys(line))
            else:
                came.append((chain[0], *self.reading.keyed_handler(chain[0])))
        if self._loose and any(key in self._loose for _, keys, _ in came for key in keys):
            self._tell(before)
        for key in amended:
            self.tracks.pop(key, None)
        self._loose |= amended
        for line, keys, handler in came:
            if handler is not None:
                self._take(line, keys, handler, amended, before)
        while len(self.tracks) > _TRACKS:
            key, _ = self.tracks.popitem(last=False)
            self._loose.add(key)

    def _take(
        self,
        line: Line,
        keys: Iterable[Hashable],
        handler: Handler,
        amended: set[Hashable],
        before: View,
    ) -> None:
        made = piece(line, line, line.known, ENDLESS, before.dates)
        valid, _ = before.ticks
        if made.lead > valid or made.lead == NEVER:
            return
        for key in keys:
            track = None if key in amended else self._track(key, before, valid)
            if track is not None:
                track.insert(made, handler)

    def _track(self, key: Hashable, before: View, valid: int) -> Track | None:
        """Find the track of a key as it was before, or None where it is to be folded."""
        generation = self._generation
        track = self.tracks.get(key)
        if track is not None or generation is None:
            return track
        number = generation.columns.numbers.get(key)
        if number in generation.columns.deep:
            return None
        track = self.tracks[key] = Track(before.visible.log, self.reading, before.dates)
        # Nothing has touched it since the index was told, else it were loose.
        if generation.number(key, before.position) is None:
            track.follow(generation.timeline(key, before.position), valid)
        else:
            track.take(generation.columns, number or 0, valid)
        return track

    def _answer(self, view: View) -> Any:
        if self._generation is None:  # the keys of something that came cannot be told
            return view.project(self.reading.projection, progress=self.progress)
        self.position = view.position
        return KeyedState(self.reading.projection, _States(self, view), view)


class _States:
    """The states at the end of the log: from the tracks, and of other keys from the index."""

    __slots__ = ("_keyed", "_others", "_view")

    def __init__(self, keyed: KeyedLive, view: View) -> None:
        self._keyed = keyed
        self._view = view
        self._others: States | None = None

    def state(self, key: Any) -> Any:
        """Look it up; once more was recorded, tracks tell of another position."""
        keyed = self._keyed
        with keyed.lock:
            if keyed.position == self._view.position and (track := keyed.tracks.get(key)):
                return track.states[-1] if track.states else MISSING
        return self._asked().state(key)

    def has(self, key: Any) -> bool:
        """Tell whether a key has a state."""
        return self._asked().has(key)

    def order(self) -> list[Any]:
        """List the keys as the index does."""
        return self._asked().order()

    def ready(self) -> dict[Any, Any] | None:
        """Give all states, as the index does."""
        return self._asked().ready()

    def _asked(self) -> States:
        if self._others is None:
            keyed, view = self._keyed, self._view
            generation = view.visible.generation(
                keyed.reading, view.dates, view.position, keyed.progress
            )
            if generation is None:
                answer: Any = view.project(keyed.reading.projection, progress=keyed.progress)
                self._others = states_of(answer)
            else:
                self._others = _Tracked(generation, *view.ticks, view.position, keyed)
        return self._others


@attrs.frozen(eq=False)
class _Tracked(Indexed):
    """The index, asked of many keys at once: those that were touched come from their tracks."""

    keyed: KeyedLive

    def folded(self, keys: list[Any]) -> Iterator[tuple[Any, Any, tuple[int, int]]]:
        """Take what the tracks tell, and fold the others."""
        keyed = self.keyed
        with keyed.lock:
            tracks: Mapping[Any, Track] = {}
            if keyed.position == self.position:
                tracks = {key: keyed.tracks[key] for key in keys if key in keyed.tracks}
            told = [
                (key, track.states[-1], track.beginning)
                for key, track in tracks.items()
                if track.states
            ]
        yield from told
        yield from super().folded([key for key in keys if key not in tracks])
