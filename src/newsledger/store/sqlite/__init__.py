"""A ledger in an SQLite file, or in memory."""

from newsledger.store.sqlite.recorder import SQLiteRecorder

__all__ = ["SQLiteRecorder"]
