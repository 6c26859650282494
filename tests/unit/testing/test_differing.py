"""What differs is told by the smallest part that tells it."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from newsledger import Ledger, MembershipStarted, Money, Report, Source, TradeReported, When
from newsledger.projections import Trade
from newsledger.testing.clock import Clock
from newsledger.testing.differing import MOST, differences


@attrs.frozen
class Seat:
    person: str
    since: When | None = None
    hidden: int = attrs.field(default=0, eq=False)


@pytest.mark.parametrize(
    ("actual", "expected", "lines"),
    [
        (1, 1, []),
        (1, 2, ["x: expected 2, got 1"]),
        (1, "1", ["x: expected '1', got 1"]),
        ({1, "a"}, {2}, ["x: missing: 2", "x: not expected: 'a', 1"]),
        ([1, 2], [1, 3], ["x[1]: expected 3, got 2"]),
        ((1, 2), (1,), ["x: expected 1 items, got 2", "x[1] is not expected: 2"]),
        ((), (1,), ["x: expected 1 items, got 0", "x[0] is missing: 1"]),
        ([1], (1,), ["x: expected (1,), got [1]"]),
        ("ab", "ac", ["x: expected 'ac', got 'ab'"]),
        ({"a": {1}}, {"a": {2}, "b": 1}, [
            "x: missing keys: 'b'", "x['a']: missing: 2", "x['a']: not expected: 1"]),
        (Seat("A"), Seat("B", hidden=1), ["x.person: expected 'B', got 'A'"]),
        (Seat("A", When("2015")), Seat("A", When("2015~")), [
            "x.since: expected When('2015~'), got When('2015') (the same extent)"]),
        (Seat("A", hidden=1), Seat("A"), []),
        (When("2015-01"), When("2015-02"), [
            "x: expected When('2015-02'), got When('2015-01')"]),
    ],
)  # fmt: skip
def test_it_goes_as_deep_as_what_differs(actual, expected, lines):
    assert differences(actual, expected, "x") == lines


def test_very_different_values_are_cut_short():
    assert len(differences(list(range(100)), [None] * 100)) == MOST + 1


def test_sequences_that_are_records_are_told_by_their_items_once():
    def told(amount):
        event = TradeReported(
            period="2016", partner="KGZ", reporter="RUS", flow="total", amount=Money(amount, "USD")
        )
        with Ledger.open(clock=Clock()) as ledger:
            ledger.append(Report(event, Source("AP", "2017")))
            return ledger.as_of("2018").project(Trade("KGZ", "RUS"))

    lines = differences(told("1e9"), told("2e9"))
    amounts = [Decimal(2_000_000_000), Decimal(1_000_000_000)]
    assert lines == ["[0].amount.amount: expected {!r}, got {!r}".format(*amounts)]


def test_an_entry_is_told_by_what_it_reports():
    def entry(who):
        joined = MembershipStarted(organization="EEU", member=who, occurred="2015")
        with Ledger.open(clock=Clock()) as ledger:
            return ledger.append(joined, Source("AP", "2017"))

    lines = differences(entry("KGZ"), entry("RUS"))
    assert lines == [".event.member: expected 'RUS', got 'KGZ'"]
