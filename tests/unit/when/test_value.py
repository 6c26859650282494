"""When as a Python value: made, compared, copied, kept."""

import copy
import operator
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from newsledger.when import When

ONE_OF_EACH = ["2017-02-28", "2017?", "[2017..]", "../2017", "2017-02-28T08:05:00.5Z"]


def test_a_when_is_made_from_a_when():
    """So that whatever takes a date can pass it on."""
    assert When(When("2017-02")) == When("2017-02")


def test_a_when_is_made_from_a_date():
    """It is that day."""
    assert str(When(date(2017, 2, 28))) == "2017-02-28"
    assert str(When(date(1, 1, 1))) == "0001-01-01"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2017, 2, 28, tzinfo=UTC), "2017-02-28T00:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (
            datetime(2017, 2, 28, 14, 5, 0, 100, tzinfo=timezone(timedelta(hours=6))),
            "2017-02-28T08:05:00.0001Z",
        ),
        (
            datetime(2017, 10, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
            "2017-10-29T00:30:00Z",
        ),
        (
            datetime(2017, 10, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
            "2017-10-29T01:30:00Z",
        ),
    ],
)
def test_a_when_is_made_from_an_aware_datetime(moment, text):
    """It is an instant, never a day, even at midnight."""
    when = When(moment)
    assert str(when) == text
    assert when == When(text)
    assert when.extent == When(text).extent
    assert when.start == moment.astimezone(UTC)
    assert when.stop - when.start == timedelta.resolution
    assert when.start.tzinfo is UTC


def test_it_holds_plain_values_whatever_was_given():
    """A subclass of datetime or str leaves no trace in what is compared, pickled and stored."""

    class Stamp(datetime):
        pass

    class Day(StrEnum):
        DAY = "2017-02-28"

    assert type(When(Stamp(2017, 2, 28, tzinfo=UTC)).start) is datetime
    assert type(When(Stamp(2017, 2, 28, tzinfo=UTC)).stop) is datetime
    assert type(str(When(Day.DAY))) is str


def test_equality_is_equality_of_text():
    """Two ways to write one year are two values; open and unknown ends differ too."""
    assert When("2017") == When("2017")
    assert When("2017") != When("2017-XX")
    assert When("2017/..") != When("2017/")
    assert When("2017") != "2017"
    assert When("[2017,2018]") != When("[2018,2017]")
    assert len({When("2017"), When("2017"), When("2017-XX"), When(When("2017"))}) == 2


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
def test_it_is_not_ordered(compare):
    """2017 is neither before nor after 2017-02."""
    with pytest.raises(TypeError):
        compare(When("2017"), When("2018"))


@pytest.mark.parametrize("text", ONE_OF_EACH)
def test_it_is_shown_as_the_code_that_makes_it(text):
    """The repr can be pasted."""
    when = When(text)
    assert repr(when) == f"When({text!r})"
    assert f"{when}" == text


@pytest.mark.parametrize("text", ONE_OF_EACH)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_survives_pickling(text, protocol):
    """Equal, hashed alike, and with all that it says."""
    when = pickle.loads(pickle.dumps(When(text), protocol))
    assert when == When(text)
    assert hash(when) == hash(When(text))
    assert (when.extent, when.onset) == (When(text).extent, When(text).onset)


@pytest.mark.parametrize("text", ONE_OF_EACH)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_it_survives_copying(text, copied):
    """A copy is equal."""
    assert copied(When(text)) == When(text)


@pytest.mark.parametrize("name", ["start", "stop", "onset", "extent", "lasts", "new"])
def test_it_is_frozen_and_slotted(name):
    """A shared value must not change under those who share it."""
    when = When("2017")
    with pytest.raises(AttributeError):
        setattr(when, name, None)
    assert not hasattr(when, "__dict__")
    assert when.start == datetime(2017, 1, 1, tzinfo=UTC)
    with pytest.raises(AttributeError):
        del when.start


def test_a_long_list_is_read_but_not_kept():
    """There is no limit to a list, only to what the cache holds."""
    text = "[" + ",".join(f"{year:04}" for year in range(1, 5000)) + "]"
    assert str(When(text)) == text
    assert When(text).stop == datetime(5000, 1, 1, tzinfo=UTC)
    assert When(text) is not When(text)
    assert When("2017") is When("2017")
