"""The names of the kit are found where they are asked for, and cost nothing before."""

import subprocess
import sys

import pytest

from newsledger import testing


def test_all_names_are_there_and_are_listed():
    assert set(testing.__all__) <= set(dir(testing))
    for name in testing.__all__:
        assert getattr(testing, name) is not None


def test_other_names_are_not():
    with pytest.raises(AttributeError, match=r"'newsledger\.testing' has no attribute 'gave'"):
        testing.gave  # noqa: B018


def test_examples_do_not_ask_for_hypothesis():
    code = (
        "import sys, newsledger.testing as t\n"
        "names = 'Clock Scenario given report correction retraction withdrawal state'\n"
        "for name in names.split():\n"
        "    getattr(t, name)\n"
        "print({'hypothesis', 'pytest'} & set(sys.modules))\n"
        "t.LedgerMachine\n"
        "print('hypothesis' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("set()\nTrue\n", "")
