"""Projection: a pure fold from what a view shows to a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from newsledger.engine.about import About
from newsledger.engine.pieces import Dates
from newsledger.events import CATALOGUE, Event
from newsledger.reports import Entry
from newsledger.when import Forever, When

S_co = TypeVar("S_co", covariant=True)
F = TypeVar("F", bound=Callable[..., Any])
_HANDLES = "__newsledger_handles__"

Slot = tuple[type[Event], bool]
"""What one handler takes: a type, and whether of denied reports."""


class Vantage(Protocol):
    """What ``result`` may ask of the view at which it answers."""

    @property
    def valid_at(self) -> When | Forever: ...  # noqa: D102 (see View)
    @property
    def known_at(self) -> When | Forever: ...  # noqa: D102 (see View)
    @property
    def position(self) -> int: ...  # noqa: D102 (see View)
    @property
    def dates(self) -> Dates: ...  # noqa: D102 (see View)
    @property
    def end(self) -> datetime | None: ...  # noqa: D102 (see View)


def on(*types: type[Event], denied: bool = False) -> Callable[[F], F]:
    """Make a method the handler of these types of event: ``(state, event, entry) → state``.

    ``denied=True``: of reports that say that it did *not* happen, which no other handler sees.
    ``on(Event)`` takes every type that has no handler of its own, unknown ones included; what
    was erased reaches none. A handler must be pure: it returns a new state and leaves the old one
    as it was.
    """
    if not types:
        raise TypeError("@on() names no type of event")
    for one in types:
        if one is not Event and not CATALOGUE.has(one):
            raise TypeError(f"@on takes registered classes of events, got {one!r}")

    def mark(handler: F) -> F:
        slots: tuple[Slot, ...] = getattr(handler, _HANDLES, ())
        setattr(handler, _HANDLES, (*slots, *((one, denied) for one in types)))
        return handler

    return mark


class Projection(Generic[S_co]):
    """A question that folds what a view shows, in fold order, into a state.

    Subclass it, give ``initial`` and handlers (see :func:`on`), and ask with ``view.project``.
    Only types with a handler are read. With a method ``keys(self, event, entry)`` that returns an
    iterable it is *keyed*: ``initial`` and the handlers speak of one key's state, each event goes
    to each of its keys, and ``project`` gives a read-only Mapping that folds a key when it is
    looked up. That is what scales.

    ``S`` is the type of the answer (of one key's answer, where keyed).
    """

    accept: frozenset[str] | None = None
    """Which assertions are read ("fact", "claim", "opinion", "rumour"); None: all."""

    reduces: ClassVar[Literal["count", "sum", "last"] | None] = None
    """Promises that the fold is this reduction of ``value(event)``; see `projections.reducers`."""

    version: int = 1
    """Which version of the fold this is. Raise it when the handlers, or what ``keys``, ``initial``
    or ``result`` give, become others: read models are then made anew."""

    _handlers: ClassVar[dict[Slot, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        folds = any(hasattr(member, _HANDLES) for member in vars(cls).values())
        if (folds or "added" in vars(cls)) and "reduces" not in vars(cls):
            cls.reduces = None  # what a parent promised of another fold
        handlers: dict[Slot, str] = {}
        for base in reversed(cls.__mro__):
            for name, member in vars(base).items():
                slots: tuple[Slot, ...] = getattr(member, _HANDLES, ())
                if slots:  # decorated anew: what the method handled in a parent is forgotten
                    handlers = {s: n for s, n in handlers.items() if n != name}
                for slot in slots:
                    other = handlers.get(slot, name)
                    if other != name and callable(getattr(cls, other, None)):
                        raise TypeError(
                            f"{cls.__name__} has two handlers for {_told(slot)}: {other} and {name}"
                        )
                    handlers[slot] = name
        cls._handlers = {
            slot: name for slot, name in handlers.items() if callable(getattr(cls, name, None))
        }

    def about(self) -> About:
        """Which entities it is about: only entries that name one are read; ``()`` means all."""
        return ()

    def value(self, event: Any) -> Any:
        """Give what an event adds, where the projection ``reduces``; None adds nothing."""
        return event

    def initial(self) -> Any:
        """Give the state before anything is read."""
        raise TypeError(f"{type(self).__name__} must say its initial() state")

    def result(self, state: Any, view: Vantage, /) -> S_co:  # noqa: ARG002 (for subclasses)
        """Turn the folded state into the answer at ``view``; pure. By default the state."""
        answer: S_co = state
        return answer

    def moments(self, state: Any) -> Iterable[datetime]:  # noqa: ARG002 (for subclasses)
        """Instants from which ``result`` may differ by the passing of valid time alone.

        A due date passes without an entry. Each instant is an exclusive end: the answer may
        change for views whose end lies beyond it. Only histories ask.
        """
        return ()

    def undetermined(self, state: Any) -> Iterable[tuple[Entry, Entry]] | None:  # noqa: ARG002 (for subclasses)
        """List pairs of entries whose order is open and decides; None: find out by trying."""
        return None

    def handler_of(self, entry: Entry) -> Callable[[Any, Event, Entry], Any] | None:
        """Find the handler that reads an entry, or None where it is not read."""
        if self.accept is not None and entry.assertion not in self.accept:
            return None
        name = self._handlers.get((type(entry.event), entry.denied))
        if name is None and entry.erased is None:
            name = self._handlers.get((Event, entry.denied))
        return None if name is None else getattr(self, name)

    def types(self) -> frozenset[str]:
        """Wire names of the types that it reads; empty: all."""
        classes = {one for one, _ in self._handlers}
        return frozenset() if Event in classes else frozenset(map(CATALOGUE.named, classes))


def _told(slot: Slot) -> str:
    return f"denied {slot[0].__name__}" if slot[1] else slot[0].__name__
