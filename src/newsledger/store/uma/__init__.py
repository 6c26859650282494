"""A ledger on a UmaDB server."""

from newsledger.store.uma.recorder import UmaRecorder

__all__ = ["UmaRecorder"]
