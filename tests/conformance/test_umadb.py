"""A UmaDB server does what every store must."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from newsledger.store import StoredEvent, open_recorder
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
    big = 3_900_000  # the server takes 4 MB at once

    @pytest.fixture(autouse=True)
    def _starts(self, start_umadb):
        self._start = start_umadb

    @contextmanager
    def new_store(self):
        with self._start() as server:
            yield lambda mode="a": open_recorder(server.url, mode=mode)


class TestUmaDB(OnServers, RecorderConformance):
    def test_events_of_all_sizes_across_pages(self, recorder):
        """As the kit has it, but in batches that the server takes at once."""
        sizes = [1, 300_000, 10, 900_000, *[50_000] * 150, *[3] * 300]
        events = [StoredEvent("T", b"x" * size, ["all"]) for size in sizes]
        for start in range(0, len(events), 40):
            recorder.append(events[start : start + 40])
        assert [found.event for found in recorder.read()] == events


@pytest.mark.campaign
class TestUmaDBAtLength(OnServers, AgreeingConformance, ReadingConformance):
    examples = 500
    items = 9_000

    test_events_of_all_sizes_across_pages = None  # in batches above
