"""Comparing answers: as the library compares them, and by all that they hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields, is_dataclass
from typing import Any

import attrs

from newsledger.fields import shown
from newsledger.reports import Entry

_DEEPEST = 12


def plain(answer: Any) -> Any:
    """Give an answer with all of it made: of a keyed projection a dict."""
    return dict(answer.items()) if isinstance(answer, Mapping) else answer


def equal(one: Any, other: Any) -> bool:
    """Tell whether two answers are equal, as a history asks."""
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 (arrays refuse to be true or false)
        return False


def alike(one: Any, other: Any) -> bool:
    """Tell whether two answers are equal, or at least hold the same.

    An entry stands for what was reported: where and when it was recorded does not count.
    """
    return equal(one, other) or equal(held(one), held(other))


def held(value: Any, depth: int = 0) -> Any:  # noqa: C901, PLR0911 (one a kind of value)
    """Take a value to pieces that compare: entries by id, objects by what they hold."""
    if isinstance(value, Entry):
        return ("entry", value.id)
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if depth == _DEEPEST:
        return value
    if isinstance(value, Mapping):
        parts = [(held(k, depth + 1), held(v, depth + 1)) for k, v in value.items()]
        return ("mapping", _unordered(parts))
    if isinstance(value, set | frozenset):
        return ("set", _unordered([held(one, depth + 1) for one in value]))
    if isinstance(value, list | tuple):
        return (type(value), *(held(one, depth + 1) for one in value))
    kind = type(value)
    if attrs.has(kind):
        return (kind, *(_field(value, field, depth) for field in attrs.fields(kind) if field.eq))
    if is_dataclass(value):
        names = [field.name for field in dataclass_fields(value) if field.compare]
        return (kind, *(held(getattr(value, name), depth + 1) for name in names))
    if kind is object:  # a sentinel: there is nothing in it
        return (kind,)
    by_identity = getattr(kind, "__eq__", None) is getattr(object, "__eq__", None)
    if by_identity and hasattr(value, "__dict__"):
        return (kind, held(vars(value), depth + 1))
    return value


def _field(value: Any, field: Any, depth: int) -> Any:
    part = getattr(value, field.name)
    return held(field.eq_key(part) if field.eq_key else part, depth + 1)


def _unordered(parts: list[Any]) -> Any:
    try:
        return frozenset(parts)
    except TypeError:
        return sorted(map(repr, parts))


def against(one: Any, other: Any) -> str:
    """Show two answers that differ, for a sentence."""
    return f"{shown(one)}, and {shown(other)}"
