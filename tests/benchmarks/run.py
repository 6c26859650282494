"""Measure what questions to a ledger cost, beside other tools that hold the same contents.

::

    python tests/benchmarks/run.py --sizes 10k,100k,1M

needs the extras ``test`` and ``bench``. It writes a page, a figure and all numbers as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import drawing
import encoding
import machine
from arena import Arena
from measuring import Results, Skip, in_turns
from page import page
from question import Question
from questions import QUESTIONS
from report import Answered, bars, size_name, table
from stored import Stored

ROOT = Path(__file__).parents[2]
CODEC = "codec"
NAMES = [*(question.name for question in QUESTIONS), CODEC]


def size(text: str) -> int:
    """Read 10k, 1M or a plain number."""
    factor = {"k": 1000, "M": 10**6}.get(text[-1:])
    return int(text[:-1]) * factor if factor else int(text)


def options(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("::")[0])
    add = parser.add_argument
    add("--sizes", default="10k,100k,1M", help="of ledgers, separated by commas")
    add("--only", nargs="+", choices=NAMES, metavar="NAME", help=f"of: {', '.join(NAMES)}")
    add("--cache", type=Path, default=ROOT / "build" / "benchmarks" / "cache", help="for ledgers")
    add("--out", type=Path, default=ROOT / "build" / "benchmarks", help="for the results")
    add("--turns", type=int, default=10**6, help="at most so many, for a quick look")
    add("--write-docs", action="store_true", help="write the page of the documentation as well")
    chosen = parser.parse_args(given)
    if chosen.write_docs and chosen.only:
        parser.error("--write-docs writes of all questions; leave --only out")
    chosen.sizes = sorted(size(text) for text in chosen.sizes.split(","))
    return chosen


class Run(NamedTuple):
    """All that came of a run."""

    machine: dict[str, str]
    sizes: list[int]
    answered: list[Answered]
    encoding: str

    def as_json(self) -> dict[str, Any]:
        questions = {
            one.question.name: {
                "title": one.question.title,
                "skipped": one.skipped or None,
                "measured": one.results.as_json() if one.results else [],
                "bars": [verdict._asdict() for verdict in one.verdicts()],
            }
            for one in self.answered
        }
        return {
            "machine": self.machine,
            "sizes": self.sizes,
            "questions": questions,
            "encoding": self.encoding.splitlines(),
        }


def ask(question: Question, arenas: Sequence[Arena], most: int) -> Answered:
    """Ask one question of everybody, at all sizes, in turn."""
    print(f"\n{question.title} ({question.name})", flush=True)
    with ExitStack() as closing:
        try:
            asked = arenas[:1] if question.once else arenas
            cases = [case for arena in asked for case in question.cases(arena, closing)]
            answered = Answered(question, Results(in_turns(cases, most)))
        except Skip as reason:
            answered = Answered(question, None, str(reason))
    print("\n".join(table(answered).splitlines()[3:]), flush=True)
    return answered


def write(told: Run, chosen: argparse.Namespace) -> None:
    """Write the page, the figure and the numbers."""
    chosen.out.mkdir(parents=True, exist_ok=True)
    _write_page(told, chosen.out / "benchmarks.md", chosen.out / "benchmarks.svg", "benchmarks.svg")
    text = json.dumps(told.as_json(), indent=1, ensure_ascii=False)
    (chosen.out / "benchmarks.json").write_text(text, encoding="utf-8")
    print(f"\nwritten: {chosen.out / 'benchmarks.md'}, .svg and .json")
    if chosen.write_docs:
        static = "_static/benchmarks.svg"
        path = ROOT / "docs" / "explanation" / "benchmarks.md"
        _write_page(told, path, ROOT / "docs" / static, f"../{static}")


def _write_page(told: Run, path: Path, figure: Path, link: str) -> None:
    drawing.draw(told.answered, figure)
    text = page(told.answered, told.sizes, told.machine, link, told.encoding)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    chosen = options()
    here = machine.describe()
    stored = Stored(chosen.cache)
    wanted = [one for one in QUESTIONS if not chosen.only or one.name in chosen.only]
    with tempfile.TemporaryDirectory(dir=chosen.cache) as folder, ExitStack() as closing:
        arenas = []
        for one in chosen.sizes if wanted else []:
            print(f"{size_name(one)}: loading the other tools", flush=True)
            arenas.append(closing.enter_context(Arena(stored, one, Path(folder))))
        answered = [ask(question, arenas, chosen.turns) for question in wanted]
    told = encoding.told() if not chosen.only or CODEC in chosen.only else ""
    print("\n" + bars(verdict for one in answered for verdict in one.verdicts()))
    write(Run(here, chosen.sizes, answered, told), chosen)


if __name__ == "__main__":
    sys.exit(main())
