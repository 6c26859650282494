"""Writing values as the code that makes them, with the imports that it needs."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import attrs

import newsledger
from newsledger.fields import fields_of, left_out
from newsledger.fields.spec import SPEC
from newsledger.reports import Source
from newsledger.when import When

_WIDTH = 96
# Of these the order of fields is known by heart.
_BY_POSITION = {Source: ("outlet", "published")}


class Writer:
    """Write values as code, and remember what has to be imported.

    ``names``: variables that stand for reports, by their ids.
    """

    def __init__(self, names: Mapping[UUID, str] | None = None) -> None:
        self.names = dict(names or {})
        self._imported: dict[str, set[str]] = defaultdict(set)
        self._modules: set[str] = set()

    def imports(self) -> list[str]:
        """Write the lines that import what was used so far."""
        lines = [f"import {module}" for module in sorted(self._modules)]
        for module in sorted(self._imported):
            names = ", ".join(sorted(self._imported[module]))
            line = f"from {module} import {names}"
            lines.append(line if len(line) <= _WIDTH else f"from {module} import ({names})")
        return lines

    def uses(self, module: str, name: str) -> str:
        """Remember a name that is used; give it."""
        self._imported[module].add(name)
        return name

    def cls(self, cls: type) -> str:
        """Write a class; what lives in a function or a script has to be there already."""
        name = cls.__qualname__
        if getattr(newsledger, name, None) is cls:
            return self.uses("newsledger", name)
        if "<locals>" in name:
            return cls.__name__
        if inspect.getmodule(cls) is not None and cls.__module__ not in {"__main__", "builtins"}:
            self.uses(cls.__module__, name.partition(".")[0])
        return name

    def value(self, value: Any) -> str:  # noqa: PLR0911 (one a kind of value)
        """Write a value, dates as their text, which every field for dates takes."""
        if isinstance(value, When):
            return repr(str(value))
        if isinstance(value, UUID) and value in self.names:
            return self.names[value]
        if isinstance(value, UUID | Decimal):
            self.uses(type(value).__module__, type(value).__name__)
            return repr(value)
        if isinstance(value, datetime | timedelta):
            self._modules.add("datetime")
            return repr(value).replace("datetime.timezone.utc", "datetime.UTC")
        if isinstance(value, Enum):
            return f"{self.cls(type(value))}.{value.name}"
        if type(value) in {tuple, list}:
            return self._row(value)
        if attrs.has(type(value)):
            return self.call(type(value), self.parts(value))
        if type(value).__module__ != "builtins":
            self.cls(type(value))
        return repr(value)

    def call(self, cls: type, given: Iterable[tuple[str | None, str]]) -> str:
        """Write a call of a class with arguments that are code; of no name: by position."""
        return f"{self.cls(cls)}({arguments(given)})"

    def _row(self, values: tuple[Any, ...] | list[Any]) -> str:
        items = ", ".join(map(self.value, values))
        if isinstance(values, list):
            return f"[{items}]"
        return f"({items},)" if len(values) == 1 else f"({items})"

    def parts(self, owner: Any) -> list[tuple[str | None, str]]:
        """Write the fields of a record, those that hold their default left out."""
        cls = type(owner)
        first = _BY_POSITION.get(cls, ())
        given: list[tuple[str | None, str]] = []
        for field in fields_of(cls):
            held = getattr(owner, field.name)
            skipped = left_out(field, held) if SPEC in field.metadata else not field.init
            if not skipped:
                alias = field.alias or field.name
                given.append((None if alias in first else alias, self.value(held)))
        return given


def arguments(given: Iterable[tuple[str | None, str]]) -> str:
    """Write the arguments of a call."""
    return ", ".join(code if name is None else f"{name}={code}" for name, code in given)
