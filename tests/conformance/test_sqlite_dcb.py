"""The SQLite store passes eventsourcing's own suite for recorders."""

from __future__ import annotations

import pytest
from eventsourcing.dcb.tests import DCBRecorderTestCase

from newsledger.store import SQLiteRecorder


class Suite(DCBRecorderTestCase):
    __test__ = False  # its tests are the two methods called below


@pytest.fixture(params=["memory", "file"])
def recorder(request, tmp_path):
    path = None if request.param == "memory" else tmp_path / "ledger.db"
    with SQLiteRecorder(path) as recorder:
        yield recorder


def test_append_and_read(recorder):
    Suite()._test_append_read(recorder)


def test_append_and_subscribe(recorder):
    Suite()._test_append_subscribe(recorder)
