"""Digests and proofs: what they cost once the tiles are kept, at any position."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import shape
from arena import Arena
from bars import cost, growth
from measuring import Case, Skip, Work, timed
from question import Question, same

from newsledger import Ledger


def _opened(arena: Arena, closing: ExitStack, name: str) -> Ledger:
    """Open a copy, in which tiles may be kept."""
    if not hasattr(Ledger, "digest"):
        raise Skip("this version of newsledger has no Ledger.digest")
    path = arena.folder / f"{name}-{arena.size}.db"
    shutil.copy(arena.path, path)
    closing.callback(path.unlink)
    ledger = closing.enter_context(Ledger.open(path))
    ledger.digest()
    return ledger


def digest(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    ledger = _opened(arena, closing, "digest")
    rng = random.Random(shape.SEED)
    with Ledger.open(arena.path, mode="r") as original:
        same(ledger.digest(arena.size // 3), original.digest(arena.size // 3), "a copy", "digest")

    def ask(_: int) -> Work:
        position = rng.randrange(arena.size // 2, arena.size + 1)
        return lambda: ledger.digest(position)

    yield Case("newsledger", arena.size, timed(ask), turns=100, warm_ups=3)


def proof(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    ledger = _opened(arena, closing, "proof")
    from newsledger import verify_proof

    rng = random.Random(shape.SEED)
    head = ledger.digest()
    entries = [next(ledger.entries(after=rng.randrange(arena.size))) for _ in range(50)]
    for entry in entries:
        same(verify_proof(ledger.prove(entry), head).entry, entry, "a proof", entry)

    def ask(turn: int) -> Work:
        entry = entries[turn % len(entries)]
        return lambda: ledger.prove(entry)

    yield Case("newsledger", arena.size, timed(ask), turns=100, warm_ups=3)


QUESTIONS = (
    Question(
        "digest",
        "The digest at a random position",
        "of the later half; the hashes of whole tiles are kept, the rest is read",
        digest,
        (cost(50, "ms"), growth(5)),
    ),
    Question(
        "proof",
        "Proving that an entry is in the ledger",
        "any of 50 entries, at the last position; the tile of the entry is read, and what is"
        " behind the last tile",
        proof,
        (cost(50, "ms"), growth(5)),
    ),
)
