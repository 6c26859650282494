"""Compiled: functions made from text, one for each class, as attrs makes its ``__init__``.

A loop over a class's fields costs several times what the same steps cost when they are written
out. The text is never that of a user: only names of fields, which are identifiers, get into it.
"""

from __future__ import annotations

import linecache
from functools import lru_cache
from types import CodeType
from typing import Any


def compiled(name: str, source: str, names: dict[str, Any]) -> Any:
    """Make the function ``name`` that ``source`` defines; ``names`` are what it refers to."""
    namespace = dict(names)
    exec(_code(name, source), namespace)  # noqa: S102 (see above)
    return namespace[name]


@lru_cache(maxsize=1024)
def _code(name: str, source: str) -> CodeType:
    filename = f"<newsledger {name} {hash(source):x}>"
    # So that a traceback and a debugger show the lines.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    return compile(source, filename, "exec")
