"""Event: what every kind of news has in common, and the decorator that makes a class one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from newsledger.errors import UnknownEventType
from newsledger.events.catalogue import CATALOGUE, EventType, Upcaster
from newsledger.fields import Dated, field, fields_of, record, spec_of
from newsledger.when import When

E = TypeVar("E", bound="Event")


@record(kw_only=True)
class Event:
    """Something that a source can report: a meeting, a statement, a membership.

    Events are immutable values: equal fields make equal events, and ``repr`` is code that makes
    one again. ``occurred`` is when it was so in the world; a reduced date such as ``2017-02``
    means one moment somewhere in it.
    """

    occurred: Dated

    TYPE: ClassVar[EventType]

    def __deepcopy__(self, memo: object) -> Self:
        # A state may hold very many, and what cannot be changed need not be copied.
        return self

    @property
    def onset(self) -> tuple[datetime | None, datetime | None]:
        """The window in which it began: aware UTC, start inclusive, stop exclusive, None open.

        It is that of ``since`` where the type has this field and it is set, else that of
        ``occurred``. Questions about valid time go by it.
        """
        since: When | None = getattr(self, "since", None)
        return (since or self.occurred).onset

    @property
    def entities(self) -> frozenset[str]:
        """All entities that it names: what ``about=`` finds it by."""
        named: set[str] = set()
        for name, many in type_of(self).entity_fields:
            value = getattr(self, name)
            if many:
                named.update(value)
            elif value is not None:
                named.add(value)
        return frozenset(named)

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """What makes two reports with overlapping onsets reports of one happening.

        The type and the values of its identity fields; the order within a tuple plays no part.
        """
        known = type_of(self)
        return (known.name, *(_unordered(getattr(self, name)) for name in known.identity))


def type_of(event: Event) -> EventType:
    """Look up the type of an event; UnknownEventType where its class is not registered."""
    known = vars(type(event)).get("TYPE")
    if not isinstance(known, EventType):
        raise UnknownEventType(
            f"{type(event).__name__} is no registered event type: decorate it with @event(name)"
        )
    return known


def _unordered(value: Any) -> Hashable:
    return frozenset(value) if isinstance(value, tuple) else value


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def event(
    name: str,
    *,
    version: int = 1,
    identity: Iterable[str] = (),
    upcasters: Mapping[int, Upcaster] | None = None,
) -> Callable[[type[E]], type[E]]:
    """Make a subclass of :class:`Event` a type that ledgers can hold.

    ``name`` is the wire name: it is what is stored, never the Python path, so the class can move
    and be renamed. ``identity`` names the fields by which two reports tell of one happening.
    ``version`` counts changes of shape; ``upcasters`` maps each older version to a function from
    its stored JSON object to that of the next version. A field added with a default, or renamed
    with ``field(wire="old name")``, needs no new version and changes no id.

    >>> from newsledger.fields import Entity, field
    >>> @event("example.PrizeAwarded", identity=("prize", "winner"))
    ... class PrizeAwarded(Event):
    ...     prize: str
    ...     winner: Entity
    ...     shared: bool = False
    >>> PrizeAwarded(prize="Sakharov Prize", winner="Malala Yousafzai", occurred="2013-10-10")
    PrizeAwarded(occurred='2013-10-10', prize='Sakharov Prize', winner='Malala Yousafzai')

    Raises TypeError where the class or a field's annotation cannot work, and where another class
    has the name.
    """
    if not isinstance(name, str):
        raise TypeError('@event takes the wire name first: @event("example.PrizeAwarded")')

    def decorate(cls: type[E]) -> type[E]:
        if not issubclass(cls, Event):
            raise TypeError(f"{cls.__name__} must inherit from newsledger.Event")
        made = record(kw_only=True)(cls)
        fields = {attribute.name: attribute for attribute in fields_of(made)}
        kinds = {name: spec_of(attribute).kind for name, attribute in fields.items()}
        chosen = tuple(identity)
        if strangers := [name for name in chosen if name not in fields]:
            raise TypeError(f"{cls.__name__} has no field {strangers[0]!r} to be identified by")
        made.TYPE = EventType(
            name=name,
            version=version,
            cls=made,
            identity=chosen,
            entity_fields=tuple((n, kind.many) for n, kind in kinds.items() if kind.entity),
            reference_fields=tuple((n, kind.many) for n, kind in kinds.items() if kind.reference),
            upcasters=dict(upcasters or {}),
        )
        CATALOGUE.add(made.TYPE)
        return made

    return decorate
