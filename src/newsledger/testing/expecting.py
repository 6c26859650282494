"""Expecting: what a test says of a state, kept as it was written so that a failure can show it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Final, NoReturn

import attrs

from newsledger.testing.differing import differences, told
from newsledger.when import When

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Path:
    """A way into a state that is not there yet: attributes, items, calls of methods.

    Compared with a value it makes a check. Use :data:`state`.
    """

    __slots__ = ("_find", "_text")
    __hash__ = None  # type: ignore[assignment]  # comparing makes a check

    def __init__(self, text: str, find: Callable[[Any], Any]) -> None:
        self._text = text
        self._find = find

    def __repr__(self) -> str:
        return self._text

    def __getattr__(self, name: str) -> Path:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._further(f".{name}", operator.attrgetter(name))

    def __getitem__(self, key: Any) -> Path:
        return self._further(f"[{key!r}]", operator.itemgetter(key))

    def __call__(self, *args: Any, **fields: Any) -> Path:  # noqa: D102 (see the class)
        given = [*map(repr, args), *(f"{name}={value!r}" for name, value in fields.items())]
        return self._further(f"({', '.join(given)})", lambda found: found(*args, **fields))

    def _further(self, text: str, step: Callable[[Any], Any]) -> Path:
        find = self._find
        return Path(self._text + text, lambda state: step(find(state)))

    def __eq__(self, other: object) -> Check:  # type: ignore[override]  # to be checked later
        return Check(self._text, self._find, "==", other)

    def __ne__(self, other: object) -> Check:  # type: ignore[override]
        return Check(self._text, self._find, "!=", other)

    def __lt__(self, other: object) -> Check:
        return Check(self._text, self._find, "<", other)

    def __le__(self, other: object) -> Check:
        return Check(self._text, self._find, "<=", other)

    def __gt__(self, other: object) -> Check:
        return Check(self._text, self._find, ">", other)

    def __ge__(self, other: object) -> Check:
        return Check(self._text, self._find, ">=", other)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self._text} is neither true nor false yet: compare it with == and others"
        )

    def __contains__(self, _: object) -> NoReturn:
        raise TypeError(f"`in {self._text}` cannot wait: write {self._text} >= {{…}} of a set")

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{self._text} has nothing to go through yet")


state: Final[Any] = Path("state", lambda found: found)
"""The state that is to come: ``state.members == {"KGZ"}`` is a check of it.

Attributes, items and calls lead into it: ``state["KGZ"].status``, ``state.since("KGZ")``. A check
is made by ``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``; of a set ``>=`` means "at least these". A
date may be expected as its text.

>>> from newsledger.testing import state
>>> state.status("KGZ") == "member"
state.status('KGZ') == 'member'
"""


@attrs.frozen(eq=False, repr=False)
class Check:
    """What is expected of one part of a state."""

    text: str
    find: Callable[[Any], Any]
    sign: str
    expected: Any

    def __repr__(self) -> str:
        return f"{self.text} {self.sign} {told(self.expected)}"

    def __bool__(self) -> NoReturn:
        # `and`, `in` and chains such as 1 < state.x < 3 would lose one half of what is expected.
        raise TypeError(f"`{self!r}` is neither true nor false yet: give it to then(), by itself")

    def faults(self, actual: Any) -> list[str]:
        """Say what is wrong with a state, or nothing."""
        try:
            found = self.find(actual)
        except Exception as error:  # noqa: BLE001 (whatever the way into it raises is the answer)
            return [f"{self.text}: {type(error).__name__}: {error}"]
        if isinstance(found, When) and isinstance(self.expected, str):
            found = str(found)
        if _OPERATORS[self.sign](found, self.expected):
            return []
        if self.sign == "==":
            return _told(found, self.expected, self.text)
        return [f"{self!r} does not hold, it is {told(found)}"]


def faults(actual: Any, expected: Any) -> list[str]:
    """Say what is wrong with a state: against a check, a condition, or the state it should be."""
    if isinstance(expected, Check):
        return expected.faults(actual)
    if isinstance(expected, Path):
        raise TypeError(f"{expected!r} alone expects nothing: compare it, as with ==")
    if isinstance(expected, FunctionType):
        return [] if expected(actual) else [f"{_named(expected)} does not hold of the state"]
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        return _told(dict(actual), dict(expected), "state") if actual != expected else []
    return [] if actual == expected else _told(actual, expected, "state")


def _told(found: Any, expected: Any, where: str) -> list[str]:
    """Say it in whole where that is short, and then what differs."""
    whole = f"{where}: expected {told(expected)}, got {told(found)}"
    parts = differences(found, expected, where)
    return [whole] if parts == [whole] or not parts else [whole, *(f"  {part}" for part in parts)]


def _named(condition: FunctionType) -> str:
    place = condition.__code__
    what = "the condition" if condition.__name__ == "<lambda>" else condition.__name__
    return f"{what} in line {place.co_firstlineno} of {place.co_filename.rpartition('/')[2]}"
