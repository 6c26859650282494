"""The catalogue: which class stands behind which wire name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import attrs

from newsledger.errors import UnknownEventType

Upcaster: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
"""From the JSON object of one version of an event to that of the next."""

_WIRE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,199}")
ERASED = "erased"
"""How what was erased is filed in a store, whatever it was."""
# How amendments, and what was erased, are filed in a store, so that one query by type finds them.
RESERVED = frozenset({"correction", "retraction", ERASED})


@attrs.frozen
class EventType:
    """What is known of a type of event: its names, its fields' roles, its past."""

    name: str
    version: int
    cls: type[Any]
    identity: tuple[str, ...]
    entity_fields: tuple[tuple[str, bool], ...]
    reference_fields: tuple[tuple[str, bool], ...]
    upcasters: dict[int, Upcaster] = attrs.field(factory=dict, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not _WIRE_NAME.fullmatch(self.name) or self.name in RESERVED:
            raise TypeError(
                f"{self.name!r} is no wire name: letters, digits and ._:/- after a letter, "
                f"and none of {', '.join(sorted(RESERVED))}"
            )
        if isinstance(self.version, bool) or self.version < 1:
            raise TypeError(f"{self.name}: versions count from 1, got {self.version!r}")
        if missing := set(range(1, self.version)) - set(self.upcasters):
            raise TypeError(
                f"{self.name}: version {self.version} needs an upcaster from version "
                f"{min(missing)}, so that what is stored can be read for ever"
            )


class Catalogue:
    """The event types that this process knows, by wire name."""

    def __init__(self) -> None:
        self._types: dict[str, EventType] = {}
        self.changes = 0
        """Counts registrations: what was decoded before another one may now be something else."""

    def add(self, added: EventType) -> None:
        """Register a type; the same class defined anew (as in a notebook) takes its old place."""
        there = self._types.get(added.name)
        if there is not None and _path(there.cls) != _path(added.cls):
            raise TypeError(
                f"the wire name {added.name!r} belongs to {_path(there.cls)}; "
                f"give {_path(added.cls)} another"
            )
        self._types[added.name] = added
        self.changes += 1

    def get(self, name: str) -> EventType | None:
        """Find a type by its wire name, or None."""
        return self._types.get(name)

    def has(self, cls: object) -> bool:
        """Tell whether a class is registered itself, not only a parent of it."""
        known = vars(cls).get("TYPE") if isinstance(cls, type) else None
        return isinstance(known, EventType) and self._types.get(known.name) == known

    def named(self, type_or_name: type[Any] | str) -> str:
        """Give the wire name of a class, or of a name that is registered."""
        if isinstance(type_or_name, str):
            if type_or_name in self._types:
                return type_or_name
            known = ", ".join(sorted(self._types))
            raise UnknownEventType(f"no event type {type_or_name!r}; this process knows {known}")
        if not self.has(type_or_name):
            raise UnknownEventType(
                f"{type_or_name!r} is no registered event type: decorate it with @event(name)"
            )
        name: str = type_or_name.TYPE.name
        return name

    def __iter__(self) -> Iterator[EventType]:
        return iter(sorted(self._types.values(), key=lambda known: known.name))


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


CATALOGUE = Catalogue()
"""All types registered in this process; iterating gives them by name."""
