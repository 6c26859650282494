"""What is written out for each class, to be fast, means the same as what it stands for."""

import copy
from decimal import Decimal
from unittest import mock
from uuid import UUID, uuid5

import attrs
import msgspec
import pytest
from hypothesis import strategies as st

from newsledger import (
    BaseStatusReported,
    Hop,
    InteractionReported,
    InvalidEvent,
    MeetingHeld,
    Money,
    OutcomeRecorded,
    Source,
    StatementMade,
    When,
)
from newsledger.codec import converter, digest, encode_body, reading
from newsledger.codec.canonical import NAMESPACE, canonical
from newsledger.codec.reading import wire_name
from newsledger.events import CATALOGUE, AgendaItem
from newsledger.fields import fields_of, left_out, maker
from newsledger.testing.running import prop
from newsledger.testing.strategies.plans import dates, happenings, reports, sources

AN_ID = UUID("11111111-1111-5111-8111-111111111111")
texts = st.sampled_from(["A", "B", "KGZ", "Бишкек", "👍", ""])
names = st.sampled_from(["A", "B", "Бишкек"])
events = (
    happenings
    | st.builds(
        MeetingHeld,
        occurred=dates,
        participants=st.just(("A", "B")) | st.just(("B", "A", "A")),
        place=st.none() | texts,
        agenda=st.lists(st.builds(AgendaItem, topic=names, discussed=st.booleans()), max_size=2),
    )
    | st.builds(
        BaseStatusReported,
        occurred=dates,
        base=names,
        host=st.none() | names,
        status=st.just("operating"),
        since=st.none() | st.just("2015"),
        name=st.none() | texts,
    )
    | st.builds(StatementMade, occurred=dates, speaker=names, summary=names, denies=st.just(AN_ID))
    | st.builds(
        OutcomeRecorded,
        occurred=dates,
        of=st.just(AN_ID),
        outcome=st.just("kept"),
        new_window=st.none() | dates,
        evidence=st.lists(st.just(AN_ID), max_size=2),
    )
    | st.builds(
        InteractionReported,
        occurred=dates,
        actor=names,
        action=names,
        intensity=st.sampled_from([None, 0, 5, 5.0, -1.5]),
    )
)
records = events | sources | st.builds(Hop, names, names, st.lists(names, max_size=2))

# Texts, numbers and shapes that some field takes and others refuse.
JUNK = [
    *(None, True, False, 0, 1, 5.0, 10**30, float("nan"), float("inf")),
    *("", "A", "false", "member", "operating", "2017-13", "2017-02-28", "2016/2017", "[..2017]"),
    *("NaN", "007", "1.50", "-0", "1E+3", "12", " 12", "0.", "\ud800", "a\udfffb", "x" * 70),
    *(str(AN_ID), str(AN_ID).upper(), AN_ID.hex, f"{{{AN_ID}}}", f"urn:uuid:{AN_ID}"),
    *([], ["A"], ["A", 2], ["A", "A"], ["A", ""], [None], [["A"]], [str(AN_ID)], [{"topic": "t"}]),
    *({}, {"topic": "t"}, {"amount": "1", "currency": "USD"}, {"amount": 1.5, "currency": "usd"}),
]


def slow_converter():
    """The converter, without the functions that are written out for each class."""
    made = converter.copy()
    classes = [known.cls for known in CATALOGUE if known.cls.__module__.startswith("newsledger.")]
    with mock.patch.object(
        reading, "straight", lambda cls, known, hooks, otherwise: lambda value, _: otherwise(value)
    ):
        for cls in (Money, AgendaItem, Hop, Source, *classes):
            made.get_structure_hook(cls)
    return made


SLOW = slow_converter()


def outcome_of(function, *arguments):
    """What a call gives, or how it fails, to be compared."""
    try:
        made = function(*arguments)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is to be the same)
        return type(error), str(error)
    return type(made), repr(made), made


def as_json(record):
    """What a record is in JSON, by the definition of what is left out."""
    return {
        wire_name(a): converter.unstructure(getattr(record, a.name))
        for a in fields_of(type(record))
        if not left_out(a, getattr(record, a.name))
    }


@st.composite
def damaged(draw, value):
    """A JSON value with something in it replaced, removed or added."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from([*value]))
        match draw(st.integers(0, 4)):
            case 0:
                return {name: item for name, item in value.items() if name != key}
            case 1:
                return {**value, draw(st.sampled_from(["colour", "role", "kind", "denies"])): "x"}
            case _:
                return {**value, key: draw(damaged(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [*value, draw(st.sampled_from(JUNK))]
    return draw(st.sampled_from(JUNK))


def stored(record):
    return msgspec.json.decode(msgspec.json.encode(converter.unstructure(record)))


@prop(100)
def test_records_are_written_as_their_fields_are(data):
    record = data.draw(records)
    assert converter.unstructure(record) == as_json(record)
    assert [*converter.unstructure(record)] == [*as_json(record)]


@prop(100)
def test_records_are_read_as_step_by_step(data):
    record = data.draw(records)
    cls, body = type(record), stored(record)
    before = copy.deepcopy(body)
    fast, slow = converter.structure(body, cls), SLOW.structure(body, cls)
    assert fast == slow == record
    assert repr(fast) == repr(slow) == repr(record)
    assert hash(fast) == hash(record)
    assert type(fast) is cls
    assert body == before


@prop(100)
def test_damage_is_found_and_told_as_step_by_step(data):
    record = data.draw(records)
    body = data.draw(damaged(stored(record)))
    cls = type(record)
    assert outcome_of(converter.structure, body, cls) == outcome_of(SLOW.structure, body, cls)


@prop(100)
def test_a_maker_makes_and_refuses_what_its_class_does(data):
    record = data.draw(records | reports())
    cls = type(record)
    given = {a.alias: getattr(record, a.name) for a in fields_of(cls) if a.init}
    if data.draw(st.booleans()):
        odd = [*JUNK, Decimal("1.50"), Decimal("NaN"), When("2017"), AN_ID, ("A",), {"B", "A"}]
        given[data.draw(st.sampled_from([*given]))] = data.draw(st.sampled_from(odd))
    made = outcome_of(maker(cls), *given.values())
    assert made == outcome_of(lambda: cls(**given))


@prop(100)
def test_an_id_is_the_digest_that_it_is_said_to_be(data):
    report = data.draw(reports(events))
    said = {"source": str(report.source.id), "type": report.event.TYPE.name}
    said["event"] = encode_body(report.event)
    if report.attribution:
        said["attribution"] = [as_json(hop) for hop in report.attribution]
    said |= {} if report.assertion == "fact" else {"assertion": report.assertion}
    said |= {"background": True} if report.background else {}
    said |= {"denied": True} if report.denied else {}
    assert report.id == uuid5(NAMESPACE, canonical(said)) == digest(said)
    assert attrs.evolve(report).id == report.id
    place = report.source.place
    assert report.source.place_id == uuid5(NAMESPACE, canonical(place))
    named = {**place, "published": str(report.source.published)}
    assert report.source.id == uuid5(NAMESPACE, canonical(named))


def test_the_first_bad_field_is_named():
    with pytest.raises(InvalidEvent, match=r"Hop\.agent"):
        maker(Hop)("", "", ())
