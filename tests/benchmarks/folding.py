"""Questions that need every entry decoded: against doing just that by hand.

By hand means: the stored bytes, read as the documentation of the file says, through
``newsledger.reports.decode_entry``, with the handlers of the same projection.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date

from arena import Arena
from bars import rate, ratio
from folds import LatestStatus, Turns
from measuring import Case, Work, timed
from points import Point
from question import Question, same, turns

from newsledger import FOREVER, BaseStatusReported, Ledger
from newsledger.reports import decode_entry

DECODING, BY_HAND = "bare decoding", "by hand"
AT_LAST = Point(date(9000, 1, 1), date(9000, 1, 1))
STORED = "SELECT data, position, tags FROM entry WHERE json_extract(data, '$.type') = ?"
SURVIVORS = """
    SELECT data, event.position, tags, number
    FROM survivor JOIN event ON event.position = survivor.position ORDER BY survivor.position
"""


def replay(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Open the file and fold everything, against decoding the same bodies, already in memory."""
    connection = sqlite3.connect(f"file:{arena.path}?mode=ro", uri=True)
    stored = [
        (data.encode(), position, json.loads(tags))
        for data, position, tags in connection.execute(STORED, (BaseStatusReported.TYPE.name,))
    ]
    connection.close()

    def fold() -> dict[str, str]:
        with Ledger.open(arena.path, mode="r") as ledger:
            return dict(ledger.as_of(FOREVER).project(LatestStatus()))

    def decode() -> None:
        for data, position, tags in stored:
            decode_entry(data, position, tags)

    answer = fold()
    for peer in arena.peers:
        same(answer, peer.statuses(AT_LAST), peer.name, AT_LAST)
    few = turns(arena.size, few=3)
    yield Case("newsledger", arena.size, timed(lambda _: fold), few, warm_ups=0)
    yield Case(DECODING, arena.size, timed(lambda _: decode), few, warm_ups=0)


class ByHand:
    """Reads the entries that survive at a point, in the order in which they are to be folded."""

    def __init__(self, arena: Arena, closing: ExitStack) -> None:
        self._survivors = arena.polars.survivors
        self._connection = sqlite3.connect(f"file:{arena.path}?mode=ro", uri=True)
        closing.callback(self._connection.close)
        self._connection.execute(
            "CREATE TEMP TABLE survivor (position INTEGER PRIMARY KEY, number INTEGER)"
        )

    def prepare(self, point: Point) -> Work:
        """Look up which survive, which is not measured; what it returns reads and folds them."""
        numbered = [(position, number) for number, position in enumerate(self._survivors(point))]
        self._connection.execute("DELETE FROM survivor")
        self._connection.executemany("INSERT INTO survivor VALUES (?, ?)", numbered)

        def fold() -> object:
            entries = [None] * len(numbered)
            for data, position, tags, number in self._connection.execute(SURVIVORS):
                entries[number] = decode_entry(data.encode(), position, json.loads(tags))
            turns = Turns()
            state = turns.initial()
            for entry in entries:
                state = turns.reported(state, entry.event, entry)
            return state

        return fold


def unkeyed(*, fresh: bool) -> Callable[[Arena, ExitStack], Iterator[Case]]:
    """Make a question of a fold without keys or entities, on a fresh ledger or one asked before."""

    def cases(arena: Arena, closing: ExitStack) -> Iterator[Case]:
        by_hand = ByHand(arena, closing)
        points = arena.points(40, "unkeyed")
        opened_last = closing.enter_context(ExitStack())
        ours = arena.open(opened_last)
        if not fresh:
            answer = ours.view(points[0]).project(Turns())
            same(answer, by_hand.prepare(points[0])(), BY_HAND, points[0])

        def ask(turn: int) -> Work:
            nonlocal ours
            if fresh:
                opened_last.close()
                ours = arena.open(opened_last)
            return lambda: ours.view(points[turn + 1]).project(Turns())

        few = turns(arena.size, few=3)
        yield Case("newsledger", arena.size, timed(ask), few, warm_ups=0)
        prepare = timed(lambda turn: by_hand.prepare(points[turn + 1]))
        yield Case(BY_HAND, arena.size, prepare, few, warm_ups=0)

    return cases


QUESTIONS = (
    Question(
        "replay",
        "Full replay from the file",
        "opening included; against decoding the same bodies, already in memory, and nothing else",
        replay,
        (rate(DECODING, 0.35),),
        drawn=True,
    ),
    Question(
        "unkeyed",
        "A fold without keys or entities, asked before",
        "at a random (V, K); against reading, decoding and folding what survives by hand. A small "
        "ledger fits into the cache of decoded entries",
        unkeyed(fresh=False),
        (ratio(BY_HAND, 1.5),),
        drawn=True,
    ),
    Question(
        "unkeyed-first",
        "A fold without keys or entities, the first question",
        "as above, of a ledger that was asked nothing since it was opened",
        unkeyed(fresh=True),
    ),
)
