"""The tree of a ledger: the Merkle hashes of what it holds, each computed once.

A tile is the hash of 1,024 entries at once. Tiles are kept with the ledger where it may be written,
else by this object; what lies between them is read and hashed whenever it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from threading import Lock

from newsledger.errors import CorruptEntry, StoreError
from newsledger.progress import Meter, OnProgress
from newsledger.proofs.merkle import leaf_hash, root_of
from newsledger.reports.fingerprint import fingerprint_at
from newsledger.store import Recorder, SequencedEvent

TILE = 1024
# So many new tiles are kept at a time; what was interrupted goes on after the last of them.
_TOGETHER = 64


class Tree:
    """Knows the tiles of a ledger, as far as anybody asked; safe to use from several threads."""

    def __init__(self, recorder: Recorder, *, keep: bool = True) -> None:
        """``keep`` false: nothing is kept with the ledger but by `keep`."""
        self._recorder = recorder
        self._keeps = keep and not recorder.read_only
        self._tiles: list[bytes] = []
        self._lock = Lock()

    def upto(self, size: int, tell: OnProgress | None = None) -> Subtrees:
        """Give the subtrees over the first ``size`` entries, which must be there."""
        count = size // TILE
        # Looked at once, since other threads may add some meanwhile.
        known = len(self._tiles)
        if known < count:
            self._learn(known, self._recorder.tiles(known))
        if len(self._tiles) < count:
            self._make(count, tell)
        return Subtrees(self._recorder, self._tiles, size)

    def keep(self) -> None:
        """Keep with the ledger what is known by now."""
        if self._tiles and not self._recorder.read_only:
            self._keep(0, self._tiles)

    def _make(self, count: int, tell: OnProgress | None) -> None:
        first = len(self._tiles)
        total = (count - first) * TILE
        meter = Meter(tell, "digest", total)
        meter.coming(total)
        leaves = leaf_hashes(self._recorder, first * TILE, count * TILE)
        keep = self._keeps
        made: list[bytes] = []
        for number in range(first, count):
            made.append(root_of(list(islice(leaves, TILE))))
            if len(made) == _TOGETHER or number == count - 1:
                before = number + 1 - len(made)
                self._learn(before, made)
                keep = keep and self._keep(before, made)
                made = []
            meter.more(TILE, (number + 1 - first) * TILE)
        meter.end()

    def _keep(self, before: int, tiles: list[bytes]) -> bool:
        """Keep tiles with the ledger; where that cannot be done, the question is answered still."""
        try:
            self._recorder.keep_tiles(before + 1, tiles)
        except StoreError:
            return False
        return True

    def _learn(self, before: int, tiles: list[bytes]) -> None:
        """Take in tiles that follow the first ``before``, as far as no other thread has."""
        with self._lock:
            self._tiles += tiles[len(self._tiles) - before :]


class Subtrees:
    """The hashes of the subtrees over the first entries of a ledger, for one question."""

    def __init__(self, recorder: Recorder, tiles: list[bytes], size: int) -> None:
        self._recorder = recorder
        self._tiles = tiles
        self._read: dict[int, list[bytes]] = {}
        self.size = size

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return self(0, self.size)

    def __call__(self, low: int, high: int) -> bytes:
        """Hash one subtree, as :data:`~newsledger.proofs.merkle.Subtree` tells."""
        first, last = low // TILE, high // TILE
        if first == last:
            return root_of(self._leaves(first)[low % TILE : high % TILE])
        if high - low < TILE:
            return root_of(self._leaves(first)[low % TILE :])
        hashes = self._tiles[first:last]
        if high % TILE:
            hashes.append(root_of(self._leaves(last)[: high % TILE]))
        return root_of(hashes)

    def differs(self, other: Subtrees) -> int | None:
        """Give the first position at which two trees of one size differ, None where they do not.

        Where hashes of tiles differ, only the entries of the first such tile are read.
        """
        for low in range(0, self.size, TILE):
            high = min(low + TILE, self.size)
            if self(low, high) == other(low, high):
                continue
            mine, theirs = self._leaves(low // TILE), other._leaves(low // TILE)
            for position, (one, another) in enumerate(zip(mine, theirs, strict=False), low + 1):
                if one != another:
                    return position
            raise CorruptEntry(
                f"the kept hash of the entries {low + 1} to {high} is not theirs:"
                " ledger.verify() tells in which of two ledgers",
                position=low + 1,
            )
        return None

    def _leaves(self, tile: int) -> list[bytes]:
        """Read the entries of a tile, as far as there are any, once."""
        leaves = self._read.get(tile)
        if leaves is None:
            low, high = tile * TILE, min((tile + 1) * TILE, self.size)
            leaves = self._read[tile] = list(leaf_hashes(self._recorder, low, high))
        return leaves


def leaf_hashes(recorder: Recorder, after: int, upto: int) -> Iterator[bytes]:
    """Yield the hashes of the leaves for the entries between two positions, all of them."""
    return map(leaf_of, unbroken(recorder, after, upto))


def unbroken(recorder: Recorder, after: int, upto: int) -> Iterator[SequencedEvent]:
    """Read what is stored between two positions; CorruptEntry where one is missing."""
    expected = after
    for found in recorder.read(after=after, upto=upto):
        expected += 1
        if found.position != expected:
            break
        yield found
    else:
        if expected >= upto:
            return
        expected += 1
    raise CorruptEntry(
        f"the entry at position {expected} is missing; restore a copy", position=expected
    )


def leaf_of(found: SequencedEvent) -> bytes:
    """Hash the leaf for one entry as it is stored."""
    event = found.event
    return leaf_hash(fingerprint_at(found.position, event.type, event.tags, event.data))
