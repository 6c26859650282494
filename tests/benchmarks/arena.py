"""Arena: the ledger of one size, the same contents in the other tools, and what to ask them."""

from __future__ import annotations

import random
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import peers_duckdb
import shape
from ours import Newsledger
from peers_polars import Polars
from peers_sqlite import SQLite
from points import Point, points
from stored import Stored

from newsledger import Ledger


class Arena:
    """Closes what it opened at the end of its ``with`` block."""

    def __init__(self, stored: Stored, size: int, folder: Path) -> None:
        self.size = size
        self.path = stored.ledger(size)
        self.stored = stored
        self.folder = folder
        self._closing = ExitStack()
        table = stored.table(size)
        parquet = folder / f"{size}.parquet"
        table.write_parquet(parquet)
        duck = peers_duckdb.load(parquet, folder / f"{size}.duckdb")
        self._closing.callback(duck.close)
        lite = SQLite(table, folder / f"{size}.sqlite")
        self._closing.callback(lite.close)
        lite_ranked = SQLite(table, folder / f"{size}-ranked.sqlite", ranked=True)
        self._closing.callback(lite_ranked.close)
        self.polars = Polars(table)
        self.peers: list[Any] = [
            peers_duckdb.DuckDB(duck),
            peers_duckdb.DuckDB(duck, ranked=True),
            lite,
            lite_ranked,
            self.polars,
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def open(self, closing: ExitStack) -> Newsledger:
        """Open the ledger anew, with nothing asked yet."""
        return Newsledger(closing.enter_context(Ledger.open(self.path, mode="r")))

    @cached_property
    def asked(self) -> Newsledger:
        """The ledger, opened once and asked again and again: what it builds, it keeps."""
        return self.open(self._closing)

    def points(self, count: int, salt: str) -> list[Point]:
        return points(count, salt)

    def organization(self, number: int) -> str:
        """Give one of the organisations, each after another."""
        return shape.organization(number * 7919 % shape.organizations(self.size))

    def some_bases(self, number: int, count: int = 100) -> list[str]:
        rng = random.Random(number)
        return [shape.base(rng.randrange(shape.bases(self.size))) for _ in range(count)]
