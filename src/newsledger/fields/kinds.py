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
from newsledger.fields.compiled import compiled
from newsledger.when import When
from newsledger.when.value import read_text

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


class MaybePercent(Converted[float | None, float | None]):
    """A number from 0 to 100, or None."""


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
    """What one annotation means: the check, the type held, and whether it names entities.

    ``surely`` is the condition, as source text about ``{0}``, under which the check gives back
    the very object that it is given, None apart; "" where that takes the check itself. In it
    ``held_{1}`` is the type held, and ``every_{1}`` tells whether it is true of every item of a
    tuple. ``optional``: takes None. ``read``: what the check does with a
    text, where it does more than to look at it.
    """

    check: Callable[[Any], Any]
    held: Any
    entity: bool = False
    reference: bool = False
    many: bool = False
    optional: bool = False
    surely: str = ""
    every: Callable[[tuple[Any, ...]], bool] | None = None
    read: Callable[[str], Any] | None = None

    @property
    def or_none(self) -> Kind:
        """The same, or None."""
        return attrs.evolve(
            self, check=checks.maybe(self.check), held=self.held | None, optional=True
        )

    def repeated(self, of: str) -> Kind:
        """Give the kind of a tuple of such."""
        return attrs.evolve(
            self,
            check=checks.many(self.check, of=of),
            held=tuple[self.held, ...],  # type: ignore[name-defined]  # built at run time
            many=True,
            surely="type({0}) is tuple and (not {0} or every_{1}({0}))",
            every=self._true_of_every(),
            read=None,
        )

    def _true_of_every(self) -> Callable[[tuple[Any, ...]], bool]:
        condition = self.surely.format("v", "") or "False"
        if self.optional:
            condition = f"v is None or {condition}"
        source = (
            "def every(items):\n"
            "    for v in items:\n"
            f"        if not ({condition}):\n"
            "            return False\n"
            "    return True\n"
        )
        names = {**CONDITIONS, "held_": self.held, "every_": self.every}
        every: Callable[[tuple[Any, ...]], bool] = compiled("every", source, names)
        return every


CONDITIONS = {"When": When, "UUID": UUID, "encodable": checks.encodable}
"""What the names in the conditions below stand for."""

_IS_TEXT = "type({0}) is str and ({0}.isascii() or encodable({0}))"

_IS_REAL = "(type({0}) is int or (type({0}) is float and {0} - {0} == 0))"  # not so of infinity


def _when(value: Any) -> When:
    return read_text(value) if type(value) is str else When(value)


_TEXT = Kind(checks.text, str, surely=_IS_TEXT)
_WHEN = Kind(_when, When, surely="type({0}) is When", read=read_text)
_NUMBER = Kind(checks.number, Decimal, read=checks.number)
_PERCENT = Kind(checks.percent, float, surely=f"{_IS_REAL} and 0 <= {{0}} <= 100")
_ENTITY = Kind(checks.name, str, entity=True, surely=f"{_IS_TEXT} and {{0}}")
_REFERENCE = Kind(
    checks.reference,
    UUID,
    reference=True,
    surely="type({0}) is UUID",
    read=checks.reference,
)

_KINDS: dict[Any, Kind] = {
    str: _TEXT,
    bool: Kind(checks.boolean, bool, surely="({0} is True or {0} is False)"),
    int: Kind(checks.whole, int, surely="type({0}) is int"),
    float: Kind(checks.real, float, surely=_IS_REAL),
    Decimal: _NUMBER,
    UUID: attrs.evolve(_REFERENCE, reference=False),
    When: _WHEN,
    Dated: _WHEN,
    MaybeDated: _WHEN.or_none,
    Number: _NUMBER,
    MaybeNumber: _NUMBER.or_none,
    MaybePercent: _PERCENT.or_none,
    Entity: _ENTITY,
    Entities: _ENTITY.repeated("names"),
    Texts: _TEXT.repeated("texts"),
    Reference: _REFERENCE,
    MaybeReference: _REFERENCE.or_none,
    References: _REFERENCE.repeated("ids"),
}


def kind_of(annotation: Any) -> Kind:
    """Read an annotation; TypeError says what can be written instead."""
    if (known := _KINDS.get(annotation)) is not None:
        return known
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType} and len(args) == 2 and type(None) in args:  # noqa: PLR2004
        return kind_of(args[0] if args[1] is type(None) else args[1]).or_none
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004
        inner = kind_of(args[0])
        return inner.repeated(f"a tuple of {_named(inner.held)}")
    if origin is Converted:
        return kind_of(args[1])
    if isinstance(annotation, type) and issubclass(annotation, Converted):
        return kind_of(annotation.__orig_bases__[0])  # type: ignore[attr-defined]  # set by Generic
    if isinstance(annotation, type) and annotation not in {list, dict, set, bytearray}:
        return Kind(checks.instance(annotation), annotation, surely="isinstance({0}, held_{1})")
    raise TypeError(
        f"a field cannot be annotated {annotation!r}: write one of str, bool, int, float, "
        "Decimal, UUID, When, an Enum, a record, Dated, Entity, Entities, Texts, Number, "
        "Reference, a tuple[..., ...] of one of them, or one of them | None"
    )


def _named(held: Any) -> str:
    return getattr(held, "__name__", str(held))
