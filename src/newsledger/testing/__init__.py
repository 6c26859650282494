"""What newsledger tests itself with, for those who build on it.

- **examples**: :func:`given`, :func:`report`, :func:`correction`, :func:`retraction`,
  :func:`withdrawal` and :data:`state` tell scenarios: given these reports, as of this point, then
  this state; :class:`Clock` stands still. They need nothing but newsledger.
- **random steps**: :class:`LedgerMachine` drives a ledger on any store against an oracle. It needs
  Hypothesis: ``pip install "newsledger[testing]"``.

No other room imports this one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsledger.testing.clock import Clock
    from newsledger.testing.expecting import state
    from newsledger.testing.machine import LedgerMachine
    from newsledger.testing.scenarios import Scenario, given
    from newsledger.testing.steps import correction, report, retraction, withdrawal

# Where each name is found; it is imported by who asks for it, so that examples need no Hypothesis.
_HOMES = {
    "Clock": "clock",
    "LedgerMachine": "machine",
    "Scenario": "scenarios",
    "correction": "steps",
    "given": "scenarios",
    "report": "steps",
    "retraction": "steps",
    "state": "expecting",
    "withdrawal": "steps",
}

__all__ = [
    "Clock",
    "LedgerMachine",
    "Scenario",
    "correction",
    "given",
    "report",
    "retraction",
    "state",
    "withdrawal",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
