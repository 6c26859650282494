"""Cost against the size of the ledger, one panel a question."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from report import SCALES, Answered, size_name

STYLES = {
    "newsledger": ("#c2410c", "-", "o"),
    "DuckDB": ("#1d4ed8", "-", "s"),
    "DuckDB, ranked": ("#1d4ed8", ":", "s"),
    "SQLite": ("#15803d", "-", "^"),
    "SQLite, ranked": ("#15803d", ":", "^"),
    "bare decoding": ("#52525b", "--", "x"),
    "polars": ("#7e22ce", "-", "D"),
}
OTHER = ("#52525b", "--", "v")
COLUMNS = 4


def draw(answered: Sequence[Answered], path: Path) -> None:
    """Draw what was measured of the questions that are drawn."""
    panels = [one for one in answered if one.question.drawn and one.results is not None]
    if not panels:
        return
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "newsledger", "font.size": 9}):
        figure = Figure(figsize=(3.1 * columns, 2.7 * rows + 0.7), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        lines = {}
        for axis, one in zip(axes, panels, strict=False):
            lines |= _panel(axis, one)
        for axis in axes[len(panels) :]:
            axis.set_axis_off()
        figure.legend(
            lines.values(), lines.keys(), loc="outside lower center", ncols=8, frameon=False
        )
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _panel(axis, one: Answered) -> dict:
    results, unit = one.results, one.question.unit
    lines, drawn = {}, []
    for who in results.everybody:
        sizes = [size for size in results.sizes if results.median(who, size) is not None]
        values = [results.median(who, size) * SCALES[unit] for size in sizes]
        drawn += values
        color, style, marker = STYLES.get(who, OTHER)
        [lines[who]] = axis.plot(
            sizes, values, color=color, linestyle=style, marker=marker, markersize=4, linewidth=1.4
        )
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_ylim(10 ** floor(log10(min(drawn))), 10 ** ceil(log10(max(drawn))))  # whole decades
    axis.set_xticks(results.sizes, [size_name(size) for size in results.sizes], minor=False)
    axis.minorticks_off()
    axis.set_xlabel("entries in the ledger")
    axis.set_ylabel(f"median, {unit}")
    axis.set_title(_wrapped(one.question.title), fontsize=9)
    axis.grid(visible=True, color="#e4e4e7", linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)
    return lines


def _wrapped(title: str, width: int = 36) -> str:
    lines = [""]
    for word in title.split():
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
