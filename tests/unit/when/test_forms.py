"""Every form of the table of dates, with its extent, onset and marks."""

from datetime import UTC, datetime, timedelta

import pytest

from newsledger.when import When

US = timedelta(microseconds=1)


def utc(year, month=1, day=1, *clock):
    return datetime(year, month, day, *clock, tzinfo=UTC)


SIMPLE = [
    ("2017-02-28", utc(2017, 2, 28), utc(2017, 3, 1)),
    ("2016-02-29", utc(2016, 2, 29), utc(2016, 3, 1)),
    ("2017-12-31", utc(2017, 12, 31), utc(2018)),
    ("0001-01-01", utc(1), utc(1, 1, 2)),
    ("9998-12-31", utc(9998, 12, 31), utc(9999)),
    ("2017-02", utc(2017, 2), utc(2017, 3)),
    ("2017-12", utc(2017, 12), utc(2018)),
    ("9998-12", utc(9998, 12), utc(9999)),
    ("2017", utc(2017), utc(2018)),
    ("0001", utc(1), utc(2)),
    ("9998", utc(9998), utc(9999)),
    ("2017-XX", utc(2017), utc(2018)),
    ("201X", utc(2010), utc(2020)),
    ("001X", utc(10), utc(20)),
    ("998X", utc(9980), utc(9990)),
    ("20XX", utc(2000), utc(2100)),
    ("01XX", utc(100), utc(200)),
    ("98XX", utc(9800), utc(9900)),
    ("2017-21", utc(2017, 3), utc(2017, 6)),
    ("2017-22", utc(2017, 6), utc(2017, 9)),
    ("2017-23", utc(2017, 9), utc(2017, 12)),
    ("2017-24", utc(2017, 12), utc(2018, 3)),
    ("9998-24", utc(9998, 12), utc(9999, 3)),
    ("2017-33", utc(2017), utc(2017, 4)),
    ("2017-34", utc(2017, 4), utc(2017, 7)),
    ("2017-35", utc(2017, 7), utc(2017, 10)),
    ("2017-36", utc(2017, 10), utc(2018)),
    ("9998-36", utc(9998, 10), utc(9999)),
]
SETS = [
    ("[2017-04..2017-05]", utc(2017, 4), utc(2017, 6)),
    ("[2017..2017]", utc(2017), utc(2018)),
    ("[2017-05..2017]", utc(2017, 5), utc(2018)),
    ("[2017-02-28..2017-03-01]", utc(2017, 2, 28), utc(2017, 3, 2)),
    ("[2017-04,2017-06]", utc(2017, 4), utc(2017, 7)),
    ("[2017-06,2017-04]", utc(2017, 4), utc(2017, 7)),
    ("[2017,2015-02,2017-03-01]", utc(2015, 2), utc(2018)),
    ("[2017,2017]", utc(2017), utc(2018)),
    ("[..2017-12-31]", None, utc(2018)),
    ("[2017..]", utc(2017), None),
    ("[201X..2017-24]", utc(2010), utc(2018, 3)),
    (
        "[2017-02-28T10:00:00Z..2017-03]",
        utc(2017, 2, 28, 10),
        utc(2017, 4),
    ),
]


@pytest.mark.parametrize(("text", "start", "stop"), SIMPLE + SETS)
def test_a_moment_lies_somewhere_in_its_extent(text, start, stop):
    """Its onset is its extent, and it does not last."""
    when = When(text)
    assert (when.start, when.stop) == when.extent == when.onset == (start, stop)
    assert (str(when), when.lasts, when.uncertain, when.approximate) == (text, False, False, False)


@pytest.mark.parametrize(
    ("text", "extent", "onset"),
    [
        (
            "2017-02-27/2017-03",
            (utc(2017, 2, 27), utc(2017, 4)),
            (utc(2017, 2, 27), utc(2017, 2, 28)),
        ),
        ("2017/2017", (utc(2017), utc(2018)), (utc(2017), utc(2018))),
        ("2017/2017-03", (utc(2017), utc(2017, 4)), (utc(2017), utc(2018))),
        ("2015-08-12/..", (utc(2015, 8, 12), None), (utc(2015, 8, 12), utc(2015, 8, 13))),
        ("2015-08-12/", (utc(2015, 8, 12), None), (utc(2015, 8, 12), utc(2015, 8, 13))),
        ("201X/..", (utc(2010), None), (utc(2010), utc(2020))),
        ("../2017-02-28", (None, utc(2017, 3, 1)), (None, utc(2017, 3, 1))),
        ("/2017-02-28", (None, utc(2017, 3, 1)), (None, utc(2017, 3, 1))),
        (
            "2017-02-28T10:00:00Z/2017-02-28T10:00:00Z",
            (utc(2017, 2, 28, 10), utc(2017, 2, 28, 10) + US),
            (utc(2017, 2, 28, 10), utc(2017, 2, 28, 10) + US),
        ),
    ],
)
def test_what_lasts_began_in_its_first_part(text, extent, onset):
    """The end of an interval says nothing of its beginning, unless it is all that is known."""
    when = When(text)
    assert (when.start, when.stop) == when.extent == extent
    assert when.onset == onset
    assert (str(when), when.lasts) == (text, True)


@pytest.mark.parametrize(
    ("text", "normal", "start"),
    [
        ("2017-02-28T14:05:00+06:00", "2017-02-28T08:05:00Z", utc(2017, 2, 28, 8, 5)),
        ("2017-02-28T00:00:00+06:00", "2017-02-27T18:00:00Z", utc(2017, 2, 27, 18)),
        ("2016-12-31T20:00:00-05:30", "2017-01-01T01:30:00Z", utc(2017, 1, 1, 1, 30)),
        ("2017-02-28T08:05:00+00:00", "2017-02-28T08:05:00Z", utc(2017, 2, 28, 8, 5)),
        ("2017-02-28T08:05:00Z", "2017-02-28T08:05:00Z", utc(2017, 2, 28, 8, 5)),
        ("2017-02-28T08:05:00.000000Z", "2017-02-28T08:05:00Z", utc(2017, 2, 28, 8, 5)),
        (
            "2017-02-28T08:05:10.500Z",
            "2017-02-28T08:05:10.5Z",
            utc(2017, 2, 28, 8, 5, 10, 500_000),
        ),
        (
            "2017-02-28T08:05:00.000001Z",
            "2017-02-28T08:05:00.000001Z",
            utc(2017, 2, 28, 8, 5, 0, 1),
        ),
        ("9999-01-01T03:00:00+06:00", "9998-12-31T21:00:00Z", utc(9998, 12, 31, 21)),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", utc(1)),
        (
            "9998-12-31T23:59:59.999999Z",
            "9998-12-31T23:59:59.999999Z",
            utc(9998, 12, 31, 23, 59, 59, 999_999),
        ),
    ],
)
def test_an_instant_is_one_microsecond_in_utc(text, normal, start):
    """However it was written, its text is in UTC with Z and the shortest fraction."""
    when = When(text)
    assert str(when) == normal
    assert when.extent == when.onset == (start, start + US)
    assert when == When(normal)
    assert not when.lasts


def test_instants_are_normalised_inside_sets_and_intervals():
    """Two texts of the same two instants are one value."""
    one = When("2017-02-28T14:05:00+06:00/2017-02-28T15:05:00.10+06:00")
    assert str(one) == "2017-02-28T08:05:00Z/2017-02-28T09:05:00.1Z"
    assert str(When("[..2017-02-28T14:05:00+06:00]")) == "[..2017-02-28T08:05:00Z]"
    assert str(When("[2017,2017-02-28T14:05:00+06:00]")) == "[2017,2017-02-28T08:05:00Z]"


@pytest.mark.parametrize(
    ("text", "bare", "uncertain", "approximate"),
    [
        ("2017?", "2017", True, False),
        ("2017~", "2017", False, True),
        ("2017%", "2017", True, True),
        ("2017-02~", "2017-02", False, True),
        ("2017-02-28%", "2017-02-28", True, True),
        ("2017?-02-28", "2017-02-28", True, False),
        ("2017-02~-28", "2017-02-28", False, True),
        ("2017?-02~-28", "2017-02-28", True, True),
        ("2017?-02", "2017-02", True, False),
        ("2017?-02?-28?", "2017-02-28", True, False),
        ("201X?", "201X", True, False),
        ("20XX~", "20XX", False, True),
        ("2017-XX?", "2017-XX", True, False),
        ("2017~-21?", "2017-21", True, True),
        ("2017-36%", "2017-36", True, True),
        ("[2017-04?..2017-05~]", "[2017-04..2017-05]", True, True),
        ("[2017,2018?]", "[2017,2018]", True, False),
        ("[..2017~]", "[..2017]", False, True),
        ("2015~/..", "2015/..", False, True),
        ("/2015?", "/2015", True, False),
        ("2015/2016%", "2015/2016", True, True),
    ],
)
def test_marks_never_widen(text, bare, uncertain, approximate):
    """A marked date has the extent of the unmarked one, and is another value."""
    when = When(text)
    assert (when.extent, when.onset) == (When(bare).extent, When(bare).onset)
    assert (when.uncertain, when.approximate) == (uncertain, approximate)
    assert str(when) == text
    assert when != When(bare)
