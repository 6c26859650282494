"""Pausing the cyclic garbage collector while very many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_pausing = 0
_was_enabled = False


@contextmanager
def no_collections() -> Iterator[None]:
    """Pause it for the block; several threads may, and the last to leave lets it go on.

    Each of its passes looks at all objects that there are, which triples the time of loading
    some hundred thousand.
    """
    global _pausing, _was_enabled  # noqa: PLW0603 (the collector is the process's, too)
    with _lock:
        if not _pausing:
            _was_enabled = gc.isenabled()
            gc.disable()
        _pausing += 1
    try:
        yield
    finally:
        with _lock:
            _pausing -= 1
            if not _pausing and _was_enabled:
                gc.enable()
