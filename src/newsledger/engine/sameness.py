"""Sameness: values that no handler can tell apart, which is more than that they are equal.

``1 == True``, ``0.0 == -0.0``, and two states of a class may be equal although they hold other
evidence in a field that does not compare. Whoever leaves out work because "it comes to the same"
must not be misled by that. What is not known to be the same counts as different.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import attrs

from newsledger.when import When

_PLAIN: frozenset[type] = frozenset(
    {str, bytes, int, bool, type(None), UUID, When, date, timedelta}
)
"""Values of these types are the same when they are equal."""
_TOLD_BY_REPR = frozenset({float, Decimal, complex, datetime, time})
"""Of these, equal ones may differ: in sign, in digits, in zone."""
_BY_IDENTITY = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, Enum)
_CONTAINERS = frozenset({tuple, list, frozenset, set})
_DEEPEST = 8

T = TypeVar("T")
Mark: TypeAlias = tuple[Any, ...]


def same(a: Any, b: Any, depth: int = 0) -> bool:  # noqa: PLR0911 (one a kind of value)
    """Tell whether two immutable values are known to be the same."""
    if a is b:
        return True
    kind = type(a)
    if kind is not type(b):
        return False
    if kind in _PLAIN:
        return bool(a == b)
    if kind in _TOLD_BY_REPR:
        return repr(a) == repr(b)
    if depth == _DEEPEST:
        return False
    if kind is tuple:
        return len(a) == len(b) and all(same(x, y, depth + 1) for x, y in zip(a, b, strict=True))
    if kind is frozenset:
        kinds = set(map(type, a))
        return len(kinds) == 1 and kinds <= _PLAIN and kinds == set(map(type, b)) and a == b
    if attrs.has(kind) and not hasattr(a, "__dict__"):
        names = [field.name for field in attrs.fields(kind)]
        return all(same(getattr(a, n), getattr(b, n), depth + 1) for n in names)
    return False


def is_fixed(value: Any) -> bool:
    """Tell whether a value is known to be of a type whose values cannot be changed in place."""
    kind = type(value)
    try:
        return FIXED[kind]
    except KeyError:
        fixed = FIXED[kind] = (
            kind in _TOLD_BY_REPR
            or isinstance(value, (tuple, *_BY_IDENTITY))
            or (attrs.has(kind) and kind.__setattr__ is not object.__setattr__)
            or getattr(getattr(kind, "__dataclass_params__", None), "frozen", False)
        )
        return fixed


FIXED: dict[type, bool] = dict.fromkeys((*_PLAIN, frozenset), True)
"""What `is_fixed` has told of types so far, for those who would rather look than call."""


def copied(value: T) -> T:
    """Copy a value, with all that it holds and that is not fixed, as far as it can be copied."""
    try:
        made: T = _copied(value, {})
    except Exception:  # noqa: BLE001 (somebody else's class may refuse in any way)
        return value
    return made


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    """Copy as `copy.deepcopy` does; it would look into ids and dates, too, which takes long."""
    if is_fixed(value):
        return value
    if id(value) in memo:
        return memo[id(value)]
    kind = type(value)
    made: Any
    if kind is dict:
        made = memo[id(value)] = {}
        made.update((key, _copied(part, memo)) for key, part in value.items())
    elif kind is list:
        made = memo[id(value)] = []
        made.extend(_copied(part, memo) for part in value)
    elif kind is set:
        made = memo[id(value)] = set(value)
    else:
        made = copy.deepcopy(value, memo)
    return made


def mark(value: Any, depth: int = 0) -> Mark | None:  # noqa: PLR0911 (one a kind of value)
    """Give what only values that are the same have in common, or None where that is unknown.

    Of what can change, a list or a dict, it is the mark of what it holds now.
    """
    kind = type(value)
    if kind in _PLAIN:
        return (kind, value)
    if kind in _TOLD_BY_REPR:
        return (kind, repr(value))
    if isinstance(value, _BY_IDENTITY):
        return (kind, value)
    if depth == _DEEPEST:
        return None
    if kind in _CONTAINERS:
        return _joined(kind, value, depth)
    if kind is dict:
        return _joined(kind, (part for item in value.items() for part in item), depth)
    if _is_frozen(kind):
        names = [field.name for field in attrs.fields(kind)]
        if getattr(value, "__dict__", {}).keys() <= {*names}:
            return _joined(kind, (getattr(value, name) for name in names), depth)
    return None


def twin(value: Any) -> Any:
    """Copy what has a mark, so that it keeps its mark whatever becomes of the other."""
    kind = type(value)
    if kind is dict:
        return {twin(key): twin(item) for key, item in value.items()}
    if kind in _CONTAINERS:
        return kind(map(twin, value))
    if not _is_frozen(kind):
        return value
    made = copy.copy(value)
    for field in attrs.fields(kind):
        object.__setattr__(made, field.name, twin(getattr(value, field.name)))
    return made


def _is_frozen(kind: type) -> bool:
    return attrs.has(kind) and kind.__setattr__ is not object.__setattr__


def _joined(kind: type, parts: Iterable[Any], depth: int) -> Mark | None:
    marks = [mark(part, depth + 1) for part in parts]
    if None in marks:
        return None
    return (kind, frozenset(marks) if kind in {set, frozenset} else tuple(marks))
