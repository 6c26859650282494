"""Audits name what an editor should look at."""

from newsledger import (
    BaseStatusReported,
    CommitmentMade,
    EventScheduled,
    Ledger,
    MembershipStarted,
    Money,
    OutcomeRecorded,
    Source,
    TradeReported,
)

EARLY, LATE = Source("TASS", "2014-12-01"), Source("The Daily Example", "2017-02-28")


def joined(occurred):
    return MembershipStarted(organization="EEU", member="KGZ", occurred=occurred)


def kinds(view):
    return [finding.kind for finding in view.audit()]


def test_a_forecast_that_nothing_confirmed_is_named_until_something_does():
    with Ledger.open() as ledger:
        forecast = ledger.append(joined("2015-01-01"), EARLY)
        assert kinds(ledger.as_of("2014-12-31")) == []
        [finding] = ledger.as_of("2015-03-01").audit()
        assert (finding.kind, finding.entries) == ("unconfirmed forecast", (forecast,))
        ledger.append(joined("2015-01-01"), LATE)
        assert kinds(ledger.as_of("2015-03-01")) == []


def test_a_forecast_that_was_dated_differently_is_named_with_what_says_so():
    with Ledger.open() as ledger:
        forecast = ledger.append(joined("2015-01-01"), EARLY)
        real = ledger.append(joined("2015-08-12"), LATE)
        audit = ledger.as_of("2015-03-01").audit()
        assert kinds(ledger.as_of("2015-03-01")) == [
            "unconfirmed forecast",
            "forecast dated differently",
        ]
        assert audit.of("forecast dated differently")[0].entries == (forecast, real)
        assert "2015-08-12" in str(audit)
        # What was published later is no part of what was known then.
        assert kinds(ledger.as_of("2015-03-01", known_at="2016")) == ["unconfirmed forecast"]


def test_denials_and_disputes_are_contradictions():
    with Ledger.open() as ledger:
        said = ledger.append(joined("2015-08-12"), EARLY)
        denied = ledger.append(joined("2015-08-12"), LATE, denied=True)
        findings = ledger.as_of("2020").audit().of("contradiction")
        assert (denied, said) in [finding.entries for finding in findings]
    with Ledger.open() as ledger:
        for status, source in (("operating", EARLY), ("closed", LATE)):
            base = BaseStatusReported(base="B", status=status, occurred="2014")
            ledger.append(base, source)
        assert kinds(ledger.as_of("2020")) == ["contradiction"]


def test_figures_contradict_beyond_their_rounding():
    def total(amount, compiler):
        return TradeReported(
            partner="RUS",
            counterpart="KGZ",
            flow="total",
            period="2016",
            compiler=compiler,
            amount=Money(amount, "USD"),
        )

    with Ledger.open() as ledger:
        ledger.extend([total("1.2e9", "A"), total("1193.5e6", "B")], LATE)
        assert kinds(ledger.as_of("2020")) == []
        ledger.append(total("1.5e9", "C"), LATE)
        assert set(kinds(ledger.as_of("2020"))) == {"contradiction"}


def test_what_is_overdue_is_named_and_no_longer_once_there_is_word():
    with Ledger.open() as ledger:
        promise = ledger.append(
            CommitmentMade(by="KGZ", promise="p", due="2017", occurred="2017-02-28"), LATE
        )
        ledger.append(EventScheduled(title="summit", window="2017-05", occurred="2017-02"), LATE)
        assert kinds(ledger.as_of("2017-12-31")) == ["overdue"]
        assert kinds(ledger.as_of("2018-01-01")) == ["overdue", "overdue"]
        kept = OutcomeRecorded(of=promise.id, outcome="kept", occurred="2018")
        ledger.append(kept, Source("The Daily Example", "2019"))
        assert kinds(ledger.as_of("2019")) == ["overdue"]


def test_opinions_and_rumours_are_left_aside():
    with Ledger.open() as ledger:
        ledger.append(joined("2015-01-01"), EARLY, assertion="rumour")
        audit = ledger.as_of("2020").audit()
        assert audit == ()
        assert str(audit) == "nothing to look at"
