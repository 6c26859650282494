"""Happenings: reports of one thing, told as one."""

from __future__ import annotations

from itertools import permutations

import pytest

from newsledger import Ledger, MeetingHeld, Source, When
from newsledger.projections import happenings
from newsledger.projections.happenings import overlap


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


def report(ledger, day, outlet="a", published="2018-01-01", kind=None, who=("A", "B"), **fields):
    event = MeetingHeld(participants=who, kind=kind, occurred=day)
    return ledger.append(event, Source(outlet, published), **fields)


def days(found):
    return [{str(entry.event.occurred) for entry in one.reports} for one in found]


def test_equal_identity_and_overlapping_onsets_make_one(ledger):
    entries = [
        report(ledger, "2017-02"),
        report(ledger, "2017-02-28", who=("B", "A")),
        report(ledger, "2017-03"),
        report(ledger, "2017-02-28", kind="talks"),
    ]
    assert sorted(map(sorted, days(happenings(entries)))) == [
        ["2017-02", "2017-02-28"],
        ["2017-02-28"],
        ["2017-03"],
    ]


def test_a_wide_report_goes_to_the_earliest_it_fits_and_joins_no_two(ledger):
    entries = [report(ledger, day) for day in ("2017", "2017-08", "2017-02", "2017-08-03")]
    expected = [{"2017", "2017-02"}, {"2017-08", "2017-08-03"}]
    for order in permutations(entries):
        assert days(happenings(order)) == expected


def test_the_window_that_all_leave_open_shrinks(ledger):
    entries = [report(ledger, d) for d in ("[2017-02-01..2017-02-20]", "[2017-02-10..2017-02-28]")]
    (one,) = happenings(entries)
    assert [str(moment)[:10] for moment in one.onset] == ["2017-02-10", "2017-02-21"]
    entries.append(report(ledger, "[2017-02-25..2017-03-28]"))
    assert len(happenings(entries)) == 2


def test_open_windows_stay_open(ledger):
    (one,) = happenings([report(ledger, "[2017..]"), report(ledger, "../2018")])
    assert one.onset[0] == When("2017").start
    assert happenings([report(ledger, "[..2016]", kind="x")])[0].onset[0] is None
    assert happenings([report(ledger, "[2016..]", kind="y")])[0].onset[1] is None


def test_the_best_report_is_the_strongest_and_of_these_the_last_published(ledger):
    opinion = report(ledger, "2017", "a", "2018-06-01", assertion="opinion")
    early = report(ledger, "2017", "b")
    late = report(ledger, "2017-02", "b", "2018-02-01")
    claim = report(ledger, "2017-02-28", "c", "2018-05-01", assertion="claim")
    (one,) = happenings([opinion, late, early, claim])
    assert one.ranked == [late, early, claim, opinion]
    assert (one.best, one.event) == (late, late.event)
    assert one.when == When("2017-02-28")
    assert one.reports == (opinion, late, early, claim)


def test_forecasts_alone_are_a_forecast(ledger):
    told = report(ledger, "2017", published="2016-01-01")
    assert happenings([told])[0].forecast
    assert not happenings([told, report(ledger, "2017")])[0].forecast


def test_windows_that_only_touch_do_not_overlap(ledger):
    january, february = report(ledger, "2017-01"), report(ledger, "2017-02")
    assert not overlap(january, february)
    assert not overlap(february, january)
    assert overlap(january, report(ledger, "[2017-01-31..2017-02-01]"))
    assert len(happenings([january, february])) == 2


def test_many_meetings_of_the_same_two_are_sorted_out_quickly(ledger):
    spans = [
        f"{year}-{month:02}-{day:02}"
        for year in range(1990, 1996)
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    entries = [report(ledger, spans[0])]
    entries = ledger.extend(
        [MeetingHeld(participants=["A", "B"], occurred=day) for day in spans],
        Source("a", "2018-01-01"),
    )
    assert len(happenings(entries)) == len(spans)
