"""What encoding and decoding cost, next to two yardsticks.

Run it with ``python tests/benchmarks/codec.py``; it needs orjson. Both sides are timed in turn,
in one run, so that a noisy machine slows both; what they answer is compared first. The yardsticks:

- by hand: ``orjson.loads``, and constructors of plain frozen attrs classes, written out for each
  type; dates and sources are cached as newsledger caches them. It checks nothing.
- eventsourcing's JSONTranscoder, with a Transcoding for each class, as its users write them.

"cold": all caches are emptied before each repetition. "warm": nothing is.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from uuid import UUID, uuid5

import attrs
import orjson
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    JSONTranscoder,
    Transcoding,
    UUIDAsHex,
)

from newsledger import (
    BaseStatusReported,
    Entry,
    Hop,
    MeetingHeld,
    MembershipStarted,
    Money,
    OutcomeRecorded,
    Report,
    Source,
    StatementMade,
    TradeReported,
    When,
)
from newsledger.fields import fields_of
from newsledger.reports import decode_entry, encode_entry, envelope
from newsledger.reports.tags import tags_of
from newsledger.when import value as when_value

ENTRIES = 2000
SOURCES = ENTRIES // 5
BATCH = 100  # entries that are recorded at once bear one stamp
REPETITIONS = 31
NAMESPACE = UUID("11111111-1111-5111-8111-111111111111")
STATES = ("KGZ", "RUS", "KAZ", "UZB", "TJK", "USA", "CHN", "TUR")


# -- what is encoded and decoded -------------------------------------------------------------


def a_day(rng, first=2005, last=2020):
    day = date(first, 1, 1) + timedelta(days=rng.randrange(365 * (last - first)))
    return rng.choice([day.isoformat()] * 8 + [f"{day:%Y-%m}", f"{day:%Y}"])


def a_source(rng, number):
    return Source(
        rng.choice(["TASS", "AKIpress", "24.kg", "Reuters", "Вечерний Бишкек"]),
        (date(2015, 1, 1) + timedelta(days=rng.randrange(2000))).isoformat(),
        url=f"https://example.org/news/{number}/{rng.randrange(10**6)}",
        title=f"What happened on the {number}th day, and what was said of it",
        language=rng.choice(["en", "ru", None]),
        author=rng.choice([None, "R. Porter"]),
    )


def an_event(rng, number):
    one, other = rng.sample(STATES, 2)
    day = a_day(rng)
    match number % 6:
        case 0:
            return MembershipStarted(organization="EEU", member=one, occurred=day)
        case 1:
            return BaseStatusReported(
                occurred=day,
                base=f"base:{rng.randrange(40)}",
                host=one,
                operator=other,
                status="operating",
                since=rng.choice([None, a_day(rng)]),
            )
        case 2:
            return MeetingHeld(
                occurred=day,
                participants=[f"{one} minister", f"{other} minister"],
                representing=[one, other],
                place=rng.choice([None, "Bishkek"]),
                kind="talks",
            )
        case 3:
            return StatementMade(
                occurred=day,
                speaker="Almazbek Atambayev",
                summary=f"the base at {one} will be closed before {rng.randrange(2011, 2030)}",
                about=[one],
                topics=["security", "bases"],
                stance="position",
            )
        case 4:
            return TradeReported(
                period=f"{rng.randrange(2005, 2018)}",
                partner=one,
                reporter=other,
                flow="exports",
                amount=Money(f"{rng.randrange(1, 10**6)}000", "USD"),
                change=rng.choice([None, f"-0.{rng.randrange(1, 99):02}"]),
            )
        case _:
            return OutcomeRecorded(
                occurred=day,
                of=uuid5(NAMESPACE, f"of {number}"),
                outcome="postponed",
                new_window=a_day(rng),
            )


def an_entry(rng, number, sources):
    report = Report(
        an_event(rng, number),
        rng.choice(sources),
        attribution=rng.choice([(), (), (Hop("TASS", "agency"), Hop("A. Minister", "speaker"))]),
        assertion=rng.choice(["fact", "fact", "claim"]),
        confidence=rng.choice([None, None, 80, 99.5]),
        quote=rng.choice([None, None, "“We shall see.”"]),
        ordinal=rng.randrange(1, 9),
        ref=rng.choice([None, f"data:{number}"]),
    )
    amendment = {}
    if number % 8 == 7:
        root = uuid5(NAMESPACE, f"root {number}")
        amendment = {"kind": "correction", "amends": root, "root": root, "reason": "misread"}
    recorded = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(microseconds=number // BATCH * 7001)
    made = {"id": report.id, "root": report.id, **amendment}
    return Entry(position=number + 1, recorded=recorded, report=report, **made)


TYPES = (
    MembershipStarted,
    BaseStatusReported,
    MeetingHeld,
    StatementMade,
    TradeReported,
    OutcomeRecorded,
)
DATES = ("occurred", "since", "period", "new_window")
ENTRY = "id position recorded kind amends root ours reason"
REPORT = "assertion background denied confidence quote ordinal ref note"
SOURCE = "outlet url title author published_basis language archive sha256 licence"
at_entry, at_report = attrgetter(*ENTRY.split()), attrgetter(*REPORT.split())
at_source = attrgetter(*SOURCE.split())
at_hop = attrgetter("agent", "role", "on_behalf_of")
at_money = attrgetter("amount", "currency")
at_extent = attrgetter("start", "stop")
# The agenda is empty here, and both have one; the others are looked at one by one.
APART = {*DATES, "amount", "agenda"}
at_event = {
    cls.__name__: attrgetter(*[field.name for field in fields_of(cls) if field.name not in APART])
    for cls in TYPES
}
dates_of = {
    cls.__name__: [f.name for f in fields_of(cls) if f.name in DATES and f.name != "occurred"]
    for cls in TYPES
}


def touched(entry):
    """Look at every field, and at every extent."""
    report = entry.report
    event, source = report.event, report.source
    name = type(event).__name__
    out = [
        at_entry(entry),
        at_report(report),
        at_source(source),
        at_extent(source.published),
        at_event[name](event),
        at_extent(event.occurred),
    ]
    if report.attribution:
        out.extend(map(at_hop, report.attribution))
    for date_field in dates_of[name]:
        value = getattr(event, date_field)
        if value is not None:
            out.append(at_extent(value))
    if name == "TradeReported" and event.amount is not None:
        out.append(at_money(event.amount))
    return out


# -- the yardstick by hand -------------------------------------------------------------------


def plain(name, source, *, base=object):
    """Make a frozen attrs class with the fields of a record, and nothing else."""
    return attrs.make_class(
        name,
        {
            field.name: attrs.field(default=field.default if field.init else None)
            for field in fields_of(source)
        },
        bases=(base,),
        frozen=True,
        slots=True,
        kw_only=True,
    )


@attrs.frozen
class PlainDate:
    text: str
    start: datetime
    stop: datetime


PlainHop, PlainMoney, PlainSource = plain("H", Hop), plain("M", Money), plain("S", Source)
PLAIN = {cls.__name__: plain(cls.__name__, cls) for cls in TYPES}


@attrs.frozen(kw_only=True)
class PlainReport:
    event: object
    source: object
    attribution: tuple = ()
    assertion: str = "fact"
    background: bool = False
    denied: bool = False
    confidence: float | None = None
    quote: str | None = None
    ordinal: int | None = None
    ref: str | None = None
    note: str | None = None


@attrs.frozen(kw_only=True)
class PlainEntry:
    id: UUID
    position: int
    recorded: datetime
    report: PlainReport
    kind: str = "report"
    amends: UUID | None = None
    root: UUID
    ours: bool = False
    reason: str = ""
    carried: frozenset = frozenset()

    @property
    def event(self):
        return self.report.event

    @property
    def source(self):
        return self.report.source


@lru_cache(maxsize=2**15)
def by_hand_date(text):
    year = int(text[:4])
    if len(text) == 4:
        return PlainDate(
            text, datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        )
    month = int(text[5:7])
    if len(text) == 7:
        after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return PlainDate(text, datetime(year, month, 1, tzinfo=UTC), after)
    start = datetime(year, month, int(text[8:]), tzinfo=UTC)
    return PlainDate(text, start, start + timedelta(days=1))


@lru_cache(maxsize=4096)
def by_hand_source(members):
    source = dict(members)
    return PlainSource(published=by_hand_date(source.pop("published")), **source)


def hand_membership(body):
    return PLAIN["MembershipStarted"](
        occurred=by_hand_date(body["occurred"]),
        organization=body["organization"],
        member=body["member"],
        role=body.get("role", "member"),
    )


def hand_base(body):
    since = body.get("since")
    return PLAIN["BaseStatusReported"](
        occurred=by_hand_date(body["occurred"]),
        base=body["base"],
        host=body.get("host"),
        operator=body.get("operator"),
        status=body["status"],
        since=None if since is None else by_hand_date(since),
        name=body.get("name"),
        agreement=body.get("agreement"),
    )


def hand_meeting(body):
    return PLAIN["MeetingHeld"](
        occurred=by_hand_date(body["occurred"]),
        participants=tuple(body["participants"]),
        representing=tuple(body.get("representing", ())),
        place=body.get("place"),
        kind=body.get("kind"),
    )


def hand_statement(body):
    denies = body.get("denies")
    return PLAIN["StatementMade"](
        occurred=by_hand_date(body["occurred"]),
        speaker=body["speaker"],
        summary=body["summary"],
        about=tuple(body.get("about", ())),
        topics=tuple(body.get("topics", ())),
        on_behalf_of=tuple(body.get("on_behalf_of", ())),
        stance=body.get("stance"),
        denies=None if denies is None else UUID(denies),
    )


def hand_trade(body):
    period = by_hand_date(body["period"])
    amount, change = body.get("amount"), body.get("change")
    return PLAIN["TradeReported"](
        occurred=period,
        period=period,
        partner=body["partner"],
        reporter=body.get("reporter"),
        counterpart=body.get("counterpart"),
        compiler=body.get("compiler"),
        flow=body["flow"],
        amount=amount and PlainMoney(amount=Decimal(amount["amount"]), currency=amount["currency"]),
        change=None if change is None else Decimal(change),
        products=tuple(body.get("products", ())),
        causes=tuple(body.get("causes", ())),
        wording=body.get("wording"),
    )


def hand_outcome(body):
    window = body.get("new_window")
    return PLAIN["OutcomeRecorded"](
        occurred=by_hand_date(body["occurred"]),
        of=UUID(body["of"]),
        outcome=body["outcome"],
        new_window=None if window is None else by_hand_date(window),
        evidence=tuple([UUID(one) for one in body.get("evidence", ())]),
    )


BY_HAND = {
    "MembershipStarted": hand_membership,
    "BaseStatusReported": hand_base,
    "MeetingHeld": hand_meeting,
    "StatementMade": hand_statement,
    "TradeReported": hand_trade,
    "OutcomeRecorded": hand_outcome,
}


def decode_by_hand(data, position, tags):
    stored = orjson.loads(data)
    get = stored.get
    id = UUID(stored["id"])
    amends, root = get("amends"), get("root")
    carried = frozenset()
    if stored["type"] == "OutcomeRecorded":
        carried = frozenset([tag[4:] for tag in tags if tag.startswith("was:")])
    return PlainEntry(
        id=id,
        position=position,
        recorded=datetime.fromisoformat(stored["recorded"]),
        report=PlainReport(
            event=BY_HAND[stored["type"]](stored["event"]),
            source=by_hand_source(tuple(stored["source"].items())),
            attribution=tuple(
                [
                    PlainHop(
                        agent=hop["agent"],
                        role=hop["role"],
                        on_behalf_of=tuple(hop.get("on_behalf_of", ())),
                    )
                    for hop in get("attribution", ())
                ]
            ),
            assertion=get("assertion", "fact"),
            background=get("background", False),
            denied=get("denied", False),
            confidence=get("confidence"),
            quote=get("quote"),
            ordinal=get("ordinal"),
            ref=get("ref"),
            note=get("note"),
        ),
        kind=get("kind", "report"),
        amends=None if amends is None else UUID(amends),
        root=id if root is None else UUID(root),
        ours=get("ours", False),
        reason=get("reason", ""),
        carried=carried,
    )


# -- the yardstick of eventsourcing ----------------------------------------------------------


class WhenAsText(Transcoding):
    type = When
    name = "when"

    def encode(self, obj):
        return str(obj)

    def decode(self, data):
        return When(data)


def transcoding(cls, names):
    """Make the Transcoding of a class: a dict of its fields."""

    class AsDict(Transcoding):
        type = cls
        name = cls.__name__

        def encode(self, obj):
            return {name: getattr(obj, name) for name in names}

        def decode(self, data):
            return cls(**data)

    return AsDict()


def transcoder():
    made = JSONTranscoder()
    for one in (DatetimeAsISO(), UUIDAsHex(), DecimalAsStr(), WhenAsText()):
        made.register(one)
    for cls in (*TYPES, Money, Hop, Source, Report):
        made.register(transcoding(cls, [field.name for field in fields_of(cls) if field.init]))
    names = [field.name for field in attrs.fields(Entry)]
    made.register(transcoding(Entry, [name for name in names if name not in UNCODED]))
    return made


UNCODED = {"stand_ins", "carried"}  # a transcoder knows no frozenset; both are empty here


# -- timing ----------------------------------------------------------------------------------


def emptied():
    when_value._cached.cache_clear()
    envelope._source_from_json.cache_clear()
    by_hand_date.cache_clear()
    by_hand_source.cache_clear()


def compare(name, ours, theirs, *, before=lambda: None):
    """Time two functions in turn; print the median of the ratios, which drift does not touch."""
    times = ([], [])
    for repetition in range(REPETITIONS):
        both = [(ours, times[0]), (theirs, times[1])]
        for function, into in both if repetition % 2 else both[::-1]:
            before()
            gc.collect()
            start = time.perf_counter()
            function()
            into.append(time.perf_counter() - start)
    one, other = map(statistics.median, times)
    micro = 1e6 / ENTRIES
    ratio = statistics.median(b / a for a, b in zip(*times, strict=True))
    print(f"{name}: {ratio:.2f} times as fast ({one * micro:.1f} us, {other * micro:.1f} us)")


def main():
    rng = random.Random(2017)
    sources = [a_source(rng, number) for number in range(SOURCES)]
    entries = [an_entry(rng, number, sources) for number in range(ENTRIES)]
    stored = [(encode_entry(entry), entry.position, tags_of(entry)) for entry in entries]
    theirs = transcoder()
    encoded = [theirs.encode(entry) for entry in entries]

    for entry, row, other in zip(entries, stored, encoded, strict=True):
        assert decode_entry(*row) == entry == theirs.decode(other)
        assert touched(decode_entry(*row)) == touched(decode_by_hand(*row)) == touched(entry)

    def ours_decoded():
        for row in stored:
            touched(decode_entry(*row))

    def hand_decoded():
        for row in stored:
            touched(decode_by_hand(*row))

    def ours_only_decoded():
        for row in stored:
            decode_entry(*row)

    def hand_only_decoded():
        for row in stored:
            decode_by_hand(*row)

    def theirs_decoded():
        for one in encoded:
            theirs.decode(one)

    def ours_encoded():
        for entry in entries:
            encode_entry(entry)

    def theirs_encoded():
        for entry in entries:
            theirs.encode(entry)

    for name, before in (("cold", emptied), ("warm", lambda: None)):
        compare(f"decode, by hand, {name}", ours_only_decoded, hand_only_decoded, before=before)
        compare(f"decode and touch, by hand, {name}", ours_decoded, hand_decoded, before=before)
        compare(f"decode, JSONTranscoder, {name}", ours_only_decoded, theirs_decoded, before=before)
    compare("encode, JSONTranscoder", ours_encoded, theirs_encoded)


if __name__ == "__main__":
    main()
