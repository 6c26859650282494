"""Hooks may be registered for any type, at any time."""

import pickle
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest

from newsledger import BaseStatusReported, MeetingHeld, Money, OutcomeRecorded, When
from newsledger.codec import converter as the_converter
from newsledger.events import AgendaItem
from newsledger.fields import Entities, MaybeDated, Number, field, maker, record

AN_ID = UUID("11111111-1111-5111-8111-111111111111")


@pytest.fixture
def converter():
    return the_converter.copy()


def both_ways(converter, value):
    encoded = msgspec.json.encode(converter.unstructure(value))
    return converter.structure(msgspec.json.decode(encoded), type(value))


@pytest.mark.parametrize(
    ("value", "cls", "to_json", "from_json", "shown"),
    [
        (
            BaseStatusReported(base="b", status="closed", occurred="2017", since="2016"),
            When,
            lambda when: f"on {when}",
            lambda text, _: When(text.removeprefix("on ")),
            {"occurred": "on 2017", "base": "b", "status": "closed", "since": "on 2016"},
        ),
        (
            Money("1.5", "USD"),
            Decimal,
            lambda number: [str(number)],
            lambda items, _: Decimal(items[0]),
            {"amount": ["1.5"], "currency": "USD"},
        ),
        (
            OutcomeRecorded(of=AN_ID, outcome="kept", occurred="2017", evidence=[AN_ID]),
            UUID,
            lambda one: one.int,
            lambda number, _: UUID(int=number),
            {"of": AN_ID.int, "outcome": "kept", "occurred": "2017", "evidence": [AN_ID.int]},
        ),
        (
            MeetingHeld(participants=["A", "B"], occurred="2017", agenda=[AgendaItem("t")]),
            AgendaItem,
            lambda item: item.topic,
            lambda topic, _: AgendaItem(topic),
            {"participants": ["A", "B"], "occurred": "2017", "agenda": ["t"]},
        ),
    ],
    ids=["When", "Decimal", "UUID", "a record"],
)
def test_one_registered_later_is_used(converter, value, cls, to_json, from_json, shown):
    assert both_ways(converter, value) == value
    converter.register_unstructure_hook(cls, to_json)
    converter.register_structure_hook(cls, from_json)
    encoded = converter.unstructure(value)
    assert {k: list(v) if isinstance(v, tuple) else v for k, v in encoded.items()} == shown
    assert converter.structure(shown, type(value)) == value


def test_one_of_a_record_itself_is_used(converter):
    assert both_ways(converter, AgendaItem("t")) == AgendaItem("t")
    converter.register_unstructure_hook(AgendaItem, lambda item: item.topic.upper())
    assert converter.unstructure(AgendaItem("t")) == "T"


def test_one_of_text_is_used_within_tuples_only(converter):
    converter.register_unstructure_hook(str, str.lower)
    meeting = MeetingHeld(participants=["A", "B"], place="C", occurred="2017")
    assert converter.unstructure(meeting)["participants"] == ("a", "b")
    assert converter.unstructure(meeting)["place"] == "C"


@record(kw_only=True)
class Base:
    names: Entities = field(at_least=1, wire="old name")
    day: MaybeDated = field(default=None)
    worth: Number = field(default="1.50")
    twice: int = field(init=False, default=2)

    def __attrs_post_init__(self):
        object.__setattr__(self, "twice", len(self.names) * 2)


class Told(Base):
    heard: list[type] = []  # noqa: RUF012 (of the class)

    def __init_subclass__(cls):
        Told.heard.append(cls)


class Plain(Base):
    """Has an instance dict, and an __init__ of its own."""

    def __init__(self, **given):
        super().__init__(**given)
        object.__setattr__(self, "extra", 1)


@record(kw_only=True)
class Derived(Base):
    more: str = "m"

    @property
    def all(self):
        return (*self.names, self.more)


@pytest.mark.parametrize("cls", [Base, Told, Plain, Derived])
def test_classes_derived_from_records_are_read_as_what_they_are(cls):
    made = the_converter.structure({"old name": ["A"], "day": "2017"}, cls)
    assert type(made) is cls
    assert made == cls(names=["A"], day="2017")
    assert made.twice == 2
    assert repr(made) == repr(cls(names=["A"], day="2017"))
    assert the_converter.unstructure(made) == {"old name": ("A",), "day": "2017"}
    assert pickle.loads(pickle.dumps(made)) == made
    assert hasattr(made, "extra") == (cls is Plain)
    assert maker(cls) is maker(cls)
    with pytest.raises(AttributeError):
        made.day = None
    assert Told.heard == []
