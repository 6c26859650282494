"""The URLs of PostgreSQL databases, read as libpq does; no error repeats what may be a password."""

from __future__ import annotations

import re
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from newsledger.store.base import StoreValueError

_FORM = "postgresql://user:password@host/database?schema=name"


def parameters_of(url: str) -> dict[str, str]:
    """Give what a URL says, by the names of libpq's parameters."""
    scheme, _, rest = url.partition("://")
    place, *_ = rest.partition("?")
    authority, _, database = place.partition("/")
    if authority.count("@") > 1 or "@" in database:
        raise _unreadable(
            "it has an @ that is not between password and host; in a user, a password and a"
            " database's name, write @ as %40, / as %2F and ? as %3F"
        )
    try:
        found = conninfo_to_dict(f"{scheme.lower()}://{rest}")
    except psycopg.Error as error:
        # In quotes stands a part of the URL, from one place or another.
        said = re.sub('".*"', '"…"', " ".join(str(error).split()))
        raise _unreadable(said) from None
    return {name: str(value) for name, value in found.items() if value is not None}


def without_schema(url: str) -> tuple[str, str | None]:
    """Take out the parameter ``schema``, which is ours; None where it is not given."""
    start, mark, query = url.partition("?")
    schema, rest = None, []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if unquote(name) == "schema":
            schema = unquote(value)
        elif part:
            rest.append(part)
    return start + (mark if rest else "") + "&".join(rest), schema


def _unreadable(why: str) -> StoreValueError:
    return StoreValueError(
        f"a database in PostgreSQL is named as {_FORM}; this URL cannot be read: {why}"
    )
