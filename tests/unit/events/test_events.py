"""Events: what they name, when they began, what they refuse."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest

from newsledger import (
    AgendaItem,
    AgreementReached,
    BaseStatusReported,
    EventScheduled,
    ExpectationStated,
    InteractionReported,
    InvalidEvent,
    MeetingHeld,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
    Money,
    OfferMade,
    OutcomeRecorded,
    RoleEnded,
    RoleHeld,
    RoleStarted,
    StatementMade,
    TradeReported,
    TreatyActionTaken,
    When,
)

ID = UUID("11111111-1111-5111-8111-111111111111")
MEETING = {"participants": ["Ada", "Bo"], "occurred": "2017-02-28"}


def day(year, month, of_month):
    return datetime(year, month, of_month, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (MeetingHeld(**MEETING, representing=["RUS"]), {"Ada", "Bo", "RUS"}),
        (
            StatementMade(
                speaker="Ada", summary="s", about=["B"], on_behalf_of=["C"], occurred="2017"
            ),
            {"Ada", "B", "C"},
        ),
        (AgreementReached(parties=["A", "B"], subject="s", occurred="2017"), {"A", "B"}),
        (TreatyActionTaken(treaty="T", action="signed", occurred="2017"), {"T"}),
        (RoleHeld(person="P", office="o", of="KGZ", occurred="2017"), {"P", "KGZ"}),
        (MembersListed(organization="O", members=["A"], occurred="2017"), {"O", "A"}),
        (
            BaseStatusReported(base="B", host="H", agreement="T", status="closed", occurred="2017"),
            {"B", "H", "T"},
        ),
        (
            TradeReported(partner="A", reporter="B", compiler="C", flow="total", period="2016"),
            {"A", "B", "C"},
        ),
        (TradeReported(partner="A", counterpart="D", flow="total", period="2016"), {"A", "D"}),
        (OfferMade(by="A", to="B", offer="o", about=["X"], occurred="2017"), {"A", "B", "X"}),
        (ExpectationStated(expectation="e", about=["X"], occurred="2017"), {"X"}),
        (
            EventScheduled(title="t", window="2018", host="H", representing=["R"], occurred="2017"),
            {"H", "R"},
        ),
        (OutcomeRecorded(of=ID, outcome="kept", occurred="2017"), set()),
        (InteractionReported(target="T", action="a", occurred="2017"), {"T"}),
    ],
)
def test_entities_are_those_that_it_names(event, names):
    assert event.entities == names


def test_onset_is_that_of_since_where_it_is_set():
    told = MembershipConfirmed(organization="EEU", member="KGZ", occurred="2017-02-28")
    assert told.onset == (day(2017, 2, 28), day(2017, 3, 1))
    since = MembershipConfirmed(
        organization="EEU", member="KGZ", since="2015-08-12", occurred="2017-02-28"
    )
    assert since.onset == (day(2015, 8, 12), day(2015, 8, 13))


def test_the_onset_of_trade_is_its_whole_period():
    trade = TradeReported(partner="A", reporter="B", flow="total", period="2016-01/2016-03")
    assert trade.onset == (day(2016, 1, 1), day(2016, 4, 1))
    assert trade.occurred == trade.period == When("2016-01/2016-03")


SPELLS = [
    (MembershipStarted, {"organization": "O", "member": "M"}),
    (MembershipEnded, {"organization": "O", "member": "M"}),
    (MembershipConfirmed, {"organization": "O", "member": "M"}),
    (RoleHeld, {"person": "P", "office": "o", "of": "X"}),
    (RoleStarted, {"person": "P", "office": "o", "of": "X"}),
    (RoleEnded, {"person": "P", "office": "o", "of": "X"}),
]


@pytest.mark.parametrize(("cls", "fields"), SPELLS)
@pytest.mark.parametrize("occurred", ["2015/2017", "../2017", "/2017"])
def test_a_spell_is_told_by_its_ends(cls, fields, occurred):
    with pytest.raises(InvalidEvent, match=rf"{cls.__name__}\.occurred: .* two events"):
        cls(**fields, occurred=occurred)


@pytest.mark.parametrize(("cls", "fields"), SPELLS)
@pytest.mark.parametrize("occurred", ["2015/..", "2015/", "[2015..2017]", "2015"])
def test_an_open_end_is_no_end(cls, fields, occurred):
    assert str(cls(**fields, occurred=occurred).occurred) == occurred


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: MeetingHeld(participants=["Ada"], occurred="2017"), "MeetingHeld.participants"),
        (
            lambda: MeetingHeld(participants=["Ada", "Ada"], occurred="2017"),
            "MeetingHeld.participants",
        ),
        (lambda: MeetingHeld(**MEETING, agenda=["water"]), "MeetingHeld.agenda"),
        (
            lambda: MeetingHeld(participants=["A", "B"], occurred="2017-02-30"),
            "MeetingHeld.occurred",
        ),
        (
            lambda: MeetingHeld(participants=["A", "B"], occurred=datetime(2017, 2, 28)),  # noqa: DTZ001
            "MeetingHeld.occurred",
        ),
        (lambda: MeetingHeld(participants=["A", "B"], occurred="9999"), "MeetingHeld.occurred"),
        (
            lambda: AgreementReached(parties="AB", subject="s", occurred="2017"),
            "AgreementReached.parties",
        ),
        (
            lambda: TreatyActionTaken(treaty="T", action="x", occurred="2017"),
            "TreatyActionTaken.action",
        ),
        (
            lambda: BaseStatusReported(base="B", status="x", occurred="2017"),
            "BaseStatusReported.status",
        ),
        (lambda: OutcomeRecorded(of="x", outcome="kept", occurred="2017"), "OutcomeRecorded.of"),
        (
            lambda: OutcomeRecorded(of=ID, outcome="lost", occurred="2017"),
            "OutcomeRecorded.outcome",
        ),
        (lambda: InteractionReported(action="a", occurred="2017"), "InteractionReported.actor"),
        (
            lambda: TradeReported(partner="A", flow="total", period="2016"),
            "TradeReported.counterpart",
        ),
        (
            lambda: TradeReported(partner="A", reporter="A", flow="total", period="2016"),
            "TradeReported.partner",
        ),
        (lambda: Money("NaN", "USD"), "Money.amount"),
        (lambda: Money(Decimal("Infinity"), "USD"), "Money.amount"),
        (lambda: Money(1, "usd"), "Money.currency"),
        (lambda: Money(1, "US Dollar"), "Money.currency"),
        (lambda: AgendaItem(""), "AgendaItem.topic"),
    ],
)
def test_a_bad_field_is_named(make, field):
    with pytest.raises(InvalidEvent) as caught:
        make()
    assert caught.value.field == field
    assert str(caught.value).startswith(field)


def test_dates_come_as_text_date_datetime_or_when():
    made = [
        MeetingHeld(participants=["A", "B"], occurred=occurred)
        for occurred in ("2017-02-28", date(2017, 2, 28), When("2017-02-28"))
    ]
    assert made[0] == made[1] == made[2]


def test_events_are_keyword_only():
    with pytest.raises(TypeError):
        MembershipStarted("EEU", "KGZ", "2015-08-12")


def test_identity_is_blind_to_the_order_of_participants():
    one = MeetingHeld(participants=["A", "B"], occurred="2017", place="here")
    other = MeetingHeld(participants=["B", "A"], occurred="2018")
    assert one.identity == other.identity
    assert one.identity != MeetingHeld(participants=["A", "C"], occurred="2017").identity


def test_trade_of_nobody_in_particular_is_told_by_its_pair():
    one = TradeReported(partner="A", counterpart="B", flow="total", period="2016")
    other = TradeReported(partner="B", counterpart="A", flow="total", period="2016")
    third = TradeReported(partner="A", counterpart="C", flow="total", period="2016")
    assert one.identity == other.identity != third.identity


def test_money_prints_its_amount_in_full():
    assert str(Money("1.2e9", "USD")) == "USD 1,200,000,000"


def test_sets_of_values_become_tuples_in_one_order():
    topics = [AgendaItem("a"), AgendaItem("b", discussed=False)]
    made = [MeetingHeld(**MEETING, agenda=set(order)).agenda for order in (topics, topics[::-1])]
    assert made[0] == made[1]
    with pytest.raises(InvalidEvent, match="participants: item"):
        MeetingHeld(participants={"A", 1}, occurred="2017")


def test_an_enum_that_is_text_is_held_as_its_value():
    place = StrEnum("Place", {"HERE": "Bishkek"}).HERE
    assert MeetingHeld(**MEETING, place=place).place == "Bishkek"
    assert type(MeetingHeld(**MEETING, place=place).place) is str


def test_intensity_is_a_number_as_coded():
    event = InteractionReported(actor="A", action="a", intensity=-10.0, occurred="2017")
    assert event.intensity == -10
    with pytest.raises(InvalidEvent, match="finite"):
        InteractionReported(actor="A", action="a", intensity=float("nan"), occurred="2017")
