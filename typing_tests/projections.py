"""What type checkers understand: mypy --strict and pyright, strict, accept this file as it is.

Nothing here is run. Where an error is expected, the comment that silences it is itself an error
as soon as it is not needed.
"""

# ruff: noqa: ARG002 (handlers are given all three)
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_type
from uuid import UUID

from newsledger import (
    FOREVER,
    TODAY,
    AgendaItem,
    CommitmentMade,
    ConsistencyProof,
    Digest,
    Entry,
    Event,
    ExpectationStated,
    Fault,
    InclusionProof,
    Ledger,
    Live,
    MeetingHeld,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
    Money,
    OutcomeRecorded,
    Projection,
    Proven,
    ReadModel,
    Report,
    Source,
    TradeReported,
    View,
    When,
    event,
    on,
    verify_proof,
)
from newsledger.fields import Dated, Entities, Entity, MaybeDated, MaybeNumber, Number, Texts, field
from newsledger.projections import (
    BaseState,
    BaseStatus,
    Calendar,
    CalendarState,
    Commitment,
    Commitments,
    CommitmentsState,
    Coverage,
    CoverageState,
    Meetings,
    MeetingsState,
    Membership,
    MembershipState,
    Offers,
    OffersState,
    Roles,
    RolesState,
    Statements,
    StatementsState,
    Trade,
    TradeState,
)


class Members(Projection[frozenset[str]]):
    """Without keys."""

    def __init__(self, organization: str) -> None:
        self.organization = organization

    def about(self) -> str:
        return self.organization

    def initial(self) -> frozenset[str]:
        return frozenset()

    @on(MembershipStarted)
    def joined(
        self, state: frozenset[str], event: MembershipStarted, entry: Entry
    ) -> frozenset[str]:
        return state | {event.member}

    @on(MembershipEnded)
    def left(self, state: frozenset[str], event: MembershipEnded, entry: Entry) -> frozenset[str]:
        return state - {event.member}


class MeetingsOf(Projection[int]):
    """With keys."""

    def keys(self, event: MeetingHeld, entry: Entry) -> Iterable[str]:
        return event.participants

    def initial(self) -> int:
        return 0

    @on(MeetingHeld)
    def met(self, state: int, event: MeetingHeld, entry: Entry) -> int:
        return state + 1


@event("typing.HarvestTold", identity=("crop", "place"))
class HarvestTold(Event):
    """A type of one's own."""

    crop: str
    place: Entity
    farms: Entities = field(default=())
    sorts: Texts = field(default=())
    tons: Number
    change: MaybeNumber = field(default=None)
    until: MaybeDated = field(default=None)
    sold: Dated = field(default="2017")
    organic: bool = False


def asking(ledger: Ledger, view: View) -> None:
    assert_type(ledger.as_of("2017-02-28"), View)
    assert_type(view.project(Members("EEU")), frozenset[str])
    assert_type(ledger.project(Members("EEU")), frozenset[str])
    assert_type(view.project(MeetingsOf()), Mapping[str, int])
    assert_type(ledger.project(MeetingsOf()), Mapping[str, int])
    assert_type(view.project(MeetingsOf())["KGZ"], int)
    assert_type(view.history(Members("EEU")).at("2017"), frozenset[str])
    assert_type(view.history(Members("EEU"), along="known").initial, frozenset[str])
    for instant, state, entries in view.history(Members("EEU")):
        assert_type(instant, datetime)
        assert_type(state, frozenset[str])
        assert_type(entries, tuple[Entry, ...])
    assert_type(view.explain(Members("EEU")), tuple[Entry, ...])


def asking_more(ledger: Ledger) -> None:
    points = [("2017-02-28", "2017-03-01"), ("2017", "2018")]
    assert_type(ledger.project_many(Members("EEU"), points), list[frozenset[str]])
    assert_type(
        ledger.project_many(Members("EEU"), [(date(2017, 2, 28), FOREVER), ("2017", TODAY)]),
        list[frozenset[str]],
    )
    assert_type(ledger.project_many(MeetingsOf(), points), list[Mapping[str, int]])
    assert_type(ledger.as_of(recorded_at=1).project_many(MeetingsOf(), points)[0]["KGZ"], int)
    assert_type(ledger.project_many(Membership("EEU"), points), list[MembershipState])

    assert_type(ledger.live(Members("EEU")), Live[frozenset[str]])
    assert_type(ledger.live(Members("EEU")).state, frozenset[str])
    assert_type(ledger.live(MeetingsOf()).state, Mapping[str, int])
    assert_type(
        ledger.materialize(MeetingsOf(), "read.db", encode=lambda count: [count]), ReadModel
    )
    ledger.materialize(Members("EEU"), "read.db")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with ledger.live(MeetingsOf(), TODAY, dates="possible") as live:
        assert_type(live, Live[Mapping[str, int]])
        assert_type(live.state["KGZ"], int)
        assert_type(live.position, int)
        assert_type(live.wait(0.1), bool)


def built_in(view: View) -> None:
    assert_type(view.project(Membership("EEU")), MembershipState)
    assert_type(view.project(Membership("EEU")).members, frozenset[str])
    assert_type(view.project(Membership("EEU")).since("KGZ"), When | None)
    assert_type(view.project(BaseStatus("base:RUS-KGZ")), BaseState)
    assert_type(view.project(Roles("RUS")), RolesState)
    assert_type(view.project(Trade("KGZ", "RUS")), TradeState)
    assert_type(view.project(Meetings()), MeetingsState)
    assert_type(view.project(Statements()), StatementsState)
    assert_type(view.project(Commitments("KGZ")), CommitmentsState)
    assert_type(view.project(Commitments("KGZ")).open, tuple[Commitment, ...])
    assert_type(view.project(Commitments("KGZ"))[0], Commitment)
    assert_type(view.project(Calendar()), CalendarState)
    assert_type(view.project(Offers()), OffersState)
    assert_type(view.project(Coverage()), CoverageState)


def fields() -> None:
    meeting = MeetingHeld(
        participants=["A", "B"], agenda=[AgendaItem("trade")], occurred=date(2017, 2, 28)
    )
    assert_type(meeting.participants, tuple[str, ...])
    assert_type(meeting.agenda, tuple[AgendaItem, ...])
    assert_type(meeting.kind, str | None)
    assert_type(meeting.occurred, When)
    assert_type(meeting.entities, frozenset[str])

    promise = CommitmentMade(by="KGZ", promise="x", due="2017", occurred=When("2017-02-28"))
    assert_type(promise.due, When | None)

    instant = datetime(2017, 2, 28, 8, 5, tzinfo=UTC)
    listed = MembersListed(organization="EEU", members={"KGZ", "RUS"}, occurred=instant)
    assert_type(listed.members, tuple[str, ...])

    figure = TradeReported(
        partner="RUS", reporter="KGZ", flow="exports", period="2016", amount=Money("171e6", "USD")
    )
    assert_type(figure.period, When)
    assert_type(figure.change, Decimal | None)
    assert_type(Money(1_200_000_000, "USD").amount, Decimal)

    expected = ExpectationStated(
        expectation="x", depends_on=["5f0d9c0e-7a53-5c35-9a2e-2f0a7c1b6f1d"], occurred="2017"
    )
    assert_type(expected.depends_on, tuple[UUID, ...])

    harvest = HarvestTold(crop="wheat", place="KGZ", tons="1e6", farms=("f1",), occurred="2017")
    assert_type(harvest.crop, str)
    assert_type(harvest.place, str)
    assert_type(harvest.farms, tuple[str, ...])
    assert_type(harvest.tons, Decimal)
    assert_type(harvest.change, Decimal | None)
    assert_type(harvest.until, When | None)
    assert_type(harvest.sold, When)


def recording(ledger: Ledger, meeting: MeetingHeld, source: Source) -> None:
    entry = ledger.append(meeting, source, assertion="claim")
    assert_type(entry, Entry)
    assert_type(entry.id, UUID)
    assert_type(entry.event, Event)
    assert_type(entry.event.occurred, When)
    assert_type(entry.published, When)
    assert_type(ledger.extend([meeting], source), list[Entry])
    assert_type(Report(meeting, source).id, UUID)
    assert_type(ledger.find("icews:1"), tuple[Entry, ...])
    OutcomeRecorded(of=entry.id, outcome="happened", occurred="2017")
    OutcomeRecorded(of=str(entry.id), outcome="happened", occurred="2017")


def proving(ledger: Ledger, entry: Entry, digest: Digest) -> None:
    assert_type(ledger.digest(5), Digest)
    assert_type(ledger.prove(entry), InclusionProof)
    assert_type(ledger.prove(entry.id, 5), InclusionProof)
    assert_type(ledger.prove(5), ConsistencyProof)
    assert_type(ledger.prove(digest, str(digest)), ConsistencyProof)
    assert_type(verify_proof(ledger.prove(entry), digest), Proven)
    assert_type(verify_proof(ledger.prove(digest), digest, str(digest)), Digest)
    assert_type(verify_proof("", digest), Proven | Digest)
    assert_type(verify_proof(ledger.prove(entry), digest).entry, Entry | None)
    assert_type(ledger.verify().faults, tuple[Fault, ...])


def refused(meeting: MeetingHeld) -> None:
    MeetingHeld(participants=["A", "B"], occurred=2017)  # type: ignore[arg-type]
    MeetingHeld(participants=["A", "B"])  # type: ignore[call-arg]
    Money(1.2, "USD")  # type: ignore[arg-type]
    _ = meeting.occurred < meeting.occurred  # type: ignore[operator]
