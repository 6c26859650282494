"""What is asked of a ledger after those who worked on it were killed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise

from newsledger import FOREVER, Ledger
from newsledger.testing import oracle


class Told:
    """All that was acknowledged, over all processes that worked on one ledger."""

    def __init__(self):
        self.positions = {}
        self.steps = []
        self.refused = []

    def hear(self, word):
        """Take in a line; what is no refusal and no acknowledgement fails the test."""
        assert "broke" not in word, word["broke"]
        if "step" in word:
            self.steps.append(word["step"])
            for id, position in word["recorded"]:
                before = self.positions.get(id)
                assert before is None or position is None or before == position, (id, word)
                self.positions[id] = before or position
        if "refused" in word:
            self.refused.append((word["refused"], word["message"], word["errno"]))


def check(url, told, *, mode="r", thorough=False, before=0):
    """Hold what is there against what was told; give how many entries that is.

    ``before``: so many entries were there before anybody began.
    """
    with Ledger.open(url, mode=mode) as ledger:
        entries = list(ledger.entries())
        _check_acknowledged(entries, told)
        _check_batches(entries[before:])
        for earlier, later in pairwise(entries):
            assert earlier.recorded <= later.recorded
        found = ledger.verify()
        assert found.ok, str(found)
        if thorough:
            _check_views(ledger, entries)
        return len(entries)


def _check_acknowledged(entries, told):
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    there = {str(entry.id): entry.position for entry in entries}
    assert len(there) == len(entries)
    lost = told.positions.keys() - there.keys()
    assert not lost, f"{len(lost)} acknowledged entries are lost of {len(told.positions)}"
    for id, position in told.positions.items():
        assert position in {None, there[id]}


def _check_batches(entries):
    batches = {}
    for entry in entries:
        if entry.kind == "report":
            batches.setdefault(entry.source.title, []).append(entry.position)
    for title, positions in batches.items():
        size = int(re.fullmatch(r"[\d.]+ of (\d+)", title)[1])
        assert positions == list(range(positions[0], positions[0] + size)), title


def _check_views(ledger, entries):
    for known in FOREVER, "2016":
        view = ledger.as_of(FOREVER, known_at=known)
        end = None if known is FOREVER else datetime(2017, 1, 1, tzinfo=UTC)
        seen = oracle.visible(entries, len(entries), end)
        assert list(view.entries()) == oracle.show(seen, None, view.dates)


def check_model(url, into, projection, table=None):
    """What the table holds is what the ledger is."""
    with (
        Ledger.open(url, mode="r") as ledger,
        ledger.materialize(projection, into, table=table) as model,
    ):
        assert model.position == len(ledger)
        for point in "2012-06", "2015", FOREVER:
            view = ledger.as_of(point)
            assert dict(model.at(point)) == dict(view.project(projection))


def check_tiles(url):
    """What is kept of hashes is what they are."""
    with Ledger.open(url, mode="r") as ledger:
        kept = ledger.digest()
    with Ledger.open(url, mode="r") as ledger:
        # Computed anew, by an object that learns of none.
        ledger._recorder.tiles = lambda after=0: []
        assert ledger.digest() == kept
