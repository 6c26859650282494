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

    if not can_be_drafted(cls):
        return ordinary
    taken = ", ".join(f"v{n}" for n, attribute in enumerate(fields) if attribute.init)
    lines = [
        f"made.{a.name} = {held(a, n) if a.init else f'default_{n}'}" for n, a in enumerate(fields)
    ]
    names = {**names_of(cls), "ordinary": ordinary}
    body = "\n        ".join([BEGIN, *lines, *ending(cls)])
    source = (
        f"def make({taken}):\n"
        f"    try:\n"
        f"        {body}\n"
        f"    except Exception:\n"
        f"        return ordinary({taken})\n"
        f"    return made\n"
    )
    make: Callable[..., Any] = compiled("make", source, names)
    return make


# What functions that fill a draft are made of. They name a field's value by its number, as v0.

BEGIN = "made = new(Draft)"


def ending(cls: type) -> list[str]:
    """Write what makes a draft, filled, an instance of its class."""
    checks_itself = hasattr(cls, "__attrs_post_init__")
    return ["made.__class__ = cls", *(["made.__attrs_post_init__()"] if checks_itself else [])]


def held(attribute: attrs.Attribute[Any], number: int) -> str:
    """Write the expression for what a field holds when it is given a value."""
    given = f"v{number}"
    if SPEC not in attribute.metadata:
        return given
    checked = f"check_{number}({given})"
    if _reader(attribute) is not None:
        checked = f"read_{number}({given}) if type({given}) is str else {checked}"
    return f"{given} if {surely(spec_of(attribute), given, number)} else {checked}"


def names_of(cls: type) -> dict[str, Any]:
    """Give what the names in these pieces stand for."""
    names: dict[str, Any] = {"cls": cls, "new": object.__new__, "Draft": _draft_of(cls)}
    for number, attribute in enumerate(attrs.fields(cls)):
        names[f"default_{number}"] = attribute.default
        names |= names_in(spec_of(attribute), number) if SPEC in attribute.metadata else {}
        names[f"check_{number}"] = attribute.converter
        names[f"read_{number}"] = _reader(attribute)
    return names


def _reader(attribute: attrs.Attribute[Any]) -> Callable[[str], Any] | None:
    """Give what reads a text for a field, where that is all there is to its check."""
    spec = spec_of(attribute) if SPEC in attribute.metadata else None
    return None if spec is None or spec.limited else spec.kind.read


@lru_cache(maxsize=1024)
def _draft_of(cls: type) -> type:
    # Both are needed: the interpreter's fast way to set a slot is taken where neither is guarded.
    unguarded = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(cls.__name__, (cls,), {"__slots__": (), "__module__": cls.__module__, **unguarded})


def can_be_drafted(cls: type) -> bool:
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
        and all(map(_is_simple, attrs.fields(cls)))
    )


def _is_simple(attribute: attrs.Attribute[Any]) -> bool:
    if attribute.validator is not None:
        return False
    if not attribute.init:
        default = attribute.default
        return default is not attrs.NOTHING and not isinstance(default, attrs.Factory)  # type: ignore[arg-type]  # a class, whatever its stub says
    return attribute.converter is None or SPEC in attribute.metadata
