"""Writing: records as JSON values, by hooks of cattrs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, get_args, get_origin
from uuid import UUID

import attrs
from cattrs import Converter
from cattrs.fns import identity

from newsledger.codec.ids import uuid_text
from newsledger.codec.reading import wire_name
from newsledger.fields import fields_of, spec_of
from newsledger.fields.compiled import compiled
from newsledger.when import When

_SCALARS = (str, bool, int, float, When, Decimal, UUID)


def record_to_json(cls: type, converter: Converter) -> Callable[[Any], dict[str, Any]]:
    """Make the hook that writes a record: a dict of the fields that do not hold their default."""
    names: dict[str, Any] = {"unstructure": converter.unstructure, "uuid_text": uuid_text}
    names |= {"UUID": UUID, "tuple_to_json": converter.get_unstructure_hook(tuple)}
    lines = []
    for number, attribute in enumerate(fields_of(cls)):
        if not attribute.init:
            continue
        names[f"default_{number}"] = attribute.default
        lines.append(f"v = value.{attribute.name}")
        written = f"out[{wire_name(attribute)!r}] = {_written(attribute, converter)}"
        # What fields.left_out says, spelled out.
        if attribute.default is attrs.NOTHING:
            lines.append(written)
        elif attribute.default is None and _scalar(attribute) is not None:
            lines.append(f"if v is not None: {written}")
        else:
            lines.append(f"if not (v == default_{number}): {written}")
    body = "\n    ".join(["out = {}", *lines, "return out"])
    write: Callable[[Any], dict[str, Any]] = compiled(
        "write", f"def write(value):\n    {body}\n", names
    )
    return write


def tuple_to_json(_: type, converter: Converter) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Make the hook that writes a tuple, as one."""
    texts_stay = _tells(converter, str, identity)
    unstructure = converter.unstructure

    def write(value: tuple[Any, ...]) -> tuple[Any, ...]:
        for item in value:
            if type(item) is not str or not texts_stay:
                return tuple([unstructure(item) for item in value])
        return value

    return write


def _written(attribute: attrs.Attribute[Any], converter: Converter) -> str:
    """Write the expression that makes JSON of a field's value ``v``.

    It is what the converter does with the value, as long as nobody registered anything else.
    """
    kind = spec_of(attribute).kind
    scalar = _scalar(attribute)
    written = "unstructure(v)"
    if scalar is str:
        return "v"
    if get_origin(kind.held) is tuple:
        return "tuple_to_json(v)"
    if scalar in {bool, int} and _tells(converter, scalar, identity):
        return "v"
    if scalar is float and all(_tells(converter, one, identity) for one in (int, float)):
        return "v if type(v) is float or type(v) is int else unstructure(v)"
    if scalar is UUID and _tells(converter, UUID, str):
        return "uuid_text(v) if type(v) is UUID else unstructure(v)"
    if scalar in {When, Decimal} and _tells(converter, scalar, str):
        written = "v.__str__()"
    return f"None if v is None else {written}" if kind.optional else written


def _scalar(attribute: attrs.Attribute[Any]) -> type | None:
    """Give the one of the simple types that a field holds, None apart."""
    kind = spec_of(attribute).kind
    held = get_args(kind.held)[0] if kind.optional else kind.held
    return next((one for one in _SCALARS if one is held), None)


def _tells(converter: Converter, cls: Any, hook: Callable[[Any], Any]) -> bool:
    return converter.get_unstructure_hook(cls) is hook
