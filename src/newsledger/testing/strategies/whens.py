"""A strategy for dates of every form."""

from __future__ import annotations

from calendar import isleap
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import strategies as st

from newsledger.testing.strategies.brief import brief
from newsledger.when import When

_PARTS = (*range(21, 25), *range(33, 37))
# Leap years, years that look like it, and those about which recent news is.
_TELLING_YEARS = (1, 4, 1600, 1900, 1999, 2000, 2015, 2016, 2017, 2018, 2100, 9998)
_TELLING_DAYS = ((1, 1), (2, 28), (2, 29), (3, 1), (11, 30), (12, 1), (12, 31))
_PLAIN_DAYS = ("{}-02-28", "{}-03-01", "{}-01-01", "{}-12-31")
_PLAIN_YEAR = 2017
_MARKS = ("", "", "", "?", "~", "%")
_MINUTES = 24 * 60 - 1


def whens(
    *, min_year: int = 1, max_year: int = 9998, lasting: bool = True, open_ended: bool = True
) -> st.SearchStrategy[When]:
    """Draw dates of all the forms, often close to each other and to the edges of the calendar.

    They shrink to a plain day of the year 2017, or of the last year that there may be.
    Every year that a text mentions, whole decades and centuries too, is in ``min_year`` to
    ``max_year``; an extent may reach beyond where a winter does. ``lasting``: also the forms with
    ``/``. ``open_ended``: also those without a start or a stop.
    """
    if not 1 <= min_year <= max_year <= 9998:  # noqa: PLR2004 (the years of When)
        raise ValueError(f"{min_year} to {max_year} are no years in 1 to 9998")
    elements = _elements(min_year, max_year)
    pairs = _pairs(elements, range(min_year, max_year + 1))
    forms = [elements, pairs.map("[{0[0]}..{0[1]}]".format), _lists(elements)]
    if lasting:
        forms.append(pairs.map("{0[0]}/{0[1]}".format))
    if open_ended:
        forms += [
            elements.map(lambda text: f"[..{text}]"),
            elements.map(lambda text: f"[{text}..]"),
        ]
    if lasting and open_ended:
        ends = st.sampled_from(["{}/..", "{}/", "../{}", "/{}"])
        forms.append(st.builds(str.format, ends, elements))
    return brief(
        st.one_of(forms).map(When),
        "whens",
        min_year=min_year,
        max_year=max_year,
        lasting=lasting,
        open_ended=open_ended,
    )


def _years(first: int, last: int) -> st.SearchStrategy[int]:
    telling = sorted({first, last, *(year for year in _TELLING_YEARS if first <= year <= last)})
    return st.one_of(st.sampled_from(telling), st.integers(first, last))


def _days(first: int, last: int) -> st.SearchStrategy[date]:
    def telling(year: int, month_and_day: tuple[int, int]) -> date:
        month, day = month_and_day
        return date(year, month, day if day != 29 or isleap(year) else 28)  # noqa: PLR2004 (Feb.)

    return st.one_of(
        st.builds(telling, _years(first, last), st.sampled_from(_TELLING_DAYS)),
        st.dates(date(first, 1, 1), date(last, 12, 31)),
    )


def _elements(first: int, last: int) -> st.SearchStrategy[str]:
    marks = st.sampled_from(_MARKS)
    years = _years(first, last).map("{:04}".format)
    months = st.integers(1, 12).map("{:02}".format)
    parts = st.one_of(months, st.sampled_from(_PARTS).map(str), st.just("XX"))
    decades = [f"{n:03}X" for n in _tens(first, last, 10)]
    centuries = [f"{n:02}XX" for n in _tens(first, last, 100)]
    coarse = [st.sampled_from(texts) for texts in (decades, centuries) if texts]
    year = f"{min(max(first, _PLAIN_YEAR), last):04}"
    forms = [
        st.sampled_from([day.format(year) for day in _PLAIN_DAYS]),
        st.builds("{}{}".format, years, marks),
        st.builds("{}-{}".format, years, parts),
        st.builds("{}{}-{}{}".format, years, marks, parts, marks),
        _days(first, last).map(date.isoformat),
        st.builds(_marked_day, _days(first, last), marks, marks, marks),
        _instants(first, last),
    ]
    if leap := [year for year in range(first, last + 1) if isleap(year)]:
        forms.append(st.sampled_from(leap).map("{:04}-02-29".format))
    forms += [st.builds("{}{}".format, texts, marks) for texts in coarse]
    return st.one_of(forms)


def _tens(first: int, last: int, count: int) -> range:
    return range(-(-first // count), (last + 1) // count)


def _marked_day(day: date, year_mark: str, month_mark: str, day_mark: str) -> str:
    return f"{day.year:04}{year_mark}-{day.month:02}{month_mark}-{day.day:02}{day_mark}"


@st.composite
def _instants(draw: st.DrawFn, first: int, last: int) -> str:
    """Draw an instant as a newspaper's clock anywhere may show it, in its long or short form."""
    day = draw(_days(first, last))
    clock = draw(st.times() | st.sampled_from([datetime.min.time(), datetime.max.time()]))
    moment = datetime.combine(day, clock, UTC)
    offset = draw(st.sampled_from([0, 360, -300, 330]) | st.integers(-_MINUTES, _MINUTES))
    local = moment
    # At either end of the calendar the local clock may show a year that cannot be written.
    if first < moment.year < last:
        local = moment.astimezone(timezone(timedelta(minutes=offset)))
    return local.isoformat(timespec=draw(st.sampled_from(["auto", "microseconds"])))


@st.composite
def _pairs(draw: st.DrawFn, elements: st.SearchStrategy[str], years: range) -> tuple[str, str]:
    """Draw two elements, often close, of which the second does not end before the first starts."""
    one = When(draw(elements))
    close = st.sampled_from([str(one), *_neighbours(one, years)])
    other = When(draw(st.one_of(elements, close)))
    first, last = (one, other) if _start(one) < _stop(other) else (other, one)
    return str(first), str(last)


def _neighbours(when: When, years: range) -> list[str]:
    """Name the day on which it starts, the one before that, and the one after it ends."""
    moments = [_start(when), _stop(when)]
    if _start(when).year > 1:  # there is no day before 0001-01-01
        moments.append(_start(when) - timedelta(days=1))
    return [moment.date().isoformat() for moment in moments if moment.year in years]


def _start(when: When) -> datetime:
    assert when.start is not None  # noqa: S101 (elements are closed)
    return when.start


def _stop(when: When) -> datetime:
    assert when.stop is not None  # noqa: S101 (elements are closed)
    return when.stop


def _lists(elements: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.lists(elements, min_size=2, max_size=4)
    return members.map(lambda texts: f"[{','.join(texts)}]")
