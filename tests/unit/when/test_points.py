"""Query points: what they accept, and where they end."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta

import pytest

from newsledger import when as room
from newsledger.errors import InvalidWhen
from newsledger.when import FOREVER, TODAY, When, as_point, end_of
from newsledger.when.ticks import point_ticks, stop_ticks


@pytest.mark.parametrize(
    ("value", "end"),
    [
        ("2017-02-28", datetime(2017, 3, 1, tzinfo=UTC)),
        (date(2017, 2, 28), datetime(2017, 3, 1, tzinfo=UTC)),
        (When("2017-02"), datetime(2017, 3, 1, tzinfo=UTC)),
        ("2017-02-28T08:05:00Z", datetime(2017, 2, 28, 8, 5, 0, 1, tzinfo=UTC)),
        (
            datetime(2017, 2, 28, 8, 5, tzinfo=UTC),
            datetime(2017, 2, 28, 8, 5, tzinfo=UTC) + timedelta(microseconds=1),
        ),
        ("[2017-04..2017-05]", datetime(2017, 6, 1, tzinfo=UTC)),
        ("[..2017]", datetime(2018, 1, 1, tzinfo=UTC)),
        ("../2017", datetime(2018, 1, 1, tzinfo=UTC)),
        ("2015/2017", datetime(2018, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_point_means_its_last_instant(value, end):
    """The end is exclusive: all of the day is before it."""
    assert as_point(value) == When(value)
    assert end_of(as_point(value)) == end


def test_nothing_is_after_forever():
    """It is itself a point, without an end."""
    assert as_point(FOREVER) is FOREVER
    assert end_of(FOREVER) is None


def test_today_is_the_day_that_the_caller_says():
    """Only who has a clock can read it."""
    assert as_point(TODAY, today=date(2017, 2, 28)) == When("2017-02-28")
    with pytest.raises(InvalidWhen, match="known_at: TODAY"):
        as_point(TODAY, name="known_at")


@pytest.mark.parametrize("value", ["2015/..", "2015/", "[2015..]", When("2015/..")])
def test_what_has_no_last_instant_is_no_point(value):
    """The argument, the text and the fault are named."""
    with pytest.raises(InvalidWhen, match=r"^valid_at: '.*2015.*' has no last instant"):
        as_point(value)


@pytest.mark.parametrize("value", ["yesterday", 2017, None, datetime(2017, 2, 28)])  # noqa: DTZ001
def test_what_is_no_date_is_no_point(value):
    """The argument is named, and the fault as When tells it."""
    with pytest.raises(InvalidWhen, match=r"^recorded_at: .* is no date: "):
        as_point(value, name="recorded_at")


@pytest.mark.parametrize(("sentinel", "name"), [(FOREVER, "FOREVER"), (TODAY, "TODAY")])
def test_there_is_one_of_each_sentinel(sentinel, name):
    """They can be compared with ``is`` wherever they have been."""
    assert repr(sentinel) == str(sentinel) == name
    assert pickle.loads(pickle.dumps(sentinel)) is sentinel
    assert copy.copy(sentinel) is sentinel
    assert copy.deepcopy(sentinel) is sentinel


def test_the_names_of_the_room():
    """What other rooms may import."""
    names = ["FOREVER", "Forever", "PointLike", "TODAY", "Today", "When", "as_point", "end_of"]
    assert sorted(room.__all__) == names


@pytest.mark.parametrize(
    "day", ["0001-01-01", "2016-02-29", "2017-02-28", "2017-12-31", "9998-12-31", "9999-01-01"]
)
def test_plain_days_end_as_all_points_do(day):
    def slowly(value):
        return stop_ticks(end_of(as_point(value)))

    for value in (day, date.fromisoformat(day)):
        if day.startswith("9999"):
            with pytest.raises(InvalidWhen, match="9998"):
                point_ticks(value)
        else:
            assert point_ticks(value) == slowly(value)
    for no_day in ("2017-02-30", "2017-13-01", "20170228", "2017-W09-2", "2017-2-28"):
        with pytest.raises(InvalidWhen):
            point_ticks(no_day)
