"""The ledgers and tables that a run needs: made once, kept in a folder, and used again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import polars as pl
import shape
import versions

from newsledger import Ledger

EVERY = 5  # seconds between two words of progress


class Stored:
    """A folder with a ledger for each size, and the table of its contents for other tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def ledger(self, size: int) -> Path:
        """Give the ledger of this many entries; made now where it is not there, with progress."""
        path = self.folder / f"ledger-{size}-shape{shape.VERSION}.db"
        if not path.exists():
            _say(f"recording a ledger of {size:,} entries in {path}")
            unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
            started = told = time.monotonic()

            def progress(done: int) -> None:
                nonlocal told
                now = time.monotonic()
                if now - told > EVERY or done == size:
                    told = now
                    rate = done / (now - started)
                    _say(f"  {done:,} of {size:,} entries, {rate:,.0f} a second")

            shape.build(unfinished, size, progress)
            unfinished.rename(path)
        return path

    def table(self, size: int, upto: int | None = None) -> pl.DataFrame:
        """Give the contents and while they stand, in fold order (see ``versions``)."""
        ledger = self.ledger(size)
        name = f"{ledger.stem}-{'all' if upto is None else upto}-table{versions.VERSION}.parquet"
        path = self.folder / name
        if not path.exists():
            _say(f"settling {size if upto is None else upto:,} entries for the other tools")
            with Ledger.open(ledger, mode="r") as opened:
                rows = versions.rows(opened, upto)
            frame = pl.DataFrame(rows, schema=list(versions.Row._fields), orient="row")
            frame = frame.with_row_index("place").cast({"place": pl.Int64})
            unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
            frame.write_parquet(unfinished)
            unfinished.rename(path)
        return pl.read_parquet(path)


def _say(text: str) -> None:
    print(text, flush=True)
