"""The package: its names, what it imports, its tour and its example."""

import subprocess
import sys
from pathlib import Path

import newsledger
from newsledger import Ledger
from newsledger.tour import tour

EXAMPLE = Path(__file__).parents[2] / "examples" / "kyrgyzstan_2017.py"


def python(*arguments):
    return subprocess.run(
        [sys.executable, "-X", "utf8", *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_the_exported_names_are_these():
    exported = set(newsledger.__all__)
    assert {name for name in vars(newsledger) if name[0].isupper()} == {
        name for name in exported if name[0].isupper()
    }
    assert exported >= {"Ledger", "Source", "When", "Projection", "on", "event", "All", "FOREVER"}
    assert all(getattr(newsledger, name, None) is not None for name in exported)


def test_importing_it_imports_no_test_tools():
    done = python("-c", "import sys, newsledger; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    assert {"hypothesis", "pytest"}.isdisjoint(done.stdout.split())


def test_the_tour_tells_the_three_axes():
    lines = list(tour())
    assert "  on 2015-03-01: member, on a forecast only" in lines
    assert "  as known on 2014-11-30: unknown" in lines
    assert "  before (position 6): 1 broken, 0 open" in lines
    assert "  after (position 7): 0 broken, 1 open" in lines


def test_the_module_runs_the_tour():
    done = python("-m", "newsledger")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Recorded 5 reports from 3 sources.")
    assert python("-m", "newsledger", "x").returncode != 0


def test_the_example_runs_and_can_be_run_again_on_its_file(tmp_path):
    path = tmp_path / "news.db"
    first, second = python(EXAMPLE, path), python(EXAMPLE, path)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout
    assert "2015-03-01  ARM, BLR, KAZ, KGZ*, RUS" in first.stdout
    with Ledger.open(path, mode="r") as ledger:
        assert f"{len(ledger)} entries" in first.stdout
