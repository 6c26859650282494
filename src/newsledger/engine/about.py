"""About: which entities a question is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeAlias

import attrs

from newsledger.fields import shown


@attrs.frozen(init=False)
class All:
    """Ask for what names all of these entities; a plain iterable asks for any of them.

    >>> All("KGZ", "RUS")
    All(names=frozenset({'KGZ', 'RUS'}))
    """

    names: frozenset[str] = attrs.field(
        repr=lambda names: f"frozenset({{{str(sorted(names))[1:-1]}}})"
    )

    def __init__(self, *names: str) -> None:
        self.__attrs_init__(frozenset(map(_name, names)))


About: TypeAlias = str | Iterable[str] | All | None
"""An entity, an iterable of them (any must be named), or :class:`All`; empty: everything."""


@attrs.frozen
class Scope:
    """A normalised ``about``: no names mean everything."""

    names: frozenset[str] = frozenset()
    every: bool = False

    def __bool__(self) -> bool:
        return bool(self.names)

    def admits(self, entities: Collection[str]) -> bool:
        """Tell whether something that names these entities is asked for."""
        if not self.names:
            return True
        if self.every:
            return self.names <= frozenset(entities)
        return not self.names.isdisjoint(entities)


def scope_of(about: About) -> Scope:
    """Normalise what callers may write for ``about=``; TypeError for what they may not."""
    if about is None:
        return Scope()
    if isinstance(about, All):
        return Scope(about.names, every=True)
    if isinstance(about, str):
        return Scope(frozenset({about}))
    return Scope(frozenset(map(_name, about)))


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"about= takes names of entities, got {shown(name)}")
    return name
