"""Straight: a hook that reads a record as if all were well.

It is written out for each class, and leaves to ``otherwise`` all that is out of the ordinary::

    def read(value, _):
        try:
            if type(value) is dict:
                made = new(Draft)
                left = len(value) - 1             # members beyond those that must be there
                v0 = value["occurred"]
                made.occurred = v0 if type(v0) is When else read_0(v0) if type(v0) is str else …
                if left and "role" in value:
                    left -= 1
                    v1 = value["role"]
                    made.role = v1 if type(v1) is str and … else check_1(v1)
                else:
                    made.role = default_1
                if not left:                      # else some are strangers
                    made.__class__ = cls
                    return made
        except Exception:
            pass
        return otherwise(value)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from newsledger.fields import fields_of, making
from newsledger.fields.compiled import compiled


def straight(
    cls: type,
    known: dict[str, attrs.Attribute[Any]],
    hooks: dict[str, Callable[[Any, Any], Any]],
    otherwise: Callable[[Any], Any],
) -> Callable[[Any, Any], Any]:
    """Make the hook; fields, and the hooks that some of them need, go by their stored names."""
    if not making.can_be_drafted(cls):
        return lambda value, _: otherwise(value)
    names = {**making.names_of(cls), "otherwise": otherwise}
    wires = {attribute.name: wire for wire, attribute in known.items()}
    required: list[str] = []
    optional: list[str] = []
    must = 0
    for number, attribute in enumerate(fields_of(cls)):
        if not attribute.init:
            optional.append(f"made.{attribute.name} = default_{number}")
            continue
        wire = wires[attribute.name]
        value = f"value[{wire!r}]"
        if wire in hooks:
            names[f"hook_{number}"] = hooks[wire]
            value = f"hook_{number}({value}, None)"
        steps = [
            f"v{number} = {value}",
            f"made.{attribute.name} = {making.held(attribute, number)}",
        ]
        if attribute.default is attrs.NOTHING:
            must += 1
            required += steps
        else:
            optional += [
                f"if left and {wire!r} in value:",
                *(f"    {step}" for step in ("left -= 1", *steps)),
                f"else: made.{attribute.name} = default_{number}",
            ]
    lines = [
        making.BEGIN,
        f"left = len(value) - {must}",
        *required,
        *optional,
        "if not left:",
        *(f"    {step}" for step in (*making.ending(cls), "return made")),
    ]
    body = "\n            ".join(lines)
    source = (
        f"def read(value, _):\n"
        f"    try:\n"
        f"        if type(value) is dict:\n"
        f"            {body}\n"
        f"    except Exception:\n"
        f"        pass\n"
        f"    return otherwise(value)\n"
    )
    read: Callable[[Any, Any], Any] = compiled("read", source, names)
    return read
