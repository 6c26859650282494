"""A question about one entity reads its entries and their chains, not the ledger."""

import pytest

from newsledger import (
    All,
    CommitmentMade,
    Ledger,
    MembershipStarted,
    OutcomeRecorded,
    Report,
    Source,
)
from newsledger.projections import Commitments, Membership

SOURCE = Source("The Daily Example", "2017-02-28")


def joined(member, organization="EEU"):
    return MembershipStarted(organization=organization, member=member, occurred="2015")


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        opened.extend([joined(f"M{i}", f"ORG{i % 50}") for i in range(1000)], SOURCE)
        yield opened


@pytest.fixture
def read(ledger, monkeypatch):
    """Collect the positions that the store gives out."""
    positions = []
    recorder = ledger._recorder
    read, rows = recorder.read, recorder.rows

    def spy_on_read(*args, **kwargs):
        for found in read(*args, **kwargs):
            positions.append(found.position)
            yield found

    def spy_on_rows(*args, **kwargs):
        for row in rows(*args, **kwargs):
            positions.append(row[0])
            yield row

    monkeypatch.setattr(recorder, "read", spy_on_read, raising=False)
    monkeypatch.setattr(recorder, "rows", spy_on_rows, raising=False)
    return positions


def test_one_entity_costs_its_entries(ledger, read):
    own = [ledger.append(joined("KGZ"), SOURCE).position]
    own.append(ledger.append(joined("ARM"), SOURCE).position)
    read.clear()
    assert ledger.as_of("2020").project(Membership("EEU")).members == {"ARM", "KGZ"}
    assert set(read) == set(own)


def test_a_correction_that_changed_the_entities_is_found_from_both_sides(ledger, read):
    report = ledger.append(joined("KGZ", "CSTO"), SOURCE)
    correction = ledger.correct(report, joined("KGZ", "EEU"))
    back = ledger.correct(correction, joined("KGZ", "SCO"))
    chain = {report.position, correction.position, back.position}
    for organization, members in (("CSTO", set()), ("EEU", set()), ("SCO", {"KGZ"})):
        read.clear()
        assert ledger.as_of("2020").project(Membership(organization)).members == members
        assert set(read) == chain
    read.clear()
    assert len(list(ledger.as_of("2020").entries(about=All("KGZ", "SCO")))) == 1
    assert set(read) == chain
    ledger.retract(back)
    assert ledger.as_of("2020").project(Membership("EEU")).members == {"KGZ"}


def test_outcomes_are_found_by_what_they_refer_to(ledger, read):
    promise = ledger.append(CommitmentMade(by="KGZ", promise="p", occurred="2016"), SOURCE)
    kept = ledger.append(OutcomeRecorded(of=promise.id, outcome="kept", occurred="2017"), SOURCE)
    early = Report(CommitmentMade(by="KGZ", promise="q", occurred="2016"), SOURCE)
    before = ledger.append(OutcomeRecorded(of=early.id, outcome="broken", occurred="2017"), SOURCE)
    late = ledger.append(early)
    read.clear()
    state = ledger.as_of("2020").project(Commitments("KGZ"))
    assert ([c.promise for c in state.kept], [c.promise for c in state.broken]) == (["p"], ["q"])
    assert set(read) == {e.position for e in (promise, kept, before, late)}
