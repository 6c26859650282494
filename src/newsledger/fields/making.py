"""Making: what a record's class makes when it is called, in a fraction of the time.

A frozen class is slow to fill, since each field goes round its guard. A *draft* is an instance of
a subclass that has the same slots and no guard; once all of its slots are filled it becomes an
instance of the class itself. Values that a field surely holds as they are go straight in; others
go through the field's own check. Where anything is out of the ordinary the class is called, and
makes the instance or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import attrs

from newsledger.fields.compiled import compiled
from newsledger.fields.spec import SPEC, names_in, spec_of, surely


@lru_cache(maxsize=1024)
def maker(cls: type[Any]) -> Callable[..., Any]:
    """Give a function that takes all of a class's fields by position, and makes an instance.

    It takes, makes and raises the same as the class, for any class of attrs. Fields that the
    class does not take, it does not take either.
    """
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(cls)
    aliases = [str(attribute.alias) for attribute in fields if attribute.init]

    def ordinary(*values: Any) -> Any:
        return cls(**dict(zip(aliases, values, strict=True)))

    return _quick(cls, fields, ordinary) if _can_be_drafted(cls, fields) else ordinary


def _quick(
    cls: type, fields: tuple[attrs.Attribute[Any], ...], ordinary: Callable[..., Any]
) -> Callable[..., Any]:
    names: dict[str, Any] = {"cls": cls, "ordinary": ordinary}
    names |= {"new": object.__new__, "Draft": _draft_of(cls)}
    taken = ", ".join(f"v{n}" for n, attribute in enumerate(fields) if attribute.init)
    lines = []
    for number, attribute in enumerate(fields):
        names[f"default_{number}"] = attribute.default
        names |= names_in(spec_of(attribute), number) if SPEC in attribute.metadata else {}
        names[f"check_{number}"] = attribute.converter
        names[f"read_{number}"] = _reader(attribute)
        lines.append(f"made.{attribute.name} = {_held(attribute, number)}")
    lines.append("made.__class__ = cls")
    if hasattr(cls, "__attrs_post_init__"):
        lines.append("made.__attrs_post_init__()")
    body = "\n        ".join(lines)
    source = (
        f"def make({taken}):\n"
        f"    try:\n"
        f"        made = new(Draft)\n"
        f"        {body}\n"
        f"    except Exception:\n"
        f"        return ordinary({taken})\n"
        f"    return made\n"
    )
    make: Callable[..., Any] = compiled("make", source, names)
    return make


def _held(attribute: attrs.Attribute[Any], number: int) -> str:
    """Write the expression that a field's value comes from."""
    if not attribute.init:
        return f"default_{number}"
    given = f"v{number}"
    if SPEC not in attribute.metadata:
        return given
    checked = f"check_{number}({given})"
    if _reader(attribute) is not None:
        checked = f"read_{number}({given}) if type({given}) is str else {checked}"
    return f"{given} if {surely(spec_of(attribute), given, number)} else {checked}"


def _reader(attribute: attrs.Attribute[Any]) -> Callable[[str], Any] | None:
    """Give what reads a text for a field, where that is all there is to its check."""
    spec = spec_of(attribute) if SPEC in attribute.metadata else None
    return None if spec is None or spec.limited else spec.kind.read


def _draft_of(cls: type) -> type:
    # Both are needed: the interpreter's fast way to set a slot is taken where neither is guarded.
    unguarded = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(cls.__name__, (cls,), {"__slots__": (), "__module__": cls.__module__, **unguarded})


def _can_be_drafted(cls: type, fields: tuple[attrs.Attribute[Any], ...]) -> bool:
    """Tell whether calling the class does no more than what a quick maker does."""
    own = vars(cls)
    return (
        type(cls) is type
        and getattr(cls, "__new__") is object.__new__  # noqa: B009 (mypy thinks it bound)
        # attrs wrote this very class's __init__ ...
        and "__attrs_attrs__" in own
        and "__attrs_init__" not in own
        and not hasattr(cls, "__attrs_pre_init__")
        # ... nobody hears of it when a class is derived ...
        and not any("__init_subclass__" in vars(base) for base in cls.__mro__[:-1])
        # ... and fields do nothing that only attrs knows how to do.
        and all(map(_is_simple, fields))
    )


def _is_simple(attribute: attrs.Attribute[Any]) -> bool:
    if attribute.validator is not None:
        return False
    if not attribute.init:
        default = attribute.default
        return default is not attrs.NOTHING and not isinstance(default, attrs.Factory)  # type: ignore[arg-type]  # a class, whatever its stub says
    return attribute.converter is None or SPEC in attribute.metadata
