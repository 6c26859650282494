"""The page: the report with what a reader must know to believe it, or to measure again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import shape
from report import Answered, Verdict, bars, machine, size_name, table

TEMPLATE = Path(__file__).with_name("template.md")
CODEC = Path(__file__).with_name("encoding.md")


def page(
    answered: Sequence[Answered],
    sizes: Sequence[int],
    told: Mapping[str, str],
    image: str,
    encoding: str,
) -> str:
    verdicts: list[Verdict] = [verdict for one in answered for verdict in one.verdicts()]
    return TEMPLATE.read_text(encoding="utf-8").format(
        sizes=", ".join(map(size_name, sizes)),
        smallest=size_name(sizes[0]),
        largest=size_name(sizes[-1]),
        image=image,
        bars=bars(verdicts),
        per_organization=shape.PER_ORGANIZATION,
        per_base=shape.PER_BASE,
        late=shape.LATE,
        old=shape.OLD,
        amended=shape.AMENDED,
        tables="\n".join(table(one) for one in answered),
        codec=f"{CODEC.read_text(encoding='utf-8')}\n```text\n{encoding.strip()}\n```\n\n"
        if encoding
        else "",
        machine=machine(told),
    )
