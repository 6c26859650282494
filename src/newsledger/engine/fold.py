"""Folding: from shown entries in fold order to states."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from newsledger.engine.projection import Projection, Vantage
from newsledger.errors import ProjectionError
from newsledger.reports import Entry

K = TypeVar("K")
S = TypeVar("S")


def is_keyed(projection: Projection[Any]) -> bool:
    """Tell whether the projection has keys."""
    return callable(getattr(projection, "keys", None))


def keys_of(projection: Any, entry: Entry) -> tuple[Hashable, ...]:
    """Give the keys that an entry goes to, each once."""

    def ask() -> tuple[Hashable, ...]:
        given = projection.keys(entry.event, entry)
        if isinstance(given, str):
            raise TypeError(f"keys must return an iterable of keys, not the lone text {given!r}")
        return tuple(dict.fromkeys(given))

    return _blame(projection, "keys", entry, ask)


def step(projection: Projection[Any], state: Any, entry: Entry) -> Any:
    """Fold one entry; ProjectionError names the entry where the handler raises."""
    handler = projection.handler_of(entry)
    assert handler is not None  # noqa: S101 (callers fold only what is read)
    return _blame(projection, handler.__name__, entry, lambda: handler(state, entry.event, entry))


def _blame(projection: object, method: str, entry: Entry, call: Callable[[], S]) -> S:
    try:
        return call()
    except ProjectionError:
        raise
    except Exception as error:
        raise ProjectionError(
            f"{type(projection).__name__}.{method} failed on {entry!r}: "
            f"{type(error).__name__}: {error}",
            entry=entry,
        ) from error


def fold(projection: Projection[Any], entries: Iterable[Entry]) -> Any:
    """Fold entries, all of which are read, from the initial state."""
    state = projection.initial()
    for entry in entries:
        state = step(projection, state, entry)
    return state


def answer_of(projection: Projection[S], state: Any, vantage: Vantage) -> S:
    """Turn a folded state into the answer; ProjectionError where ``result`` raises."""
    try:
        return projection.result(state, vantage)
    except Exception as error:
        raise ProjectionError(
            f"{type(projection).__name__}.result failed: {type(error).__name__}: {error}"
        ) from error


class KeyedState(Mapping[K, S]):
    """The answers of a keyed projection: read-only, each folded when it is first looked up.

    Iterating gives the keys in the order in which fold order first meets them. It equals a dict
    of the same answers.
    """

    __slots__ = ("_answers", "_by_key", "_projection", "_vantage")

    def __init__(
        self, projection: Projection[S], by_key: dict[K, list[Entry]], vantage: Vantage
    ) -> None:
        self._projection = projection
        self._by_key = by_key
        self._vantage = vantage
        self._answers: dict[K, S] = {}

    def __getitem__(self, key: K) -> S:
        try:
            return self._answers[key]
        except KeyError:
            state = fold(self._projection, self._entries(key))
            answer = answer_of(self._projection, state, self._vantage)
            return self._answers.setdefault(key, answer)

    def _entries(self, key: K) -> list[Entry]:
        return self._by_key[key]

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def __iter__(self) -> Iterator[K]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self.items())!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy elsewhere has the answers; the entries behind them stay here.
        return (dict, (dict(self.items()),))


def by_key(projection: Projection[Any], entries: Iterable[Entry]) -> dict[Any, list[Entry]]:
    """Sort entries, in fold order, under their keys."""
    sorted_in: dict[Any, list[Entry]] = defaultdict(list)
    for entry in entries:
        for key in keys_of(projection, entry):
            sorted_in[key].append(entry)
    return dict(sorted_in)


class KeyedPrefix(KeyedState[K, S]):
    """The answers of a keyed projection as they were when only some entries had been read.

    It shares the entries of a running walk, which only ever adds to their end.
    """

    __slots__ = ("_indexes", "_known_keys", "_upto")

    def __init__(
        self,
        projection: Projection[S],
        by_key: dict[K, list[Entry]],
        indexes: dict[K, list[int]],
        vantage: Vantage,
        *,
        upto: int,
    ) -> None:
        super().__init__(projection, by_key, vantage)
        self._indexes = indexes
        self._upto = upto
        self._known_keys = len(by_key)

    def _entries(self, key: K) -> list[Entry]:
        if key not in self:
            raise KeyError(key)
        return self._by_key[key][: bisect_left(self._indexes[key], self._upto)]

    def __contains__(self, key: object) -> bool:
        return key in self._by_key and self._indexes[key][0] < self._upto

    def __iter__(self) -> Iterator[K]:
        # Keys stand in the order in which they were first met, so the early ones come first.
        return islice(self._by_key, self._known_keys)

    def __len__(self) -> int:
        return self._known_keys
