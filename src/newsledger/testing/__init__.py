"""What newsledger tests itself with, for those who build on it: the extra ``testing``.

- **draw**: :func:`whens`, :func:`sources`, :func:`hops`, :func:`events`, :func:`reports` are
  Hypothesis strategies; :func:`histories` draws a :class:`Story`, all that happens to a ledger;
- **prove**: :func:`check_projection` holds a projection against the laws of
  :mod:`newsledger.testing.laws`, and raises :class:`BrokenLaw`;
- **stores**: :mod:`newsledger.testing.conformance` has what every store must do.

No other room imports this one, and nothing here is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsledger.testing.laws import BrokenLaw, check_projection
    from newsledger.testing.stories import Append, Correct, Pass, Retract, Story, Withdraw
    from newsledger.testing.strategies import events, histories, hops, reports, sources, whens

_HOMES = {
    "laws": ("BrokenLaw", "check_projection"),
    "stories": ("Append", "Correct", "Pass", "Retract", "Story", "Withdraw"),
    "strategies": ("events", "histories", "hops", "reports", "sources", "whens"),
}

__all__ = [
    "Append",
    "BrokenLaw",
    "Correct",
    "Pass",
    "Retract",
    "Story",
    "Withdraw",
    "check_projection",
    "events",
    "histories",
    "hops",
    "reports",
    "sources",
    "whens",
]


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            try:
                module = import_module(f"{__name__}.{home}")
            except ModuleNotFoundError as error:
                if error.name not in {"hypothesis", "pytest"}:
                    raise
                raise ImportError(
                    f"{__name__}.{name} needs {error.name}, which is not installed: "
                    'pip install "newsledger[testing]"'
                ) from error
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
