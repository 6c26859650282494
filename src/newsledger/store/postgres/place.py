"""Where a ledger is on which server, and how the connections to it are opened and set."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg.types.string import ByteaBinaryLoader

from newsledger.store.base import StoreValueError, refusal
from newsledger.store.postgres import schema as postgres_schema
from newsledger.store.postgres.url import parameters_of, without_schema

if TYPE_CHECKING:
    from typing import Self

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

DEFAULT_SCHEMA = "newsledger"
_LONGEST_NAME = 63

# What is not said in the URL or the environment. A network that swallows packets without a word
# is noticed after a minute, instead of after the hours that an operating system allows.
_DEFAULTS: dict[str, tuple[str | None, str]] = {
    "connect_timeout": ("PGCONNECT_TIMEOUT", "10"),
    "application_name": ("PGAPPNAME", "newsledger"),
    "keepalives_idle": (None, "30"),
    "keepalives_interval": (None, "10"),
    "keepalives_count": (None, "3"),
    "tcp_user_timeout": (None, "60000"),
}

# The tables of a ledger are asked in few ways, and for each there is an index that gives the rows
# in the order in which they are wanted. A planner that knows little of a young table must not
# prefer to read all of it and sort; joins are made in the order in which they are written.
_SETTINGS = """
    SET search_path TO {schema}, pg_temp;
    SET enable_seqscan TO off;
    SET enable_bitmapscan TO off;
    SET enable_hashjoin TO off;
    SET enable_mergejoin TO off;
    SET enable_hashagg TO off;
    SET enable_material TO off;
    SET join_collapse_limit TO 1;
    SET plan_cache_mode TO force_generic_plan;
    SET jit TO off;
    SET lock_timeout TO {timeout};
    SET default_transaction_read_only TO {read_only};
"""
_DURABLE = {
    # Whoever asks for more than this, such as remote_apply, shall have it.
    "full": (
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') = 'off'"
    ),
    "normal": "SET synchronous_commit TO off",
}
DURABILITIES = tuple(_DURABLE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger is kept, and how it was asked to be opened."""

    parameters: dict[str, str] = field(repr=False)
    schema: str
    read_only: bool
    durability: str
    timeout: float

    @classmethod
    def of(cls, url: str, *, read_only: bool, durability: str, timeout: float) -> Self:
        """Read a URL as libpq does, except for ``schema``, which is ours."""
        rest, schema = without_schema(url)
        parameters = parameters_of(rest)
        schema = DEFAULT_SCHEMA if schema is None else schema
        if not schema or "\0" in schema or len(schema.encode()) > _LONGEST_NAME:
            raise StoreValueError(
                f"schema={schema!r} is no name of a schema: it has 1 to {_LONGEST_NAME} bytes"
            )
        if schema.startswith("pg_") or schema in {"information_schema", "$user"}:
            raise StoreValueError(f"schema={schema!r} is PostgreSQL's own: choose another")
        return cls(parameters, schema, read_only, durability, timeout)

    @property
    def where(self) -> str:
        """How messages call it; never with the password."""
        given = self.parameters
        host = given.get("host") or given.get("hostaddr") or os.environ.get("PGHOST", "localhost")
        port = given.get("port") or os.environ.get("PGPORT", "5432")
        user = given.get("user") or os.environ.get("PGUSER", "")
        database = given.get("dbname") or os.environ.get("PGDATABASE", user)
        return (
            f"the ledger in schema {self.schema!r} of the PostgreSQL database {database!r} at"
            f" {host}:{port}"
        )

    def connect(self) -> Connection:
        """Open a connection and set it; the caller knows whether the ledger is there."""
        defaults = {
            name: value
            for name, (variable, value) in _DEFAULTS.items()
            if variable is None or variable not in os.environ
        }
        parameters: dict[str, Any] = {**defaults, **self.parameters, "client_encoding": "UTF8"}
        connection = psycopg.connect(autocommit=True, **parameters)
        try:
            # Bytes are what the checksum is about, and damaged text must not stop a whole page.
            connection.adapters.register_loader("text", ByteaBinaryLoader)
            connection.execute(
                _SETTINGS.format(
                    schema=postgres_schema.quoted(self.schema),
                    timeout=max(int(self.timeout * 1000), 1),
                    read_only="on" if self.read_only else "off",
                )
                + _DURABLE[self.durability]
            )
        except BaseException:
            connection.close()
            raise
        return connection

    def prepared(self, mode: str) -> tuple[Connection, str]:
        """Open the first connection, make the tables if ``mode`` says so, tell the identity."""
        connection = self.connect()
        try:
            postgres_schema.prepare(connection, self.schema, mode, self.where)
            identity = postgres_schema.identify(connection, self.schema, self.where)
            if not self.read_only:
                self._require_rights(connection)
        except BaseException:
            connection.close()
            raise
        return connection, identity

    def again(self, identity: str) -> Connection:
        """Open another connection to the ledger with that identity."""
        connection = self.connect()
        try:
            found = postgres_schema.identify(connection, self.schema, self.where)
        except BaseException:
            connection.close()
            raise
        if found != identity:
            connection.close()
            raise refusal(
                f"{self.where} was replaced by another ledger while it was open: open it again"
            )
        return connection

    def _require_rights(self, connection: Connection) -> None:
        rows = connection.execute(
            "SELECT bool_and(has_table_privilege(name, 'INSERT')),"
            " pg_is_in_recovery() FROM unnest(ARRAY['event', 'event_tag', 'type', 'long_tag'])"
            " AS name"
        ).fetchone()
        if rows is not None and rows[1]:
            raise refusal(
                f"{self.where} is on a standby, which takes no entries: open it with mode 'r', or"
                " on the primary",
                errno.EROFS,
            )
        if rows is None or not rows[0]:
            raise refusal(
                f"{self.where} may not be written by this role; open it with mode 'r', or have its"
                " owner grant INSERT",
                errno.EACCES,
            )
