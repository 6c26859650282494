"""Coverage: reports, outlets and origins of each happening."""

from __future__ import annotations

from uuid import uuid4

import pytest

from newsledger import Hop, Ledger, MeetingHeld, MembershipConfirmed, Source
from newsledger.projections import Coverage, origin_of

D = "2017-02-28"


def talks(day=D, **fields):
    return MeetingHeld(participants=["A", "B"], occurred=day, **fields)


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


def report(ledger, outlet, event=None, published=D, agency=None, **fields):
    chain = [Hop(agency, "agency")] if agency else []
    return ledger.append(event or talks(), Source(outlet, published), attribution=chain, **fields)


def covered(ledger, day="2018"):
    (one,) = ledger.as_of(day).project(Coverage())
    return one


def test_forty_outlets_with_one_wire_are_one_origin(ledger):
    for n in range(40):
        report(ledger, f"outlet {n}", agency="TASS")
    one = covered(ledger)
    assert (len(one.outlets), one.origins) == (40, {"TASS"})
    assert (one.corroborated, one.single_sourced) == (False, True)


def test_the_agency_itself_is_the_same_origin_and_another_outlet_corroborates(ledger):
    report(ledger, "outlet", agency="TASS")
    report(ledger, "TASS")
    assert covered(ledger).single_sourced
    report(ledger, "AKIpress")
    one = covered(ledger)
    assert (one.corroborated, one.single_sourced) == (True, False)
    state = ledger.as_of("2018").project(Coverage())
    assert (state.corroborated, state.single_sourced) == (tuple(state), ())


def test_the_agency_furthest_from_the_outlet_is_the_origin_and_nobody_else(ledger):
    hops = [Hop("press service", "office"), Hop("TASS", "News Agency"), Hop("AFP", "wire")]
    entry = ledger.append(talks(), Source("outlet", D), attribution=hops)
    assert origin_of(entry) == "AFP"
    entry = ledger.append(talks(), Source("outlet", D), attribution=hops[:2])
    assert origin_of(entry) == "TASS"
    entry = ledger.append(talks(), Source("outlet", D), attribution=hops[:1])
    assert origin_of(entry) == "outlet"


def test_the_first_to_report_are_all_of_the_earliest_publication(ledger):
    report(ledger, "late", published="2017-03-02")
    report(ledger, "a", published="2017-03-01")
    report(ledger, "b", published="2017-03-01")
    assert {entry.source.outlet for entry in covered(ledger).first} == {"a", "b"}


def test_every_type_is_covered_and_opinions_are_not(ledger):
    report(ledger, "a")
    report(ledger, "a", MembershipConfirmed(organization="EEU", member="KGZ", occurred=D))
    report(ledger, "b", talks(kind="summit"), assertion="opinion")
    assert len(ledger.as_of("2018").project(Coverage())) == 2
    everything = Coverage(accept=("fact", "opinion"))
    assert len(ledger.as_of("2018").project(everything)) == 3


def test_denials_stand_apart(ledger):
    report(ledger, "a")
    denial = report(ledger, "b", denied=True)
    state = ledger.as_of("2018").project(Coverage())
    (one,) = state
    assert (one.outlets, one.denials, one.single_sourced) == ({"a"}, (denial,), True)
    assert state.denied == (one,)


def test_a_wide_denial_counts_against_all_that_it_may_mean(ledger):
    report(ledger, "a", talks("2017-02"))
    report(ledger, "a", talks("2017-08"))
    report(ledger, "a", talks("2018-08"))
    report(ledger, "b", talks("2017"), published="2018", denied=True)
    state = ledger.as_of("2019").project(Coverage())
    assert [len(one.denials) for one in state] == [1, 1, 0]


def test_what_is_only_denied_has_no_reports_and_no_origin(ledger):
    denial = report(ledger, "b", denied=True)
    report(ledger, "a", talks("2016"))
    report(ledger, "a", talks("2018-08"))
    state = ledger.as_of("2019").project(Coverage())
    assert [len(one.reports) for one in state] == [1, 0, 1]
    one = state[1]
    assert (one.origins, one.first, one.corroborated, one.single_sourced) == (
        frozenset(),
        (),
        False,
        False,
    )
    assert one.event == denial.event
    assert "only denied" in repr(one)
    assert state.find(denial) == state.find(talks()) == one


def test_a_happening_is_found_by_event_entry_or_root(ledger):
    wide = report(ledger, "a", talks("2017-02"))
    narrow = report(ledger, "b", talks("2017-02-03"))
    other = report(ledger, "b", talks("2017-02-04"))
    state = ledger.as_of("2018").project(Coverage())
    first, second = state
    assert first.reports == (narrow, wide)
    assert state.find(wide) == state.find(wide.root) == state.find(wide.event) == first
    assert state.find(other.event) == state.find(talks("2017-02-04", place="there")) == second
    assert state.find(talks("2017")) == first
    assert state.find(talks("2016")) is None
    assert state.find(talks(kind="summit")) is None
    assert state.find(uuid4()) is None


def test_an_event_finds_the_happening_that_has_its_report(ledger):
    report(ledger, "a", talks("2017-02-20"))
    wide = report(ledger, "a", talks("[2017-02-10..2017-02-28]"))
    earlier = report(ledger, "a", talks("[2017-01-10..2017-02-15]"))
    first, second = ledger.as_of("2018").project(Coverage())
    assert first.reports == (earlier,)
    assert ledger.as_of("2018").project(Coverage()).find(wide.event) == second


def test_a_root_that_denies_two_leads_to_the_first(ledger):
    report(ledger, "a", talks("2017-02"))
    report(ledger, "a", talks("2017-08"))
    denial = report(ledger, "b", talks("2017"), published="2018", denied=True)
    state = ledger.as_of("2019").project(Coverage())
    assert state.find(denial) == state[0]


def test_it_prints_well(ledger):
    report(ledger, "a")
    assert repr(covered(ledger)) == (
        "<Covered MeetingHeld(occurred='2017-02-28', participants=('A', 'B')): "
        "reports=1, origins=['a']>"
    )


def test_order_decides_nothing_and_another_report_is_another_answer(ledger):
    report(ledger, "a")
    before = ledger.as_of("2018").project(Coverage())
    report(ledger, "b")
    view = ledger.as_of("2018")
    assert view.project(Coverage()) != before
    assert view.undetermined(Coverage()) == ()
