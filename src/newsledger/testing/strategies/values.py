"""Strategies for the fields of records, made from what the fields say of themselves."""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar, Union, get_args, get_origin
from uuid import UUID

import attrs
from hypothesis import reject, strategies as st

from newsledger.fields import fields_of, spec_of
from newsledger.fields.spec import SPEC, Spec
from newsledger.testing.strategies.brief import Shown
from newsledger.testing.strategies.whens import whens
from newsledger.when import When

T = TypeVar("T")
Names: TypeAlias = Iterable[str] | st.SearchStrategy[str]
"""Names to draw from, or a strategy that draws them."""

ENTITIES = ("KGZ", "RUS", "KAZ", "EEU")
REFERENCES = tuple(UUID(int=number) for number in range(1, 5))
"""Ids that no report has."""

_WORDS = ("a", "b", "“Да.”")
# What texts, numbers and dates may have to look like where a class checks them by rules of its own.
_SHAPES = ("a", "A", "USD", "KGZ", "en", "0", "1", "2017", "https://example.org/", "a@example.org")
_NUMBERS = ("0", "1", "-0.13", "1200000000", "1193500000.5", "0.5", "100")
_DAYS = ("2017-02-28", "2015-08-12", "2015", "2018", "[..2017-12-31]")
_PATIENCE = 2


@attrs.frozen(kw_only=True)
class Pool:
    """What the values of a record are drawn from."""

    entities: st.SearchStrategy[str]
    names: tuple[str, ...]
    dates: st.SearchStrategy[When]
    references: st.SearchStrategy[UUID]


def pool(
    entities: Names | None = None,
    dates: st.SearchStrategy[When] | None = None,
    references: Sequence[UUID] | None = None,
) -> Pool:
    """Make a pool; what is not given is small, so that things collide."""
    given = ENTITIES if entities is None else entities
    names = () if isinstance(given, st.SearchStrategy) else _names(given)
    return Pool(
        entities=given if isinstance(given, st.SearchStrategy) else st.sampled_from(names),
        names=names,
        dates=whens() if dates is None else dates,
        references=st.sampled_from(references or REFERENCES),
    )


def _names(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise TypeError(f"entities= takes several names, not the lone text {given!r}")
    names = tuple(given)
    if not names:
        raise ValueError("entities= names nobody: give some, or None for those of the kit")
    return names


def records(
    cls: type[T], drawn_from: Pool, given: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[T]:
    """Draw instances of a class of records, some fields from strategies that are given.

    What the class refuses by a rule that concerns several fields is mended, by another value of
    the field that it names or of any other.
    """
    fields = {str(one.alias): one for one in fields_of(cls) if one.init}
    if strangers := sorted(given.keys() - fields.keys()):
        raise TypeError(f"{cls.__name__} has no field {strangers[0]!r} to draw")
    strategies = {
        name: given[name] if name in given else _drawn(field, drawn_from)
        for name, field in fields.items()
    }
    others = {
        name: [] if name in given else _simple(spec_of(field), drawn_from)
        for name, field in fields.items()
    }
    return _records(Shown(cls.__name__, _Recipe(cls, strategies, others)))


@attrs.frozen
class _Recipe(Generic[T]):
    """How to draw a record: its class, and what each field is drawn from, or else may be."""

    cls: type[T]
    strategies: dict[str, st.SearchStrategy[Any]]
    others: dict[str, list[Any]]


@st.composite
def _records(draw: st.DrawFn, of: Shown) -> Any:
    recipe: _Recipe[Any] = of.held
    cls, strategies = recipe.cls, recipe.strategies
    values = {name: draw(strategy) for name, strategy in strategies.items()}
    made, refused = _made(cls, values)
    for _ in range(_PATIENCE):
        if made is not None:
            return made
        if refused not in strategies:
            break
        values[refused] = draw(strategies[refused])
        made, refused = _made(cls, values)
    return made if made is not None else _mended(recipe, values, refused)


def _made(cls: type[T], values: dict[str, Any]) -> tuple[T | None, str]:
    """Make an instance, or tell which field is refused: "" where that is not said."""
    try:
        return cls(**values), ""
    except ValueError as error:
        return None, str(getattr(error, "field", "") or "").rpartition(".")[2]


def _mended(recipe: _Recipe[T], values: dict[str, Any], refused: str) -> T:
    """Try simple values, and those of other fields, where a field is refused; then in any field."""
    for _ in recipe.others:
        if refused not in recipe.others:
            break
        for value in [*recipe.others[refused], *_alike(values, refused)]:
            made, again = _made(recipe.cls, {**values, refused: value})
            if made is not None:
                return made
            if again != refused:  # that rule is kept now, and the next one speaks
                values, refused = {**values, refused: value}, again
                break
        else:
            break
    for first in sorted(recipe.others, key=lambda name: name != refused):
        for value in [*recipe.others[first], *_alike(values, first)]:
            made, _ = _made(recipe.cls, {**values, first: value})
            if made is not None:
                return made
    return reject()


def _alike(values: dict[str, Any], name: str) -> list[Any]:
    return [v for other, v in values.items() if other != name and type(v) is type(values[name])]


# -- one field -----------------------------------------------------------------------------------


def _drawn(field: attrs.Attribute[Any], drawn_from: Pool) -> st.SearchStrategy[Any]:
    """Draw values of a field: often its default, where it has one."""
    spec = spec_of(field)
    held = _held(spec)
    values: st.SearchStrategy[Any]
    if spec.choices:
        values = st.sampled_from(spec.choices)
    elif spec.kind.many:
        item = _one(spec, get_args(held)[0], drawn_from)
        least = spec.at_least
        different = spec.distinct or spec.kind.entity
        values = st.lists(item, min_size=least, max_size=max(least, 2) + 1, unique=different).map(
            tuple
        )
    else:
        values = _one(spec, held, drawn_from)
    if spec.kind.optional:
        values = st.none() | values
    if field.default is not attrs.NOTHING and not spec.kind.optional:
        values = st.just(field.default) | values
    return values


def _held(spec: Spec) -> Any:
    """Give the type of what a field holds, None apart."""
    held = spec.kind.held
    if get_origin(held) in {Union, types.UnionType}:
        return next(one for one in get_args(held) if one is not type(None))
    return held


def _one(spec: Spec, held: Any, drawn_from: Pool) -> st.SearchStrategy[Any]:  # noqa: PLR0911
    """Draw single values of a type."""
    kind = spec.kind
    if kind.entity:
        return drawn_from.entities
    if kind.reference:
        return drawn_from.references
    if held is str:
        least = 0 if kind.many else spec.at_least
        words = [word for word in _WORDS if len(word) >= least]
        any_text = st.text(min_size=least, max_size=least + 4)
        return st.sampled_from(words) | any_text if words else any_text
    if held is When:
        return drawn_from.dates
    if held is Decimal:
        return st.sampled_from(_NUMBERS).map(Decimal) | st.decimals(
            allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000
        )
    if held is float:
        return st.sampled_from([0.0, 50.0, 99.5]) | st.floats(*_bounds(spec))
    if held is int:
        return st.integers(0, 3) | st.integers(-1000, 1000)
    if isinstance(held, type) and issubclass(held, Enum):
        return st.sampled_from(held)
    if attrs.has(held) and all(SPEC in field.metadata for field in fields_of(held)):
        return st.deferred(lambda: records(held, drawn_from, {}))
    strategy: st.SearchStrategy[Any] = st.from_type(held)
    return strategy


def _bounds(spec: Spec) -> tuple[float, float]:
    """Ask the field itself whether it takes more than percents."""
    try:
        spec.kind.check(-1.0)
    except ValueError:
        return (0.0, 100.0)
    return (-100.0, 100.0)


def _simple(spec: Spec, drawn_from: Pool) -> list[Any]:
    """List values that are tried where those drawn do not go together."""
    held = _held(spec)
    simple: list[Any]
    if spec.choices:
        simple = list(spec.choices)
    elif spec.kind.many:
        simple = [(), drawn_from.names[:1], drawn_from.names[:2]] if spec.kind.entity else [()]
    elif spec.kind.entity:
        simple = list(drawn_from.names)
    elif held is str:
        simple = list(_SHAPES)
    elif held is When:
        simple = [When(day) for day in _DAYS]
    elif held is Decimal:
        simple = [Decimal(number) for number in _NUMBERS]
    elif held in {int, float}:
        simple = [0, 1, 2, 10, 100, -1]
    elif held is bool:
        simple = [False, True]
    else:
        simple = []
    return [None, *simple] if spec.kind.optional else simple
