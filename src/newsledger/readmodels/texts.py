"""Texts: keys, states and names of models as they are written into a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from newsledger.codec import canonical, converter
from newsledger.engine import Projection
from newsledger.errors import ProjectionError

Encode = Callable[[Any], Any]
_JSON = (str, int, float, bool, type(None))
_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def text_of(value: Any) -> str:
    """Write a value as JSON in the one form of equal values; TypeError where it cannot be."""
    return _checked(canonical(as_json(converter.unstructure(value))))


def as_json(value: Any) -> Any:  # noqa: PLR0911 (one a kind of value)
    """Turn what the converter left as it was into what JSON knows: sets are sorted lists."""
    if type(value) in _JSON:
        return value
    if isinstance(value, Mapping):
        return {_member(name): as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(as_json, value), key=canonical)
    if isinstance(value, datetime):
        at = value if value.utcoffset() is None else value.astimezone(UTC)
        return at.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"JSON knows nothing like {type(value).__name__}")


def _member(name: Any) -> str:
    if isinstance(name, str):
        return str(name)
    if type(name) is int:
        return str(name)
    raise TypeError(f"the members of a JSON object are named by text, not by {name!r}")


def _checked(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TypeError("it holds half of a pair of surrogates, which is no text") from None
    return text


def key_text(key: Hashable) -> str:
    """Write a key: a text as it is, a date, an id or a number as its text, a tuple as JSON."""
    if type(key) is str:
        return key
    plain = as_json(converter.unstructure(key))
    return plain if type(plain) is str else canonical(plain)


def state_text(projection: Projection[Any], key: str, answer: Any, encode: Encode | None) -> str:
    """Write the answer of a key, as ``encode`` gives it; ProjectionError where it cannot be."""
    try:
        return text_of(answer if encode is None else encode(answer))
    except Exception as error:
        raise ProjectionError(
            f"the state of {key!r} in {type(projection).__name__} cannot be written as JSON: "
            f"{type(error).__name__}: {error}; give encode= a function that makes it lists, dicts, "
            f"texts and numbers"
        ) from error


def name_of(projection: Projection[Any]) -> str:
    """Name a projection by its class and what it holds, as ``Offices(office="president")``."""
    kind = type(projection)
    slots = (vars(base).get("__slots__", ()) for base in kind.__mro__)
    names = {name for those in slots for name in ([those] if isinstance(those, str) else those)}
    held = {name: getattr(projection, name) for name in sorted(names) if hasattr(projection, name)}
    held |= getattr(projection, "__dict__", {})
    held.pop("version", None)
    told = []
    for name, value in sorted(held.items()):
        try:
            told.append(f"{name.lstrip('_')}={text_of(value)}")
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"{kind.__name__} has no name that lasts, since its {name} cannot be written as "
                f"JSON ({error}): give name="
            ) from None
    return f"{kind.__name__}({', '.join(told)})" if told else kind.__name__


def table_of(projection: Projection[Any]) -> str:
    """Name a table after the class of a projection: ``latest_status`` for ``LatestStatus``."""
    return _HUMP.sub("_", type(projection).__name__).lower()


def check_table(table: object) -> str:
    """Refuse names of tables that would have to be quoted, or are too long for PostgreSQL."""
    if not isinstance(table, str) or not _TABLE.fullmatch(table):
        raise ValueError(
            f"table: {table!r} is no name for a table: take up to 40 of a-z, A-Z, 0-9 and _, and "
            f"no digit first"
        )
    return table
