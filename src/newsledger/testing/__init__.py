"""What newsledger tests itself with, for those who build on it: the extra ``testing``.

- **examples**: :func:`given`, :func:`report`, :func:`correction`, :func:`retraction`,
  :func:`withdrawal` and :data:`state` tell scenarios: given these reports, as of this point, then
  this state; :class:`Clock` stands still. They need nothing but newsledger.
- **draw**: :func:`whens`, :func:`sources`, :func:`hops`, :func:`events`, :func:`reports` are
  Hypothesis strategies; :func:`histories` draws a :class:`Story`, all that happens to a ledger;
- **prove**: :func:`check_projection` holds a projection against the laws of
  :mod:`newsledger.testing.laws`, and raises :class:`BrokenLaw`;
- **random steps**: :class:`LedgerMachine` drives a ledger on any store against an oracle;
- **stores**: :mod:`newsledger.testing.conformance` has what every store must do.

No other room imports this one, and nothing here is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsledger.testing.clock import Clock
    from newsledger.testing.expecting import state
    from newsledger.testing.laws import BrokenLaw, check_projection
    from newsledger.testing.machine import LedgerMachine
    from newsledger.testing.scenarios import Scenario, given
    from newsledger.testing.steps import correction, report, retraction, withdrawal
    from newsledger.testing.stories import Append, Correct, Pass, Retract, Story, Withdraw
    from newsledger.testing.strategies import events, histories, hops, reports, sources, whens

_HOMES = {
    "clock": ("Clock",),
    "expecting": ("state",),
    "laws": ("BrokenLaw", "check_projection"),
    "machine": ("LedgerMachine",),
    "scenarios": ("Scenario", "given"),
    "steps": ("correction", "report", "retraction", "withdrawal"),
    "stories": ("Append", "Correct", "Pass", "Retract", "Story", "Withdraw"),
    "strategies": ("events", "histories", "hops", "reports", "sources", "whens"),
}

__all__ = [
    "Append",
    "BrokenLaw",
    "Clock",
    "Correct",
    "LedgerMachine",
    "Pass",
    "Retract",
    "Scenario",
    "Story",
    "Withdraw",
    "check_projection",
    "correction",
    "events",
    "given",
    "histories",
    "hops",
    "report",
    "reports",
    "retraction",
    "sources",
    "state",
    "whens",
    "withdrawal",
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
