"""The converter: how Python values become JSON values and come back, with cattrs.

``converter`` is the extension point: a field of a type of your own needs one structure and one
unstructure hook on it. Nothing is coerced on the way back: stored text becomes a value through
the same checks as a value that a caller gives.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, get_args, get_origin
from uuid import UUID

import attrs
from cattrs import Converter

from newsledger.errors import InvalidEvent
from newsledger.fields import left_out, shown, spec_of
from newsledger.when import When

converter = Converter(detailed_validation=False)

for stored_as_text in (When, Decimal, UUID):
    converter.register_unstructure_hook(stored_as_text, str)


def _as_it_is(value: Any, _: Any) -> Any:
    # The field's own check comes next, and names the field.
    return value


_TEXTS = frozenset({str, When, Decimal, UUID, str | None, When | None, Decimal | None, UUID | None})
for checked_by_its_field in (*_TEXTS, int, float, bool):
    converter.register_structure_hook(checked_by_its_field, _as_it_is)


def wire_name(attribute: attrs.Attribute[Any]) -> str:
    """Give the name under which a field is stored."""
    return spec_of(attribute).wire or attribute.name


def _is_record(cls: Any) -> bool:
    return attrs.has(cls) and all("newsledger" in a.metadata for a in attrs.fields(cls))


@converter.register_unstructure_hook_factory(_is_record)
def _record_to_json(cls: type) -> Callable[[Any], dict[str, Any]]:
    attributes = [(a, a.name, wire_name(a)) for a in attrs.fields(cls) if a.init]

    def unstructure(value: Any) -> dict[str, Any]:
        out = {}
        for attribute, name, wire in attributes:
            held = getattr(value, name)
            if not left_out(attribute, held):
                out[wire] = held if type(held) is str else converter.unstructure(held)
        return out

    return unstructure


class Undecodable(ValueError):
    """A JSON value that is not what its type stores; ``path`` leads to the place."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return f"{self.path.lstrip('.')}: {self.message}" if self.path else self.message


def _within(step: str, value: Any, cls: Any) -> Any:
    """Structure a part of a value, and say where it was in what goes wrong."""
    try:
        return converter.structure(value, cls)
    except Undecodable as error:
        raise Undecodable(error.message, step + error.path) from error
    except Exception as error:  # a hook of somebody's own may raise anything
        raise Undecodable(str(error) or repr(error), step) from error


def _tuple_from_json(value: Any, cls: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Undecodable(f"expected an array, got {shown(value)}")
    inner = get_args(cls)[0]
    return tuple(_within(f"[{index}]", item, inner) for index, item in enumerate(value))


def _is_tuple(cls: Any) -> bool:
    origin: Any = get_origin(cls)
    return origin is tuple and get_args(cls)[1:] == (Ellipsis,)


converter.register_structure_hook_func(_is_tuple, _tuple_from_json)


@converter.register_structure_hook_factory(_is_record)
def _record_from_json(cls: type) -> Callable[[Any, Any], Any]:
    known = {wire_name(a): a for a in attrs.fields(cls) if a.init}

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise Undecodable(f"expected an object of {cls.__name__}, got {shown(value)}")
        if strangers := value.keys() - known.keys():
            raise Undecodable(f"{cls.__name__} has no field {min(strangers)!r}")
        arguments = {
            known[wire].alias: item
            if isinstance(item, str) and known[wire].type in _TEXTS
            else _within(f".{wire}", item, known[wire].type)
            for wire, item in value.items()
        }
        try:
            return cls(**arguments)
        except (TypeError, InvalidEvent) as error:  # a missing field, or a bad one
            raise Undecodable(str(error)) from error

    return structure
