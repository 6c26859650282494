"""What the built-in projections share: which assertions they read, collecting, telling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar, overload

import attrs

from newsledger.engine import About, All, Projection, scope_of
from newsledger.fields import shown
from newsledger.projections.happenings import Happening
from newsledger.reports import Entry
from newsledger.reports.report import ASSERTIONS
from newsledger.when import When

S_co = TypeVar("S_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)

DEFAULT_ACCEPT = ("fact", "claim")
Collected: TypeAlias = "tuple[Collected, Entry] | None"
"""Entries in fold order, each linked to those before it, so that adding one copies nothing."""


def accepted(accept: Iterable[str]) -> frozenset[str]:
    """Read what a caller gave for ``accept=``."""
    if isinstance(accept, str):
        raise ValueError(f"accept= takes several assertions, got the lone text {shown(accept)}")
    asked = frozenset(accept)
    if not asked or (strangers := asked.difference(ASSERTIONS)):
        got = shown(min(strangers, key=repr)) if asked else "none"
        raise ValueError(f"accept= takes assertions out of {', '.join(ASSERTIONS)}; got {got}")
    return asked


class Collecting(Projection[S_co]):
    """A projection whose handlers only collect; all reasoning is in its ``result``."""

    def __init__(self, about: About = (), *, accept: Iterable[str] = DEFAULT_ACCEPT) -> None:
        self._about = kept_about(about)
        self.accept = accepted(accept)

    def about(self) -> About:
        """Whom it was asked about."""
        return self._about

    def initial(self) -> Collected:
        """Nothing is collected yet."""
        return None

    def undetermined(self, state: Any) -> Iterable[tuple[Entry, Entry]]:
        """By default the order of entries decides nothing: happenings go by their windows."""
        return ()


def kept_about(about: About) -> About:
    """Keep what a caller gave for ``about=``, which may be readable only once."""
    given = about if about is None or isinstance(about, str | All) else tuple(about)
    scope_of(given)
    return given


def collected(state: Collected) -> list[Entry]:
    """List what was collected, in fold order."""
    entries = []
    while state is not None:
        state, entry = state
        entries.append(entry)
    entries.reverse()
    return entries


# -- telling a happening from its reports --------------------------------------------------------


def told(happening: Happening, name: str) -> Any:
    """Give a field as the strongest report that tells it, or None."""
    values = (getattr(entry.event, name) for entry in happening.ranked)
    return next((value for value in values if value is not None), None)


def all_told(happening: Happening, name: str) -> tuple[Any, ...]:
    """Give all that the reports list in a field, each once, in their order."""
    listed = (item for entry in happening.reports for item in getattr(entry.event, name))
    return tuple(dict.fromkeys(listed))


def ids(entries: Iterable[Entry]) -> tuple[Any, ...]:
    """Give the ids of entries; reports are compared by them, so that arrival plays no part."""
    return tuple(entry.id for entry in entries)


def brief(owner: Any) -> str:
    """Show an item of a state: fields that hold their default, and the evidence, left out."""
    parts = []
    for attribute in attrs.fields(type(owner)):
        value = getattr(owner, attribute.name)
        if attribute.repr and value != attribute.default:
            show = attribute.repr if callable(attribute.repr) else _shown
            parts.append(f"{attribute.name}={show(value)}")
    return f"{type(owner).__name__}({', '.join(parts)})"


def counted(entries: tuple[Entry, ...]) -> str:
    """Show how many entries there are."""
    return f"<{len(entries)} entries>"


def _shown(value: Any) -> str:
    return repr(str(value)) if isinstance(value, When) else repr(value)


# -- states --------------------------------------------------------------------------------------


@attrs.frozen(repr=False)
class Listing(Sequence[T_co]):
    """A state that is a sequence, in order; what its attributes list are parts of it."""

    _items: tuple[T_co, ...] = attrs.field(default=(), alias="items")

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T_co, ...]: ...
    def __getitem__(self, index: int | slice) -> T_co | tuple[T_co, ...]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T_co]:
        return iter(self._items)

    def __repr__(self) -> str:
        lines = [f"  {item!r},\n" for item in self._items[:_SHOWN]]
        if len(self) > _SHOWN:
            lines.append(f"  … and {len(self) - _SHOWN} more\n")
        body = "\n" + "".join(lines) if lines else ""
        return f"{type(self).__name__}([{body}])"


_SHOWN = 10


def part(chosen: Callable[[Any], bool] = lambda _: True) -> Any:
    """Make a field of a Listing: the tuple of its items that are chosen, in order."""
    return attrs.field(
        init=False,
        default=attrs.Factory(
            lambda self: tuple(item for item in self if chosen(item)), takes_self=True
        ),
    )
