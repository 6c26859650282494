"""A ledger in PostgreSQL."""

from newsledger.store.postgres.recorder import PostgresRecorder

__all__ = ["PostgresRecorder"]
