"""A tour: four reports of one spring, asked from several points in time.

``python -m newsledger`` runs it. It records in memory and prints; nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsledger.events import (
    CommitmentMade,
    MembershipStarted,
    MembersListed,
    OfferMade,
    OutcomeRecorded,
)
from newsledger.ledger import Ledger
from newsledger.projections import Commitments, Membership, Offers
from newsledger.reports import Entry, Hop, Source

TASS = Source("TASS", "2014-12-01")
UNION = Source("Eurasian Economic Union", "2015-08-12", published_basis="inferred")
ARTICLE = Source("The Times of Central Asia", "2017-02-28", published_basis="inferred")


def record(ledger: Ledger) -> Entry:
    """Record a forecast, what really happened, and three facts of an article; give the promise."""
    ledger.append(
        MembershipStarted(organization="EEU", member="KGZ", occurred="[2014-12-02..2015-01-01]"),
        TASS,
    )
    ledger.append(MembershipStarted(organization="EEU", member="KGZ", occurred="2015-08-12"), UNION)
    ledger.append(
        MembersListed(
            organization="EEU",
            members=["ARM", "BLR", "KAZ", "KGZ", "RUS"],
            occurred="2017-02-28",
        ),
        ARTICLE,
    )
    ledger.append(
        OfferMade(
            by="RUS",
            to="KGZ",
            offer="close the Russian base",
            condition="Bishkek asks for it",
            occurred="2017-02-28",
        ),
        ARTICLE,
        assertion="claim",
        attribution=[Hop("Sputnik", "agency"), Hop("Vladimir Putin", "speaker")],
    )
    return ledger.append(
        CommitmentMade(
            by="KGZ",
            promise="settle what is left of its full entry",
            due="[..2017-12-31]",
            occurred="2017-02-28",
        ),
        ARTICLE,
        assertion="claim",
        attribution=[Hop("Almazbek Atambayev", "speaker")],
    )


def tour() -> Iterator[str]:
    """Record, ask, correct and ask again; yield what there is to read, line by line."""
    with Ledger.open() as ledger:
        promise = record(ledger)
        yield f"Recorded {len(ledger)} reports from {len(ledger.sources())} sources."

        yield ""
        yield "Valid time: was Kyrgyzstan a member of the EEU?"
        for day in ("2014-12-31", "2015-03-01", "2015-08-12"):
            yield f"  on {day}: {_standing(ledger, day)}"

        yield ""
        yield "Known time: what was believed about 1 March 2015?"
        for known in ("2014-11-30", "2014-12-01", "2015-08-12"):
            yield f"  as known on {known}: {_standing(ledger, '2015-03-01', known)}"

        yield ""
        yield "Why do we say so?"
        for entry in ledger.as_of("2017-02-28").explain(Membership("EEU"), key="KGZ"):
            mark = " (a forecast)" if entry.forecast else ""
            yield f"  #{entry.position} {entry.source.outlet}, {entry.published}{mark}"

        yield ""
        yield "What stands offered?"
        for offer in ledger.as_of("2017-02-28").project(Offers("RUS")).standing:
            told_by = " ← ".join([ARTICLE.outlet, *(hop.agent for hop in offer.chain)])
            yield f"  {offer.by} would {offer.offer}, if {offer.condition}  [{told_by}]"

        yield ""
        yield "What was promised, and is it overdue?"
        for day in ("2017-12-31", "2018-01-01"):
            [commitment] = ledger.as_of(day).project(Commitments("KGZ")).open
            yield f"  on {day}: {'overdue' if commitment.overdue else 'open'}"

        yield ""
        yield "Recorded time: we note an outcome, and find that we had misread it."
        outcome = ledger.append(
            OutcomeRecorded(of=promise.id, outcome="broken", occurred="2018-01-01"),
            Source("a reader's note", "2018-01-02"),
        )
        before = ledger.position
        ledger.retract(outcome, reason="the note spoke of another promise")
        for name, position in (("before", before), ("after", ledger.position)):
            state = ledger.as_of("2018-02-01", recorded_at=position).project(Commitments())
            counts = f"{len(state.broken)} broken, {len(state.open)} open"
            yield f"  {name} (position {position}): {counts}"

        view = ledger.as_of("2015-03-01", known_at="2014-12-01")
        yield ""
        yield f"Nothing was overwritten: {len(ledger)} entries. A view can be cited: {view.token}"


def _standing(ledger: Ledger, day: str, known: str = "2026-01-01") -> str:
    union = ledger.as_of(day, known_at=known).project(Membership("EEU"))
    status = union.status("KGZ")
    return f"{status}, on a forecast only" if "KGZ" in union.unconfirmed else status
