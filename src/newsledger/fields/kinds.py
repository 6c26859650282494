"""Kinds: what an annotation of a record's field accepts, and what the field then holds."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Protocol,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    overload,
)
from uuid import UUID

import attrs

from newsledger.fields import checks
from newsledger.when import When

Given = TypeVar("Given", contravariant=True)
Held = TypeVar("Held", covariant=True)


class Converted(Generic[Given, Held]):
    """An annotation for a field that accepts ``Given`` and holds ``Held``.

    It is written as a descriptor because that is what type checkers understand; at run time the
    field is an ordinary slot.
    """

    if TYPE_CHECKING:

        @overload
        def __get__(self, owner: None, cls: type, /) -> Any: ...
        @overload
        def __get__(self, owner: object, cls: type | None = None, /) -> Held: ...
        def __get__(self, owner: object, cls: type | None = None, /) -> Any: ...
        def __set__(self, owner: object, value: Given, /) -> None: ...


class Dated(Converted[When | str | date, When]):
    """A date: a When, EDTF text, a ``date`` or an aware ``datetime``."""


class MaybeDated(Converted[When | str | date | None, When | None]):
    """A date, or None."""


class Texts(Converted[Iterable[str], tuple[str, ...]]):
    """Texts, held as a tuple."""


class Entities(Converted[Iterable[str], tuple[str, ...]]):
    """Names of entities, held as a tuple."""


class Number(Converted[Decimal | int | str, Decimal]):
    """An exact number."""


class MaybeNumber(Converted[Decimal | int | str | None, Decimal | None]):
    """An exact number, or None."""


class HasId(Protocol):
    """An entry or a report."""

    @property
    def id(self) -> UUID: ...  # noqa: D102 (see there)


class Reference(Converted[UUID | str | HasId, UUID]):
    """The id of a report; where it is an amendment's, it stands for the report amended."""


class MaybeReference(Converted[UUID | str | HasId | None, UUID | None]):
    """The id of a report, or None."""


class References(Converted[Iterable[UUID | str | HasId], tuple[UUID, ...]]):
    """Ids of reports, held as a tuple."""


class _Entity:
    """The mark that makes a str the name of an entity."""


Entity: TypeAlias = Annotated[str, _Entity]
"""The name of a state, person, organisation, base, …: what ``about=`` asks for."""

MaybeEntity: TypeAlias = Annotated[str, _Entity] | None
"""The name of an entity, or None."""


@attrs.frozen
class Kind:
    """What one annotation means: the check, the type held, and whether it names entities."""

    check: Callable[[Any], Any]
    held: Any
    entity: bool = False
    reference: bool = False
    many: bool = False


def _when(value: Any) -> When:
    return When(value)


_KINDS: dict[Any, Kind] = {
    str: Kind(checks.text, str),
    bool: Kind(checks.boolean, bool),
    int: Kind(checks.whole, int),
    float: Kind(checks.real, float),
    Decimal: Kind(checks.number, Decimal),
    UUID: Kind(checks.reference, UUID),
    When: Kind(When, When),
    Dated: Kind(When, When),
    MaybeDated: Kind(checks.maybe(_when), When | None),
    Number: Kind(checks.number, Decimal),
    MaybeNumber: Kind(checks.maybe(checks.number), Decimal | None),
    Entity: Kind(checks.name, str, entity=True),
    Entities: Kind(checks.many(checks.name, of="names"), tuple[str, ...], entity=True, many=True),
    Texts: Kind(checks.many(checks.text, of="texts"), tuple[str, ...], many=True),
    Reference: Kind(checks.reference, UUID, reference=True),
    MaybeReference: Kind(checks.maybe(checks.reference), UUID | None, reference=True),
    References: Kind(
        checks.many(checks.reference, of="ids"), tuple[UUID, ...], reference=True, many=True
    ),
}


def kind_of(annotation: Any) -> Kind:
    """Read an annotation; TypeError says what can be written instead."""
    if (known := _KINDS.get(annotation)) is not None:
        return known
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType} and len(args) == 2 and type(None) in args:  # noqa: PLR2004
        inner = kind_of(args[0] if args[1] is type(None) else args[1])
        return attrs.evolve(inner, check=checks.maybe(inner.check), held=inner.held | None)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004
        inner = kind_of(args[0])
        return attrs.evolve(
            inner,
            check=checks.many(inner.check, of=f"a tuple of {_named(inner.held)}"),
            held=tuple[inner.held, ...],  # type: ignore[name-defined]  # built at run time
            many=True,
        )
    if origin is Converted:
        return kind_of(args[1])
    if isinstance(annotation, type) and issubclass(annotation, Converted):
        return kind_of(annotation.__orig_bases__[0])  # type: ignore[attr-defined]  # set by Generic
    if isinstance(annotation, type) and annotation not in {list, dict, set, bytearray}:
        return Kind(checks.instance(annotation), annotation)
    raise TypeError(
        f"a field cannot be annotated {annotation!r}: write one of str, bool, int, float, "
        "Decimal, UUID, When, an Enum, a record, Dated, Entity, Entities, Texts, Number, "
        "Reference, a tuple[..., ...] of one of them, or one of them | None"
    )


def _named(held: Any) -> str:
    return getattr(held, "__name__", str(held))
