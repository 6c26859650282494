"""Trade: figures, their vintages, and which contradict each other."""

from __future__ import annotations

from decimal import Decimal

import pytest

from newsledger import Hop, Ledger, Money, Source, TradeReported, When
from newsledger.projections import Trade, rounding_range
from newsledger.projections.rounding import may_agree, percent

D = "2017-02-28"


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


def figure(ledger, amount=None, published=D, outlet="TCA", chain=(), **fields):
    given = {"partner": "RUS", "flow": "total", "period": "2016"}
    if "reporter" not in fields:
        given["counterpart"] = "KGZ"
    currency = fields.pop("currency", "USD")
    money = None if amount is None else Money(amount, currency)
    event = TradeReported(amount=money, **(given | fields))
    return ledger.append(event, Source(outlet, published), attribution=chain)


def trade(ledger, day="2019", a="KGZ", b="RUS"):
    return ledger.as_of(day).project(Trade(a, b))


def amounts(figures):
    return [one.amount.amount for one in figures]


def test_the_figures_of_the_article(ledger):
    figure(ledger, "1.2e9", change="-0.13", causes=["exchange rates", "commodity prices"])
    figure(ledger, "171e6", flow="exports", reporter="KGZ", wording="up to", products=["food"])
    state = trade(ledger, D)
    total = state.latest("total", "2016")
    assert (total.amount, total.change) == (Money("1.2e9", "USD"), Decimal("-0.13"))
    assert (total.reporter, total.published) == (None, When(D))
    exports = state.latest("exports", "2016", reporter="KGZ")
    assert (exports.wording, exports.products, exports.reporter) == ("up to", ("food",), "KGZ")
    assert state.contradictions == ()
    assert trade(ledger, D, "RUS", "KGZ") == state


def test_nothing_is_derived(ledger):
    figure(ledger, "1.2e9", change="-0.13")
    figure(ledger, "171e6", flow="exports", reporter="KGZ")
    state = trade(ledger)
    assert state.latest("imports", "2016") is None
    assert state.latest("exports", "2016", reporter="RUS") is None
    assert state.latest("total", "2015") is None
    assert len(state.figures) == 2


def test_only_the_trade_of_exactly_these_two(ledger):
    figure(ledger, "5", counterpart="KAZ")
    figure(ledger, "6", counterpart="KAZ", compiler="KGZ")
    figure(ledger, "7")
    figure(ledger, "8", partner="KGZ", counterpart="RUS", compiler="KGZ")
    assert amounts(trade(ledger).series("total")["2016"]) == [7, 8]


def test_a_series_is_by_period_and_periods_compare_by_extent(ledger):
    figure(ledger, "3", period="2017", published="2018-02-01")
    figure(ledger, "1", period="2016-01/2016-12")
    figure(ledger, "2", period="2016", compiler="NSC")
    series = trade(ledger).series("total")
    assert list(series) == [When("2016"), When("2017")]
    assert len(series) == 2
    assert amounts(series[When("2016")]) == amounts(series["2016-01/2016-12"]) == [1, 2]
    assert "2015" not in series
    assert series.get("2015") is None
    with pytest.raises(KeyError, match="2015"):
        series["2015"]
    assert dict(series) == series
    assert repr(series).startswith("Series({'2016': (Figure(")


def test_figures_of_a_period_are_ordered_by_compiler_then_publication(ledger):
    figure(ledger, "4", compiler="NSC", published="2018-05-01", partner="KGZ", reporter="RUS")
    figure(ledger, "3", compiler="NSC", published="2018-01-01")
    figure(ledger, "2", compiler="Customs", published="2018-09-01")
    figure(ledger, "1", published="2018-12-01")
    state = trade(ledger)
    assert amounts(state.series("total")["2016"]) == [1, 2, 3, 4]
    assert amounts(state.series("total", reporter="RUS")["2016"]) == [4]
    assert amounts(state.vintages("total", "2016")) == [3, 4, 2, 1]
    assert amounts([state.latest("total", "2016")]) == [1]


def test_vintages_go_by_publication_and_repetitions_are_one(ledger):
    figure(ledger, "30", published="2018-03-01", compiler="NSC")
    figure(ledger, "20", published="2018-02-01", compiler="NSC", outlet="b")
    figure(ledger, "20", published="2018-01-01", compiler="NSC", products=["food"])
    figure(ledger, "20", published="2018-04-01", compiler="NSC")
    figure(ledger, "20", published="2018-05-01", compiler="NSC", period="2016-01/2016-12")
    first, second, third = trade(ledger).vintages("total", "2016")
    assert amounts([first, second, third]) == [20, 30, 20]
    assert (first.published, len(first.entries)) == (When("2018-01-01"), 2)
    assert first.entry.published == When("2018-01-01")
    assert first.products == ("food",)
    assert third == trade(ledger).latest("total", "2016")
    known = ledger.as_of("2019", known_at="2018-01-31").project(Trade("KGZ", "RUS"))
    assert amounts(known.figures) == [20]


def test_rounding_explains_and_beyond_it_figures_contradict(ledger):
    figure(ledger, "1.2e9")
    figure(ledger, "1193.5e6", compiler="NSC", published="2017-05")
    assert trade(ledger).contradictions == ()
    figure(ledger, "1.26e9", compiler="Customs", published="2017-06", period="2016-01/2016-12")
    pairs = trade(ledger).contradictions
    assert [amounts(pair) for pair in pairs] == [
        [1200000000, 1260000000],
        [1193500000, 1260000000],
    ]


def test_other_flows_reporters_periods_and_currencies_are_not_compared(ledger):
    figure(ledger, "100")
    figure(ledger, "200", outlet="b", flow="exports", reporter="KGZ")
    figure(ledger, "3000", outlet="b", flow="exports", partner="KGZ", reporter="RUS")
    figure(ledger, "400", outlet="b", period="2015")
    figure(ledger, "500", outlet="b", currency="EUR")
    assert trade(ledger).contradictions == ()


def test_a_revision_supersedes_and_does_not_contradict(ledger):
    figure(ledger, "100", compiler="NSC")
    figure(ledger, "210", compiler="NSC", published="2018-01-01")
    assert trade(ledger).contradictions == ()
    figure(ledger, "140", compiler="Customs")
    assert [amounts(pair) for pair in trade(ledger).contradictions] == [[140, 210]]


def test_two_figures_of_one_compiler_and_day_contradict(ledger):
    figure(ledger, "110", compiler="NSC")
    figure(ledger, "210", compiler="NSC", outlet="b")
    assert len(trade(ledger).contradictions) == 1


def test_without_a_compiler_the_origin_counts(ledger):
    figure(ledger, "110")
    figure(ledger, "210", published="2018-01-01")
    assert trade(ledger).contradictions == ()
    figure(ledger, "310", outlet="b", chain=[Hop("TASS", "agency")])
    figure(ledger, "410", outlet="c", published="2018-02-01", chain=[Hop("TASS", "agency")])
    assert [amounts(pair) for pair in trade(ledger).contradictions] == [[210, 410]]


def test_a_figure_is_superseded_only_when_all_who_stand_for_it_say_otherwise(ledger):
    figure(ledger, "110")
    figure(ledger, "110", outlet="b")
    figure(ledger, "210", published="2018-01-01")
    assert len(trade(ledger).contradictions) == 1
    figure(ledger, "210", outlet="b", published="2018-01-02")
    assert trade(ledger).contradictions == ()


def test_changes_contradict_by_rounding_in_percent(ledger):
    figure(ledger, change="-0.13")
    figure(ledger, change="-0.132", outlet="b")
    assert trade(ledger).contradictions == ()
    figure(ledger, change="0", outlet="c")
    assert len(trade(ledger).contradictions) == 2
    assert trade(ledger).latest("total", "2016").amount is None


@pytest.mark.parametrize("flow", ["export", "", None])
def test_an_unknown_flow_is_named(ledger, flow):
    with pytest.raises(ValueError, match="flow= takes one of total, exports, imports"):
        trade(ledger).series(flow)


def test_trade_needs_two(ledger):
    with pytest.raises(ValueError, match="two parties"):
        Trade("KGZ", "KGZ")


def test_the_state_is_a_sequence_of_figures_and_prints_well(ledger):
    figure(ledger, "171e6", flow="exports", reporter="KGZ")
    state = trade(ledger)
    assert tuple(state) == state.figures
    assert repr(state) == (
        "TradeState([\n"
        "  Figure(flow='exports', period='2016', amount=Money(amount=Decimal('171000000'), "
        "currency='USD'), reporter='KGZ', partner='RUS', published='2017-02-28'),\n"
        "])"
    )


@pytest.mark.parametrize(
    ("number", "low", "high"),
    [
        ("1200000000", "1150000000", "1250000000"),
        ("1193500000", "1193450000", "1193550000"),
        ("1193.5", "1193.45", "1193.55"),
        ("-0.13", "-0.135", "-0.125"),
        ("7", "6.5", "7.5"),
        ("1.50", "1.495", "1.505"),
        ("100", "50", "150"),
        ("0", "-0.5", "0.5"),
        ("1E+70", "5E+69", "1.5E+70"),
        (
            "123456789012345678901234567890123",
            "123456789012345678901234567890122.5",
            "123456789012345678901234567890123.5",
        ),
    ],
)
def test_the_rounding_range(number, low, high):
    assert rounding_range(Decimal(number)) == (Decimal(low), Decimal(high))


def test_ranges_that_touch_may_agree():
    assert may_agree(Decimal("1.2"), Decimal("1.3"))
    assert may_agree(Decimal("1.3"), Decimal("1.2"))
    assert not may_agree(Decimal("1.2"), Decimal("1.31"))


def test_no_number_has_no_range():
    with pytest.raises(ValueError, match="finite"):
        rounding_range(Decimal("NaN"))


def test_percent_is_exact():
    assert percent(Decimal("-0.13")) == -13
    assert percent(Decimal(0)) == 0


def test_a_figure_is_found_by_its_compiler_and_publication():
    from newsledger import Ledger, Source, TradeReported
    from newsledger.projections import Trade

    with Ledger.open() as ledger:
        for compiler, day in (("A", "2017-01-01"), ("B", "2017-02-01")):
            figure = TradeReported(
                partner="RUS",
                counterpart="KGZ",
                flow="total",
                period="2016",
                compiler=compiler,
                change="0.1",
            )
            ledger.append(figure, Source(f"outlet of {compiler}", day))
        figures = ledger.as_of("2018").project(Trade("RUS", "KGZ")).series("total")["2016"]
        assert figures["B", "2017-02-01"].compiler == "B"
        assert [figure.compiler for figure in figures] == ["A", "B"]
        with pytest.raises(KeyError):
            figures["C", "2017-02-01"]
        assert "no period" not in ledger.as_of("2018").project(Trade("RUS", "KGZ")).series("total")
