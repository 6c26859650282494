"""Types of one's own: one decorator, stable names, old versions read for ever."""

import pytest

from newsledger import (
    CorruptEntry,
    Event,
    InvalidEvent,
    Ledger,
    OpaqueEvent,
    Source,
    UnknownEventType,
    event,
)
from newsledger.codec import decode_body
from newsledger.events import CATALOGUE
from newsledger.fields import Entities, Entity, MaybeDated, field

SOURCE = Source("The Daily Example", "2018")


@pytest.fixture(autouse=True)
def _forget_types(monkeypatch):
    """Types registered by a test are gone after it."""
    monkeypatch.setattr(CATALOGUE, "_types", dict(CATALOGUE._types))


def make_sanction(**options):
    @event("test.Sanction", identity=("by", "target"), **options)
    class Sanction(Event):
        by: Entity
        target: Entity
        also: Entities = field(default=())
        until: MaybeDated = field(default=None)
        note: str | None = None

    return Sanction


def test_a_type_of_ones_own_has_all_that_built_in_ones_have():
    Sanction = make_sanction()  # noqa: N806
    told = Sanction(by="A", target="B", also=["C"], until="2019", occurred="2018-01")
    assert told.entities == {"A", "B", "C"}
    assert told.identity == ("test.Sanction", "A", "B")
    with pytest.raises(InvalidEvent, match=r"Sanction\.by"):
        Sanction(by="", target="B", occurred="2018")
    with Ledger.open() as ledger:
        entry = ledger.append(told, SOURCE)
        assert ledger.get(entry.id).event == told
        assert list(ledger.entries(types=Sanction, about="C")) == [entry]
        assert list(ledger.as_of("2019").entries(types="test.Sanction")) == [entry]


def test_an_unknown_type_is_read_as_an_opaque_entry(tmp_path):
    Sanction = make_sanction()  # noqa: N806
    path = tmp_path / "l.db"
    with Ledger.open(path) as ledger:
        recorded = ledger.append(Sanction(by="A", target="B", occurred="2018-01"), SOURCE)
    del CATALOGUE._types["test.Sanction"]
    with Ledger.open(path) as ledger:
        [entry] = ledger.entries(about="B")
        assert isinstance(entry.event, OpaqueEvent)
        assert entry.event.type == "test.Sanction"
        assert entry.event.raw == '{"occurred":"2018-01","by":"A","target":"B"}'
        assert (entry.id, entry.onset, entry.entities) == (
            recorded.id,
            recorded.onset,
            recorded.entities,
        )
        assert list(ledger.as_of("2018-01").entries()) == [entry]
        assert list(ledger.as_of("2018-01-30").entries()) == []
        taken_back = ledger.retract(entry)
        assert list(ledger.as_of("2020").entries()) == []
    CATALOGUE.add(Sanction.TYPE)
    with Ledger.open(path) as ledger:
        assert ledger.get(taken_back.id).event == Sanction(by="A", target="B", occurred="2018-01")


def test_an_opaque_event_keeps_an_onset_that_is_not_its_date(tmp_path):
    @event("test.Held")
    class Held(Event):
        who: Entity
        since: MaybeDated = field(default=None)

    path = tmp_path / "l.db"
    with Ledger.open(path) as ledger:
        recorded = ledger.append(Held(who="A", since="2015", occurred="2018"), SOURCE)
    del CATALOGUE._types["test.Held"]
    with Ledger.open(path) as ledger:
        [entry] = ledger.entries()
        assert isinstance(entry.event, OpaqueEvent)
        assert entry.onset == recorded.onset


def test_an_older_version_is_read_through_its_upcasters():
    @event(
        "test.Prize",
        version=3,
        upcasters={
            1: lambda body: {**body, "winner": body["who"]},
            2: lambda body: {key: value for key, value in body.items() if key != "who"},
        },
    )
    class Prize(Event):
        winner: Entity

    stored = {"occurred": "2017", "who": "Ada"}
    assert decode_body("test.Prize", 1, stored) == Prize(winner="Ada", occurred="2017")
    assert stored == {"occurred": "2017", "who": "Ada"}


def raises_key_error(body):
    return {"winner": body["who"]}


@pytest.mark.parametrize(
    ("upcasters", "fault"),
    [
        ({1: raises_key_error, 2: dict}, r"test\.Prize from version 1 raised KeyError\('who'\)"),
        ({1: dict, 2: raises_key_error}, r"test\.Prize from version 2 raised KeyError\('who'\)"),
        ({1: lambda body: body + 1, 2: dict}, "from version 1 raised TypeError"),
        ({1: lambda body: None, 2: dict}, "from version 1 gave None, not an object"),
        ({1: dict, 2: list}, r"from version 2 gave \[.*\], not an object"),
    ],
)
def test_an_upcaster_that_fails_is_named_with_the_position(tmp_path, upcasters, fault):
    @event("test.Prize")
    class Prize(Event):
        pass

    with Ledger.open(tmp_path / "l.db") as ledger:
        ledger.append(make_sanction()(by="A", target="B", occurred="2017"), SOURCE)
        prize = ledger.append(Prize(occurred="2017"), SOURCE)
    del CATALOGUE._types["test.Prize"]

    @event("test.Prize", version=3, upcasters=upcasters)
    class Prize(Event):
        winner: Entity

    with Ledger.open(tmp_path / "l.db") as ledger:
        for read in (
            lambda: list(ledger.entries()),
            lambda: ledger.get(prize.id),
            lambda: list(ledger.as_of("2020").entries()),
        ):
            with pytest.raises(CorruptEntry, match=f"position 2 cannot be read.*{fault}") as caught:
                read()
            assert caught.value.position == 2


def test_a_later_version_than_ours_is_opaque():
    make_sanction()
    later = decode_body("test.Sanction", 2, {"occurred": "2017", "new": 1})
    assert isinstance(later, OpaqueEvent)
    assert later.version == 2


def test_a_new_field_and_a_renamed_one_keep_the_ids_of_old_reports():
    from newsledger import Report

    @event("test.Vote")
    class Vote(Event):
        who: Entity

    old = Report(Vote(who="Ada", occurred="2017"), SOURCE).id
    del CATALOGUE._types["test.Vote"]

    @event("test.Vote")
    class Ballot(Event):
        voter: Entity = field(wire="who")
        secret: bool = False

    assert Report(Ballot(voter="Ada", occurred="2017"), SOURCE).id == old
    assert decode_body("test.Vote", 1, {"occurred": "2017", "who": "Ada"}).voter == "Ada"


@pytest.mark.parametrize("name", ["", "1st", "a b", "correction", "retraction", "é"])
def test_a_bad_wire_name_is_refused(name):
    with pytest.raises(TypeError, match="no wire name"):

        @event(name)
        class Bad(Event):
            pass


def test_a_version_without_its_upcaster_is_refused():
    with pytest.raises(TypeError, match="needs an upcaster from version 1"):
        make_sanction(version=2)


def test_a_wire_name_belongs_to_one_class():
    with pytest.raises(TypeError, match="belongs to newsledger"):

        @event("MeetingHeld")
        class Other(Event):
            pass


def test_identity_names_fields():
    with pytest.raises(TypeError, match="no field 'x'"):

        @event("test.X", identity=("x",))
        class X(Event):
            pass


def test_an_unregistered_type_is_named():
    class Plain(Event):
        pass

    with pytest.raises(UnknownEventType, match="Plain"):
        CATALOGUE.named(Plain)
    with Ledger.open() as ledger, pytest.raises(UnknownEventType, match="NoSuch"):
        ledger.entries(types="NoSuch")
