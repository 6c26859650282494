"""What version 1 stored can be read for ever, and its ids never change."""

import json
import shutil
from pathlib import Path

import pytest

from newsledger import Ledger
from newsledger.events import CATALOGUE
from newsledger.reports import decode_entry, encode_entry

HERE = Path(__file__).parent
STORED = [
    json.loads(line)
    for line in (HERE / "v1" / "entries.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(
    "stored", STORED, ids=lambda stored: f"{stored['position']}-{stored['type']}"
)
def test_stored_bytes_decode_to_what_was_recorded(stored):
    entry = decode_entry(stored["data"].encode(), stored["position"], stored["tags"])
    assert repr(entry.event) == stored["event"]
    assert repr(entry) == stored["entry"]
    assert str(entry.id) == stored["id"]


@pytest.mark.parametrize(
    "stored",
    [s for s in STORED if s["type"] not in {"correction", "retraction"}],
    ids=lambda stored: f"{stored['position']}-{stored['type']}",
)
def test_the_same_report_has_the_same_id_on_every_machine(stored):
    entry = decode_entry(stored["data"].encode(), stored["position"], stored["tags"])
    assert str(entry.report.id) == stored["id"]


@pytest.mark.parametrize("stored", STORED, ids=lambda stored: str(stored["position"]))
def test_what_is_written_today_is_what_was_written_then(stored):
    entry = decode_entry(stored["data"].encode(), stored["position"], stored["tags"])
    assert encode_entry(entry).decode() == stored["data"]


def test_every_type_of_the_vocabulary_is_in_the_corpus():
    built_in = {
        known.name for known in CATALOGUE if known.cls.__module__.startswith("newsledger.events.")
    } - {"newsledger.opaque"}
    assert built_in <= {stored["type"] for stored in STORED}


def test_a_file_of_version_1_opens_and_answers(tmp_path):
    path = tmp_path / "ledger.db"
    shutil.copy(HERE / "v1" / "ledger.db", path)
    with Ledger.open(path, mode="r") as ledger:
        assert [str(entry.id) for entry in ledger.entries()] == [s["id"] for s in STORED]
        assert [repr(entry) for entry in ledger.entries()] == [s["entry"] for s in STORED]
        # The confirmation of KGZ was corrected to KAZ, and the correction retracted.
        shown = ledger.as_of("2020").entries(types="MembershipConfirmed")
        assert [entry.event.member for entry in shown] == ["KGZ"]
