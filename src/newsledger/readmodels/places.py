"""Places: where a read model is to be kept, by a path or a URL."""

from __future__ import annotations

import os
import re

from newsledger.readmodels.postgres import PostgresTables
from newsledger.readmodels.sqlite import SQLiteTables
from newsledger.readmodels.tables import Tables
from newsledger.store import StoreValueError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def open_tables(into: object, table: str) -> Tables:
    """Open the tables of one name, which are made where they are not there."""
    found = _SCHEME.match(into) if isinstance(into, str) else None
    if found and isinstance(into, str):
        scheme = found[1].lower()
        if scheme in {"postgresql", "postgres"}:
            return PostgresTables(into, table)
        path: object = into[len("sqlite:///") :] if into.startswith("sqlite:///") else None
    else:
        path = os.fspath(into) if isinstance(into, str | os.PathLike) else None
    if not isinstance(path, str) or path in {"", ":memory:"} or "\0" in path:
        # What follows a scheme may be a password.
        shown = f"{found[1]}://…" if found else repr(into)
        raise StoreValueError(
            f"into: {shown} is no place for a read model, which others are to read: give the path "
            f"of an SQLite file, or postgresql://…"
        )
    return SQLiteTables(path, table)
