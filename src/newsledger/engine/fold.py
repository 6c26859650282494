"""Folding: how a projection takes an entry, and what becomes of its state."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterable
from types import FunctionType
from typing import Any, TypeAlias, TypeVar

from newsledger.engine.about import Scope, scope_of
from newsledger.engine.projection import Projection, Vantage
from newsledger.engine.sameness import FIXED, Mark, copied, is_fixed, mark, twin
from newsledger.engine.timeline import admits, sifts_outcomes
from newsledger.errors import ProjectionError
from newsledger.events import CATALOGUE, Event
from newsledger.fields import shown
from newsledger.reports import Entry, Line

S = TypeVar("S")
_OF_EVERY_CLASS = frozenset(
    {"__module__", "__doc__", "__dict__", "__weakref__", "__orig_bases__", "__parameters__"}
    | {"__annotations__", "__qualname__", "__firstlineno__", "__static_attributes__", "_handlers"}
)
_NOT_READ: tuple[tuple[Hashable, ...], None] = ((), None)
Handler: TypeAlias = Callable[[Any, Event, Entry], Any]


def is_keyed(projection: Projection[Any]) -> bool:
    """Tell whether the projection has keys."""
    return callable(getattr(projection, "keys", None))


def keys_of(projection: Any, entry: Entry) -> tuple[Hashable, ...]:
    """Give the keys that an entry goes to, each once."""
    try:
        given = _no_text(projection.keys(entry.event, entry))
        if type(given) is tuple and len(given) == 1:
            hash(given[0])
            return given
        return tuple(dict.fromkeys(given))
    except Exception as error:
        raise _blamed(projection, "keys", entry, error) from error


def _no_text(given: Any) -> Any:
    if isinstance(given, str):
        raise TypeError(f"keys must return an iterable of keys, not the lone text {given!r}")
    return given


def step(handler: Handler, state: Any, entry: Entry) -> Any:
    """Fold one entry onto a state that others go on holding.

    Handlers are to be pure. One that changes a list in place all the same gets a copy, since what
    stands in an index, or was given as an answer, must not change with it. ProjectionError names
    the entry where the handler raises.
    """
    if not (FIXED.get(type(state)) or is_fixed(state)):
        state = copied(state)
    try:
        return handler(state, entry.event, entry)
    except Exception as error:
        raise blamed(handler, entry, error) from error


def blamed(handler: Handler, entry: Entry, error: Exception) -> ProjectionError:
    """Say that a handler failed, and on what."""
    owner = getattr(handler, "__self__", handler)
    return _blamed(owner, getattr(handler, "__name__", "handler"), entry, error)


def _blamed(owner: object, method: str, entry: Entry, error: Exception) -> ProjectionError:
    if isinstance(error, ProjectionError):
        return error
    return ProjectionError(
        f"{type(owner).__name__}.{method} failed on {entry!r}: {type(error).__name__}: {error}",
        entry=entry,
    )


def fold(projection: Projection[Any], read: Iterable[tuple[Entry, Handler]]) -> Any:
    """Fold entries, each with its handler, from the initial state."""
    state = projection.initial()
    for entry, handler in read:
        try:  # nobody else holds the state, so it need not be copied
            state = handler(state, entry.event, entry)
        except Exception as error:
            raise blamed(handler, entry, error) from error
    return state


def answer_of(projection: Projection[S], state: Any, vantage: Vantage) -> S:
    """Turn a folded state into the answer; ProjectionError where ``result`` raises."""
    try:
        return projection.result(state, vantage)
    except Exception as error:
        raise ProjectionError(
            f"{type(projection).__name__}.result failed: {type(error).__name__}: {error}"
        ) from error


def has_result(projection: Projection[Any]) -> bool:
    """Tell whether its answers are something else than its states."""
    return type(projection).result is not Projection.result


class Reading:
    """What a projection reads: its types, its scope, and the handler of each line.

    ``mark`` is the same for projections that nobody can tell apart, None where that is unknown.
    What is kept under it must not change with the caller's object, so `kept` has one of its own.
    """

    __slots__ = (
        "_asked_each_time",
        "_handlers",
        "keyed",
        "mark",
        "projection",
        "scope",
        "sifts",
        "types",
    )

    def __init__(self, projection: Projection[Any]) -> None:
        if not isinstance(projection, Projection):
            raise TypeError(
                f"expected a projection, an instance of a subclass of Projection, got "
                f"{shown(projection)}"
            )
        self.projection = projection
        self.types = projection.types()
        self.scope: Scope = scope_of(projection.about())
        self.keyed = is_keyed(projection)
        self.mark = _mark(projection, self.types, self.scope)
        # Of whom an outcome is hangs on what it refers to, so not on its own chain alone.
        self.sifts = bool(self.scope) and sifts_outcomes(self.types)
        self._handlers: dict[tuple[type, str, bool], Handler | None] = {}
        # One that chooses by more than the type, assertion and denial of an entry.
        self._asked_each_time = type(projection).handler_of is not Projection.handler_of

    def kept(self) -> Reading:
        """Make one that is independent of the caller's object, as far as that can be had."""
        if self.mark is not None:
            twin_of = object.__new__(type(self.projection))
            vars(twin_of).update(twin(vars(self.projection)))
            return Reading(twin_of)
        try:
            return Reading(copy.deepcopy(self.projection))
        except Exception:  # noqa: BLE001 (it holds a file, a lock, or what else is one of a kind)
            return self

    def handler(self, line: Line) -> Handler | None:
        """Find the handler that reads a line, or None where it is not read."""
        if self.scope and not admits(line, self.scope):
            return None
        return self._handler(line.entry)

    def handler_of(self, entry: Entry) -> Handler | None:
        """Find the same for an entry, which is no outcome."""
        if self.scope and not self.scope.admits(entry.event.entities):
            return None
        return self._handler(entry)

    def _handler(self, entry: Entry) -> Handler | None:
        if self._asked_each_time:
            return self.projection.handler_of(entry)
        report = entry.report
        kind = (type(report.event), report.assertion, report.denied)
        try:
            return self._handlers[kind]
        except KeyError:
            handler = self._handlers[kind] = self.projection.handler_of(entry)
            return handler

    def keyed_handler(self, line: Line) -> tuple[tuple[Hashable, ...], Handler | None]:
        """Give the keys of what a line says, none where it is not read, and its handler."""
        if line.kind == "retraction" or (self.types and line.name not in self.types):
            return _NOT_READ
        handler = self.handler(line)
        return _NOT_READ if handler is None else (keys_of(self.projection, line.entry), handler)

    def keys(self, line: Line) -> tuple[Hashable, ...]:
        """Give the keys of what a line says, none where it is not read."""
        return self.keyed_handler(line)[0]


def _mark(projection: Projection[Any], types: frozenset[str], scope: Scope) -> Mark | None:
    kind = type(projection)
    if not hasattr(projection, "__dict__") or _has_slots(kind):
        return None
    held = mark(vars(projection))
    # What it is about may hang on more than what it holds.
    if held is None:
        return None
    return (kind, _said(kind), held, types, scope, CATALOGUE.changes)


def _said(kind: type) -> Mark:
    """Give the mark of what a class says: a notebook may change it and make no other class."""
    said: list[Any] = []
    for base in kind.__mro__:
        if base is Projection:
            return tuple(said)
        for name, value in vars(base).items():
            if type(value) is FunctionType:
                said.append(value)
            elif name not in _OF_EVERY_CLASS:
                said.append((name, mark(value) or _Itself(value)))
    return tuple(said)


class _Itself:
    """Something of which only that it is the same object is known: a property, a pattern."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self._value is other._value

    def __hash__(self) -> int:
        return id(self._value)


def _has_slots(kind: type) -> bool:
    return any(vars(base).get("__slots__") for base in kind.__mro__ if base is not object)
