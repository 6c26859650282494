"""Tables: what a read model looks like in a database, whichever it is.

For a model in the table ``t`` there are

``t``
    a view, for readers: key, valid_from, valid_to, known_from, known_to, state, projection,
    version; only what is whole
``t_models``
    a view: which projections are in ``t``, with the position of the ledger that each reaches to
``t_rows``
    the rows, by generation: a projection that is made anew has two, until the new one is whole
``t_entries``
    the positions of the entries that may matter to each key, so that what arrives costs no more
    than what it touches
``t_generations``
    how far each generation has come. It is written in the transaction that writes the rows
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias, TypeVar

import attrs

from newsledger.store.held import Held

Stage: TypeAlias = Literal["sorting", "folding", "catching up", "current", "old"]
Row: TypeAlias = tuple[Any, ...]
"""key, valid_from, valid_to, known_from, known_to, state"""
COLUMNS: Final = ("key", "valid_from", "valid_to", "known_from", "known_to", "state")
_TOGETHER = 500
T = TypeVar("T")


@attrs.frozen
class Generation:
    """A projection in a table: of which ledger, and how far it has come.

    ``stage``: "sorting" while entries up to ``target`` are put down under their keys, of which
    those up to ``position`` are; "folding" while the keys after ``folded`` are to be folded;
    "catching up" while it is to reach what readers see, who are not to be taken back; "current"
    when it is what they see, as of ``position``; "old" when it is to be removed.
    ``erasures``: how many of the ledger's it has taken in, ``scrubbed``: and no trace is left of.
    """

    number: int
    projection: str
    version: int
    ledger: str
    dates: str
    stage: Stage
    position: int
    target: int
    folded: str | None = None
    erasures: int = 0
    scrubbed: int = 0


class Tables(ABC):
    """The tables of one name in one database; see the module. One thread at a time may use it."""

    def __init__(self, table: str, where: str) -> None:
        """``where`` is how messages call the database."""
        self.table = table
        self.where = where
        self._rows = f'"{table}_rows"'
        self._entries = f'"{table}_entries"'
        self._generations = f'"{table}_generations"'
        # One connection, which is of no use in a forked child, and is not to be closed there.
        self._held = Held()

    # -- what each database does in its own way ------------------------------------------------

    @abstractmethod
    def run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, with ``?`` for each value, and give the rows it finds."""

    @abstractmethod
    def insert(self, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        """Insert rows; those of which the key is there already are left out."""

    @abstractmethod
    def delete(self, rows: list[tuple[int, str, Any, Any]]) -> None:
        """Delete rows by (generation, key, valid_from, known_from)."""

    @abstractmethod
    def writing(self) -> contextlib.AbstractContextManager[None]:
        """Make what is done in the block one transaction, while all others who write wait."""

    @abstractmethod
    def instant(self, tick: int) -> Any:
        """Give an instant as a column holds it."""

    @property
    def here(self) -> bool:
        """Whether this is the process that opened them."""
        return self._held.here

    @abstractmethod
    def scrub(self) -> None:
        """Remove what is left in files of rows that were deleted, or raise StoreError."""

    def close(self) -> None:
        """Give the connection back; in a forked child, do nothing."""
        if self._held.here:
            self._held.close_all()

    # -- generations ---------------------------------------------------------------------------

    def generations(self, projection: str) -> list[Generation]:
        """Give all of a projection, old ones too."""
        found = self.run(
            "SELECT generation, projection, version, ledger, dates, stage, position, target,"
            f" folded, erasures, scrubbed FROM {self._generations} WHERE projection = ?"
            " ORDER BY generation",
            [projection],
        )
        return [Generation(*values) for values in found]

    def add(self, new: Generation) -> Generation:
        """Begin a generation; its number is given to it here."""
        [[number]] = self.run(
            f"INSERT INTO {self._generations}"
            " (projection, version, ledger, dates, stage, position, target, folded, erasures,"
            " scrubbed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING generation",
            attrs.astuple(new)[1:],
        )
        return attrs.evolve(new, number=number)

    def put(self, now: Generation) -> None:
        """Write down how far a generation has come."""
        self.run(
            f"UPDATE {self._generations} SET stage = ?, position = ?, folded = ?, erasures = ?,"
            " scrubbed = ? WHERE generation = ?",
            [now.stage, now.position, now.folded, now.erasures, now.scrubbed, now.number],
        )

    def remove(self, old: Generation) -> None:
        """Remove a generation with all its rows."""
        for table in self._rows, self._entries, self._generations:
            self.run(f"DELETE FROM {table} WHERE generation = ?", [old.number])

    # -- the entries of keys -------------------------------------------------------------------

    def add_entries(self, generation: int, entries: Iterable[tuple[str, int]]) -> None:
        """Put down positions under keys."""
        rows = [(generation, *entry) for entry in entries]
        self.insert(self._entries, ("generation", "key", "position"), rows)

    def keys_at(self, generation: int, positions: Sequence[int]) -> set[str]:
        """Give the keys under which any of some positions are."""
        return {
            key
            for marks, some in _parts(positions)
            for [key] in self.run(
                f"SELECT DISTINCT key FROM {self._entries}"
                f" WHERE generation = ? AND position IN ({marks})",
                [generation, *some],
            )
        }

    def drop_entries(self, generation: int, positions: Sequence[int]) -> None:
        """Take positions away from all keys."""
        for marks, some in _parts(positions):
            self.run(
                f"DELETE FROM {self._entries} WHERE generation = ? AND position IN ({marks})",
                [generation, *some],
            )

    def entries_of(self, generation: int, keys: Sequence[str]) -> dict[str, list[int]]:
        """Give the positions under some keys, in order."""
        found: dict[str, list[int]] = {}
        for marks, some in _parts(keys):
            for key, position in self.run(
                f"SELECT key, position FROM {self._entries}"
                f" WHERE generation = ? AND key IN ({marks}) ORDER BY key, position",
                [generation, *some],
            ):
                found.setdefault(key, []).append(position)
        return found

    def entries_after(self, generation: int, key: str | None, limit: int) -> dict[str, list[int]]:
        """Give the positions under the next keys, those of each key whole; none at the end."""
        found: dict[str, list[int]] = {}
        beyond, bound = ("", []) if key is None else (" AND key > ?", [key])
        read = self.run(
            f"SELECT key, position FROM {self._entries} WHERE generation = ?{beyond}"
            " ORDER BY key, position LIMIT ?",
            [generation, *bound, limit + 1],
        )
        for its_key, position in read:
            found.setdefault(its_key, []).append(position)
        if len(read) > limit:
            last, _ = found.popitem()
            return found or self.entries_of(generation, [last])
        return found

    def count_entries(self, generation: int) -> int:
        """Count the positions under all keys; the cost grows with them."""
        counted = f"SELECT count(*) FROM {self._entries} WHERE generation = ?"
        [[count]] = self.run(counted, [generation])
        return int(count)

    # -- rows ----------------------------------------------------------------------------------

    def rows_of(self, generation: int, keys: Sequence[str]) -> Iterator[Row]:
        """Yield the rows of some keys."""
        for marks, some in _parts(keys):
            yield from self.run(
                f"SELECT {', '.join(COLUMNS)} FROM {self._rows}"
                f" WHERE generation = ? AND key IN ({marks})",
                [generation, *some],
            )

    def all_keys(self, generation: int) -> list[str]:
        """List the keys that have a row."""
        asked = f"SELECT DISTINCT key FROM {self._rows} WHERE generation = ?"
        return [key for [key] in self.run(asked, [generation])]

    def add_rows(self, generation: int, rows: Iterable[Row]) -> None:
        """Insert rows."""
        self.insert(self._rows, ("generation", *COLUMNS), [(generation, *row) for row in rows])

    def drop_rows(self, generation: int, rows: Iterable[Row]) -> None:
        """Delete rows."""
        self.delete([(generation, row[0], row[1], row[3]) for row in rows])

    def at(self, projection: str, valid: int, known: int) -> list[tuple[str, str]]:
        """Give the keys that have a state at instants, in order, with their states as JSON."""
        valid_at, known_at = self.instant(valid), self.instant(known)
        found = self.run(
            f'SELECT key, CAST(state AS TEXT) FROM "{self.table}" WHERE projection = ?'
            " AND valid_from <= ? AND (valid_to IS NULL OR ? < valid_to)"
            " AND known_from <= ? AND (known_to IS NULL OR ? < known_to) ORDER BY key",
            [projection, valid_at, valid_at, known_at, known_at],
        )
        return [(key, state) for key, state in found]

    # -- making them ---------------------------------------------------------------------------

    def views(self) -> Iterator[str]:
        """Yield the statements that make what readers see."""
        yield (
            f'CREATE VIEW "{self.table}" AS SELECT {", ".join(COLUMNS)}, projection, version'
            f" FROM {self._rows} JOIN {self._generations} USING (generation)"
            " WHERE stage = 'current'"
        )
        yield (
            f'CREATE VIEW "{self.table}_models" AS SELECT projection, version, position, dates,'
            f" ledger FROM {self._generations} WHERE stage = 'current'"
        )

    def names(self) -> list[str]:
        """List the names that it takes in the database."""
        return [self.table + end for end in ("", "_models", "_rows", "_entries", "_generations")]


def _parts(keys: Sequence[T]) -> Iterator[tuple[str, Sequence[T]]]:
    """Cut keys, or positions, into as many as a statement takes, each part with its marks."""
    for start in range(0, len(keys), _TOGETHER):
        some = keys[start : start + _TOGETHER]
        yield ", ".join("?" * len(some)), some
