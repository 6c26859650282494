"""PostgreSQL: read models in a database that others use too.

Instants are ``timestamptz`` and states ``jsonb``. Who writes holds an advisory lock until the end
of the transaction, so that several who keep one model take turns; readers wait for nobody. A crash
of the server may cost the last transactions, rows and position together; they are made again from
the ledger.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from newsledger.codec import canonical
from newsledger.readmodels.tables import Tables
from newsledger.store.base import refusal
from newsledger.store.postgres.erasing import write_anew
from newsledger.when.ticks import moment_of

_TYPES = {
    "generation": "bigint",
    "key": "text",
    "position": "bigint",
    "valid_from": "timestamptz",
    "valid_to": "timestamptz",
    "known_from": "timestamptz",
    "known_to": "timestamptz",
    "state": "jsonb",
}
_TABLES = (
    """
CREATE TABLE "{t}_generations" (
    generation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, projection text NOT NULL,
    version integer NOT NULL, ledger text NOT NULL, dates text NOT NULL, stage text NOT NULL,
    position bigint NOT NULL, target bigint NOT NULL, folded text COLLATE "C",
    erasures bigint NOT NULL, scrubbed bigint NOT NULL
)""",
    """
CREATE UNIQUE INDEX "{t}_one_current" ON "{t}_generations" (projection) WHERE stage = 'current'
""",
    """
CREATE TABLE "{t}_rows" (
    generation bigint NOT NULL, key text COLLATE "C" NOT NULL, valid_from timestamptz NOT NULL,
    valid_to timestamptz, known_from timestamptz NOT NULL, known_to timestamptz,
    state jsonb NOT NULL, PRIMARY KEY (generation, key, valid_from, known_from)
)""",
    """
CREATE TABLE "{t}_entries" (
    generation bigint NOT NULL, key text COLLATE "C" NOT NULL, position bigint NOT NULL,
    PRIMARY KEY (generation, key, position)
)""",
)


class PostgresTables(Tables):
    """Tables in the first schema of the connection's search path."""

    def __init__(self, url: str, table: str) -> None:
        super().__init__(table, "the PostgreSQL database")
        try:
            import psycopg  # noqa: PLC0415 (an extra)
            from psycopg.types.json import set_json_loads  # noqa: PLC0415 (an extra)
        except ImportError as error:
            raise refusal(
                "read models in PostgreSQL need psycopg, which is not installed: "
                'pip install "newsledger[postgres]"'
            ) from error
        from newsledger.store.postgres.url import parameters_of  # noqa: PLC0415 (needs psycopg)

        parameters: dict[str, Any] = {**parameters_of(url)}
        self._error = psycopg.Error
        self._connected = False
        with self._explained():
            self._connection = psycopg.connect(autocommit=True, **parameters)
        self._held.add(self._connection)
        self._connected = True
        self.where = f"the PostgreSQL database {self._connection.info.dbname!r}"
        # States are compared as the texts that they were written from.
        set_json_loads(_text, self._connection)
        try:
            self._set_up()
        except BaseException:
            self.close()
            raise

    def _set_up(self) -> None:
        self.run("SET timezone TO 'UTC'")
        self.run("SET synchronous_commit TO off")
        if self._there():
            return
        with self.writing():
            if self._there():
                return
            for statement in (*(one.format(t=self.table) for one in _TABLES), *self.views()):
                self.run(statement)

    def _there(self) -> bool:
        # Not by to_regclass, which may remember from before the lock that there is nothing.
        asked = (
            "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE nspname = current_schema() AND relname = ANY(?)"
        )
        found = {name for [name] in self.run(asked, [self.names()])}
        if f"{self.table}_generations" in found:
            return True
        if found:
            raise refusal(
                f"{self.where} has something called {min(found)!r} already, which is no read model:"
                " give another table="
            )
        return False

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, and give the rows it finds."""
        with self._explained():
            done = self._connection.execute(statement.replace("?", "%s"), values or None)
            return done.fetchall() if done.description is not None else []

    def insert(self, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        """Insert rows; those of which the key is there already are left out."""
        if not rows:
            return
        arrays = ", ".join(f"?::{_TYPES[column]}[]" for column in columns)
        self.run(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"
            " ON CONFLICT DO NOTHING",
            [list(column) for column in zip(*rows, strict=True)],
        )

    def delete(self, rows: list[tuple[int, str, Any, Any]]) -> None:
        """Delete rows."""
        if not rows:
            return
        self.run(
            f"DELETE FROM {self._rows} AS r USING unnest(?::bigint[], ?::text[], ?::timestamptz[],"
            " ?::timestamptz[]) AS gone (generation, key, valid_from, known_from)"
            " WHERE r.generation = gone.generation AND r.key = gone.key"
            " AND r.valid_from = gone.valid_from AND r.known_from = gone.known_from",
            [list(column) for column in zip(*rows, strict=True)],
        )

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Make the block one transaction, while all others who write to these tables wait."""
        with self._explained(), self._connection.transaction():
            self.run(
                "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))",
                [f"newsledger read model {self.table}"],
            )
            yield

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            said = str(error).strip().splitlines()
            raise refusal(
                f"{self.where} cannot be used{self._lost()}: PostgreSQL says:"
                f" {said[0] if said else error!r}"
            ) from error

    def _lost(self) -> str:
        if not self._connected or not self._connection.closed:
            return ""
        return ", as the connection broke; when the server is back, materialize() anew goes on"

    def scrub(self) -> None:
        """Have the server write the tables anew; takes their owner's rights."""
        with self._explained():
            for table in self._rows, self._entries, self._generations:
                write_anew(self._connection, table, self.where)

    def instant(self, tick: int) -> datetime:
        """Give an instant as an aware datetime."""
        return moment_of(tick)


def _text(stored: str | bytes) -> str:
    return canonical(json.loads(stored))
