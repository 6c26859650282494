"""What is no date is refused, with the text and the fault in the message."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from newsledger.errors import InvalidWhen, NewsledgerError
from newsledger.when import When

NO_DATES = [
    # Days and months that are not there.
    ("2017-02-30", "2017-02 has 28 days"),
    ("2016-02-30", "2016-02 has 29 days"),
    ("1900-02-29", "1900-02 has 28 days"),
    ("2017-04-31", "no day 31"),
    ("2017-01-00", "no day 00"),
    ("2017-00", "no month 00"),
    ("2017-13", "no month 13"),
    ("2017-20", "no month 20"),
    ("2017-25", "no month 25"),
    ("2017-32", "no month 32"),
    ("2017-37", "no month 37"),
    ("2017-41", "no month 41"),
    ("2017-24-01", "season or quarter (24) has no days"),
    ("2017-33-01", "season or quarter (33) has no days"),
    ("2017-13-01", "no month 13"),
    # Years.
    ("9999", "year 9999 is not in 0001 to 9998"),
    ("0000", "year 0000 is not in 0001 to 9998"),
    ("9999-12-31", "year 9999"),
    ("0000-01-01", "year 0000"),
    ("0000-21", "year 0000"),
    ("9999-36", "year 9999"),
    ("0000-XX", "year 0000"),
    ("000X", "year 0000"),
    ("00XX", "year 0000"),
    ("999X", "year 9999"),
    ("99XX", "year 9999"),
    ("Y17000", "four digits and no sign"),
    ("-0044", "four digits and no sign"),
    ("+2017", "four digits and no sign"),
    ("17000", "four digits and no sign"),
    ("17-02-28", "a year has four digits"),
    ("201", "a year has four digits"),
    # Digits that are not known.
    ("201x", "write '201X'"),
    ("20xx", "write '20XX'"),
    ("2017-xx", "write '2017-XX'"),
    ("XXXX", "says nothing"),
    ("2XXX", "X stands for"),
    ("20X7", "X stands for"),
    ("2017-1X", "X stands for"),
    ("2017-XX-XX", "'2017-XX'"),
    ("2017-XX-05", "unknown month"),
    ("2017-02-XX", "'2017-02'"),
    ("201X-05", "takes no month"),
    ("20XX-21", "takes no month"),
    ("201X-XX", "takes no month"),
    # Other notations.
    ("1 May 2017", "write '2017-05-01'"),
    ("28 February 2017", "write '2017-02-28'"),
    ("February 28, 2017", "write '2017-02-28'"),
    ("Feb 2017", "write '2017-02'"),
    ("spring 2017", "write '2017-21'"),
    ("Easter 2017", "expected YYYY"),
    ("yesterday", "expected YYYY"),
    ("circa 2017", "write '2017~'"),
    ("2017/02/28", "write '2017-02-28'"),
    ("2017.02.28", "write '2017-02-28'"),
    ("2017/02", "write '2017-02'"),
    ("28/02/2017", "the year comes first"),
    ("28.2.2017", "the year comes first"),
    ("20170228", "write '2017-02-28'"),
    ("2017-2-28", "write '2017-02-28'"),
    ("2017-02-8", "write '2017-02-08'"),
    ("2017-2", "write '2017-02'"),
    ("2017-059", "days of the year"),
    ("2017-W09", "weeks are not supported"),
    ("2017-Q3", "write '2017-35'"),
    ("{2017,2018}", "'[2017,2018]'"),
    # Blanks and strange characters.
    ("", "empty"),
    ("  ", "empty"),
    (" 2017", "blanks"),
    ("2017 ", "blanks"),
    ("2017\n", "blanks"),
    ("2017\x00", "expected YYYY"),
    ("\uff12\uff10\uff11\uff17", "ASCII"),
    ("201\u0667", "ASCII"),
    ("2017\u201318", "ASCII"),
    ("2017-02-28T08:05:0\u0660Z", "ASCII"),
    # Marks.
    ("?2017", "a mark follows its component"),
    ("2017-?02", "a mark follows its component"),
    ("2017-~02-28", "a mark follows its component"),
    ("2017??", "one mark"),
    ("2017?~", "'?' and '~' together are '%'"),
    ("2017-02-28T08:05:00Z?", "takes no mark"),
    ("2017-02-28?T08:05:00Z", "expected YYYY"),
    # Instants.
    ("2017-02-28T14:05:00", "add Z for UTC or an offset"),
    ("2017-02-28T14:05:00.5", "add Z for UTC or an offset"),
    ("2017-02-28T14:05Z", "seconds are missing"),
    ("2017-02-28T14:05", "seconds are missing"),
    ("2017-02-28T14Z", "seconds are missing"),
    ("2017-02-28 14:05:00Z", "write '2017-02-28T14:05:00Z'"),
    ("2017-02-28t14:05:00Z", "write '2017-02-28T14:05:00Z'"),
    ("2017-02-28T14:05:00z", "write '2017-02-28T14:05:00Z'"),
    ("2017-02-28T14:05:00.1234567Z", "six digits at most"),
    ("2017-02-28T14:05:00.0000000Z", "six digits at most"),
    ("2017-02-28T14:05:00.Z", "expected YYYY"),
    ("2017-02-28T14:05:00,5Z", "stands a '.'"),
    ("2017-02-28T14:05:00-00:00", "write Z for UTC"),
    ("2017-02-28T14:05:00+06", "hours and minutes"),
    ("2017-02-28T14:05:00+0600", "hours and minutes"),
    ("2017-02-28T14:05:00+24:00", "no offset +24:00"),
    ("2017-02-28T14:05:00-06:60", "no offset -06:60"),
    ("2017-02-28T24:00:00Z", "no hour 24"),
    ("2017-02-28T23:60:00Z", "no minute 60"),
    ("2016-12-31T23:59:60Z", "no second 60"),
    ("2017-02-30T08:05:00Z", "2017-02 has 28 days"),
    ("2017-21-01T08:05:00Z", "has no days"),
    ("9999-01-01T00:00:00Z", "in UTC"),
    ("9998-12-31T23:59:59-00:01", "in UTC"),
    ("0001-01-01T00:00:00+00:01", "in UTC"),
    ("9999-12-31T23:59:59-00:01", "in UTC"),
    ("0000-12-31T23:00:00-06:00", "year 0000"),
    ("T08:05:00Z", "expected YYYY"),
    # Sets.
    ("[..]", "open on both sides"),
    ("[]", "empty"),
    ("[2017]", "two members or more"),
    ("[2017,]", "empty"),
    ("[,2017]", "empty"),
    ("[2017..2018,2019]", "never both"),
    ("[2016,2017..]", "never both"),
    ("[2017..2018..2019]", "one '..'"),
    ("[2018..2017]", "ends before it starts"),
    ("[2017-05..2017-04]", "ends before it starts"),
    ("[2017-05-01..2017-04]", "ends before it starts"),
    ("[2017-02-28T08:05:01Z..2017-02-28T08:05:00Z]", "ends before it starts"),
    ("[2017..2018", "not closed"),
    ("[2017..2018]?", "not closed"),
    ("2017..2018", "write '[2017..2018]'"),
    ("2017..2018]", "expected YYYY"),
    ("[2017-02-30..2018]", "in '2017-02-30', there is no day 30"),
    ("[2017, 2018]", "in ' 2018', there are blanks"),
    ("[2017/2018]", "not sets"),
    ("[[2017,2018],2019]", "expected YYYY"),
    # Intervals.
    ("/", "open on both sides"),
    ("../..", "open on both sides"),
    ("/..", "open on both sides"),
    ("../", "open on both sides"),
    ("2018/2017", "ends before it starts"),
    ("2017-05/2017-04-30", "ends before it starts"),
    ("2017/2018/2019", "one '/'"),
    ("[2017..2018]/2019", "not sets"),
    ("2017/[2018,2019]", "not sets"),
    ("2017/open", "'2017/..'"),
    ("unknown/2017", "'../2017'"),
    ("2017-02-30/..", "in '2017-02-30', there is no day 30"),
    ("2017/.", "in '.', expected YYYY"),
    ("2017 / 2018", "blanks"),
    ("2017-02-28T14:05:00/..", "add Z for UTC or an offset"),
]


@pytest.mark.parametrize(("text", "fault"), NO_DATES, ids=[ascii(text) for text, _ in NO_DATES])
def test_a_text_that_is_no_date_is_named_with_its_fault(text, fault):
    """The message has the text as Python writes it, and what is wrong."""
    with pytest.raises(InvalidWhen) as refused:
        When(text)
    message = str(refused.value)
    assert message.startswith(f"{text!r} is no date: ")
    assert fault in message.removeprefix(repr(text))


def test_it_is_a_value_error_of_the_library():
    """One except clause of either kind catches it."""
    assert issubclass(InvalidWhen, ValueError)
    assert issubclass(InvalidWhen, NewsledgerError)


@pytest.mark.parametrize("text", ["1" * 10**6, "[" + "2017," * 10**4 + "x]", "/" * 10**6])
def test_a_huge_text_is_shortened_in_the_message(text):
    """Nobody wants a megabyte in a traceback."""
    with pytest.raises(InvalidWhen, match=f"{len(text)} characters") as refused:
        When(text)
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize(
    "value", [2017, 2017.5, True, None, b"2017", ("2017",), object, 10**5000], ids=type
)
def test_what_is_neither_text_nor_date_is_refused(value):
    """The message names the type, since that is the fault."""
    with pytest.raises(InvalidWhen, match=type(value).__name__):
        When(value)


def test_a_year_given_as_a_number_is_told_to_be_text():
    """The commonest slip of all gets the text to write."""
    with pytest.raises(InvalidWhen, match="write '2017'"):
        When(2017)


def test_somebodys_broken_repr_does_no_harm():
    """The fault is that it is no date, not that it cannot be shown."""

    class Broken:
        def __repr__(self):
            raise RuntimeError

    with pytest.raises(InvalidWhen, match="Broken"):
        When(Broken())


def test_a_naive_datetime_is_refused():
    """It names no instant, and guessing a zone would be rounding."""
    with pytest.raises(InvalidWhen, match=r"'2017-02-28T14:05:00'.*no time zone"):
        When(datetime(2017, 2, 28, 14, 5))  # noqa: DTZ001 (the fault)


@pytest.mark.parametrize(
    "value",
    [
        date(9999, 1, 1),
        datetime(9999, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
    ],
)
def test_a_date_beyond_the_calendar_is_refused(value):
    """Python's last year has no end that Python can write."""
    with pytest.raises(InvalidWhen, match=re.escape(f"'{value.isoformat()}'")):
        When(value)


def test_a_datetime_finer_than_a_microsecond_is_refused():
    """A pandas.Timestamp is a datetime with nanoseconds, and When never rounds."""

    class Fine(datetime):
        nanosecond = 1

    with pytest.raises(InvalidWhen, match="finer than a microsecond"):
        When(Fine(2017, 2, 28, tzinfo=UTC))
