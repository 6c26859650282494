"""Differing: what is different between two values, line by line, as a person would say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from itertools import islice
from typing import Any

import attrs

from newsledger.ledger import View
from newsledger.reports import Entry
from newsledger.when import When

MOST = 20
"""How many lines are given; of very different values the rest tells nothing more."""
_DEEP = 4
_PLACE = ("kind", "ours", "reason", "position", "recorded")
_IDS = ("id", "root", "amends")


def differences(actual: object, expected: object, where: str = "") -> list[str]:
    """Tell where two values differ: by field, key, member or index, as deep as it goes.

    Nothing where they are equal. ``where`` is what the values are called.

    >>> differences({"KGZ": 1, "RUS": 2}, {"KGZ": 3, "RUS": 2}, "counts")
    ["counts['KGZ']: expected 3, got 1"]
    >>> differences({"ARM"}, {"ARM", "KGZ"})
    ["missing: 'KGZ'"]
    """
    lines = list(islice(_walk(actual, expected, where, 0), MOST + 1))
    return [*lines[:MOST], "…"] if len(lines) > MOST else lines


def told(value: object) -> str:
    """Show a value, a set in order and without its class."""
    if isinstance(value, set | frozenset):
        return f"{{{_listed(value)}}}" if value else "set()"
    return repr(value)


def _walk(actual: Any, expected: Any, where: str, depth: int) -> Iterator[str]:
    if actual is expected or _equal(actual, expected):
        return
    parts: Iterator[str] = iter(())
    if depth < _DEEP:
        parts = _parts(actual, expected, where, depth + 1)
    first = next(parts, None)
    if first is None:  # nothing smaller than the whole tells them apart
        whole = f"expected {told(expected)}, got {told(actual)}{_aside(actual, expected)}"
        yield f"{_called(where)}{whole}"
        return
    yield first
    yield from parts


def _parts(actual: Any, expected: Any, where: str, depth: int) -> Iterator[str]:
    if isinstance(actual, AbstractSet) and isinstance(expected, AbstractSet):
        yield from _members(actual, expected, where)
    elif isinstance(actual, Mapping) and isinstance(expected, Mapping):
        yield from _keys(actual, expected, where, depth)
    elif type(actual) is not type(expected):
        return
    elif isinstance(actual, Entry):
        yield from _entries(actual, expected, where, depth)
    elif isinstance(actual, View):
        yield from _fields(actual, expected, where, depth, _COORDINATES)
    elif isinstance(actual, Sequence) and not isinstance(actual, str | bytes):
        yield from _items(actual, expected, where, depth)
    elif attrs.has(type(actual)) and not isinstance(actual, When):
        yield from _fields(actual, expected, where, depth)


_COORDINATES = ("valid_at", "known_at", "position", "dates")


def _members(actual: AbstractSet[Any], expected: AbstractSet[Any], where: str) -> Iterator[str]:
    missing, more = expected - actual, actual - expected
    if missing:
        yield f"{_called(where)}missing: {_listed(missing)}"
    if more:
        yield f"{_called(where)}not expected: {_listed(more)}"


def _keys(
    actual: Mapping[Any, Any], expected: Mapping[Any, Any], where: str, depth: int
) -> Iterator[str]:
    missing = [key for key in expected if key not in actual]
    more = [key for key in actual if key not in expected]
    if missing:
        yield f"{_called(where)}missing keys: {_listed(missing)}"
    if more:
        yield f"{_called(where)}keys not expected: {_listed(more)}"
    for key in expected:
        if key in actual:
            yield from _walk(actual[key], expected[key], f"{where}[{key!r}]", depth)


def _items(actual: Sequence[Any], expected: Sequence[Any], where: str, depth: int) -> Iterator[str]:
    if len(actual) != len(expected):
        yield f"{_called(where)}expected {len(expected)} items, got {len(actual)}"
    for index, (one, other) in enumerate(zip(actual, expected, strict=False)):
        yield from _walk(one, other, f"{where}[{index}]", depth)
    for index in range(len(expected), len(actual)):
        yield f"{where}[{index}] is not expected: {told(actual[index])}"
    for index in range(len(actual), len(expected)):
        yield f"{where}[{index}] is missing: {told(expected[index])}"


def _entries(actual: Entry, expected: Entry, where: str, depth: int) -> Iterator[str]:
    """Tell entries apart by what they report, then by their places; ids follow from these."""
    told = False
    for one, other, names in (
        (actual.report, expected.report, ()),
        (actual, expected, _PLACE),
        (actual, expected, _IDS),
    ):
        if names == _IDS and told:
            return
        for line in _fields(one, other, where, depth, names):
            told = True
            yield line


def _fields(
    actual: Any, expected: Any, where: str, depth: int, names: Sequence[str] = ()
) -> Iterator[str]:
    """Walk the fields that decide whether two are equal, those that the public knows first."""
    if not names:
        names = [a.name for a in attrs.fields(type(actual)) if a.eq and a.name[0] != "_"]
        # What is long comes last: much of it often follows from the rest.
        names.sort(key=lambda name: isinstance(getattr(actual, name), tuple))
    told = False
    for name in names:
        for line in _walk(getattr(actual, name), getattr(expected, name), f"{where}.{name}", depth):
            told = True
            yield line
    items = isinstance(actual, Sequence) and not told
    if items:  # a state that is a sequence, of whose items none is in a public field
        yield from _items(actual, expected, where, depth)


def _equal(actual: Any, expected: Any) -> bool:
    if isinstance(actual, View) and isinstance(expected, View):  # which are compared by identity
        return all(getattr(actual, name) == getattr(expected, name) for name in _COORDINATES)
    return bool(actual == expected)


def _aside(actual: object, expected: object) -> str:
    """Say of dates what their texts do not: equality is that of texts, extents may be the same."""
    if not (isinstance(actual, When) and isinstance(expected, When)):
        return ""
    alike = (actual.start, actual.stop) == (expected.start, expected.stop)
    return " (the same extent)" if alike else ""


def _listed(values: Any) -> str:
    try:
        ordered = sorted(values)
    except TypeError:
        ordered = sorted(values, key=repr)
    return ", ".join(map(repr, ordered))


def _called(where: str) -> str:
    return f"{where}: " if where else ""
