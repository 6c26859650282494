"""Membership, rule by rule, with the accessions to the Eurasian Economic Union."""

import itertools
import pickle

import pytest

from newsledger import (
    Ledger,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    MembersListed,
    Report,
    Source,
)
from newsledger.projections.membership import Membership
from newsledger.testing import given, report, state

KINDS = {"start": MembershipStarted, "end": MembershipEnded, "seen": MembershipConfirmed}
LATER = "2022-01-01"


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


def told(kind, occurred, who="KGZ", *, published=LATER, role="member", org="EAEU", **fields):
    """Make one report, published in hindsight unless said otherwise."""
    given = {"organization": org, "role": role, "occurred": occurred}
    given |= {name: fields.pop(name) for name in ("since", "complete") if name in fields}
    event = (
        MembersListed(members=who, **given) if kind == "list" else KINDS[kind](member=who, **given)
    )
    return report(event, published, **fields)


@pytest.fixture
def tell(ledger):
    """Record one, each of an outlet of its own."""
    numbers = itertools.count(1)
    return lambda *args, **fields: ledger.append(
        told(*args, outlet=f"Outlet {next(numbers)}", **fields).report
    )


@pytest.fixture
def at(ledger):
    def asked(valid_at="2025-01-01", org="EAEU", *, accept=("fact", "claim"), **point):
        return ledger.as_of(valid_at, **point).project(Membership(org, accept=accept))

    return asked


@pytest.fixture
def eaeu(tell):
    """The history of the EAEU, forecasts that proved wrong included."""
    for founder in ("BLR", "KAZ", "RUS"):
        tell("start", "2015-01-01", founder, published="2015-01-02")
    tell("start", "2015-01-01", "ARM", published="2014-10-09")
    tell("start", "2015-01-02", "ARM", published="2015-01-03")
    tell("start", "2015-01-01", published="2014-12-01")
    tell("start", "2015-08-12", published="2015-08-13")
    tell("start", "2018-05-14", "MDA", role="observer", published="2018-05-15")
    tell("start", "2020-12-11", "UZB", role="observer", published="2020-12-12")
    tell("start", "2020-12-11", "CUB", role="observer", published="2020-12-12")


class TestStatus:
    def test_history_of_the_eaeu(self, eaeu, at):
        state = at("2021-01-01")
        assert state.members == {"ARM", "BLR", "KAZ", "KGZ", "RUS"}
        assert state.observers == {"MDA", "UZB", "CUB"}
        assert state.unconfirmed == frozenset()
        assert dict(state.disputed) == {}
        assert str(state.since("ARM")) == "2015-01-02"
        assert at("2018-05-13").status("MDA") == "unknown"

    def test_forecast_alone_is_unconfirmed(self, eaeu, at):
        spring = at("2015-03-01")
        assert spring.members == {"ARM", "BLR", "KAZ", "KGZ", "RUS"}
        assert spring.unconfirmed == {"KGZ"}
        assert str(spring.since("KGZ")) == "2015-01-01"
        assert at("2015-08-11").unconfirmed == {"KGZ"}
        assert at("2015-08-12").unconfirmed == frozenset()
        assert str(at("2015-08-12").since("KGZ")) == "2015-08-12"

    @pytest.mark.parametrize("kind", ["seen", "list"])
    def test_observation_confirms_a_forecast(self, tell, at, kind):
        tell("start", "2015-01-01", published="2014-12-01")
        tell(kind, "2015-02-01", "KGZ" if kind == "seen" else ["KGZ"])
        assert at("2015-01-31").unconfirmed == {"KGZ"}
        assert at("2015-02-01").unconfirmed == frozenset()
        assert at("2015-02-01").members == {"KGZ"}

    def test_end_that_is_a_forecast(self, tell, at):
        tell("start", "2015-08-12")
        tell("end", "2016-12-31", published="2016-06-01")
        assert at("2017-01-01").status("KGZ") == "former"
        assert at("2017-01-01").unconfirmed == {"KGZ"}

    def test_out_at_the_end_of_the_day_of_leaving(self, tell, at):
        tell("start", "2000-01-01", "GBR")
        tell("end", "2020-01-31", "GBR")
        assert at("2020-01-30").status("GBR") == "member"
        assert at("2020-01-31").status("GBR") == "former"
        assert at("2020-01-31").former == {"GBR"}
        assert at("2020-01-31").since("GBR") is None

    @pytest.mark.parametrize(
        ("roles", "status"),
        [
            (["candidate"], "candidate"),
            (["candidate", "observer"], "observer"),
            (["candidate", "observer", "member"], "member"),
            (["candidate", "observer", "member", "suspended"], "suspended"),
            (["associate"], "unknown"),
        ],
    )
    def test_precedence_of_roles(self, tell, at, roles, status):
        for role in roles:
            tell("start", "2015", role=role)
        assert at().status("KGZ") == status
        assert all(at().having(role) == {"KGZ"} for role in roles)
        assert at().known == {"KGZ"}

    def test_a_suspended_member_is_in_both(self, tell, at):
        tell("start", "2004-06-22")
        tell("start", "2012-08-14", role="suspended")
        assert (at().members, at().suspended) == ({"KGZ"}, {"KGZ"})
        assert str(at().since("KGZ")) == "2012-08-14"

    def test_end_of_another_role(self, tell, at):
        tell("start", "2015", role="observer")
        tell("end", "2017", role="observer")
        assert at().status("KGZ") == "non-member"
        tell("start", "2018")
        assert at().status("KGZ") == "member"

    def test_nothing_told(self, at):
        state = at()
        assert (state.status("KGZ"), state.since("KGZ"), state.evidence("KGZ")) == (
            "unknown",
            None,
            (),
        )
        assert str(state) == "EAEU: nobody"

    def test_what_the_organisation_is_a_member_of_is_not_read(self, tell, at):
        tell("start", "2015", "EAEU", org="WTO")
        tell("list", "2015", ["EAEU"], org="WTO")
        assert at().known == frozenset()


class TestLists:
    def test_whom_a_complete_list_omits(self, tell, at):
        tell("start", "2014-01-01")
        tell("start", "2014-01-01", "TJK", role="candidate")
        omitting = tell("list", "2015-01-01", ["BLR", "KAZ", "RUS"])
        state = at()
        assert state.status("KGZ") == "former"
        assert state.status("TJK") == "candidate"
        assert state.status("USA") == "non-member"
        assert state.evidence("USA") == (omitting,)
        assert at("2014-06-01").status("USA") == "unknown"

    def test_known_and_never_a_member(self, tell, at):
        tell("list", "2015-01-01", ["RUS"])
        tell("list", "2016-01-01", ["RUS", "KGZ"])
        assert at("2015-06-01").status("KGZ") == "non-member"
        assert at("2016-06-01").status("KGZ") == "member"
        assert dict(at("2016-06-01").disputed) == {}
        assert at("2016-06-01").since("KGZ") is None

    def test_omitted_and_known_by_another_role(self, tell, at):
        tell("start", "2014-01-01", "TJK", role="associate")
        tell("list", "2015-01-01", ["RUS"])
        assert at("2014-06-01").status("TJK") == "unknown"
        assert at().status("TJK") == "non-member"
        assert at().having("associate") == {"TJK"}

    @pytest.mark.parametrize("dates", ["certain", "possible"])
    def test_order_of_lists_is_that_of_certain_dates(self, tell, at, dates):
        tell("list", "2015", ["RUS"])
        tell("list", "2015-06-01", ["KGZ", "RUS"])
        tell("seen", "2014-01-01")
        assert at(dates=dates).status("KGZ") == "former"

    def test_old_clash_of_lists_is_forgotten(self, tell, at):
        tell("list", "2010-01-01", ["RUS"])
        tell("list", "2010-01-01", ["KGZ", "RUS"])
        assert set(at().disputed) == {"KGZ"}
        tell("end", "2012-01-01")
        tell("start", "2015-08-12")
        assert set(at().disputed) == set()

    def test_incomplete_list_omits_nobody(self, tell, at):
        tell("start", "2014-01-01")
        tell("list", "2015-01-01", ["RUS"], complete=False)
        assert at().members == {"KGZ", "RUS"}
        assert at().status("USA") == "unknown"

    def test_list_of_observers_says_nothing_of_membership(self, tell, at):
        tell("start", "2015-08-12")
        tell("list", "2018-05-14", ["MDA"], role="observer")
        assert (at().members, at().observers) == ({"KGZ"}, {"MDA"})
        assert at().status("USA") == "unknown"

    @pytest.mark.parametrize("listed", ["2015-08-12", "2015-08", "2015-08-01"])
    def test_list_does_not_override_a_start_that_overlaps_or_follows(self, tell, at, listed):
        tell("start", "2015-08-12")
        tell("list", listed, ["RUS"])
        assert at().status("KGZ") == "member"
        assert dict(at().disputed) == {}

    def test_list_wholly_later_wins_and_is_disputed(self, tell, at):
        start = tell("start", "2015-08-12")
        omitting = tell("list", "2015-08-13", ["RUS"])
        assert at().status("KGZ") == "former"
        assert at().disputed == {"KGZ": (start, omitting)}
        assert at("2015-08-12").members == {"KGZ"}

    @pytest.mark.parametrize("seen", ["2016-06-01", "2016", "2016-05-31"])
    def test_confirmation_does_not_override_an_end_that_overlaps_or_follows(self, tell, at, seen):
        tell("start", "2015-08-12")
        tell("end", "2016-06-01")
        tell("seen", seen)
        assert at().status("KGZ") == "former"
        assert dict(at().disputed) == {}

    def test_confirmation_wholly_later_wins_and_is_disputed(self, tell, at):
        start, end = tell("start", "2015-08-12"), tell("end", "2016-06-01")
        seen = tell("seen", "2016-06-02")
        assert at().members == {"KGZ"}
        assert at().disputed == {"KGZ": (end, seen)}
        assert at().since("KGZ") is None
        assert start not in at().evidence("KGZ")
        omitting = tell("list", "2016-07-01", ["RUS"])
        assert at().status("KGZ") == "former"
        assert dict(at().disputed) == {}
        assert omitting in at().evidence("KGZ")

    def test_confirmation_with_an_earlier_beginning_only_disputes(self, tell, at):
        end = tell("end", "2016-06-01")
        seen = tell("seen", "2017-02-28", since="2015-08-12")
        assert at().status("KGZ") == "former"
        assert at().disputed == {"KGZ": (seen, end)}

    def test_confirmation_without_an_effect_is_no_evidence(self, tell, at):
        end, omitting = tell("end", "2017-01-15"), tell("list", "2017-02-28", ["RUS"])
        seen = tell("seen", "2018-01-01", since="[..2017-12-31]")
        assert at().status("KGZ") == "former"
        assert at().evidence("KGZ") == (end, omitting)
        assert seen in at().disputed["KGZ"]

    def test_lists_of_one_day_that_contradict_each_other(self, tell, at):
        start = tell("start", "2015-08-12")
        omitting = tell("list", "2017-02-28", ["RUS"], published="2017-03-01")
        naming = tell("list", "2017-02-28", ["KGZ", "RUS"], published="2017-03-02")
        assert at().members == {"KGZ", "RUS"}
        assert at().disputed == {"KGZ": (omitting, naming)}
        assert str(at().since("KGZ")) == "2015-08-12"
        assert start in at().evidence("KGZ")

    def test_unknown_beginning_contradicts_no_early_list(self, tell, at):
        tell("list", "2015-01-01", ["BLR", "KAZ", "RUS"])
        tell("seen", "2017-02-28", since="[..2017-02-28]")
        assert at("2017-02-27").status("KGZ") == "non-member"
        assert at("2017-02-28").status("KGZ") == "member"
        assert dict(at().disputed) == {}


class TestOverlaps:
    def test_lone_start_and_end(self, tell, at):
        tell("start", "2015")
        tell("end", "2015-06")
        assert at().status("KGZ") == "former"
        assert at().since("KGZ") is None

    @pytest.mark.parametrize("earlier", [("start", "2010"), ("seen", "2014"), ("list", "2014")])
    def test_member_before_both(self, ledger, tell, at, earlier):
        kind, when = earlier
        tell(kind, when, ["KGZ"] if kind == "list" else "KGZ")
        start, end = tell("start", "2015-06"), tell("end", "2015")
        state = at()
        assert state.status("KGZ") == "undetermined"
        assert state.undetermined == {"KGZ"}
        assert state.members == frozenset()
        assert state.since("KGZ") is None
        assert ledger.as_of("2025-01-01").undetermined(Membership("EAEU")) == ((start, end),)
        assert {start, end} <= set(state.evidence("KGZ"))

    def test_former_before_both(self, tell, at):
        tell("start", "2010")
        tell("end", "2012")
        tell("start", "2015-06")
        tell("end", "2015")
        assert at().status("KGZ") == "former"

    def test_seen_in_between_is_not_before_both(self, tell, at):
        tell("start", "2015")
        tell("seen", "2015-01-15")
        tell("end", "2015-06-01")
        assert at().status("KGZ") == "former"

    def test_re_entry_on_the_day_after(self, tell, at):
        tell("start", "2010")
        tell("end", "2015-06-01")
        tell("start", "2015-06-02")
        assert at().members == {"KGZ"}
        assert str(at().since("KGZ")) == "2015-06-02"

    def test_re_entry_on_the_same_day(self, tell, at):
        tell("start", "2010")
        tell("end", "2015-06-01")
        tell("start", "2015-06-01")
        assert at().status("KGZ") == "undetermined"

    def test_later_list_settles_what_was_undetermined(self, tell, at):
        tell("start", "2010")
        tell("start", "2015-06")
        tell("end", "2015")
        tell("list", "2016", ["KGZ"])
        assert at("2015-12-31").status("KGZ") == "undetermined"
        assert at("2016-12-31").status("KGZ") == "member"

    def test_observed_after_a_lone_pair_is_a_dispute(self, tell, at):
        tell("start", "2015")
        end, naming = tell("end", "2015-06"), tell("list", "2016", ["KGZ"])
        assert at().members == {"KGZ"}
        assert at().disputed == {"KGZ": (end, naming)}
        assert at().since("KGZ") is None

    def test_pair_is_told_by_what_is_no_forecast(self, ledger, tell):
        tell("start", "2010")
        tell("start", "2015-06", published="2015-01-01")
        start = tell("start", "2015-06", assertion="claim")
        end = tell("end", "2015")
        assert ledger.as_of("2025").undetermined(Membership("EAEU")) == ((start, end),)

    @pytest.mark.parametrize(("published", "unconfirmed"), [("2014-12-31", True), (LATER, False)])
    def test_undetermined_by_forecasts_only(self, tell, at, published, unconfirmed):
        tell("start", "2010")
        tell("start", "2015-06", published="2014-12-31")
        tell("end", "2015", published=published)
        assert at().status("KGZ") == "undetermined"
        assert at().unconfirmed == ({"KGZ"} if unconfirmed else frozenset())

    def test_undetermined_member_comes_before_suspended(self, tell, at):
        tell("start", "2012", role="suspended")
        tell("start", "2010")
        tell("start", "2015-06")
        tell("end", "2015")
        assert at().status("KGZ") == "undetermined"
        assert at().suspended == frozenset()

    def test_undetermined_observer(self, tell, at):
        tell("start", "2010", role="observer")
        tell("start", "2015-06", role="observer")
        tell("end", "2015", role="observer")
        assert at().status("KGZ") == "undetermined"
        tell("start", "2016")
        assert at().status("KGZ") == "member"

    def test_undetermined_members_are_no_observers(self, tell, at):
        tell("start", "2010", role="observer")
        tell("start", "2010")
        tell("start", "2015-06")
        tell("end", "2015")
        assert at().status("KGZ") == "undetermined"
        assert at().observers == frozenset()


def since(day):
    return state.since("KGZ") == day


def disputing(*positions):
    """Expect that exactly the status of KGZ is disputed, by what is at these positions; or none."""

    def disputed(state):
        found = {who: tuple(e.position for e in sides) for who, sides in state.disputed.items()}
        return found == ({"KGZ": positions} if positions else {})

    return disputed


class TestDates:
    EAEU = Membership("EAEU")
    FORECAST = told("start", "2015-01-01", published="2014-12-01")

    def test_sources_that_disagree(self):
        seen = given(told("start", "2015-08-06"), told("start", "2015-08-12"))
        seen.then(self.EAEU, since("2015-08-06"), disputing(1, 2))
        seen.as_of("2015-08-11").then(self.EAEU, disputing())

    def test_confirmations_that_disagree(self):
        given(
            told("seen", "2017-02-28", since="2015-08-06"),
            told("seen", "2017-02-28", since="2015-08-12"),
        ).then(self.EAEU, disputing(1, 2))

    def test_dates_that_agree_are_told_by_the_narrowest(self):
        given(
            told("start", "2015-08-12", published="2015-08-13", assertion="claim"),
            told("start", "2015-08", published="2016"),
            told("seen", "2017-02-28", since="2015"),
        ).then(self.EAEU, since("2015-08-12"), disputing())

    def test_a_forecast_does_not_narrow_what_was_told_afterwards(self):
        given(self.FORECAST, told("start", "2015")).then(
            self.EAEU, since("2015"), state.unconfirmed == set()
        )

    def test_a_forecast_does_not_narrow_the_window_either(self):
        given(self.FORECAST, told("start", "2015"), told("list", "2015-06", ["RUS"])).then(
            self.EAEU, state.status("KGZ") == "member"
        )

    def test_forecasts_that_disagree_are_no_dispute(self):
        given(self.FORECAST, told("start", "2015-05-01", published="2015-01-15")).then(
            self.EAEU, since("2015-01-01"), disputing()
        )

    def test_wide_report_belongs_to_what_happened_not_to_the_forecast(self):
        given(self.FORECAST, told("start", "2015-08-12"), told("start", "2015")).then(
            self.EAEU, since("2015-08-12")
        )

    def test_observation_says_nothing_of_earlier_dates(self):
        seen = given(told("seen", "2017-02-28"))
        seen.as_of("2017-02-27").then(self.EAEU, state.status("KGZ") == "unknown")
        seen.as_of("2017-02-28").then(self.EAEU, since(None))


class TestDenials:
    EAEU = Membership("EAEU")

    def test_denied_start_disputes_the_start(self):
        given(told("start", "2015-08-12"), told("start", "2015-08", denied=True)).then(
            self.EAEU, state.members == {"KGZ"}, disputing(1, 2)
        )

    def test_denial_of_another_time_disputes_nothing(self):
        given(
            told("start", "2015-08-12"),
            told("start", "2015-01-01", denied=True),
            told("end", "2016", denied=True),
            told("seen", "2015-03-01", denied=True),
        ).then(self.EAEU, state.members == {"KGZ"}, disputing())

    def test_denied_observation_disputes_whoever_is_in(self):
        given(told("start", "2015-08-12"), told("seen", "2017-02-28", denied=True)).then(
            self.EAEU, disputing(1, 2)
        )

    def test_denied_end_disputes_the_end(self):
        given(told("end", "2016-06-01"), told("end", "2016-06-01", denied=True)).then(
            self.EAEU, state.status("KGZ") == "former", disputing(1, 2)
        )

    def test_denial_alone_tells_nothing(self):
        denial = told("start", "2015-08-12", denied=True)
        given(denial).then(self.EAEU, state.status("KGZ") == "unknown")
        given(denial, told("list", "2015-08-12", ["RUS"])).then(self.EAEU, state.known == {"RUS"})

    def test_denied_list(self):
        seen = given(
            told("list", "2015-08-12", ["KGZ", "RUS"]),
            told("list", "2015-08-12", ["KGZ"], denied=True),
        )
        seen.then(self.EAEU, state.members == {"KGZ", "RUS"}, disputing(1, 2))
        seen.as_of("2015-08-12").then(self.EAEU, state.status("USA") == "non-member")

    def test_denied_list_omits_nobody(self):
        given(told("start", "2015-08-12"), told("list", "2016-01-01", ["RUS"], denied=True)).then(
            self.EAEU, state.members == {"KGZ"}, state.status("USA") == "unknown"
        )


class TestReading:
    def test_accept(self, tell, at):
        tell("start", "2015-08-12", assertion="rumour")
        assert at().known == frozenset()
        assert at(accept=["rumour"]).members == {"KGZ"}

    @pytest.mark.parametrize("accept", ["fact", [], ["facts"]])
    def test_accept_is_checked(self, accept):
        with pytest.raises(ValueError, match="accept"):
            Membership("EAEU", accept=accept)

    def test_dates_that_are_possible(self, tell, at):
        tell("start", "2015")
        assert at("2015-03-01").known == frozenset()
        assert at("2015-03-01", dates="possible").members == {"KGZ"}

    def test_evidence_is_what_the_answer_rests_on(self, tell, at):
        start, other = tell("start", "2015-08-12"), tell("start", "2015-08")
        seen = tell("seen", "2017-02-28")
        assert set(at().evidence("KGZ")) == {start, other, seen}
        end = tell("end", "2018-01-01")
        assert at().evidence("KGZ")[-1] == end

    def test_equal_answers_are_equal_states(self, ledger, tell, at):
        tell("start", "2015-08-12")
        before = at()
        tell("seen", "2017-02-28")
        assert at() == before
        assert hash(at()) == hash(before)
        history = ledger.as_of().history(Membership("EAEU"))
        assert [instant.date().isoformat() for instant, _, _ in history] == ["2015-08-12"]

    def test_an_omission_changes_the_answer_about_strangers(self, tell, at):
        tell("start", "2015-08-12")
        before = at()
        tell("list", "2017-02-28", ["KGZ"])
        assert at() != before

    def test_prints_and_pickles(self, eaeu, at):
        state = at("2018-06-01")
        assert (
            repr(state) == "<MembershipState EAEU: members ARM, BLR, KAZ, KGZ, RUS; observers MDA>"
        )
        assert pickle.loads(pickle.dumps(state)) == state

    def test_diff_names_what_changed(self, ledger, eaeu):
        diff = ledger.as_of("2015-01-01").diff(ledger.as_of("2018-06-01"), Membership("EAEU"))
        assert diff.changed["observers"] == (frozenset(), {"MDA"})

    def test_report_objects_are_read_alike(self, ledger, at):
        event = MembershipStarted(organization="EAEU", member="KGZ", occurred="2015-08-12")
        ledger.append(Report(event, Source("Outlet", LATER), background=True))
        assert at().members == {"KGZ"}
