"""What every store must do, as tests that any store's recorder can be put to.

Subclass :class:`RecorderConformance` in a test module and give it new, empty stores; pytest finds
the rest. Needs pytest and Hypothesis, which importing newsledger never asks for::

    from contextlib import contextmanager
    from newsledger.testing.conformance import RecorderConformance

    class TestMyStore(RecorderConformance):
        @contextmanager
        def new_store(self):
            with temporary_database() as place:
                yield lambda mode="a": MyRecorder(place, mode=mode)

What a store cannot do it says by the attributes of :class:`Contract`, which leaves out the tests
that ask for it and no others.
"""

import pytest

_PARTS = (
    "agreeing",
    "appending",
    "contract",
    "erasing",
    "ledgers",
    "locking",
    "reading",
    "sharing",
    "watching",
)
# So that a failed assertion shows its values in whoever's tests it fails.
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _PARTS))

from newsledger.testing.conformance.agreeing import AgreeingConformance  # noqa: E402
from newsledger.testing.conformance.appending import AppendingConformance  # noqa: E402
from newsledger.testing.conformance.contract import Contract, Opener  # noqa: E402
from newsledger.testing.conformance.erasing import ErasingConformance  # noqa: E402
from newsledger.testing.conformance.ledgers import LedgerConformance  # noqa: E402
from newsledger.testing.conformance.locking import LockingConformance  # noqa: E402
from newsledger.testing.conformance.model import Model  # noqa: E402
from newsledger.testing.conformance.reading import ReadingConformance  # noqa: E402
from newsledger.testing.conformance.sharing import SharingConformance  # noqa: E402
from newsledger.testing.conformance.watching import WatchingConformance  # noqa: E402

__all__ = [
    "AgreeingConformance",
    "AppendingConformance",
    "Contract",
    "ErasingConformance",
    "LedgerConformance",
    "LockingConformance",
    "Model",
    "Opener",
    "ReadingConformance",
    "RecorderConformance",
    "SharingConformance",
    "WatchingConformance",
]


class RecorderConformance(
    AgreeingConformance,
    AppendingConformance,
    ReadingConformance,
    LockingConformance,
    SharingConformance,
    WatchingConformance,
    ErasingConformance,
    LedgerConformance,
):
    """All that is asked of a store, from single events to the ledger that is kept in it."""
