"""Roles: who holds and held which office."""

import pickle

import pytest

from newsledger import Ledger, RoleEnded, RoleHeld, RoleStarted, Source
from newsledger.projections.roles import Roles

KINDS = {"start": RoleStarted, "end": RoleEnded, "held": RoleHeld}
LATER = "2022-01-01"
ATAMBAYEV, OTUNBAYEVA, USHAKOV = "Almazbek Atambayev", "Roza Otunbayeva", "Yury Ushakov"


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


@pytest.fixture
def tell(ledger):
    """Record one report, published in hindsight unless said otherwise."""
    count = 0

    def told(
        kind, occurred, person=ATAMBAYEV, office="president", of="KGZ", *, published=LATER, **fields
    ):
        nonlocal count
        count += 1
        since = {"since": fields.pop("since")} if "since" in fields else {}
        event = KINDS[kind](person=person, office=office, of=of, occurred=occurred, **since)
        return ledger.append(event, Source(f"Outlet {count}", published), **fields)

    return told


@pytest.fixture
def at(ledger):
    def asked(valid_at="2025-01-01", entity="KGZ", **point):
        return ledger.as_of(valid_at, **point).project(Roles(entity))

    return asked


@pytest.fixture
def presidents(tell):
    tell("start", "2010-07-03", OTUNBAYEVA)
    tell("end", "2011-12-01", OTUNBAYEVA)
    tell("start", "2011-12-01")
    tell("end", "2017-11-24")


def test_holders_change_over_time(presidents, at):
    assert at("2010-07-02").holders("president") == frozenset()
    assert at("2011-11-30").holders("president") == {OTUNBAYEVA}
    assert at("2017-02-28").holders("president") == {ATAMBAYEV}
    assert at("2017-11-24").holders("president") == frozenset()


def test_past_spells_have_both_dates(presidents, at):
    state = at("2017-02-28")
    (past,) = state.past
    assert (past.person, str(past.since), str(past.until)) == (
        OTUNBAYEVA,
        "2010-07-03",
        "2011-12-01",
    )
    (current,) = state.current
    assert (current.person, str(current.since), current.until) == (ATAMBAYEV, "2011-12-01", None)
    assert [state.status(who, "president") for who in (OTUNBAYEVA, ATAMBAYEV, USHAKOV)] == [
        "held",
        "holds",
        "unknown",
    ]
    assert str(state.since(ATAMBAYEV, "president")) == "2011-12-01"
    assert state.since(OTUNBAYEVA, "president") is None


def test_several_spells_of_one_person(tell, at):
    for kind, day in [
        ("start", "2000-05-07"),
        ("end", "2008-05-07"),
        ("start", "2012-05-07"),
        ("held", "2017-02-28"),
    ]:
        tell(kind, day, "Vladimir Putin", of="RUS")
    state = at(entity="RUS")
    assert [(str(s.since), str(s.until)) for s in state.past] == [("2000-05-07", "2008-05-07")]
    assert [str(s.since) for s in state.current] == ["2012-05-07"]
    assert len(state.current[0].entries) == 2
    assert len(state.evidence("Vladimir Putin", "president")) == 4


def test_two_may_hold_one_office(tell, at):
    tell("start", "2015", USHAKOV, "aide to the president", "RUS")
    tell("start", "2016", "Vladislav Surkov", "aide to the president", "RUS")
    assert len(at(entity="RUS").holders("aide to the president")) == 2


def test_asked_about_a_person(tell, at):
    tell("start", "2010-12-17", office="prime minister")
    tell("end", "2011-11-30", office="prime minister")
    tell("start", "2011-12-01")
    tell("start", "2011-12-01", office="president", of="a club")
    state = at(entity=ATAMBAYEV)
    assert state.offices(ATAMBAYEV) == {("president", "KGZ"), ("president", "a club")}
    assert state.status(ATAMBAYEV, "prime minister") == "held"
    assert state.holders("president", of="KGZ") == {ATAMBAYEV}
    assert state.holders("president", of="RUS") == frozenset()
    assert state.status(ATAMBAYEV, "president", of="RUS") == "unknown"


def test_end_without_a_start(tell, at):
    tell("end", "2017-11-24")
    (past,) = at().past
    assert (past.since, str(past.until), past.status) == (None, "2017-11-24", "held")


def test_forecast_is_unconfirmed_until_it_is_seen(tell, at):
    tell("start", "2011-12-01", published="2011-11-02")
    assert at("2011-12-01").unconfirmed == {(ATAMBAYEV, "president", "KGZ")}
    tell("held", "2012-01-01")
    assert at("2012-01-01").unconfirmed == frozenset()


def test_only_the_last_spell_is_unconfirmed(tell, at):
    tell("start", "2000-05-07")
    tell("end", "2008-05-07")
    tell("start", "2012-05-07", published="2012-03-05")
    state = at()
    assert (state.past[0].unconfirmed, state.current[0].unconfirmed) == (False, True)


def test_start_and_end_that_overlap(tell, at):
    tell("start", "2017")
    tell("end", "2017-06")
    assert at().status(ATAMBAYEV, "president") == "held"


def test_re_entry_or_end(ledger, tell, at):
    tell("held", "2010")
    start, end = tell("start", "2017-06"), tell("end", "2017")
    state = at()
    assert state.status(ATAMBAYEV, "president") == "undetermined"
    assert state.holders("president") == frozenset()
    assert [str(spell.since) for spell in state.undetermined] == ["2017-06"]
    assert ledger.as_of("2025").undetermined(Roles("KGZ")) == ((start, end),)


def test_seen_wholly_later_than_the_end(tell, at):
    end, seen = tell("end", "2017-11-24"), tell("held", "2017-11-25")
    state = at()
    assert state.holders("president") == {ATAMBAYEV}
    assert state.disputed == {(ATAMBAYEV, "president", "KGZ"): (end, seen)}
    assert [spell.disputed for spell in (*state.past, *state.current)] == [False, True]


def test_seen_on_the_last_day(tell, at):
    tell("end", "2017-11-24")
    tell("held", "2017-11-24")
    assert at().status(ATAMBAYEV, "president") == "held"
    assert dict(at().disputed) == {}


def test_dates_that_disagree(tell, at):
    one, other = tell("start", "2011-12-01"), tell("held", "2017-02-28", since="2011-11-30")
    assert at().disputed == {(ATAMBAYEV, "president", "KGZ"): (other, one)}


def test_denied(tell, at):
    start, denial = tell("start", "2011-12-01"), tell("held", "2017-02-28", denied=True)
    assert at().disputed == {(ATAMBAYEV, "president", "KGZ"): (start, denial)}
    assert at().status(ATAMBAYEV, "president") == "holds"
    tell("start", "2011-12-01", OTUNBAYEVA, denied=True)
    assert at().status(OTUNBAYEVA, "president") == "unknown"


def test_equal_answers_are_equal_states(ledger, presidents, tell, at):
    before = at()
    tell("held", "2017-02-28")
    assert (at(), hash(at())) == (before, hash(before))
    assert len(list(ledger.as_of().history(Roles("KGZ")))) == 3


def test_prints_and_pickles(presidents, at):
    state = at("2017-02-28")
    assert str(state) == (
        "Almazbek Atambayev, president of KGZ (since 2011-12-01); "
        "Roza Otunbayeva, president of KGZ (2010-07-03 to 2011-12-01)"
    )
    assert repr(at("2000")) == "<RolesState KGZ: nobody>"
    assert pickle.loads(pickle.dumps(state)) == state


def test_entity_is_checked():
    with pytest.raises(ValueError, match="empty"):
        Roles("")
