"""Shelf: a ledger of one size in SQLite, copies of it to append to, and what to append and ask."""

from __future__ import annotations

import os
import random
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Self

import shape
from raw import Raw
from stored import Stored

from newsledger import Ledger
from newsledger.store import Recorder, StoredEvent, open_recorder

ASKED = 50


class Shelf:
    """Two copies of one ledger, one for each who appends; gone at the end of its ``with`` block."""

    def __init__(self, stored: Stored, size: int, folder: Path) -> None:
        self.size = size
        self.folder = folder
        self._closing = ExitStack()
        self.path = self._copy(stored.ledger(size), "asked")
        with Ledger.open(self.path):
            pass  # which migrates it, if it was kept since an older version
        self.ours: Recorder = self._closing.enter_context(
            open_recorder(self._copy(self.path, "ours"))
        )
        raw_path = self._copy(self.path, "raw")
        self.raw = self._closing.enter_context(Raw(raw_path))
        self.asked: Recorder = self._closing.enter_context(open_recorder(self.path, mode="r"))
        self.asked_raw = self._closing.enter_context(Raw(self.path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def _copy(self, path: Path, name: str) -> Path:
        copy = self.folder / f"{name}-{self.size}.db"
        shutil.copy(path, copy)
        # What the copy leaves to be written must not slow down whoever is measured first.
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        self._closing.callback(lambda: [one.unlink() for one in self.folder.glob(f"{copy.name}*")])
        return copy

    def new_events(self, salt: str) -> Iterator[StoredEvent]:
        """Give what the ledger holds once more, with other ids; the same for the same salt."""
        rng = random.Random(f"{shape.SEED} {salt}")
        while True:
            for found in self.asked.read():
                event = found.event
                old = event.tags[0].removeprefix("id:")
                new = str(uuid.UUID(int=rng.getrandbits(128)))
                data = event.data.replace(old.encode(), new.encode())
                yield StoredEvent(event.type, data, [f"id:{new}", *event.tags[1:]])

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The two entities that one of fifty entries names, the rarer first."""
        rng = random.Random(shape.SEED)
        pairs: list[tuple[str, str]] = []
        while len(pairs) < ASKED:
            [found] = islice(self.asked.read(after=rng.randrange(self.size), limit=1), 1)
            named = [tag for tag in found.event.tags if tag.startswith("e:")]
            if len(named) == 2:
                one, two = sorted(named, key=self.asked_raw.count)
                pairs.append((one, two))
        return pairs
