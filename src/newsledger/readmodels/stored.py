"""Stored: the states of a read model at a point, read from its table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from newsledger.readmodels.texts import key_text


class StoredStates(Mapping[Any, Any]):
    """The states of all keys at one point; read-only, each decoded when it is looked up.

    A key is looked up as the projection gives it, or as the text that stands in the table.
    Iterating gives those texts, sorted.
    """

    __slots__ = ("_decode", "_texts")

    def __init__(
        self, states: Iterable[tuple[str, str]], decode: Callable[[Any], Any] | None
    ) -> None:
        self._texts = dict(states)
        self._decode = decode

    def __getitem__(self, key: Any) -> Any:
        try:
            text = self._texts[key_text(key)]
        except (KeyError, TypeError):  # what cannot be written is no key
            raise KeyError(key) from None
        state = json.loads(text)
        return state if self._decode is None else self._decode(state)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"
