"""What is measured in a process of its own; ``processes.py`` starts it, once for each turn."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import sys
import time

COUNT = "SELECT count(*) FROM entry WHERE json_extract(data, '$.type') = ?"


def importing(modules: list[str]) -> dict[str, float]:
    """Import what newsledger imports, and then time the import of newsledger itself."""
    for name in modules:
        with contextlib.suppress(ImportError):  # some are made by their packages
            importlib.import_module(name)
    start = time.perf_counter()
    importlib.import_module("newsledger")
    return {"value": time.perf_counter() - start}


def modules() -> dict[str, list[str]]:
    """List what ``import newsledger`` imports of others."""
    before = set(sys.modules)
    importlib.import_module("newsledger")
    names = [name for name in sys.modules if name.split(".")[0] != "newsledger"]
    return {"value": [name for name in names if name not in before]}


def opening(path: str, organization: str, valid: str, known: str) -> dict[str, object]:
    """Open a ledger and ask the first question about one organisation."""
    from folds import Members

    from newsledger import Ledger

    start = time.perf_counter()
    with Ledger.open(path) as ledger:
        members = ledger.as_of(valid, known_at=known).project(Members(organization))
        return {"value": time.perf_counter() - start, "answer": sorted(members)}


def memory(path: str, valid: str, known: str) -> dict[str, float]:
    """Count what stays in memory when all bases were asked about twice, for each entry read.

    States are interned, and the bounded caches of entries, dates and sources are emptied, so that
    what is left is the index. Modules are imported beforehand.
    """
    import sqlite3
    import tracemalloc

    from folds import LatestStatus

    from newsledger import FOREVER, BaseStatusReported, Ledger, on

    class Interned(LatestStatus):
        @on(BaseStatusReported)
        def reported(self, state, event, entry):
            return sys.intern(event.status)

    for name in ("numpy", *_modules_of_the_library()):
        importlib.import_module(name)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    name = BaseStatusReported.TYPE.name
    [entries] = connection.execute(COUNT, (name,)).fetchone()
    connection.close()
    with Ledger.open(path, mode="r") as ledger:
        gc.collect()
        tracemalloc.start()
        for view in (ledger.as_of(valid, known_at=known), ledger.as_of(FOREVER)):
            found = len(dict(view.project(Interned())))
        del view
        _empty_caches(ledger)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return {"value": held / entries, "entries": entries, "found": found}


def _modules_of_the_library() -> list[str]:
    import pkgutil

    import newsledger

    found = pkgutil.walk_packages(newsledger.__path__, "newsledger.", onerror=lambda _: None)
    apart = ("newsledger.testing", "newsledger.__main__", "newsledger.tour")
    return [module.name for module in found if not module.name.startswith(apart)]


def _empty_caches(ledger: object) -> None:
    ledger._log._entries.clear()
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "newsledger":
            for member in list(vars(module).values()):
                if hasattr(member, "cache_clear"):
                    member.cache_clear()
    gc.collect()


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "importing":
        answer = importing(json.load(sys.stdin))
    else:
        answer = {"modules": modules, "opening": opening, "memory": memory}[what](*given)
    print(json.dumps(answer))
