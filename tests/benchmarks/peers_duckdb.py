"""The same questions to DuckDB: tables in a file, clustered by key, with indexes on the keys.

Of two ways to say "the last in fold order" both are asked. The plain one compares the columns that
make the order, and stays right as reports arrive. The ranked one compares a number that was given
to every row beforehand: it is faster, and a late report makes every later number wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from points import Point

TABLES = """
CREATE TABLE membership AS
    SELECT key AS organization, value AS member, kind, stop, start, weight, published, ordinal,
        root::UUID AS root, position, known_from, known_to, place
    FROM read_parquet($path) WHERE kind <> 'BaseStatusReported' ORDER BY organization, stop;
CREATE TABLE status AS
    SELECT key AS base, value AS status, kind, stop, start, weight, published, ordinal,
        root::UUID AS root, position, known_from, known_to, place
    FROM read_parquet($path) WHERE kind = 'BaseStatusReported' ORDER BY base, stop;
CREATE INDEX membership_of ON membership (organization);
CREATE INDEX status_of ON status (base);
CREATE TEMP TABLE asked (number INTEGER, valid TIMESTAMP, known TIMESTAMP);
CHECKPOINT;
"""
PLAIN = "(stop, start, weight, published, ordinal, root)"
RANKED = "place"
STANDING = "stop <= {valid} AND known_from <= {known} AND known_to > {known}"


class DuckDB:
    """Asks one of the two ways; both share the tables of one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, ranked: bool = False) -> None:
        self.name = "DuckDB, ranked" if ranked else "DuckDB"
        self._connection = connection
        last = RANKED if ranked else PLAIN
        at = STANDING.format(valid="$valid", known="$known")
        then = STANDING.format(valid="$later_valid", known="$later_known")
        self._members = f"""
            SELECT member FROM membership WHERE organization = $organization AND {at}
            GROUP BY member HAVING arg_max(kind, {last}) = 'MembershipStarted'
        """
        self._members_at = f"""
            SELECT number, list(member) FROM (
                SELECT number, member FROM asked
                JOIN membership ON {STANDING.format(valid="valid", known="known")}
                WHERE organization = $organization
                GROUP BY number, member HAVING arg_max(kind, {last}) = 'MembershipStarted'
            ) GROUP BY number
        """
        latest = f"SELECT base, arg_max(status, {last}) AS status FROM status WHERE"
        self._latest = f"{latest} {at} GROUP BY base"
        self._some = f"{latest} base IN (SELECT unnest($bases)) AND {at} GROUP BY base"
        self._changes = f"""
            SELECT coalesce(a.base, b.base), a.status, b.status
            FROM ({self._latest}) AS a FULL JOIN ({latest} {then} GROUP BY base) AS b
            ON a.base = b.base WHERE a.status IS DISTINCT FROM b.status
        """

    def members(self, organization: str, point: Point) -> frozenset[str]:
        rows = self._ask(self._members, point, organization=organization).fetchall()
        return frozenset(member for (member,) in rows)

    def members_at(self, organization: str, points: Sequence[Point]) -> Any:
        """Join a table of points; making that table is part of the question, as a list is given."""
        given = pl.DataFrame(  # noqa: F841 (DuckDB reads frames by the names of variables)
            [(number, *point.ends) for number, point in enumerate(points)],
            schema=["number", "valid", "known"],
            orient="row",
        )
        self._connection.execute("DELETE FROM asked")
        self._connection.execute("INSERT INTO asked SELECT * FROM given")
        found = self._connection.execute(self._members_at, {"organization": organization})
        return found.fetchall()

    def whole(self, point: Point) -> dict[str, Any]:
        """Compute every base's status, and leave it in columns: the least that can be asked."""
        return self._ask(self._latest, point).fetchnumpy()

    def statuses(self, point: Point) -> dict[str, str]:
        return dict(self._ask(self._latest, point).fetchall())

    def some(self, point: Point, bases: Iterable[str]) -> dict[str, str]:
        return dict(self._ask(self._some, point, bases=list(bases)).fetchall())

    def changes(self, point: Point, later: Point) -> list[tuple[str, str | None, str | None]]:
        valid, known = later.ends
        asked = {"later_valid": valid, "later_known": known}
        return self._ask(self._changes, point, **asked).fetchall()

    def _ask(self, question: str, point: Point, **asked: Any) -> duckdb.DuckDBPyConnection:
        valid, known = point.ends
        return self._connection.execute(question, {"valid": valid, "known": known, **asked})


def load(parquet: Path, path: Path) -> duckdb.DuckDBPyConnection:
    """Make the tables in a new file."""
    connection = duckdb.connect(path)
    for statement in TABLES.split(";"):
        if statement.strip():
            given = {"path": str(parquet)} if "$path" in statement else None
            connection.execute(statement, given)
    return connection
