"""What a ledger's store on a UmaDB server costs beside the bare client, in turns.

Each has a server of its own, started here from what the package umadb brings, with the same events.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import umadb
from bars import rate
from measuring import Case, Results, Work, in_turns, timed
from question import Question
from report import Answered

from newsledger.store import Query, QueryItem, Recorder, StoredEvent, open_recorder

US, THEM = "newsledger", "bare client"
BAR = 0.7
BATCH = 1_000
TIMES = 100  # of what takes less than a millisecond

APPEND, SINGLE, SCAN = "append", "single", "scan"
ONE_TAG, ONE_ID, TWO_TAGS = "one-tag", "one-id", "two-tags"
TITLES = {
    APPEND: (f"Appending {BATCH:,} in a transaction", "five times, on servers side by side"),
    SINGLE: ("Appending one in a transaction", f"{TIMES} times"),
    SCAN: ("Reading everything", "event by event, as they come"),
    ONE_ID: ("Reading one entry by its id", f"{TIMES} times"),
    ONE_TAG: ("Reading what has one tag", f"which 50 entries have, {TIMES} times"),
    TWO_TAGS: ("Reading what has two tags", f"{TIMES} times"),
}


@contextmanager
def server() -> Iterator[int]:
    """Start a server on an empty file, and give its port."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        script = Path(sysconfig.get_path("scripts")) / "umadb"
        place = ["--listen", f"127.0.0.1:{port}", "--db-path", str(Path(folder) / "uma.db")]
        process = subprocess.Popen(
            [sys.executable, script, *place], stdout=subprocess.PIPE, text=True
        )
        try:
            for line in process.stdout or ():
                if "started" in line:
                    break
            yield port
        finally:
            process.terminate()
            process.communicate()


def events(first: int, count: int) -> list[StoredEvent]:
    """Make events like a ledger's: 600 bytes, five tags, of which one pair is rare."""
    return [
        StoredEvent(
            f"Type{n % 7}",
            b'{"id":"%036d","text":"%s"}' % (n, b"x" * 550),
            [
                f"id:{n:036}",
                f"s:{n // 50:036}/2017-02-28",
                f"e:state {n % 193}",
                f"e:person {n % 7}",
                "e:EEU",
            ],
        )
        for n in range(first, first + count)
    ]


class Bare:
    """The client as its own documentation uses it."""

    def __init__(self, port: int) -> None:
        self.client = umadb.Client(f"http://127.0.0.1:{port}")

    def append(self, some: Sequence[StoredEvent]) -> None:
        self.client.append([umadb.Event(e.type, e.data, e.tags) for e in some])

    def read(self, *tags: str) -> list[StoredEvent]:
        query = umadb.Query([umadb.QueryItem(tags=tags)]) if tags else None
        return [
            StoredEvent(e.event_type, e.data, e.tags)
            for e in (found.event for found in self.client.read(query))
        ]

    def scan(self) -> int:
        seen = 0
        for found in self.client.read():
            event = found.event
            seen += len((found.position, event.event_type, event.data, event.tags))
        return seen


class Ours:
    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def append(self, some: Sequence[StoredEvent]) -> None:
        self.recorder.append(some)

    def read(self, *tags: str) -> list[StoredEvent]:
        query = Query([QueryItem(tags=list(tags))]) if tags else None
        return [found.event for found in self.recorder.read(query)]

    def scan(self) -> int:
        seen = 0
        for found in self.recorder.read():
            event = found.event
            seen += len((found.position, event.type, event.data, event.tags))
        return seen


def questions(size: int) -> dict[str, tuple[str, ...]]:
    """Give tags by what they ask for."""
    middle = size // 2
    return {
        ONE_TAG: (f"s:{middle // 50:036}/2017-02-28",),
        ONE_ID: (f"id:{middle:036}",),
        TWO_TAGS: (f"e:state {middle % 193}", f"e:person {middle % 7}"),
    }


def cases(who: str, one: Bare | Ours, size: int) -> dict[str, Case]:
    """Give what is measured of one of them."""

    def appending(count: int, times: int) -> Case:
        def prepare(turn: int) -> Work:
            some = events(10_000_000 + (turn + 2) * count * times, count * times)
            parts = [some[start : start + count] for start in range(0, len(some), count)]
            return lambda: [one.append(part) for part in parts]

        return Case(who, size, timed(prepare), turns=15)

    def reading(*tags: str) -> Case:
        return Case(
            who, size, timed(lambda _: lambda: [one.read(*tags) for _ in range(TIMES)]), turns=15
        )

    return {
        SCAN: Case(who, size, timed(lambda _: one.scan), turns=9),
        **{name: reading(*tags) for name, tags in questions(size).items()},
        APPEND: appending(BATCH, 5),
        SINGLE: appending(1, TIMES),
    }


def answered(size: int, most: int) -> Iterator[Answered]:
    """Fill two servers, compare what they answer, and measure."""
    with ExitStack() as stack:
        bare = Bare(stack.enter_context(server()))
        port = stack.enter_context(server())
        ours = Ours(stack.enter_context(open_recorder(f"umadb://127.0.0.1:{port}")))
        for start in range(0, size, BATCH):
            for one in bare, ours:
                one.append(events(start, min(BATCH, size - start)))
        for tags in [(), *questions(size).values()]:
            if bare.read(*tags) != ours.read(*tags):
                raise RuntimeError(f"they answer {tags} differently")
        theirs, mine = cases(THEM, bare, size), cases(US, ours, size)
        for name, (title, explains) in TITLES.items():
            question = Question(
                name, f"UmaDB: {title}", explains, lambda *_: (), (rate(THEM, BAR),)
            )
            yield Answered(question, Results(in_turns([theirs[name], mine[name]], most)))
