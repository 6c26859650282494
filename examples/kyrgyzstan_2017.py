"""One article and its history: recorded fact by fact, then asked at many points in time.

The article appeared on 28 February 2017: the presidents of Russia and Kyrgyzstan had met in
Bishkek. It gives no year; 2017 is inferred, since it speaks of 2016 as past.

    python examples/kyrgyzstan_2017.py             records it in memory, and asks
    python examples/kyrgyzstan_2017.py news.db     keeps the ledger in a file
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from newsledger import (
    AgendaItem,
    AgreementReached,
    BaseStatusReported,
    CommitmentMade,
    Entry,
    Event,
    EventScheduled,
    ExpectationStated,
    Hop,
    Ledger,
    MeetingHeld,
    MembershipConfirmed,
    MembershipStarted,
    MembersListed,
    Money,
    OfferMade,
    OutcomeRecorded,
    Report,
    RoleHeld,
    Source,
    StatementMade,
    TradeReported,
    TreatyActionTaken,
)
from newsledger.projections import (
    BaseStatus,
    Calendar,
    Commitments,
    Meetings,
    Membership,
    Offers,
    Statements,
    Trade,
)

DAY = "2017-02-28"
BY_YEAR_END = "[..2017-12-31]"
APRIL_OR_MAY = "[2017-04..2017-05]"
BASE = "base:RUS-KGZ"  # the article does not name it
PUTIN, ATAMBAYEV, USHAKOV = "Vladimir Putin", "Almazbek Atambayev", "Yury Ushakov"

ARTICLE = Source("The Times of Central Asia", DAY, language="en", published_basis="inferred")
PUTIN_SAYS = (Hop(PUTIN, "speaker"),)
PUTIN_BY_SPUTNIK = (Hop("Sputnik", "agency"), Hop(PUTIN, "speaker"))
ATAMBAYEV_SAYS = (Hop(ATAMBAYEV, "speaker"),)
ATAMBAYEV_BY_PRESS_SERVICE = (
    Hop("press service of the president of KGZ", "press service"),
    Hop(ATAMBAYEV, "speaker"),
)
USHAKOV_BY_TASS = (Hop("TASS", "agency"), Hop(USHAKOV, "speaker", on_behalf_of=[PUTIN]))


def record_article(ledger: Ledger) -> dict[str, Entry]:
    """Record the article, fact by fact; the keys number its paragraphs."""
    rows: dict[str, Entry] = {}

    def fact(row: str, event: Event, *, background: bool = False) -> None:
        rows[row] = ledger.append(event, ARTICLE, background=background)

    def claim(row: str, event: Event, chain: Sequence[Hop], assertion: str = "claim") -> None:
        rows[row] = ledger.append(event, ARTICLE, attribution=chain, assertion=assertion)

    def talks(*agenda: AgendaItem) -> MeetingHeld:
        return MeetingHeld(
            participants=[PUTIN, ATAMBAYEV],
            representing=["RUS", "KGZ"],
            place="Bishkek",
            kind="talks",
            agenda=agenda,
            occurred=DAY,
        )

    fact("1a", talks())
    fact("1b", RoleHeld(person=PUTIN, office="president", of="RUS", occurred=DAY), background=True)
    fact(
        "1b2",
        RoleHeld(person=ATAMBAYEV, office="president", of="KGZ", occurred=DAY),
        background=True,
    )
    claim(
        "1c",
        AgreementReached(
            parties=["RUS", "KGZ"],
            subject="more military and technical cooperation",
            topics=["terrorism", "crime"],
            form="oral",
            occurred=DAY,
        ),
        PUTIN_BY_SPUTNIK,
    )
    claim(
        "1d",
        OfferMade(
            by="RUS",
            to="KGZ",
            offer="close the Russian base in Kyrgyzstan",
            condition="Bishkek asks for it",
            about=[BASE],
            occurred=DAY,
        ),
        PUTIN_BY_SPUTNIK,
    )
    fact(
        "1e",
        BaseStatusReported(base=BASE, host="KGZ", operator="RUS", status="operating", occurred=DAY),
        background=True,
    )

    claim(
        "2a",
        StatementMade(
            speaker=PUTIN,
            summary="Both sides agreed to step up bilateral, military and technical cooperation",
            about=["RUS", "KGZ"],
            topics=["military cooperation", "bilateral relations"],
            occurred=DAY,
        ),
        PUTIN_SAYS,
    )
    claim(
        "2b",
        StatementMade(
            speaker=PUTIN,
            summary="The Russian base matters for the security of Central Asia",
            about=[BASE],
            topics=["security"],
            on_behalf_of=["RUS", "KGZ"],
            stance="assessment",
            occurred=DAY,
        ),
        PUTIN_SAYS,
        "opinion",
    )
    fact(
        "2c",
        MeetingHeld(
            participants=[PUTIN, ATAMBAYEV],
            representing=["RUS", "KGZ"],
            place="Bishkek",
            kind="press conference",
            occurred=DAY,
        ),
    )

    # More of the same talks: one meeting, several reports.
    threats = ("terrorism", "drug trafficking", "cross-border organised crime")
    claim("3", talks(*map(AgendaItem, threats)), PUTIN_SAYS)
    claim(
        "4",
        OfferMade(
            by="RUS",
            to="KGZ",
            offer="close the Russian base in Kyrgyzstan",
            condition="Kyrgyzstan says that its own forces suffice",
            delay="the same day",
            about=[BASE],
            occurred=DAY,
        ),
        PUTIN_SAYS,
    )
    no_expansion = AgendaItem("expansion of the Russian base", discussed=False)
    claim("5a", talks(no_expansion), PUTIN_SAYS)
    claim("5b", talks(no_expansion), ATAMBAYEV_SAYS)

    claim(
        "6a",
        StatementMade(
            speaker=ATAMBAYEV,
            summary="It was right for Kyrgyzstan to join the EEU",
            about=["KGZ", "EEU"],
            topics=["EEU membership"],
            stance="position",
            occurred=DAY,
        ),
        ATAMBAYEV_BY_PRESS_SERVICE,
        "opinion",
    )
    fact(
        "6b",
        MembershipConfirmed(organization="EEU", member="KGZ", since=f"[..{DAY}]", occurred=DAY),
        background=True,
    )
    fact(
        "7",
        MembersListed(
            organization="EEU", members=["ARM", "BLR", "KAZ", "KGZ", "RUS"], occurred=DAY
        ),
    )

    claim(
        "8a",
        CommitmentMade(
            by="KGZ",
            promise="settle what is left of its full entry to the EEU",
            due=BY_YEAR_END,
            hedge="sure",
            occurred=DAY,
        ),
        ATAMBAYEV_BY_PRESS_SERVICE,
    )
    claim(
        "8b",
        ExpectationStated(
            expectation="small barriers are gone",
            about=["KGZ", "EEU"],
            window=BY_YEAR_END,
            occurred=DAY,
        ),
        ATAMBAYEV_BY_PRESS_SERVICE,
    )
    claim(
        "8c",
        ExpectationStated(
            expectation="Russia helps Kyrgyzstan with its full entry",
            about=["RUS", "KGZ", "EEU"],
            window=BY_YEAR_END,
            occurred=DAY,
        ),
        ATAMBAYEV_BY_PRESS_SERVICE,
    )

    summit = Report(
        EventScheduled(title="EEU summit", window=APRIL_OR_MAY, host="KGZ", occurred=DAY),
        ARTICLE,
        attribution=USHAKOV_BY_TASS,
        assertion="claim",
    )
    claim(
        "9a",
        ExpectationStated(
            expectation="Putin visits Bishkek again",
            about=[PUTIN, "RUS", "KGZ"],
            window=APRIL_OR_MAY,
            hedge="might, potentially",
            depends_on=[summit.id],
            occurred=DAY,
        ),
        USHAKOV_BY_TASS,
    )
    rows["9b"] = ledger.append(summit)
    fact(
        "9c",
        RoleHeld(person=USHAKOV, office="aide to the president", of="RUS", occurred=DAY),
        background=True,
    )

    fact(
        "10a",
        StatementMade(
            speaker=ARTICLE.outlet,
            summary="Russia is a leading trade partner of Kyrgyzstan",
            about=["RUS", "KGZ"],
            topics=["trade"],
            occurred=DAY,
        ),
        background=True,
    )
    fact(
        "10b",
        TradeReported(
            partner="RUS",
            counterpart="KGZ",
            flow="total",
            period="2016",
            amount=Money("1.2e9", "USD"),
            change="-0.13",
            causes=["volatile exchange rates", "volatile commodity prices"],
        ),
    )
    fact(
        "10c",
        TradeReported(
            partner="RUS",
            reporter="KGZ",
            flow="exports",
            period="2016",
            amount=Money("171e6", "USD"),
            products=["food", "farm products"],
            causes=["accession of KGZ to the EEU"],
            wording="up to",  # rose to it; it is no ceiling
        ),
    )
    return rows


def of_the_day(outlet: str, day: str) -> Source:
    """Make the source of a fact that was public on its day."""
    return Source(outlet, day, published_basis="inferred")


def record_history(ledger: Ledger, article: dict[str, Entry]) -> None:
    """Record what surrounds the article: the union's making, and what was printed too early."""
    treaty, union = "EAEU treaty", "Eurasian Economic Union"

    def treaty_action(day: str, action: str, *parties: str | None) -> None:
        events = [
            TreatyActionTaken(treaty=treaty, party=party, action=action, occurred=day)
            for party in parties
        ]
        ledger.extend(events, of_the_day(union, day))

    def joined(day: str, *members: str, role: str = "member", source: Source | None = None) -> None:
        events = [
            MembershipStarted(organization="EEU", member=member, role=role, occurred=day)
            for member in members
        ]
        ledger.extend(events, source or of_the_day(union, day))

    treaty_action("2014-05-29", "signed", "BLR", "KAZ", "RUS")
    # Printed before it could be known, and wrong.
    joined("2015-01-01", "ARM", source=Source("TASS", "2014-10-09"))
    treaty_action("2014-10-10", "signed", "ARM")
    joined("[2014-12-02..2015-01-01]", "KGZ", source=Source("TASS", "2014-12-01"))
    treaty_action("2014-12-23", "signed", "KGZ")
    treaty_action("2015-01-01", "entered into force", None)
    joined("2015-01-01", "BLR", "KAZ", "RUS")
    joined("2015-01-02", "ARM")
    joined("2015-08-12", "KGZ")
    # A real conflict: one encyclopedia has another day.
    joined(
        "2015-08-06",
        "KGZ",
        source=Source("an encyclopedia", "[..2020-12-31]", published_basis="upper bound"),
    )

    # What became of the article's expectations.
    visit = of_the_day("TASS", "2017-04-14")
    happened = OutcomeRecorded(of=article["9a"].id, outcome="happened", occurred="2017-04-14")
    ledger.append(happened, visit)

    joined("2017-04-14", "MDA", role="observer", source=Source("a headline", "2017-04-14"))
    joined("2018-05-14", "MDA", role="observer")
    joined("2020-12-11", "UZB", "CUB", role="observer")

    # Another base in the same country: closed and lease ended are different days.
    manas = {"base": "Manas", "host": "KGZ", "operator": "USA"}
    ledger.append(
        TreatyActionTaken(
            treaty="Manas agreement", party="KGZ", action="denounced", occurred="2013-06-26"
        ),
        of_the_day("law of the Kyrgyz Republic", "2013-06-26"),
    )
    ledger.append(
        BaseStatusReported(**manas, status="closing", since="2013-06-26", occurred="2013-06-26"),
        of_the_day("law of the Kyrgyz Republic", "2013-06-26"),
    )
    ledger.append(
        BaseStatusReported(**manas, status="closed", since="2014-06-03", occurred="2014-06-03"),
        of_the_day("closing notice of Manas", "2014-06-03"),
    )
    ledger.append(
        TreatyActionTaken(treaty="Manas agreement", action="terminated", occurred="2014-07-11"),
        of_the_day("closing notice of Manas", "2014-07-11"),
    )


# -- asking ------------------------------------------------------------------------------------


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'─' * len(text)}")


def says(entry: Entry) -> str:
    """Tell who says so, through whom, and where in the ledger it stands."""
    chain = " ← ".join([entry.source.outlet, *(hop.agent for hop in entry.attribution)])
    return f"[#{entry.position} {chain}, {entry.published}]"


def names(some: Iterable[str]) -> str:
    """List names, or say that there are none."""
    return ", ".join(sorted(some)) or "nobody"


def who_was_a_member(ledger: Ledger) -> None:
    """Ask for the members on several days, by all that is known today."""
    title("Who was in the EEU?  (known today; * rests on forecasts only)")
    for day in ("2014-12-31", "2015-01-01", "2015-01-02", "2015-03-01", "2015-08-12", DAY):
        union = ledger.as_of(day).project(Membership("EEU"))
        marked = [f"{who}*" if who in union.unconfirmed else who for who in union.members]
        print(f"  {day}  {names(marked)}")
    union = ledger.as_of(DAY).project(Membership("EEU"))
    print(f"\n  Why KGZ, on {DAY}?  A member since {union.since('KGZ')}:")
    for entry in union.evidence("KGZ"):
        print(f"    {entry.event.occurred}  {type(entry.event).__name__}  {says(entry)}")
    for who, entries in union.disputed.items():
        dates = ", ".join(f"{entry.event.occurred} {says(entry)}" for entry in entries)
        print(f"  Disputed, {who}: {dates}")


def what_was_believed(ledger: Ledger) -> None:
    """Ask for one day as it was known on several others."""
    title("What was believed about 1 January 2015?")
    for known in ("2014-10-09", "2014-12-15", "2015-01-02", "2017-02-28"):
        union = ledger.as_of("2015-01-01", known_at=known).project(Membership("EEU"))
        sure = names(union.members - union.unconfirmed)
        print(f"  as known on {known}   {sure}; forecast only: {names(union.unconfirmed)}")

    title("How that belief changed")
    history = ledger.as_of("2015-01-01").history(Membership("EEU"), along="known")
    for instant, union, entries in history:
        because = "; ".join(says(entry) for entry in entries[:2])
        print(f"  {instant:%Y-%m-%d}   {names(union.members):<24} {because}")


def what_stands_offered(ledger: Ledger) -> None:
    """Ask for the offers about the base."""
    view = ledger.as_of(DAY)
    base = view.project(BaseStatus(BASE))
    title("The base")
    print(f"  {BASE} is {base.status}; host {base.host}, operator {base.operator}")
    for offer in view.project(Offers(BASE)).standing:
        delay = f", {offer.delay}" if offer.delay else ""
        print(f"  {offer.by} offers {offer.to}: {offer.offer}, if {offer.condition}{delay}")
        for entry in offer.reports:
            print(f"    {says(entry)}")


def what_trade_was_reported(ledger: Ledger) -> None:
    """Ask for the figures of 2016, and why they moved."""
    title("Trade of Kyrgyzstan and Russia in 2016")
    trade = ledger.as_of(DAY).project(Trade("KGZ", "RUS"))
    for flow in ("total", "exports"):
        figure = trade.latest(flow, "2016")
        if figure is None:
            continue
        whose = f"{figure.reporter}'s {flow}" if figure.reporter else flow
        change = f"{figure.change:+.0%}" if figure.change is not None else "change not told"
        print(f"  {whose}: {figure.amount} ({change}) {says(figure.entry)}")
        print(f"    because of: {', '.join(figure.causes)}")
    print(f"  contradictions: {len(trade.contradictions)}")


def what_was_to_come(ledger: Ledger) -> None:
    """Ask for what is pending, happened and overdue as time goes by."""
    title("What was to come")
    for day in ("2017-03-15", "2017-04-14", "2017-12-31", "2018-01-01"):
        view = ledger.as_known(day)
        print(f"  seen on {day}")
        for item in view.project(Calendar("KGZ")):
            print(f"    {item.status:<18} {item.what} ({item.window})")
        for promise in view.project(Commitments("KGZ")).open:
            state = "overdue" if promise.overdue else "open"
            print(f"    {state:<18} {promise.by}: {promise.promise} ({promise.due})")


def who_said_what(ledger: Ledger) -> None:
    """Ask for statements, opinions too, and for whom they were made."""
    title("Who said what, on whose behalf?")
    every = Statements(accept=("fact", "claim", "opinion"))
    for position in ledger.as_of(DAY).project(every):
        behalf = f", for {names(position.on_behalf_of)}" if position.on_behalf_of else ""
        print(f"  {position.speaker}{behalf}: {position.summary}")
        print(f"    {says(position.reports[0])}")


def when_they_met(ledger: Ledger) -> None:
    """Ask for the meetings of two states."""
    title("When did Russia and Kyrgyzstan last meet?")
    meetings = ledger.as_of("2017-03-31").project(Meetings())
    for meeting in meetings.between("RUS", "KGZ"):
        print(
            f"  {meeting.when}  {meeting.kind} in {meeting.place}, {len(meeting.reports)} reports"
        )
        if meeting.discussed:
            print(f"    discussed: {', '.join(meeting.discussed)}")
        if meeting.not_discussed:
            print(f"    expressly not: {', '.join(meeting.not_discussed)}")


def what_an_editor_should_look_at(ledger: Ledger) -> None:
    """Ask for the audit, as of a day on which a forecast had not come true."""
    title("What should an editor look at, seen on 2018-01-01?")
    for finding in ledger.as_of("2018-01-01").audit():
        print(f"  {finding}")


def main() -> None:
    """Record, then ask."""
    with Ledger.open(sys.argv[1] if len(sys.argv) > 1 else None) as ledger:
        record_history(ledger, record_article(ledger))
        print(f"{len(ledger)} entries from {len(ledger.sources())} sources")
        who_was_a_member(ledger)
        what_was_believed(ledger)
        what_stands_offered(ledger)
        what_trade_was_reported(ledger)
        what_was_to_come(ledger)
        who_said_what(ledger)
        when_they_met(ledger)
        what_an_editor_should_look_at(ledger)
        view = ledger.as_of(DAY)
        print(f"\nTo cite this: {view!r}\n  token {view.token}")


if __name__ == "__main__":
    main()
