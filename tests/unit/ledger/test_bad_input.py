"""Bad input gives a typed error, and neither records nor loses anything."""

import sqlite3
from datetime import datetime, timedelta, timezone

import pytest

from newsledger import (
    CorruptEntry,
    InvalidEvent,
    InvalidWhen,
    Ledger,
    MembershipStarted,
    NewsledgerError,
    Report,
    Source,
    StatementMade,
    StoreError,
)

SOURCE = Source("The Daily Example", "2017-02-28")


def joined(member="KGZ"):
    return MembershipStarted(organization="EEU", member=member, occurred="2015")


ODD_TEXTS = [
    "a\0b",
    "\0",
    "\u202eright to left",
    "👩🏽\u200d🚀",
    "%_*'\"\\;--",
    "é" * 1_000_000,
    "\ufeff",
    " x ",
]


@pytest.mark.parametrize("odd", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_odd_text_is_kept_and_found_again(tmp_path, odd):
    path = tmp_path / "l.db"
    event = StatementMade(speaker=odd, summary=odd, topics=[odd], occurred="2016")
    with Ledger.open(path) as ledger:
        entry = ledger.append(event, Source(odd, "2017", url=odd), note=odd, ref=odd, quote=odd)
    with Ledger.open(path) as ledger:
        assert ledger.get(entry.id) == entry
        assert list(ledger.entries(about=odd)) == [entry] == list(ledger.find(odd))
        assert ledger.entities(odd) == {odd: 1}
        assert ledger.append(event, Source(odd, "2017", url=odd)) == entry
        assert ledger.withdraw(odd)[0].amends == entry.id


@pytest.mark.parametrize(
    "make",
    [
        lambda: StatementMade(speaker="a\ud800", summary="s", occurred="2016"),
        lambda: Source("a\udfff", "2017"),
        lambda: Report(joined(), SOURCE, note="\ud83d"),
    ],
)
def test_lone_surrogates_are_refused_at_the_door(make):
    with pytest.raises(InvalidEvent, match="lone surrogate"):
        make()


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Source("", "2017"), "Source.outlet"),
        (lambda: Source("O", "2017/.."), "Source.published"),
        (lambda: Source("O", "[2017..]"), "Source.published"),
        (lambda: Source("O", "soon"), "Source.published"),
        (lambda: Source("O", "2017", published_basis="guessed"), "Source.published_basis"),
        (lambda: Report(joined(), "O"), "Report.source"),
        (lambda: Report("joined", SOURCE), "Report.event"),
        (lambda: Report(joined(), SOURCE, assertion="lie"), "Report.assertion"),
        (lambda: Report(joined(), SOURCE, confidence=101), "Report.confidence"),
        (lambda: Report(joined(), SOURCE, confidence=float("nan")), "Report.confidence"),
        (lambda: Report(joined(), SOURCE, attribution=["TASS"]), "Report.attribution"),
        (lambda: Report(joined(), SOURCE, background="yes"), "Report.background"),
        (lambda: Report(joined(), SOURCE, ordinal=1.5), "Report.ordinal"),
    ],
)
def test_sources_and_reports_name_the_bad_field(make, field):
    with pytest.raises(InvalidEvent) as caught:
        make()
    assert caught.value.field == field


@pytest.mark.parametrize("axis", ["valid_at", "known_at", "recorded_at"])
@pytest.mark.parametrize("point", ["2017-02-30", "2015/..", "yesterday", "", "2017-02-28T10:00:00"])
def test_a_bad_point_names_its_axis(axis, point):
    with Ledger.open() as ledger, pytest.raises(InvalidWhen, match=axis):
        ledger.as_of(**{axis: point})


def test_altered_bytes_are_found_and_named(tmp_path):
    path = tmp_path / "l.db"
    with Ledger.open(path) as ledger:
        for member in ("ARM", "KGZ", "RUS"):
            ledger.append(joined(member), SOURCE)
    connection = sqlite3.connect(path)
    changed = connection.execute(
        "UPDATE event SET data = replace(data, 'KGZ', 'KAZ') WHERE position = 2"
    ).rowcount
    connection.commit()
    connection.close()
    assert changed == 1
    with Ledger.open(path) as ledger:
        with pytest.raises(CorruptEntry, match="2") as caught:
            list(ledger.entries())
        assert caught.value.position == 2
        assert [e.event.member for e in ledger.entries(about="RUS")] == ["RUS"]
        with pytest.raises(CorruptEntry):
            ledger.as_of("2020", known_at="2020").project(_anything())


def _anything():
    from newsledger.projections import Coverage

    return Coverage()


def test_a_truncated_file_is_refused_or_named(tmp_path):
    path = tmp_path / "l.db"
    with Ledger.open(path) as ledger:
        ledger.load(Report(joined(f"M{i}"), SOURCE) for i in range(500))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NewsledgerError), Ledger.open(path) as ledger:
        list(ledger.entries())


def test_a_missing_folder_says_so(tmp_path):
    with pytest.raises(StoreError, match="missing"):
        Ledger.open(tmp_path / "missing" / "l.db")


def test_a_clock_at_the_edge_of_time_is_refused_in_words():
    late = timezone(-timedelta(hours=5))
    edge = datetime.max.replace(tzinfo=late)
    with (
        Ledger.open(clock=lambda: edge) as ledger,
        pytest.raises(ValueError, match="no time in UTC"),
    ):
        ledger.append(joined(), SOURCE)
