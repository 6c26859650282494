"""BaseStatus: whether a base stands, and what was offered about it."""

import pickle

import pytest

from newsledger import BaseStatusReported, Ledger, OfferMade, OutcomeRecorded, Source
from newsledger.projections.bases import BaseStatus

LATER = "2022-01-01"
MANAS = "Manas air base"


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


@pytest.fixture
def add(ledger):
    """Record an event, each by an outlet of its own, published in hindsight unless said."""
    count = 0

    def added(event, *, published=LATER, **fields):
        nonlocal count
        count += 1
        return ledger.append(event, Source(f"Outlet {count}", published), **fields)

    return added


@pytest.fixture
def tell(add):
    def told(status, occurred, *, published=LATER, denied=False, assertion="fact", **fields):
        event = BaseStatusReported(
            base=fields.pop("base", MANAS), status=status, occurred=occurred, **fields
        )
        return add(event, published=published, denied=denied, assertion=assertion)

    return told


@pytest.fixture
def offer(add):
    def offered(occurred="2017-02-28", condition="if Bishkek asks", about=(MANAS,)):
        event = OfferMade(
            by="RUS",
            to="KGZ",
            offer="close the base",
            condition=condition,
            about=about,
            occurred=occurred,
        )
        return add(event)

    return offered


@pytest.fixture
def at(ledger):
    def asked(valid_at="2025-01-01", **point):
        return ledger.as_of(valid_at, **point).project(BaseStatus(MANAS))

    return asked


def test_life_of_a_base(tell, at):
    tell("operating", "2001-12-16", host="KGZ", operator="USA")
    tell("closing", "2013-06-26")
    tell("closed", "2014-06-03", name="Manas Transit Center")
    tell("handed over", "2014-07-11")
    days = ["2001-12-15", "2001-12-16", "2013-06-26", "2014-06-03", "2014-07-11"]
    assert [at(day).status for day in days] == [
        "unknown",
        "operating",
        "closing",
        "closed",
        "handed over",
    ]
    assert (at().host, at().operator, at().name) == ("KGZ", "USA", "Manas Transit Center")
    assert at().disputed == ()


def test_last_told_fields_are_those_of_the_latest_report(tell, at):
    tell("operating", "2005", operator="USA", agreement="lease of 2001")
    tell("operating", "2009", operator="USAF", agreement="lease of 2009")
    tell("operating", "2010")
    assert (at().operator, at().agreement) == ("USAF", "lease of 2009")
    assert at("2006").operator == "USA"


def test_since_is_of_the_present_stretch(tell, at):
    tell("operating", "2003", since="2001")
    tell("suspended", "2009", since="2009-02")
    tell("operating", "2012", since="2010")
    tell("operating", "2013")
    assert str(at().since) == "2010"
    assert len(at().evidence) == 2
    assert str(at("2009-06").since) == "2009-02"


def test_dates_that_disagree_are_disputed(tell, at):
    one = tell("operating", "2003", since="2001-12-16")
    other = tell("operating", "2004", since="2001-12-20")
    assert at().status == "operating"
    assert str(at().since) == "2001-12-16"
    assert at().disputed == (one, other)


def test_two_statuses_of_one_day(ledger, tell, at):
    one, other = tell("operating", "2014-06-03"), tell("closed", "2014-06-03")
    assert at().status == "undetermined"
    assert set(at().disputed) == {one, other}
    (pair,) = ledger.as_of("2025").undetermined(BaseStatus(MANAS))
    assert set(pair) == {one, other}
    tell("closed", "2014-06-04")
    assert at().status == "closed"
    assert at().disputed == ()


@pytest.mark.parametrize(
    ("first", "then"),
    [("planned", "operating"), ("closing", "closed"), ("closing", "handed over")],
)
def test_what_precedes_where_dates_overlap(tell, at, first, then):
    tell(then, "2014-06-03")
    tell(first, "2014")
    assert at().status == then
    assert at().disputed == ()


@pytest.mark.parametrize(("first", "then"), [("planned", "closed"), ("suspended", "operating")])
def test_what_does_not_precede(tell, at, first, then):
    tell(then, "2014-06-03")
    tell(first, "2014")
    assert at().status == "undetermined"


def test_reports_of_one_happening_narrow_each_other(tell, at):
    tell("operating", "2014")
    tell("operating", "2014-03")
    tell("closed", "2014-06-03")
    assert at().status == "closed"


def test_forecast_is_unconfirmed(tell, at):
    tell("closed", "2014-07-11", published="2013-06-27")
    assert at("2014-07-11").unconfirmed
    tell("closed", "2014-08-01")
    assert at("2014-07-31").unconfirmed
    assert not at("2014-08-01").unconfirmed
    assert not at("2000").unconfirmed


def test_other_status_seen_afterwards(tell, at):
    closed = tell("closed", "2014-06-03")
    seen = tell("operating", "2017-02-28", since="2001")
    assert at().status == "closed"
    assert set(at().disputed) == {closed, seen}


def test_denied(tell, at):
    seen = tell("operating", "2010")
    tell("closed", "2010", denied=True)
    tell("operating", "2005", denied=True)
    tell("closed", "2012", denied=True)
    assert at().disputed == ()
    denial = tell("operating", "2011", denied=True)
    assert at().status == "operating"
    assert at().disputed == (seen, denial)


def test_other_bases_are_not_read(tell, at):
    tell("operating", "2010", base="Kant", host="KGZ", agreement=MANAS)
    assert at().status == "unknown"


class TestOffers:
    def test_offers_to_it_are_not_about_it(self, add, at):
        add(OfferMade(by="RUS", to=MANAS, offer="fuel", occurred="2017-02-28"))
        assert at().offers == ()

    def test_two_conditions_are_two_offers(self, offer, at):
        offer()
        offer()
        offer(condition="if its own forces suffice")
        offer(condition="another base", about=("Kant",))
        assert [len(one.reports) for one in at().offers] == [2, 1]
        assert at("2017-02-27").offers == ()

    @pytest.mark.parametrize("outcome", ["accepted", "declined", "withdrawn", "lapsed", "kept"])
    def test_settled(self, add, offer, at, outcome):
        _, other_report = offer(), offer()
        standing = offer(condition="if its own forces suffice")
        add(OutcomeRecorded(of=other_report.id, outcome=outcome, occurred="2018-01-01"))
        assert len(at("2017-12-31").offers) == 2
        assert [one.reports for one in at("2018-01-01").offers] == [(standing,)]

    def test_postponed_still_stands(self, add, offer, at):
        add(OutcomeRecorded(of=offer().id, outcome="postponed", occurred="2018-01-01"))
        assert len(at().offers) == 1

    def test_outcome_that_sorts_before_a_coarse_offer(self, add, offer, at):
        add(OutcomeRecorded(of=offer("2017").id, outcome="declined", occurred="2017-06-01"))
        assert at().offers == ()

    def test_outcome_of_a_corrected_offer(self, ledger, add, offer, at):
        first = offer()
        corrected = ledger.correct(
            first,
            OfferMade(by="RUS", to="KGZ", offer="leave", about=[MANAS], occurred="2017-02-28"),
            reason="misread",
        )
        assert [one.offer for one in at().offers] == ["leave"]
        add(OutcomeRecorded(of=corrected.id, outcome="withdrawn", occurred="2018-01-01"))
        assert at().offers == ()

    def test_another_report_of_an_offer_changes_no_answer(self, offer, at):
        offer()
        before = at()
        offer()
        assert at() == before


def test_prints_and_pickles(tell, offer, at):
    tell("operating", "2010", since="2001-12-16", host="KGZ", operator="USA")
    offer()
    state = at()
    assert repr(state) == (
        "<BaseState Manas air base: operating since 2001-12-16, host KGZ, operator USA, "
        "1 standing offer>"
    )
    assert pickle.loads(pickle.dumps(state)) == state
    assert hash(state) == hash(at())
    assert repr(at("2000")) == "<BaseState Manas air base: unknown>"


def test_equal_answers_are_equal_states(ledger, tell):
    tell("operating", "2010")
    tell("operating", "2011")
    assert len(list(ledger.as_of().history(BaseStatus(MANAS)))) == 1
