"""The report: tables in Markdown of what was measured, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from bars import US
from measuring import Measured, Results
from question import Question

SCALES = {"ms": 1e3, "µs": 1e6, "bytes": 1.0}


class Verdict(NamedTuple):
    """A bar and what became of it."""

    question: str
    what: str
    value: float | None
    limit: float
    at_least: bool
    unit: str
    met: bool | None
    ranked: float | None


class Answered(NamedTuple):
    """A question with its results, or with the reason why there are none."""

    question: Question
    results: Results | None
    skipped: str = ""

    def verdicts(self) -> list[Verdict]:
        out = []
        for bar in self.question.bars:
            value = None if self.results is None else bar.value(self.results)
            met = None if value is None else bar.met(value)
            ranked = bar.ranked(self.results) if bar.ranked and self.results else None
            verdict = (bar.what, value, bar.limit, bar.at_least, bar.unit, met, ranked)
            out.append(Verdict(self.question.title, *verdict))
        return out


def size_name(size: int) -> str:
    return f"{size // 10**6}M" if size % 10**6 == 0 else f"{size // 1000}k"


def number(value: float) -> str:
    """Write three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.1g}"


def table(answered: Answered) -> str:
    """Write one question's table: who, at which size, and how often newsledger's cost it is."""
    question, results = answered.question, answered.results
    head = f"### {question.title}\n\n{question.explains[0].upper()}{question.explains[1:]}.\n"
    if results is None:
        return f"{head}\nNot measured: {answered.skipped}.\n"
    unit, scale = question.unit, SCALES[question.unit]
    sizes = results.sizes
    columns = [f"{unit}" if question.once else f"{size_name(size)}, {unit}" for size in sizes]
    rows = []
    for who in results.everybody:
        cells = [_cell(_find(results, who, size), scale) for size in sizes]
        share = results.ratio(US, who, results.largest(who))
        ratio = "" if who == US or share is None else number(share)
        rows.append([who, *cells, ratio])
    alone = len(rows) == 1
    header = ["", *columns, f"{US} / this"]
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    if alone:
        lines = [line[:-1] for line in lines]
    body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    counts = sorted({one.turns for one in results.measured}, reverse=True)
    turns = " to ".join(str(count) for count in {counts[-1]: 0, counts[0]: 0})
    return f"{head}\n{body}\n\nMedians of {turns} turns, with quartiles.\n"


def _find(results: Results, who: str, size: int) -> Measured | None:
    found = (one for one in results.measured if (one.who, one.size) == (who, size))
    return next(found, None)


def _cell(one: Measured | None, scale: float) -> str:
    if one is None:
        return ""
    median, low, high = (number(value * scale) for value in (one.median, one.low, one.high))
    return median if one.turns == 1 else f"{median} ({low} to {high})"


def bars(verdicts: Iterable[Verdict]) -> str:
    """Write the table of bars, with a column for the ranked tables if any is held against one."""
    verdicts = list(verdicts)
    ranked = any(one.ranked is not None for one in verdicts)
    lines = [
        ["question", "what", "bar", "measured", "met", "ranked"],
        ["---", "---", "---:", "---:", "---", "---:"],
    ]
    for one in verdicts:
        unit = "" if one.unit == "x" else f" {one.unit}"
        sign = "≥" if one.at_least else "≤"
        value = "not measured" if one.value is None else f"{number(one.value)}{unit}"
        met = {None: "", True: "yes", False: "**no**"}[one.met]
        limit = f"{sign} {number(one.limit)}{unit}"
        last = "" if one.ranked is None else number(one.ranked)
        lines.append([one.question, one.what, limit, value, met, last])
    shown = lines if ranked else [line[:-1] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in shown)


def machine(told: Mapping[str, str]) -> str:
    lines = ["| | |", "| --- | --- |", *(f"| {name} | {what} |" for name, what in told.items())]
    return "\n".join(lines) + "\n"
