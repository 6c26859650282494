"""Laws of dates, against two readings that share nothing with the library's."""

import pickle
import re
from calendar import timegm
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings, strategies as st

from newsledger.errors import InvalidWhen
from newsledger.testing.strategies import whens
from newsledger.when import When, as_point, end_of, faults

DATE_CHARACTERS = "0123456789-/.,[]{}?~%XTZ:+ xtzY\u0661"
YEAR = re.compile(r"(?<![0-9:T+-])([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?![0-9])")

ENDS_OF_YEARS = [date(year, *day) for year in range(1, 9999) for day in ((1, 1), (12, 31))]

years = st.one_of(st.sampled_from([1, 4, 1600, 1900, 2000, 2016, 2017, 9998]), st.integers(1, 9998))


def parts_of(when):
    return [When(text) for text in re.split(r"\.\.|[,/]", str(when).strip("[]"))]


elements = whens(open_ended=False).map(lambda when: parts_of(when)[0])


# The value


@given(whens())
def test_the_text_says_it_all(when):
    """Text, value and pickle are the same thing."""
    again = When(str(when))
    assert again == when
    assert hash(again) == hash(when)
    assert str(again) == str(when)
    assert pickle.loads(pickle.dumps(when)) == when


@given(whens(), whens())
def test_equality_is_equality_of_text(one, other):
    """Nothing else of a value counts."""
    assert (one == other) == (str(one) == str(other))


@given(whens())
def test_the_windows_fit_each_other(when):
    """It began when its extent does, and only what lasts has an onset of its own."""
    start, stop = when.extent
    assert (when.start, when.stop) == (start, stop)
    assert start is None or stop is None or start < stop
    assert (start, stop) != (None, None)
    assert when.onset[0] == start
    assert when.lasts == ("/" in str(when))
    if not when.lasts or start is None:
        assert when.onset == when.extent
    else:
        assert when.onset == When(re.split("/", str(when))[0]).extent
    for moment in (*when.extent, *when.onset):
        assert moment is None or moment.tzinfo is UTC


@given(whens())
def test_marks_never_widen(when):
    """Without its marks a date has the same windows."""
    text = str(when)
    bare = When(re.sub("[?~%]", "", text))
    assert (bare.extent, bare.onset, bare.lasts) == (when.extent, when.onset, when.lasts)
    assert when.uncertain == any(mark in text for mark in "?%")
    assert when.approximate == any(mark in text for mark in "~%")


@given(st.datetimes(datetime(1, 1, 3), datetime(9998, 12, 29), timezones=st.timezones()))  # noqa: DTZ001
def test_an_aware_datetime_is_its_instant(moment):
    """Whatever its zone, nothing is rounded."""
    when = When(moment)
    assert when.start == moment.astimezone(UTC)
    assert when.stop - when.start == timedelta.resolution
    assert When(str(when)) == when
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z", str(when))


@given(whens())
def test_a_point_is_what_has_an_end(when):
    """And it means that end."""
    if when.stop is None:
        with pytest.raises(InvalidWhen, match="has no last instant"):
            as_point(when)
    else:
        assert end_of(as_point(when)) == when.stop


# What is no date


@given(whens())
def test_no_advice_is_given_on_a_date(when):
    """Advice comes before the fault of an end in a compound, so it must not fit sound ones."""
    assert faults.advice(str(when)) is None


def read_or_refused(text):
    """Read a text, or see it refused by name; nothing else may happen."""
    try:
        when = When(text)
    except InvalidWhen as fault:
        message = str(fault)
    else:
        assert When(str(when)) == when
        return
    assert " is no date: " in message
    assert len(message) < 1200


@given(st.text() | st.text(DATE_CHARACTERS) | st.from_regex(r"[\d\[./?-]{4,30}"))
@example("\ud800")
@example("[" * 10_000)
@example("2017-" + "?" * 100_000)
def test_any_text_is_a_date_or_refused(text):
    """No text gets anything but an InvalidWhen out of it."""
    read_or_refused(text)


@given(whens(), st.data())
def test_a_slip_of_the_pen_is_a_date_or_refused(when, data):
    """Texts close to dates are the ones that a reader gets wrong."""
    text = str(when)
    place = data.draw(st.integers(0, len(text)))
    drop = data.draw(st.integers(0, 2))
    read_or_refused(
        text[:place] + data.draw(st.text(DATE_CHARACTERS, max_size=2)) + text[place + drop :]
    )


@given(whens(), st.sampled_from([" ", "\n", "\t", "\u00a0", "\x00", "?~", "\u0660"]))
def test_nothing_may_stand_around_a_date(when, addition):
    """Neither before nor after; a newline at the end is the classic."""
    for text in (addition + str(when), str(when) + addition):
        with pytest.raises(InvalidWhen):
            When(text)


# A second reading: all days are looked at, and those that the text means are kept


def meant(text, day):
    """Tell whether a day is one of those that an unmarked simple date means."""
    year, _, part = text.partition("-")
    number = int(part) if len(part) == 2 and part != "XX" else 0
    if 21 <= number <= 24:
        season = 24 if day.month % 12 < 3 else 20 + day.month // 3
        return number == season and int(year) == day.year - (day.month < 3)
    if number >= 33:
        return int(year) == day.year and number == 32 + (day.month + 2) // 3
    return re.match(text.replace("X", "."), day.isoformat()) is not None


def looked_up(text, days):
    kept = [day for day in days if meant(text, day)]
    first, last = min(kept), max(kept)
    assert len(kept) == (last - first).days + 1 or "X" in text[:4]
    after = last + timedelta(days=1)
    return tuple(datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, after))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    years,
    st.sampled_from(
        ["", "-XX", *(f"-{n:02}" for n in (*range(1, 13), *range(21, 25), *range(33, 37)))]
    ),
)
def test_a_part_of_a_year_is_the_days_that_it_means(year, part):
    """Against all days of the year and of the following winter."""
    text = f"{year:04}{part}"
    first = date(year, 1, 1).toordinal()
    days = [date.fromordinal(first + n) for n in range(365 + 1 + 31 + 28 + 1)]
    assert When(text).extent == looked_up(text, days)


@given(st.integers(1, 98).map("{:02}XX".format) | st.integers(1, 998).map("{:03}X".format))
def test_a_decade_or_century_is_the_years_that_it_means(text):
    """Against the first and last days of all years."""
    assert When(text).extent == looked_up(text, ENDS_OF_YEARS)


@given(st.dates(date(1, 1, 1), date(9998, 12, 31)))
@example(date(2016, 2, 29))
@example(date(9998, 12, 31))
def test_a_day_is_one_day(day):
    """Counted in seconds from the epoch, from a date as from its text."""
    when = When(day)
    assert when == When(day.isoformat())
    assert timegm(when.start.utctimetuple()) == (day.toordinal() - 719_163) * 86_400
    assert (when.stop - when.start).total_seconds() == 86_400


@given(whens(open_ended=False))
def test_a_compound_spans_its_elements(when):
    """From the earliest start to the latest stop, or from the first to the last."""
    parts = parts_of(when)
    if "," in str(when):
        span = min(one.start for one in parts), max(one.stop for one in parts)
    else:
        span = parts[0].start, parts[-1].stop
    assert when.extent == span


@given(elements, elements)
def test_ends_are_refused_exactly_when_they_are_in_the_wrong_order(one, other):
    """An interval may end in the unit in which it starts, never before it."""
    for text in (f"{one}/{other}", f"[{one}..{other}]"):
        if one.start < other.stop:
            assert When(text).extent == (one.start, other.stop)
        else:
            with pytest.raises(InvalidWhen, match="ends before it starts"):
                When(text)


# The edtf package, for the forms that it reads as the contract has them. Version 5 reads otherwise:
# winters (they end on the last of December), unknown ends ("2017/" is ten years long), and years
# 0000 and 9999, which it allows; it does not read marks on seasons or on several components, ranges
# between ends of unlike precision, or instants inside compounds; and the lower bound of an instant
# is its day.


@st.composite
def read_alike(draw):
    """Draw a text of a form that both read."""
    days = st.dates(date(1, 1, 1), date(9998, 12, 31))
    cut = st.sampled_from([4, 7, 10])
    length = draw(cut)
    one, other = sorted(draw(days).isoformat()[:length] for _ in range(2))
    any_other = draw(days).isoformat()[: draw(cut)]
    mark = draw(st.sampled_from("?~%"))
    part = draw(st.sampled_from([21, 22, 23, 33, 34, 35, 36, "XX"]))
    return draw(
        st.sampled_from(
            [
                *(one, f"{one}{mark}", f"{one[:4]}-{part}", f"{one[:4]}{mark}{one[4:7]}"),
                *(f"{one}/{other}", f"{one}{mark}/{other}", f"{one}/..", f"../{one}"),
                *(f"[{one}..{other}]", f"[..{one}]", f"[{one}..]"),
                *(f"[{other},{one}]", f"[{one},{any_other},{other}]"),
                *(f"{year[:3]}X" for year in [one] if "0010" <= year[:4] < "9990"),
                *(f"{year[:2]}XX" for year in [one] if "0100" <= year[:4] < "9900"),
            ]
        )
    )


@settings(deadline=None)
@given(read_alike())
def test_the_edtf_package_agrees(text):
    """An implementation by others, of the specification that the contract follows."""
    edtf = pytest.importorskip("edtf")
    theirs, when = edtf.parse_edtf(text), When(text)
    last = when.stop and when.stop - timedelta.resolution
    assert days_of(theirs.lower_strict()) == (when.start and when.start.date().isoformat())
    assert days_of(theirs.upper_strict()) == (last and last.date().isoformat())


def days_of(moment):
    """Write a struct_time of the edtf package as a day; its infinities are None."""
    return None if isinstance(moment, float) else "{:04}-{:02}-{:02}".format(*moment[:3])


# The strategy itself


@pytest.fixture(scope="module")
def drawn():
    texts = []

    @settings(max_examples=5000, database=None, derandomize=True, phases=[Phase.generate])
    @given(whens())
    def collect(when):
        texts.append(str(when))

    collect()
    return texts


@pytest.mark.parametrize(
    "form",
    [
        r"\d{4}",
        r"\d{4}-\d\d",
        r"\d{4}-02-29",
        r"\d{4}-12-31",
        r"\d{4}-XX",
        r"\d{3}X",
        r"\d\dXX",
        r"\d{4}-2[1-4]",
        r"\d{4}-3[3-6]",
        r"\d{4}[?~%]-\d\d[?~%]-\d\d",
        r".*T.*Z",
        r"\[\d[^,]*\.\.\d.*\]",
        r"\[\.\.\d.*\]",
        r"\[\d.*\.\.\]",
        r"\[.*,.*\]",
        r"\d.*/\d.*",
        r"\d.*/\.\.",
        r"\d.*/",
        r"\.\./.*",
        r"/.*",
        "0001.*",
        "9998.*",
        r"(\d{4}-\d\d-\d\d)/\1",
    ],
)
def test_the_strategy_draws_every_form(drawn, form):
    """And the edges that it promises."""
    assert any(re.fullmatch(form, text) for text in drawn)


@given(st.data(), st.integers(1, 9998), st.integers(0, 300), st.booleans(), st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_the_strategy_keeps_to_its_limits(data, first, count, lasting, open_ended):
    """Years, lasting forms and open ends as asked for."""
    last = min(first + count, 9998)
    drawn = whens(min_year=first, max_year=last, lasting=lasting, open_ended=open_ended)
    when = data.draw(drawn)
    for year in YEAR.findall(str(when)):
        assert first <= int(year.replace("X", "0"))
        assert int(year.replace("X", "9")) <= last
    assert lasting or not when.lasts
    assert open_ended or None not in when.extent


@pytest.mark.parametrize(("first", "last"), [(0, 2017), (2018, 2017), (2017, 9999)])
def test_the_strategy_refuses_years_that_are_none(first, last):
    """At once, not when it draws."""
    with pytest.raises(ValueError, match="are no years in 1 to 9998"):
        whens(min_year=first, max_year=last)
