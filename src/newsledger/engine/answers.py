"""Answers of keyed projections: read-only mappings that fold a key when it is looked up."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol, TypeVar

from newsledger.engine.fold import Handler, answer_of, fold, has_result, keys_of
from newsledger.engine.projection import Projection, Vantage
from newsledger.engine.timeline import Walk
from newsledger.reports import Entry

K = TypeVar("K")
S = TypeVar("S")
MISSING: Any = object()
"""What stands for the state of a key that has none."""


class States(Protocol):
    """The states of all keys at one point."""

    def state(self, key: Any) -> Any:
        """Give the state of a key, or MISSING."""

    def has(self, key: Any) -> bool:
        """Tell whether a key has a state."""

    def order(self) -> list[Any]:
        """List the keys that have a state: by the date and position of the first entry shown."""

    def ready(self) -> dict[Any, Any] | None:
        """Give all states in that order, or None where each is better folded when looked up."""


class KeyedState(Mapping[K, S]):
    """The answers of a keyed projection: read-only, each made when it is first looked up.

    Iterating gives the keys by the date of their first entry, then in the order in which those
    were recorded. It equals a dict of the same answers.
    """

    __slots__ = ("_answers", "_order", "_projection", "_ready", "_states", "_vantage")

    def __init__(self, projection: Projection[S], states: States, vantage: Vantage) -> None:
        self._projection = projection
        self._states = states
        self._vantage = vantage
        self._answers: dict[K, S] = {}
        self._ready: dict[K, Any] | None = None
        self._order: list[K] | None = None

    def __getitem__(self, key: K) -> S:
        try:
            return self._answers[key]
        except KeyError:
            pass
        ready = self._ready
        state = self._states.state(key) if ready is None else ready.get(key, MISSING)
        if state is MISSING:
            raise KeyError(key)
        answer = answer_of(self._projection, state, self._vantage)
        return self._answers.setdefault(key, answer)

    def __contains__(self, key: object) -> bool:
        return key in self._answers or self._states.has(key)

    def __iter__(self) -> Iterator[K]:
        return iter(self._ordered())

    def __len__(self) -> int:
        return len(self._ordered())

    def _ordered(self) -> list[K]:
        if self._order is None:
            ready: dict[K, Any] | None = self._states.ready()
            if ready is None:
                self._order = self._states.order()
            else:
                self._ready, self._order = ready, list(ready)
                if not has_result(self._projection):
                    self._answers = ready
        return self._order

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self.items())!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy elsewhere has the answers; the entries behind them stay here.
        return (dict, (dict(self.items()),))


def states_of(answers: KeyedState[Any, Any]) -> States:
    """Give what answers are made of."""
    return answers._states  # noqa: SLF001 (users of the mapping have no need of it)


class Postponed(Mapping[K, S]):
    """Answers that are asked for when somebody looks at them."""

    __slots__ = ("_answers", "_ask")

    def __init__(self, ask: Callable[[], Mapping[K, S]]) -> None:
        self._ask = ask
        self._answers: Mapping[K, S] | None = None

    def _asked(self) -> Mapping[K, S]:
        if self._answers is None:
            self._answers = self._ask()
        return self._answers

    def __getitem__(self, key: K) -> S:
        return self._asked()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._asked()

    def __iter__(self) -> Iterator[K]:
        return iter(self._asked())

    def __len__(self) -> int:
        return len(self._asked())

    def __repr__(self) -> str:
        return repr(self._asked())

    def __reduce__(self) -> tuple[Any, ...]:
        return (dict, (dict(self.items()),))


class Grouped:
    """The states of all keys at a point of one timeline, which is walked once."""

    __slots__ = ("_by_key", "_firsts", "_point", "_projection", "_timeline")

    def __init__(self, projection: Projection[Any], timeline: Walk, point: tuple[int, int]) -> None:
        self._projection = projection
        self._timeline = timeline
        self._point = point
        self._firsts: dict[Hashable, tuple[int, int]] = {}
        self._by_key: dict[Hashable, list[tuple[Entry, Handler]]] | None = None

    def _walked(self) -> dict[Hashable, list[tuple[Entry, Handler]]]:
        if self._by_key is None:
            by_key: dict[Hashable, list[tuple[Entry, Handler]]] = defaultdict(list)
            firsts: dict[Hashable, tuple[int, int]] = {}
            for piece, handler in self._timeline.at(*self._point):
                entry = piece.line.entry
                place = (piece.lead, piece.report)
                for key in keys_of(self._projection, entry):
                    by_key[key].append((entry, handler))
                    firsts.setdefault(key, place)
            self._firsts, self._by_key = firsts, dict(by_key)
        return self._by_key

    def state(self, key: Any) -> Any:
        """Fold the entries of a key."""
        read = self._walked().get(key)
        return MISSING if read is None else fold(self._projection, read)

    def has(self, key: Any) -> bool:
        """Tell whether an entry goes to a key."""
        return key in self._walked()

    def order(self) -> list[Any]:
        """Sort the keys, as `States.order` tells."""
        return sorted(self._walked(), key=self._firsts.__getitem__)

    def ready(self) -> None:
        """None: each key is folded when it is looked up."""
        return


class KeyedPrefix(Mapping[K, S]):
    """The answers of a keyed projection as they were when only some entries had been read.

    It shares the entries of a running walk, which only ever adds to their end.
    """

    __slots__ = ("_answers", "_indexes", "_known_keys", "_projection", "_read", "_upto", "_vantage")

    def __init__(
        self,
        projection: Projection[S],
        read: dict[K, list[tuple[Entry, Handler]]],
        indexes: dict[K, list[int]],
        vantage: Vantage,
        *,
        upto: int,
    ) -> None:
        self._projection = projection
        self._read = read
        self._indexes = indexes
        self._vantage = vantage
        self._upto = upto
        self._known_keys = len(read)
        self._answers: dict[K, S] = {}

    def __getitem__(self, key: K) -> S:
        try:
            return self._answers[key]
        except KeyError:
            pass
        if key not in self:
            raise KeyError(key)
        read = self._read[key][: bisect_left(self._indexes[key], self._upto)]
        answer = answer_of(self._projection, fold(self._projection, read), self._vantage)
        return self._answers.setdefault(key, answer)

    def __contains__(self, key: object) -> bool:
        return key in self._read and self._indexes[key][0] < self._upto

    def __iter__(self) -> Iterator[K]:
        # Keys stand in the order in which they were first met, so the early ones come first.
        return islice(self._read, self._known_keys)

    def __len__(self) -> int:
        return self._known_keys

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self.items())!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (dict, (dict(self.items()),))
