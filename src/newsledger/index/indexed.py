"""Indexed: the answers of a keyed projection at a point, from its index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from newsledger.engine import MISSING, Timeline, fold
from newsledger.index.generation import Generation


@attrs.frozen(eq=False)
class Indexed:
    """The states of all keys at a point, from a generation that reaches to its position."""

    generation: Generation
    valid: int
    tick: int
    position: int

    def state(self, key: Any) -> Any:
        """Look its state up, or fold it."""
        number = self.generation.number(key, self.position)
        if number is None:
            return self._folded(self.generation.timeline(key, self.position))
        columns = self.generation.columns
        row = columns.row_at(number, self.valid, self.tick)
        return MISSING if row < 0 else columns.states[row]

    def has(self, key: Any) -> bool:
        """Tell whether a key has a state."""
        try:
            number = self.generation.number(key, self.position)
        except TypeError:  # nothing that cannot be hashed is a key
            return False
        if number is not None:
            return self.generation.columns.row_at(number, self.valid, self.tick) >= 0
        timeline = self.generation.timeline(key, self.position)
        return next(timeline.at(self.valid, self.tick), None) is not None

    def _folded(self, timeline: Timeline) -> Any:
        read = [(p.line.entry, handler) for p, handler in timeline.at(self.valid, self.tick)]
        return fold(self.generation.reading.projection, read) if read else MISSING

    def ready(self) -> dict[Any, Any]:
        """Give all states, by the date of the first entry shown and its report's position."""
        import numpy as np  # noqa: PLC0415 (only who asks about many keys pays for it)

        columns = self.generation.columns
        unready = self.generation.unready(self.position)
        rows = columns.rows_at(self.valid, self.tick)
        rows[[columns.numbers[key] for key in unready if key in columns.numbers]] = -1
        numbers = np.flatnonzero(rows >= 0)
        firsts = columns.rows_at(self.valid, self.tick, first=True)[numbers]
        if not unready:
            order = columns.in_order(firsts)
            numbers = numbers[order]
            keys = _picked(columns.keys, numbers)
            return dict(zip(keys, _picked(columns.states, rows[numbers]), strict=True))
        keys, states = _picked(columns.keys, numbers), _picked(columns.states, rows[numbers])
        leads, reports = columns.lead[firsts], columns.report[firsts]
        more: list[tuple[int, int]] = []
        for key, state, place in self.folded(unready):
            keys.append(key)
            states.append(state)
            more.append(place)
        if more:
            leads = np.append(leads, [lead for lead, _ in more])
            reports = np.append(reports, [report for _, report in more])
        return {keys[place]: states[place] for place in np.lexsort((reports, leads)).tolist()}

    def folded(self, keys: list[Any]) -> Iterator[tuple[Any, Any, tuple[int, int]]]:
        """Fold keys; of those that have a state also give the lead and report they begin with."""
        timelines = self.generation.timelines(keys, self.position)
        for key, timeline in zip(keys, timelines, strict=True):
            state = self._folded(timeline)
            if state is not MISSING:
                first, _ = next(timeline.at(self.valid, self.tick))
                yield key, state, (first.lead, first.report)

    def order(self) -> list[Any]:
        """List the keys."""
        return list(self.ready())

    def changes(self, later: Indexed) -> Iterator[tuple[Any, Any, Any]]:
        """Yield keys with their states here and later, MISSING for none, wherever they may differ.

        Where only known time lies between the two, the cost grows with what changed in it.
        """
        import numpy as np  # noqa: PLC0415 (only who asks about very much pays for it)

        columns = self.generation.columns
        unready = {
            key: None
            for position in {self.position, later.position}
            for key in self.generation.unready(position)
        }
        if (self.valid, self.position) == (later.valid, later.position):
            ends = sorted([self.tick, later.tick])
            numbers = columns.changing(*ends)
            here = columns.rows_at(self.valid, self.tick, numbers=numbers)
            there = columns.rows_at(later.valid, later.tick, numbers=numbers)
        else:
            numbers = np.arange(len(columns.keys))
            here = columns.rows_at(self.valid, self.tick)
            there = columns.rows_at(later.valid, later.tick)
        differ = np.flatnonzero(here != there)
        for number, row, other in zip(
            numbers[differ].tolist(), here[differ].tolist(), there[differ].tolist(), strict=True
        ):
            key = columns.keys[number]
            if key not in unready:
                yield key, _state(columns.states, row), _state(columns.states, other)
        for key in unready:
            yield key, self.state(key), later.state(key)


def _picked(values: Sequence[Any], numbers: Any) -> list[Any]:
    return [values[number] for number in numbers.tolist()]


def _state(states: list[Any], row: int) -> Any:
    return MISSING if row < 0 else states[row]
