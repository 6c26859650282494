"""A UmaDB server does what every store must."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from newsledger.store import open_recorder
from newsledger.testing.conformance import (
    AgreeingConformance,
    ReadingConformance,
    RecorderConformance,
)

pytest.importorskip("umadb", reason="the extra umadb is not installed: umadb is missing")


class OnServers:
    locks = False
    erases = False
    examples = 15
    items = 1_500
    big = batch = 3_900_000  # the server takes 4 MB at once

    @pytest.fixture(autouse=True)
    def _starts(self, start_umadb):
        self._start = start_umadb

    @contextmanager
    def new_store(self):
        with self._start() as server:
            yield lambda mode="a": open_recorder(server.url, mode=mode)


class TestUmaDB(OnServers, RecorderConformance):
    pass


@pytest.mark.campaign
class TestUmaDBAtLength(OnServers, AgreeingConformance, ReadingConformance):
    examples = 500
    items = 9_000
