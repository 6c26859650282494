"""Records convert what callers give, and name the field that they cannot take."""

import copy
import pickle
from decimal import Decimal
from enum import Enum
from uuid import UUID

import attrs
import pytest

from newsledger import InvalidEvent, When
from newsledger.fields import (
    Dated,
    Entities,
    MaybeNumber,
    Number,
    Reference,
    Texts,
    changed,
    field,
    record,
)


class Colour(Enum):
    RED = "red"


@record(kw_only=True)
class Thing:
    day: Dated = field(default="2017")
    names: Entities = field(default=())
    words: Texts = field(default=())
    number: MaybeNumber = field(default=None)
    colour: Colour | None = None
    count: int = 0
    share: float = 0.0
    yes: bool = False
    of: Reference = field(default="11111111-1111-5111-8111-111111111111")
    pairs: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("name", "given", "held"),
    [
        ("day", "2017-02", When("2017-02")),
        ("names", ["KGZ", "RUS"], ("KGZ", "RUS")),
        ("names", {"RUS", "KGZ"}, ("KGZ", "RUS")),
        ("words", (w for w in ("b", "a")), ("b", "a")),
        ("number", 3, Decimal(3)),
        ("number", "1.20", Decimal("1.2")),
        ("number", "171e6", Decimal(171_000_000)),
        ("colour", Colour.RED, Colour.RED),
        (
            "of",
            "22222222-2222-5222-8222-222222222222",
            UUID("22222222-2222-5222-8222-222222222222"),
        ),
        ("pairs", [1, 2], (1, 2)),
    ],
)
def test_a_field_takes_what_its_kind_takes(name, given, held):
    value = getattr(Thing(**{name: given}), name)
    assert value == held
    assert type(value) is type(held)


@pytest.mark.parametrize(
    ("name", "given", "fault"),
    [
        ("day", "2017-02-30", "2017-02-30"),
        ("names", "KGZ", "lone text 'KGZ'"),
        ("names", ["KGZ", ""], "item 1: expected a name"),
        ("names", [1], "item 0: expected text, got int 1"),
        ("names", 3, "expected names, got int 3"),
        ("words", b"ab", "lone text"),
        ("number", 0.1, "a float is not exact"),
        ("number", "NaN", "finite"),
        ("number", Decimal("Infinity"), "finite"),
        ("number", "one", "'one' is not a number"),
        ("number", True, "got True"),
        ("colour", "red", "expected a Colour"),
        ("count", True, "got True"),
        ("count", "1", "expected a whole number, got '1'"),
        ("share", float("nan"), "finite"),
        ("yes", 1, "expected True or False, got 1"),
        ("of", "no id", "'no id'"),
        ("pairs", ["1"], "item 0"),
    ],
)
def test_a_bad_value_names_class_field_and_value(name, given, fault):
    with pytest.raises(InvalidEvent) as caught:
        Thing(**{name: given})
    assert str(caught.value).startswith(f"Thing.{name}: ")
    assert fault in str(caught.value)
    assert caught.value.field == f"Thing.{name}"
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("text", ["a\ud800b", "\udfff"])
def test_a_lone_surrogate_is_refused_where_it_stands(text):
    with pytest.raises(InvalidEvent, match="lone surrogate"):
        Thing(words=[text])


@pytest.mark.parametrize("text", ["a\0b", "\u202eabc", "👍🏽", "é" * 1_000_000, ""])
def test_odd_text_is_kept_as_it_is(text):
    assert Thing(words=[text]).words == (text,)


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(InvalidEvent) as caught:
        Thing(count="x" * 10_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("1.20", "1.2"),
        ("-0", "0"),
        ("0.000", "0"),
        ("1.2E+9", "1200000000"),
        ("5", "5"),
        ("1E+999999", "1E+999999"),
        ("123456789012345678901234567890.10", "123456789012345678901234567890.1"),
    ],
)
def test_decimals_are_held_in_normal_form_without_rounding(given, text):
    assert str(Thing(number=given).number) == text


def test_a_record_is_frozen_slotted_hashable_and_survives_copying():
    thing = Thing(names=["A"], number="1.5")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        thing.count = 2
    assert not hasattr(thing, "__dict__")
    assert pickle.loads(pickle.dumps(thing)) == copy.deepcopy(thing) == thing
    assert len({thing, copy.copy(thing)}) == 1


def test_repr_is_code_without_the_defaults():
    thing = Thing(day="2017-02", names=["A"], count=3)
    assert repr(thing) == "Thing(day='2017-02', names=('A',), count=3)"
    assert eval(repr(thing)) == thing  # noqa: S307 (that is the claim)


def test_changed_checks_like_a_new_one():
    assert changed(Thing(), count=2).count == 2
    with pytest.raises(InvalidEvent):
        changed(Thing(), count="2")


def test_limits_are_checked_after_conversion():
    @record()
    class Limited:
        members: Entities = field(at_least=2, distinct=True)
        flow: str = field(default="in", choices=("in", "out"))
        title: str = field(default="t", at_least=1)

    assert Limited(["a", "b"]).flow == "in"
    with pytest.raises(InvalidEvent, match="2 or more different items, got 1"):
        Limited(["a", "a"])
    with pytest.raises(InvalidEvent, match="'up' is none of in, out"):
        Limited(["a", "b"], "up")
    with pytest.raises(InvalidEvent, match="empty"):
        Limited(["a", "b"], "in", "")


def test_a_default_is_checked_too():
    with pytest.raises(InvalidEvent, match=r"Wrong\.number"):

        @record()
        class Wrong:
            number: Number = field(default="x")


@pytest.mark.parametrize("annotation", [list, dict, "list[str]", "str | int"])
def test_an_annotation_that_cannot_work_says_what_can(annotation):
    namespace = {"__annotations__": {"field": annotation}, "__module__": __name__}
    with pytest.raises(TypeError, match=r"Bad\.field: a field cannot be annotated .* write one of"):
        record()(type("Bad", (), namespace))
