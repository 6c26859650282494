"""Progress: what is told by a meter, and what a bar makes of it."""

import io
import sys
import warnings

import pytest

from newsledger import Ledger, MembershipStarted, Progress, Report, Source
from newsledger.progress import EACH, Meter, bar


def reports(count):
    source = Source("The Daily Example", "2017-02-28")
    return [
        Report(MembershipStarted(organization="EEU", member=f"M{n}", occurred="2015"), source)
        for n in range(count)
    ]


def told(meter_of):
    """The numbers that a meter tells while it is used."""
    seen = []
    meter_of(lambda report: seen.append((report.done, report.total)))
    return seen


def test_work_is_told_from_nothing_to_all_of_it():
    def work(tell):
        meter = Meter(tell, "replay", 50_000, 2)
        for position in range(1, 50_001):
            meter.seen(position)
        assert sum(meter.last(range(50_000), 50_000)) == sum(range(50_000))

    assert told(work) == [(done, 50_000) for done in range(0, 50_001, 5_000)]


def test_what_comes_to_few_is_not_told_of():
    def work(tell):
        assert Meter(tell, "replay", EACH - 1).seen is None
        meter = Meter(tell, "replay", 50_000, 2)
        for position in range(1, EACH):
            meter.seen(position)
        assert len(list(meter.last(range(EACH - 1), EACH - 1))) == EACH - 1

    assert told(work) == []


def test_a_pass_that_was_not_needed_is_skipped():
    def work(tell):
        meter = Meter(tell, "replay", 40_000, 2)
        list(meter.last(range(20_000), 20_000))

    assert told(work) == [(0, 40_000), (30_000, 40_000), (40_000, 40_000)]


def test_a_pass_over_few_large_items_is_told_by_their_entries():
    def work(tell):
        meter = Meter(tell, "index", 40_000)
        list(meter.through("ab", 2, 40_000))
        meter.end()
        meter.end()

    assert told(work) == [(0, 40_000), (40_000, 40_000)]
    assert list(Meter(None, "index", 40_000).through("ab", 2, 40_000)) == ["a", "b"]


def test_done_never_goes_back():
    def work(tell):
        meter = Meter(tell, "index", 40_000)
        for _ in range(2):
            for position in range(1, 30_001):
                meter.seen(position)
        meter.end()

    assert told(work) == [(done, 40_000) for done in range(0, 40_001, 10_000)]


def test_an_unknown_total_is_known_at_the_end():
    def work(tell):
        meter = Meter(tell, "load", None)
        meter.coming(20_000)
        meter.more(20_000, 20_000)
        meter.end(20_001)

    assert told(work) == [(0, None), (20_000, None), (20_001, 20_001)]


# -- bars --------------------------------------------------------------------------------------


def drawn(*tellings, **options):
    file = io.StringIO()
    with bar(file=file, ncols=80, mininterval=0, **options) as show:
        for telling in tellings:
            show(telling)
    return file.getvalue()


def test_a_bar_is_drawn_to_its_end():
    text = drawn(*(Progress("index", done, 20_000) for done in (0, 10_000, 20_000)))
    assert "index:   0%|" in text
    assert "index:  50%|" in text
    assert "index: 100%|" in text
    assert "20000/20000" in text
    assert text.count("\n") == 1


def test_new_work_begins_a_new_bar():
    text = drawn(
        Progress("index", 0, 20_000),
        Progress("index", 20_000, 20_000),
        Progress("index", 0, 30_000),
        Progress("replay", 10_000, 30_000),
    )
    assert [line.split("\r")[-1][:12] for line in text.split("\n")[:-1]] == [
        "index: 100%|",
        "index:   0%|",
        "replay:  33%",
    ]


def test_a_total_that_comes_later_completes_the_bar():
    text = drawn(*(Progress("load", *of) for of in ((0, None), (500, None), (600, 600))))
    assert "load: 500 entries" in text
    assert "load: 100%|" in text


def test_a_bar_that_is_left_midway_is_closed():
    file = io.StringIO()
    show = bar(file=file)
    show(Progress("index", 0, 20_000))
    show.close()
    show.close()
    assert file.getvalue().endswith("\n")


def test_the_options_are_those_of_tqdm():
    assert drawn(Progress("index", 0, 20_000), desc="wait", leave=False).startswith("\rwait: ")
    assert drawn(Progress("index", 0, 20_000), disable=True) == ""


def test_a_bar_draws_a_load(ledger):
    file = io.StringIO()
    with bar(file=file, ncols=80, mininterval=0) as show:
        ledger.load(reports(5), batch=2, progress=show)
        ledger.load((one for one in reports(7)), batch=4, progress=show)
    lines = file.getvalue().split("\n")
    assert "load: 100%|" in lines[0].split("\r")[-1]
    assert "5/5" in lines[0]
    assert "load: 7 entries" in lines[1].split("\r")[-1]


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


def test_a_bar_without_tqdm_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r'pip install "newsledger\[progress\]"') as caught:
        bar()
    assert caught.value.name == "tqdm"


def test_making_a_bar_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bar().close()
