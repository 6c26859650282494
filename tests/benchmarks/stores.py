"""Measure what the stores cost, beside what they stand on used by hand.

::

    python tests/benchmarks/stores.py --sizes 10k,100k,1M

needs the extras ``test``, ``bench``, ``postgres`` and ``umadb``; it starts their servers itself.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import machine
import on_umadb
import postgres
import proving
import report
import storing
from report import Answered, size_name, table
from run import ROOT, ask, size
from shelf import Shelf
from stored import Stored

TEMPLATE = Path(__file__).with_name("stores.md")
PAGE = ROOT / "docs" / "explanation" / "stores-benchmarks.md"
STORES = ("sqlite", "postgres", "umadb")


def options(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("::")[0])
    add = parser.add_argument
    add("--stores", nargs="+", default=STORES, choices=STORES, metavar="STORE")
    add("--sizes", default="10k,100k,1M", help="of ledgers in SQLite, separated by commas")
    add("--servers", type=size, default="100k", help="size of ledgers on servers")
    add("--cache", type=Path, default=ROOT / "build" / "benchmarks" / "cache", help="for ledgers")
    add("--out", type=Path, default=ROOT / "build" / "benchmarks", help="for the results")
    add("--turns", type=int, default=10**6, help="at most so many, for a quick look")
    add("--write-docs", action="store_true", help="write the page of the documentation as well")
    chosen = parser.parse_args(given)
    chosen.sizes = sorted(size(text) for text in chosen.sizes.split(","))
    return chosen


def in_sqlite(cache: Path, sizes: Sequence[int], most: int) -> Iterator[Answered]:
    """Ask all questions of the store in SQLite, and those of digests, at all sizes."""
    stored = Stored(cache)
    with tempfile.TemporaryDirectory(dir=cache) as folder, ExitStack() as closing:
        shelves = [closing.enter_context(Shelf(stored, one, Path(folder))) for one in sizes]
        for question in (*storing.QUESTIONS, *proving.QUESTIONS):
            yield ask(question, shelves, most)


def on_server(
    asked: Callable[[int, int], Iterator[Answered]], size: int, most: int
) -> Iterator[Answered]:
    for answered in asked(size, most):
        print(f"\n{table(answered)}", flush=True)
        yield answered


def bars(answered: Sequence[Answered]) -> str:
    return report.bars(verdict for one in answered for verdict in one.verdicts())


def page(
    by_store: dict[str, list[Answered]], chosen: argparse.Namespace, told: Mapping[str, str]
) -> str:
    """Fill the template with what was measured, and where."""
    everything = [one for those in by_store.values() for one in those]
    tables = {name: "\n".join(map(table, by_store.get(name, ()))) for name in STORES}
    return TEMPLATE.read_text(encoding="utf-8").format(
        sizes=", ".join(map(size_name, chosen.sizes)),
        largest=size_name(chosen.sizes[-1]),
        servers=f"{chosen.servers:,}",
        bars=bars(everything),
        machine=report.machine(told),
        **tables,
    )


def as_json(by_store: dict[str, list[Answered]]) -> dict[str, Any]:
    return {
        store: {
            one.question.name: {
                "title": one.question.title,
                "measured": one.results.as_json() if one.results else [],
                "bars": [verdict._asdict() for verdict in one.verdicts()],
            }
            for one in those
        }
        for store, those in by_store.items()
    }


def main() -> None:
    chosen = options()
    logging.getLogger("newsledger").setLevel(logging.ERROR)  # of copies that are migrated
    chosen.cache.mkdir(parents=True, exist_ok=True)
    here, most = machine.describe(*machine.SERVERS), chosen.turns
    asking = {
        "sqlite": lambda: in_sqlite(chosen.cache, chosen.sizes, most),
        "postgres": lambda: on_server(postgres.answered, chosen.servers, most),
        "umadb": lambda: on_server(on_umadb.answered, chosen.servers, most),
    }
    by_store = {store: list(asking[store]()) for store in chosen.stores}
    print("\n" + bars([one for those in by_store.values() for one in those]))
    chosen.out.mkdir(parents=True, exist_ok=True)
    text = page(by_store, chosen, here)
    (chosen.out / "stores.md").write_text(text, encoding="utf-8")
    numbers = json.dumps(as_json(by_store), indent=1, ensure_ascii=False)
    (chosen.out / "stores.json").write_text(numbers, encoding="utf-8")
    print(f"written: {chosen.out / 'stores.md'} and .json")
    if chosen.write_docs:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
