"""Storing: what the store in SQLite costs, beside SQLite by hand on the same tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import islice

import shape
from bars import US, growth, rate, ratio
from measuring import Case, Work, timed
from question import Question, same, turns
from raw import Raw, Row
from shelf import Shelf

from newsledger import Ledger
from newsledger.store import Query, QueryItem, Recorder, SequencedEvent, open_recorder

RAW = "raw SQLite"
BATCH = 1_000
LOAD = 50_000  # what Ledger.load records in one transaction
REPORTS = 5_000


def _appending(count: int, times: int) -> Callable[[Shelf, ExitStack], Iterator[Case]]:
    """Make cases that append so many in a transaction, to the end of a ledger of each size."""

    def cases(shelf: Shelf, _: ExitStack) -> Iterator[Case]:
        many = min(count, shelf.size)
        ours, theirs = (shelf.new_events(f"append {count}") for _ in range(2))
        _same_rows(shelf)

        def our_turn(_: int) -> Work:
            events = list(islice(ours, many))
            return lambda: shelf.ours.append(events)

        def their_turn(_: int) -> Work:
            rows = shelf.raw.laid_out(list(islice(theirs, many)))
            return lambda: shelf.raw.append(rows)

        yield Case(US, shelf.size, timed(our_turn), turns=times)
        yield Case(RAW, shelf.size, timed(their_turn), turns=times)

    return cases


def _same_rows(shelf: Shelf) -> None:
    """Append some to both, and compare what is in the tables then."""
    events = list(islice(shelf.new_events(f"compared {shelf.raw.head()}"), 20))
    head = shelf.raw.head()
    same(shelf.ours.append(events), head + len(events), RAW, "the position after an append")
    shelf.raw.append(shelf.raw.laid_out(events))
    with Raw(shelf.folder / f"ours-{shelf.size}.db") as ours:
        rows = ours.after(head)
    same(rows, shelf.raw.after(head), RAW, "what was appended")


def scan(shelf: Shelf, _: ExitStack) -> Iterator[Case]:
    _same_events(list(shelf.asked.read()), shelf.asked_raw.scan(), "everything")
    few = turns(shelf.size, few=5)
    yield Case(US, shelf.size, timed(lambda _: lambda: _read_through(shelf.asked)), few)
    yield Case(RAW, shelf.size, timed(lambda _: shelf.asked_raw.scan), few)


def _read_through(recorder: Recorder) -> int:
    count = 0
    for _ in recorder.read():
        count += 1
    return count


def _reading(
    tags: Callable[[tuple[str, str]], list[str]],
    by_hand: Callable[[Raw, tuple[str, str]], list[Row]],
) -> Callable[[Shelf, ExitStack], Iterator[Case]]:
    def cases(shelf: Shelf, _: ExitStack) -> Iterator[Case]:
        def query(pair: tuple[str, str]) -> Query:
            return Query([QueryItem(tags=tags(pair))])

        for pair in shelf.pairs:
            ours = list(shelf.asked.read(query(pair)))
            _same_events(ours, by_hand(shelf.asked_raw, pair), tags(pair))

        def our_turn(turn: int) -> Work:
            asked = query(shelf.pairs[turn % len(shelf.pairs)])
            return lambda: list(shelf.asked.read(asked))

        def their_turn(turn: int) -> Work:
            pair = shelf.pairs[turn % len(shelf.pairs)]
            return lambda: by_hand(shelf.asked_raw, pair)

        yield Case(US, shelf.size, timed(our_turn), turns=200, warm_ups=50)
        yield Case(RAW, shelf.size, timed(their_turn), turns=200, warm_ups=50)

    return cases


def _same_events(ours: list[SequencedEvent], theirs: list[Row], asked: object) -> None:
    same(len(ours), len(theirs), RAW, asked)
    for found, (position, _, tags, data, _) in zip(ours, theirs, strict=True):
        event = found.event
        one = (found.position, event.tags, event.data)
        same(one, (position, json.loads(tags), data.encode()), RAW, asked)


def size(shelf: Shelf, _: ExitStack) -> Iterator[Case]:
    given = shelf.asked_raw.bodies_and_tags()
    file = shelf.path.stat().st_size
    yield Case(US, shelf.size, lambda _: file / shelf.size, turns=1)
    yield Case("bodies and tags", shelf.size, lambda _: given / shelf.size, turns=1)


def reports(shelf: Shelf, stack: ExitStack) -> Iterator[Case]:
    """Load reports into one copy, and what is stored of as many into the other."""
    news = shape.News(shelf.size)
    news._articles = 10 * shelf.size  # others than those that the ledger has
    last = shape.FIRST_DAY + timedelta(shape.DAYS)
    news.day = last
    many = min(REPORTS, shelf.size)
    ledger = stack.enter_context(Ledger.open(shelf.folder / f"ours-{shelf.size}.db"))
    store_alone = stack.enter_context(open_recorder(shelf.folder / f"raw-{shelf.size}.db"))
    events = shelf.new_events("reports")

    def whole(_: int) -> Work:
        made = news.reports(many, last)
        return lambda: ledger.load(made)

    def store(_: int) -> Work:
        some = list(islice(events, many))
        return lambda: store_alone.append(some)

    yield Case(US, shelf.size, timed(whole), turns=10)
    yield Case("its store alone", shelf.size, timed(store), turns=10)


QUESTIONS = (
    Question(
        "append",
        f"Appending {BATCH:,} in a transaction",
        "to the end of a ledger of each size, durably; the rows of *raw SQLite* are laid out"
        " beforehand",
        _appending(BATCH, 40),
        (rate(RAW, 0.7),),
    ),
    Question(
        "load",
        f"Appending {LOAD:,} in a transaction",
        "which is how `Ledger.load` records; to a smaller ledger as many as it has",
        _appending(LOAD, 5),
        (rate(RAW, 0.7),),
    ),
    Question(
        "single",
        "Appending one in a transaction",
        'with `durability="full"`, which waits for the disk',
        _appending(1, 200),
        (rate(RAW, 0.8),),
    ),
    Question(
        "scan",
        "Reading everything",
        "event by event, as they come, each compared with its checksum on the way; *raw SQLite* is"
        " `fetchall()`, which neither looks at checksums nor reads the JSON of the tags",
        scan,
        (rate(RAW, 0.45),),
    ),
    Question(
        "one-tag",
        "Reading what names one entity",
        "some twenty entries, any of fifty entities",
        _reading(lambda pair: [pair[0]], lambda raw, pair: raw.tagged(pair[0])),
        (ratio(RAW, 2.5),),
    ),
    Question(
        "two-tags",
        "Reading what names two entities",
        "of which one is named by some twenty entries and the other by hundreds; *raw SQLite* is"
        " told which is the rarer, newsledger finds out",
        _reading(list, lambda raw, pair: raw.tagged_twice(*pair)),
        (ratio(RAW, 2.5),),
    ),
    Question(
        "bytes",
        "The size of the file",
        "per entry, with all indexes, beside the bytes of bodies and tags that it was given",
        size,
        (ratio("bodies and tags", 1.8), growth(1.1)),
        unit="bytes",
    ),
    Question(
        "reports",
        f"Loading {REPORTS:,} reports",
        "which are identified, looked for, numbered, written as JSON and tagged before the store"
        " gets them; *its store alone* gets as many that are ready. A smaller ledger gets as many"
        " as it has",
        reports,
    ),
)
