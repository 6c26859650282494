"""Questions that are asked in a new process each time: opening, importing, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from arena import Arena
from bars import cost
from measuring import Case
from question import Question, same

CHILD = Path(__file__).with_name("child.py")


def _child(*given: str, stdin: str = "") -> Any:
    command = [sys.executable, str(CHILD), *given]
    # Modules are compiled once and kept, as where a package was installed.
    env = {name: held for name, held in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False, env=env
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def opening(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Open the file in a new process and ask about one organisation."""
    ours = arena.open(closing)
    points = arena.points(40, "opening")

    def ask(turn: int) -> float:
        point, organization = points[turn], arena.organization(turn)
        told = _child("opening", str(arena.path), organization, *map(str, point))
        same(sorted(ours.members(organization, point)), told["answer"], "a new process", point)
        return told["value"]

    yield Case("newsledger", arena.size, ask)


def importing(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Import newsledger where all that it imports of others is there already."""
    modules = json.dumps([*_child("modules")["value"], "numpy"])
    yield Case("newsledger", arena.size, lambda _: _child("importing", stdin=modules)["value"])


def memory(arena: Arena, closing: ExitStack) -> Iterator[Case]:
    """Count the memory of an index, by ``tracemalloc``."""
    [point] = arena.points(1, "memory")

    def count(_: int) -> float:
        return _child("memory", str(arena.path), *map(str, point))["value"]

    yield Case("newsledger", arena.size, count, turns=1, warm_ups=0)


QUESTIONS = (
    Question(
        "opening",
        "Opening a ledger in a new process, and its first answer",
        "about one organisation; beyond the import of newsledger",
        opening,
        (cost(100, "ms"),),
    ),
    Question(
        "importing",
        "import newsledger",
        "in a new process in which all that it depends on is imported already",
        importing,
        (cost(150, "ms"),),
        once=True,
    ),
    Question(
        "memory",
        "Memory of the index of all bases",
        "bytes for each entry that the projection reads, beyond entries and states",
        memory,
        (cost(150, "bytes"),),
        unit="bytes",
    ),
)
