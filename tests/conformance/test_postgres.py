"""The PostgreSQL store does what every store must, on a real server."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial

import pytest

from newsledger.store import open_recorder
from newsledger.testing.conformance import AgreeingConformance, RecorderConformance


class OnAServer:
    @pytest.fixture(autouse=True)
    def on_a_server(self, postgres):
        self.server = postgres

    @contextmanager
    def new_store(self):
        with self.server.schema() as name:
            opener = partial(open_recorder, self.server.url(name), durability="normal")
            yield lambda mode="a": opener(mode=mode)


class TestPostgres(OnAServer, RecorderConformance):
    examples = 15


@pytest.mark.campaign
class TestPostgresAtLength(OnAServer, AgreeingConformance):
    examples = 1_000
