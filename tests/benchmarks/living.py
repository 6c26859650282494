"""The live question: a late report arrives, and the state of its key is read."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import shape
from arena import Arena
from bars import cost, growth
from folds import LatestStatus
from measuring import Case, Skip, Work, timed
from question import Question, same

from newsledger import FOREVER, BaseStatusReported, Ledger, Source


def live(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    if not hasattr(Ledger, "live"):
        raise Skip("this version of newsledger has no Ledger.live")
    path = arena.folder / f"live-{arena.size}.db"
    shutil.copy(arena.path, path)  # what arrives here is no part of the ledger that others ask
    closing.callback(path.unlink)
    ledger = closing.enter_context(Ledger.open(path, durability="normal"))
    following = ledger.live(LatestStatus())
    if hasattr(following, "__exit__"):
        closing.enter_context(following)
    rng = random.Random(shape.SEED)
    same(dict(following.state), dict(ledger.as_of(FOREVER).project(LatestStatus())), "live", "all")

    def arrive(turn: int) -> Work:
        base = shape.base(rng.randrange(shape.bases(arena.size)))
        late = Source("Outlet of late news", "2016-05-05", url=f"https://example.org/late/{turn}")
        status = rng.choice(shape.STATUSES)
        ledger.append(BaseStatusReported(base=base, status=status, occurred="2016-05-01"), late)
        return lambda: following.state[base]

    yield Case("newsledger", arena.size, timed(arrive), turns=100, warm_ups=3)
    same(dict(following.state), dict(ledger.as_of(FOREVER).project(LatestStatus())), "live", "all")


QUESTIONS = (
    Question(
        "live",
        "Reading a live state after a late report arrived",
        "the append is not counted; the base is the one that the report is about",
        live,
        (cost(100, "µs"), growth(5)),
        drawn=True,
        unit="µs",
    ),
)
