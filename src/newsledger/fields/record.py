"""The ``record`` decorator: attrs classes from the kinds of their annotations."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar, dataclass_transform

import attrs

from newsledger.errors import InvalidEvent
from newsledger.fields import checks
from newsledger.fields.compiled import compiled
from newsledger.fields.kinds import kind_of
from newsledger.fields.making import maker
from newsledger.fields.spec import SPEC, Spec, names_in, surely
from newsledger.when import When

T = TypeVar("T")


def field(
    *,
    default: Any = attrs.NOTHING,
    init: bool = True,
    kw_only: bool | None = None,
    at_least: int = 0,
    distinct: bool = False,
    choices: Iterable[str] = (),
    wire: str | None = None,
) -> Any:
    """Say more of a field than its annotation does.

    ``at_least``: how many items a tuple, or characters a text, must have; with ``distinct``, how
    many different ones. ``choices``: the texts allowed. ``wire``: the name in stored JSON, for a
    field that was renamed; it keeps the ids of old reports.
    """
    limits = {
        "at_least": at_least,
        "distinct": distinct,
        "choices": tuple(choices),
        "wire": wire,
    }
    return attrs.field(default=default, init=init, kw_only=kw_only, metadata={SPEC: limits})


# Not frozen_default=True, although they are frozen: mypy would then type an inherited field as what
# it accepts (str | date | When) and not as what it holds (When).
@dataclass_transform(field_specifiers=(field,))
def record(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Make a frozen, slotted attrs class whose fields are converted and checked.

    A bad value raises :class:`~newsledger.errors.InvalidEvent` that names class and field. A
    further check of several fields at once goes into ``__attrs_post_init__``.
    """

    def decorate(cls: type[T]) -> type[T]:
        if cls.__repr__ is object.__repr__:
            cls.__repr__ = told  # type: ignore[method-assign]  # told takes any record
        return attrs.frozen(kw_only=kw_only, repr=False, field_transformer=_check_fields)(cls)

    return decorate


def fields_of(cls: type) -> tuple[attrs.Attribute[Any], ...]:
    """List the fields of a record class."""
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(cls)
    return fields


def changed(owner: T, **changes: Any) -> T:
    """Make a copy of a record with some fields changed, checked like a new one."""
    cls: type = type(owner)
    taken = _taken(cls)
    if not changes.keys() <= taken.keys():
        attrs.evolve(owner, **changes)  # type: ignore[misc]  # raises: it has no such field
    make: Callable[..., T] = maker(cls)
    return make(
        *[
            changes[alias] if alias in changes else getattr(owner, name)
            for alias, name in taken.items()
        ]
    )


@lru_cache(maxsize=256)
def _taken(cls: type) -> dict[str, str]:
    """List the fields that a class takes: how they are given, and how they are read."""
    return {str(a.alias): a.name for a in fields_of(cls) if a.init}


def left_out(attribute: attrs.Attribute[Any], value: Any) -> bool:
    """Tell whether a field is left out of reprs, stored JSON and ids: it holds its default."""
    return not attribute.init or (
        attribute.default is not attrs.NOTHING and value == attribute.default
    )


def _check_fields(cls: type, attributes: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return [_checked(cls, attribute, hints[attribute.name]) for attribute in attributes]


def _checked(cls: type, attribute: attrs.Attribute[Any], hint: Any) -> attrs.Attribute[Any]:
    limits = attribute.metadata.get(SPEC, {})
    # An inherited field was read before; its spec is kept, and the new class named in its errors.
    try:
        spec = limits if isinstance(limits, Spec) else Spec(kind_of(hint), **limits)
    except TypeError as error:
        raise TypeError(f"{cls.__name__}.{attribute.name}: {error}") from None
    converter = _converter(f"{cls.__name__}.{attribute.name}", spec) if attribute.init else None
    default = attribute.default
    if converter is not None and default is not attrs.NOTHING:
        default = converter(default)  # so that a value can be compared with it
    return attribute.evolve(
        type=spec.kind.held,
        default=default,
        converter=converter,
        metadata={**attribute.metadata, SPEC: spec},
    )


def _converter(owner: str, spec: Spec) -> Callable[[Any], Any]:
    check = spec.kind.check

    def slow(value: Any) -> Any:
        try:
            held = check(value)
            if spec.limited and held is not None:
                _within_limits(held, spec)
        except InvalidEvent:
            raise
        except ValueError as error:
            raise InvalidEvent(f"{owner}: {error}", field=owner) from error
        return held

    source = f"def convert(v):\n    return v if {surely(spec, 'v')} else slow(v)\n"
    convert: Callable[[Any], Any] = compiled("convert", source, {**names_in(spec), "slow": slow})
    return convert


def _within_limits(held: Any, spec: Spec) -> None:
    if spec.choices and held not in spec.choices:
        raise ValueError(f"{checks.shown(held)} is none of {', '.join(spec.choices)}")
    if not spec.at_least:
        return
    count = len(set(held) if spec.distinct else held)
    if count < spec.at_least:
        if isinstance(held, str):
            raise ValueError("expected a text, got an empty one")
        different = "different " if spec.distinct else ""
        raise ValueError(
            f"expected {spec.at_least} or more {different}items, got {count}: {checks.shown(held)}"
        )


def told(owner: object) -> str:
    """Show a record as the code that makes it, defaults left out and dates as text."""
    parts = []
    for attribute in fields_of(type(owner)):
        value = getattr(owner, attribute.name)
        if not left_out(attribute, value):
            parts.append(
                f"{attribute.alias}={str(value)!r}"
                if isinstance(value, When)
                else f"{attribute.alias}={value!r}"
            )
    return f"{type(owner).__name__}({', '.join(parts)})"
