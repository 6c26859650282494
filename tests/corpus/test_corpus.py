"""What any version stored can be read for ever, and its ids and digests never change."""

import json
import shutil
from pathlib import Path

import pytest

from newsledger import Digest, Event, Ledger, event, verify_proof
from newsledger.events import CATALOGUE
from newsledger.fields import Entity
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


DIGEST = "newsledger-digest:26:3246d9087ba12eb668913bdb62a4bf769de8a684c4d5f7cb84fa4e2105671686"
LATER = "newsledger-digest:28:ee14219020d90b59fbc2aed50547da75ba3695bef6d1398a5e5a81ede81c5231"


@pytest.fixture
def corpus(tmp_path):
    def copy(version):
        return shutil.copy(HERE / version / "ledger.db", tmp_path / f"{version}.db")

    return copy


@pytest.mark.parametrize("mode", ["r", "a"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_file_of_any_version_opens_and_answers(corpus, version, mode):
    """As it is, or migrated; the second time as the first."""
    path = corpus(version)
    for _ in range(2):
        with Ledger.open(path, mode=mode) as ledger:
            entries = list(ledger.entries(limit=26))
            assert [str(entry.id) for entry in entries] == [s["id"] for s in STORED]
            assert [repr(entry) for entry in entries] == [s["entry"] for s in STORED]
            # The confirmation of KGZ was corrected to KAZ, and the correction retracted.
            shown = ledger.as_of("2020").entries(types="MembershipConfirmed")
            assert [entry.event.member for entry in shown] == ["KGZ"]
            assert ledger.verify()
            assert str(ledger.digest(26)) == DIGEST


def test_a_file_of_version_1_is_gone_on_with(corpus):
    with Ledger.open(corpus("v1")) as ledger:
        [first] = ledger.entries(limit=1)
        ledger.retract(first)
        assert (len(ledger), bool(ledger.verify())) == (27, True)
        proof = ledger.prove(Digest.parse(DIGEST))
        assert verify_proof(proof, DIGEST, ledger.digest()) == ledger.digest()


def test_an_event_of_an_old_version_is_read_through_its_upcasters(corpus):
    """It was stored as version 1, with one field ``who``, by a class that is gone."""
    path = corpus("v2")

    @event(
        "corpus.PrizeAwarded",
        version=3,
        identity=("prize",),
        upcasters={
            1: lambda body: {**body, "winners": [body["who"]]},
            2: lambda body: {key: value for key, value in body.items() if key != "who"},
        },
    )
    class PrizeAwarded(Event):
        prize: str
        winners: tuple[Entity, ...]

    try:
        with Ledger.open(path) as ledger:
            report, correction = ledger.entries(after=26)
            assert report.event.winners == ("Malala",)
            assert correction.event.winners == ("Malala Yousafzai",)
            [shown] = ledger.as_of("2020").entries(types=PrizeAwarded)
            assert shown == correction
            assert ledger.verify()
            assert str(ledger.digest()) == LATER
            assert verify_proof(ledger.prove(report), LATER).entry == report
    finally:
        del CATALOGUE._types["corpus.PrizeAwarded"]


def test_an_event_whose_type_is_unknown_is_kept_as_it_is(corpus):
    with Ledger.open(corpus("v2"), mode="r") as ledger:
        report, _ = ledger.entries(after=26)
        assert report.event.type == "corpus.PrizeAwarded"
        assert report.entities == {"Malala"}
        assert str(ledger.digest()) == LATER
        assert ledger.verify()
