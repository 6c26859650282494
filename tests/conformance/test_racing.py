"""Two writers, one truth: eight processes race on one ledger, whatever store it is in."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def race():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        yield importlib.import_module("racing").race


@pytest.fixture
def url(request, tmp_path):
    """An empty ledger in the store that is asked for by its scheme."""
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.db")
    elif request.param == "umadb":
        yield request.getfixturevalue("umadb_server").url
    else:
        server = request.getfixturevalue("postgres")
        with server.schema() as name:
            yield server.url(name)


STORES = pytest.mark.parametrize("url", ["sqlite", "postgresql", "umadb"], indirect=True)


@STORES
def test_eight_processes_race(race, url):
    race(url, rounds=5)


@pytest.mark.campaign
@STORES
def test_eight_processes_race_at_length(race, url):
    race(url, rounds=200)
