"""Reading: records from JSON values, by hooks of cattrs.

Nothing is coerced: stored text becomes a value through the same checks as a value that a caller
gives. A hook first goes straight through, as if all were well. Where it is not, it starts again
step by step, to find out what is wrong, and where.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, get_args

import attrs
from cattrs import Converter

from newsledger.codec.straight import straight
from newsledger.errors import InvalidEvent
from newsledger.fields import fields_of, shown, spec_of

Hook: TypeAlias = Callable[[Any, Any], Any]


class Undecodable(ValueError):
    """A JSON value that is not what its type stores; ``path`` leads to the place."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return f"{self.path.lstrip('.')}: {self.message}" if self.path else self.message


def wire_name(attribute: attrs.Attribute[Any]) -> str:
    """Give the name under which a field is stored."""
    return spec_of(attribute).wire or attribute.name


def as_it_is(value: Any, _: Any) -> Any:
    """Read what its field's own check reads next, which also names the field."""
    return value


def record_from_json(cls: type, converter: Converter) -> Hook:
    """Make the hook that reads a record."""
    known = {wire_name(a): a for a in fields_of(cls) if a.init}
    found = {wire: _hook_of(spec_of(a).kind.held, converter) for wire, a in known.items()}
    hooks = {wire: hook for wire, hook in found.items() if hook is not as_it_is}
    return straight(cls, known, hooks, lambda value: _step_by_step(cls, value, known, hooks))


def _step_by_step(
    cls: type,
    value: Any,
    known: dict[str, attrs.Attribute[Any]],
    hooks: dict[str, Hook],
) -> Any:
    """Read a record, and say what is wrong with the first thing that is."""
    if not isinstance(value, dict):
        raise Undecodable(f"expected an object of {cls.__name__}, got {shown(value)}")
    if strangers := value.keys() - known.keys():
        raise Undecodable(f"{cls.__name__} has no field {min(strangers)!r}")
    arguments = {
        str(known[wire].alias): _within(f".{wire}", item, hooks[wire]) if wire in hooks else item
        for wire, item in value.items()
    }
    try:
        return cls(**arguments)
    except (TypeError, InvalidEvent) as error:  # a missing field, or a bad one
        raise Undecodable(str(error)) from error


def tuple_from_json(cls: Any, converter: Converter) -> Hook:
    """Make the hook that reads an array."""
    hook = _hook_of(get_args(cls)[0], converter)

    def structure(value: Any, _: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Undecodable(f"expected an array, got {shown(value)}")
        if hook is as_it_is:
            return tuple(value)
        return tuple([_within(f"[{n}]", item, hook) for n, item in enumerate(value)])

    return structure


def _hook_of(held: Any, converter: Converter) -> Hook:
    """Find what reads values of a type, whatever it is then called with as that type."""
    try:
        hook = converter.get_structure_hook(held)
    except Exception:  # noqa: BLE001 (cattrs cannot; that matters where there is such a value)
        hook = converter.structure
    if hook is not as_it_is:
        return lambda value, _: hook(value, held)
    inner = [part for part in get_args(held) if part is not type(None)]
    of_inner = _hook_of(inner[0], converter) if inner else as_it_is
    if of_inner is as_it_is:
        return as_it_is
    return lambda value, _: None if value is None else of_inner(value, None)


def _within(step: str, value: Any, hook: Hook) -> Any:
    """Read a part of a value, and say where it was in what goes wrong."""
    try:
        return hook(value, None)
    except Undecodable as error:
        raise Undecodable(error.message, step + error.path) from error
    except Exception as error:  # a hook of somebody's own may raise anything
        raise Undecodable(str(error) or repr(error), step) from error
