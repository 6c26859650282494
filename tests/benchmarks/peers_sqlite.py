"""The same questions to SQLite: typed tables in a file, indexed by key and date.

Of two ways to say "the last in fold order" both are asked. The plain one numbers the rows of a key
by the columns that make the order, and stays right as reports arrive. The ranked one takes the
greatest of numbers that were given to all rows beforehand, from an index that holds all that is
asked: it is faster, and a late report makes every later number wrong.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from points import Point

TABLES = """
CREATE TABLE membership (
    organization TEXT NOT NULL, member TEXT NOT NULL, kind TEXT NOT NULL, place INTEGER NOT NULL,
    stop INTEGER NOT NULL, start INTEGER NOT NULL, weight INTEGER NOT NULL,
    published INTEGER NOT NULL, ordinal INTEGER NOT NULL, root TEXT NOT NULL,
    position INTEGER NOT NULL, known_from INTEGER NOT NULL, known_to INTEGER NOT NULL
) STRICT;
CREATE TABLE status (
    base TEXT NOT NULL, status TEXT NOT NULL, kind TEXT NOT NULL, place INTEGER NOT NULL,
    stop INTEGER NOT NULL, start INTEGER NOT NULL, weight INTEGER NOT NULL,
    published INTEGER NOT NULL, ordinal INTEGER NOT NULL, root TEXT NOT NULL,
    position INTEGER NOT NULL, known_from INTEGER NOT NULL, known_to INTEGER NOT NULL
) STRICT;
"""
PLAIN_INDEXES = """
CREATE INDEX membership_of ON membership (organization, stop);
CREATE INDEX status_of ON status (base, stop);
ANALYZE;
"""
RANKED_INDEXES = """
CREATE INDEX membership_of ON membership (
    organization, member, place, stop, known_from, known_to, kind
);
CREATE INDEX status_of ON status (base, place, stop, known_from, known_to, status);
ANALYZE;
"""
COLUMNS = (
    "key", "value", "kind", "place", "stop", "start", "weight", "published", "ordinal", "root",
    "position", "known_from", "known_to",
)  # fmt: skip

STANDING = "stop <= {valid} AND known_from <= {known} AND known_to > {known}"
# A bare column beside max() is that of the row with the maximum, as SQLite documents.
RANKED = "SELECT {keys}, {value} AS last FROM (SELECT {keys}, {value}, max(place) {rows})"
PLAIN = """
    SELECT {keys}, {value} AS last FROM (
        SELECT {keys}, {value}, row_number() OVER (
            PARTITION BY {keys}
            ORDER BY stop DESC, start DESC, weight DESC, published DESC, ordinal DESC, root DESC
        ) AS number_from_last {rows}
    ) WHERE number_from_last = 1
"""


def _last(keys: str, value: str, rows: str, *, ranked: bool) -> str:
    if ranked:
        return RANKED.format(keys=keys, value=value, rows=f"{rows} GROUP BY {keys}")
    return PLAIN.format(keys=keys, value=value, rows=rows)


class SQLite:
    """Asks one of the two ways."""

    def __init__(self, table: pl.DataFrame, path: Path, *, ranked: bool = False) -> None:
        self.name = "SQLite, ranked" if ranked else "SQLite"
        self._connection = connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -262144")  # 256 MB
        connection.execute("PRAGMA mmap_size = 4294967296")
        self._fill(table)
        connection.executescript(RANKED_INDEXES if ranked else PLAIN_INDEXES)
        connection.execute("CREATE TEMP TABLE asked (number INTEGER, valid INTEGER, known INTEGER)")
        self._write_questions(ranked=ranked)

    def _write_questions(self, *, ranked: bool) -> None:
        at = STANDING.format(valid=":valid", known=":known")
        then = STANDING.format(valid=":later_valid", known=":later_known")
        at_each = STANDING.format(valid="valid", known="known")
        of = "organization = :organization"
        members = f"FROM membership WHERE {of} AND {at}"
        members_at = f"FROM asked JOIN membership ON {at_each} WHERE {of}"
        started = "WHERE last = 'MembershipStarted'"
        self._members = (
            f"SELECT member FROM ({_last('member', 'kind', members, ranked=ranked)}) {started}"
        )
        self._members_at = (
            "SELECT number, member FROM "
            f"({_last('number, member', 'kind', members_at, ranked=ranked)}) {started}"
        )
        self._latest = _last("base", "status", f"FROM status WHERE {at}", ranked=ranked)
        named = "base IN (SELECT value FROM json_each(:bases))"
        self._some = _last("base", "status", f"FROM status WHERE {named} AND {at}", ranked=ranked)
        later = _last("base", "status", f"FROM status WHERE {then}", ranked=ranked)
        self._changes = f"""
            SELECT base, max(was), max(is_now) FROM (
                SELECT base, last AS was, NULL AS is_now FROM ({self._latest})
                UNION ALL SELECT base, NULL, last FROM ({later})
            ) GROUP BY base HAVING max(was) IS NOT max(is_now)
        """

    def _fill(self, table: pl.DataFrame) -> None:
        # Typed: instants are microseconds since 1970.
        numbers = table.select(COLUMNS).with_columns(pl.col(pl.Datetime).cast(pl.Int64))
        about_bases = pl.col("kind") == "BaseStatusReported"
        self._connection.executescript(TABLES)
        for name, which in (("membership", ~about_bases), ("status", about_bases)):
            self._connection.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(COLUMNS))})",
                numbers.filter(which).iter_rows(),
            )
        self._connection.commit()

    def members(self, organization: str, point: Point) -> frozenset[str]:
        rows = self._ask(self._members, point, organization=organization)
        return frozenset(member for (member,) in rows)

    def members_at(self, organization: str, points: Sequence[Point]) -> Any:
        self._connection.execute("DELETE FROM asked")
        self._connection.executemany(
            "INSERT INTO asked VALUES (?, ?, ?)",
            ((number, *_ticks(point)) for number, point in enumerate(points)),
        )
        asked = {"organization": organization}
        return self._connection.execute(self._members_at, asked).fetchall()

    def whole(self, point: Point) -> list[tuple[str, str]]:
        return self._ask(self._latest, point).fetchall()

    def statuses(self, point: Point) -> dict[str, str]:
        return dict(self._ask(self._latest, point))

    def some(self, point: Point, bases: Iterable[str]) -> dict[str, str]:
        return dict(self._ask(self._some, point, bases=json.dumps(list(bases))))

    def changes(self, point: Point, later: Point) -> list[tuple[str, str | None, str | None]]:
        valid, known = _ticks(later)
        asked = {"later_valid": valid, "later_known": known}
        return self._ask(self._changes, point, **asked).fetchall()

    def close(self) -> None:
        self._connection.close()

    def _ask(self, question: str, point: Point, **asked: Any) -> sqlite3.Cursor:
        valid, known = _ticks(point)
        return self._connection.execute(question, {"valid": valid, "known": known, **asked})


def _ticks(point: Point) -> tuple[int, int]:
    return tuple(
        round((end - datetime(1970, 1, 1)).total_seconds()) * 1_000_000  # noqa: DTZ001
        for end in point.ends
    )
