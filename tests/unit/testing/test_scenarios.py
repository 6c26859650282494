"""Scenarios: what they record and when, what they expect, and what a failure shows."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

from newsledger import (
    FOREVER,
    CommitmentMade,
    Ledger,
    MembershipEnded,
    MembershipStarted,
    OutcomeRecorded,
    Projection,
    ProjectionError,
    Report,
    Source,
    UnknownEntry,
    on,
)
from newsledger.projections import Commitments, Membership
from newsledger.testing import correction, given, report, retraction, state, withdrawal

EEU = Membership("EEU")


def joined(who="KGZ", occurred="2015-08-12", source=None, **fields):
    event = MembershipStarted(organization="EEU", member=who, occurred=occurred)
    return report(event, source, **fields)


class Counts(Projection[int]):
    """How often each member started."""

    def keys(self, event, entry):
        return [event.member]

    def initial(self):
        return 0

    @on(MembershipStarted)
    def started(self, state, event, entry):
        if event.member == "bad":
            raise ValueError("so bad")
        return state + 1


def failure(call, *args, **fields):
    with pytest.raises(AssertionError) as caught:
        call(*args, **fields)
    return str(caught.value)


class TestGiven:
    def recorded(self, *steps):
        with given(*steps).ledger() as ledger:
            return [(str(e.published), e.recorded.isoformat()) for e in ledger.entries()]

    def test_without_a_date_it_was_published_when_it_occurred_and_recorded_then(self):
        assert self.recorded(joined()) == [("2015-08-12", "2015-08-12T23:59:59.999999+00:00")]

    def test_nothing_is_recorded_before_what_is_given_before_it(self):
        recorded = self.recorded(joined(), joined("ARM", "2015-01-02"), joined("RUS", "2016"))
        assert [day[:10] for _, day in recorded] == ["2015-08-12", "2015-08-12", "2016-12-31"]

    def test_recorded_at_a_time_and_never_backwards(self):
        steps = [joined(recorded="2014-01-01"), joined("ARM", recorded="2014-01-01")]
        assert {day[:10] for _, day in self.recorded(*steps)} == {"2014-01-01"}
        with pytest.raises(ValueError, match="recorded: 2013 lies before what is given before it"):
            self.recorded(*steps, joined("RUS", recorded="2013"))

    def test_a_date_without_an_end_must_be_told(self):
        with pytest.raises(ValueError, match="say when this was published"):
            joined(occurred="[2015..]")
        assert self.recorded(joined(occurred="[2015..]", source="2016"))[0][0] == "2016"

    def test_events_and_reports_are_steps_too(self):
        event = joined().report.event
        source = Source("AP", "2015-08-13")
        with given(event, Report(event, source)).ledger() as ledger:
            assert [e.source.outlet for e in ledger.entries()] == ["An outlet", "AP"]

    def test_an_outlet_of_a_day_is_one_source(self):
        steps = [joined(), joined("ARM", "2015-08-12"), joined("RUS", "2015-08-12", outlet="AP")]
        with given(*steps).ledger() as ledger:
            assert sorted(ledger.sources().values()) == [1, 2]

    @pytest.mark.parametrize("step", ["joined", None, 3])
    def test_other_things_are_no_steps(self, step):
        with pytest.raises(TypeError, match=r"given\(\) takes events"):
            given(step).project(EEU)

    def test_a_report_is_referred_to_by_its_id(self):
        made = report(CommitmentMade(by="KGZ", promise="pay", due="2018", occurred="2017"))
        kept = report(OutcomeRecorded(of=made.id, outcome="kept", occurred="2018-02-01"))
        given(made, kept).then(Commitments(), lambda s: len(s.kept) == 1, state.open == ())


class TestAmendments:
    @pytest.mark.parametrize("target", ["step", 1])
    def test_ours_changes_fields_of_the_event_or_of_the_report(self, target):
        first = joined()
        target = first if target == "step" else target
        fixed = correction(target, occurred="2015-08-06", assertion="claim", reason="misread")
        with given(first, fixed).ledger() as ledger:
            entry = list(ledger.entries())[1]
        assert (str(entry.event.occurred), entry.assertion) == ("2015-08-06", "claim")
        assert (entry.ours, entry.reason, entry.event.member) == (True, "misread", "KGZ")

    def test_a_date_means_the_source_itself(self):
        first = joined(source=Source("AP", "2015-08-13", url="https://example.org/a"))
        with given(first, retraction(first, "2016")).ledger() as ledger:
            entry = list(ledger.entries())[1]
        assert (entry.source.url, str(entry.published)) == ("https://example.org/a", "2016")
        assert not entry.ours

    def test_another_source(self):
        first = joined()
        with given(
            first, correction(1, source=Source("TASS", "2016"), denied=True)
        ).ledger() as one:
            entry = list(one.entries())[1]
        assert (entry.source.outlet, entry.denied) == ("TASS", True)

    def test_amendments_are_amended(self):
        first = joined()
        gone = retraction(first)
        given(first, gone).then(EEU, state.members == set())
        given(first, gone, retraction(gone)).then(EEU, state.members == {"KGZ"})

    @pytest.mark.parametrize("what", ["step", 1, "https://example.org/a", "source"])
    def test_withdrawal(self, what):
        source = Source("AP", "2015-08-13", url="https://example.org/a")
        first, second = joined(source=source), joined("ARM", source=source)
        what = {"step": first, "source": source}.get(what, what)
        scenario = given(first, second, joined("RUS"), withdrawal(what, "2016"))
        if what == source.url:
            with pytest.raises(ValueError, match="say which Source withdraws it"):
                scenario.then(EEU, state.members == {"RUS"})
            scenario = given(first, second, joined("RUS"), withdrawal(what))
        scenario.then(EEU, state.members == {"RUS"})

    def test_what_it_is_about_comes_first(self):
        stranger = joined()
        with pytest.raises(ValueError, match=r"correction\(\): give what it is about before it"):
            given(correction(stranger, occurred="2016"), stranger).project(EEU)
        with pytest.raises(ValueError, match=r"retraction\(2\): so far the scenario has 1 entries"):
            given(stranger, retraction(2)).project(EEU)


class TestPoints:
    SCENARIO = given(
        joined("RUS", "2015-01-01"),
        joined("KGZ", "2015-08-12", source="2014-12-01"),
        joined("ARM", "2015", recorded="2017-06-01"),
    )

    @pytest.mark.parametrize(
        ("point", "members"),
        [
            ({"valid_at": FOREVER}, {"RUS", "KGZ", "ARM"}),
            ({"valid_at": "2015-08-11"}, {"RUS"}),
            ({"valid_at": "2015-08-11", "dates": "possible"}, {"RUS", "ARM"}),
            ({"valid_at": FOREVER, "known_at": "2014-12-01"}, {"KGZ"}),
            ({"valid_at": FOREVER, "recorded_at": 1}, {"RUS"}),
            ({"valid_at": FOREVER, "recorded_at": "2017-05-31"}, {"RUS", "KGZ"}),
        ],
    )
    def test_each_axis(self, point, members):
        self.SCENARIO.as_of(**point).then(EEU, state.members == members)

    def test_today_is_the_day_of_the_last_recording(self):
        given(joined(), joined("ARM", "2016", source="2015")).as_of().then(
            EEU, state.members == {"KGZ"}
        )

    def test_today_does_not_run_back(self):
        given(joined(), joined("ARM", "2014")).as_of().then(EEU, state.members == {"ARM", "KGZ"})

    def test_as_known_has_no_hindsight(self):
        self.SCENARIO.as_known("2015-08-12").then(EEU, state.members == {"KGZ", "RUS"})

    def test_one_after_another(self):
        seen = self.SCENARIO.as_of("2015-01-01").then(EEU, state.members == {"RUS"})
        seen.as_of("2015-12-31").then(EEU, state.members == {"RUS", "KGZ", "ARM"})


class TestExpecting:
    SEEN = given(joined(), joined("ARM", "2015-01-02")).as_of("2017")

    def test_what_holds(self):
        since = state.since("KGZ")
        self.SEEN.then(
            EEU,
            state.members == {"ARM", "KGZ"},
            state.members >= {"ARM"},
            state.members <= {"ARM", "KGZ", "RUS"},
            state.members > {"ARM"},
            state.observers < {"ARM"},
            state.observers != {"ARM"},
            since == "2015-08-12",
            since.stop.year == 2015,
            lambda s: s.status("RUS") == "unknown",
            self.SEEN.project(EEU),
        )

    @pytest.mark.parametrize(
        ("check", "says"),
        [
            (
                state.members == {"ARM", "RUS"},
                [
                    "state.members: expected {'ARM', 'RUS'}, got {'ARM', 'KGZ'}",
                    "  state.members: missing: 'RUS'",
                    "  state.members: not expected: 'KGZ'",
                ],
            ),
            (state.members >= {"RUS"}, ["state.members >= {'RUS'} does not hold"]),
            (state.members != {"ARM", "KGZ"}, ["state.members != {'ARM', 'KGZ'} does not hold"]),
            (
                state.since("KGZ") == "2015",
                ["state.since('KGZ'): expected '2015', got '2015-08-12'"],
            ),
            (state.memebers == 1, ["state.memebers: AttributeError: "]),
            (state.disputed["X"] == 1, ["state.disputed['X']: KeyError: 'X'"]),
            (lambda s: s.observers, ["the condition in line "]),
        ],
    )
    def test_what_does_not_hold(self, check, says):
        lines = failure(self.SEEN.then, EEU, state.observers == set(), check).splitlines()
        assert lines[0] == "Membership('EEU'), as of 2017, position 2"
        for line, start in zip(lines[1:], says, strict=False):
            assert line.startswith(f"  {start}")
        assert lines[1 + len(says)] == "The state: <MembershipState EEU: members ARM, KGZ>"

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda: "KGZ" in state.members,
            lambda: bool(state.members),
            lambda: 1 < state.x < 3,
            lambda: state.x == 1 and state.y == 2,
            lambda: list(state.members),
            lambda: given(joined()).then(EEU),
            lambda: given(joined()).then(EEU, state.members),
            lambda: given(joined()).then_key("x", EEU, 1),
        ],
    )
    def test_what_would_expect_nothing_is_refused(self, wrong):
        with pytest.raises(TypeError):
            wrong()

    def test_keyed(self):
        seen = given(joined(), joined(outlet="AP"), joined("ARM")).as_of("2017")
        seen.then(Counts(), {"KGZ": 2, "ARM": 1}, state["KGZ"] == 2)
        seen.then_key("KGZ", Counts(), 2, lambda count: count % 2 == 0)
        said = failure(seen.then, Counts(), {"KGZ": 1, "RUS": 1})
        assert "state: missing keys: 'RUS'" in said
        assert "state: keys not expected: 'ARM'" in said
        assert "state['KGZ']: expected 1, got 2" in said
        said = failure(seen.then_key, "ARM", Counts(), 2)
        assert "Counts(), key 'ARM', as of 2017" in said
        assert said.count("goes to other keys: 'KGZ'") == 2
        assert "there is no key 'RUS'; the keys are: 'KGZ', 'ARM'" in failure(
            seen.then_key, "RUS", Counts(), 1
        )

    def test_raising(self):
        seen = given(joined("bad"), joined())
        seen.then_raises(Counts())
        seen.then_raises(Counts(), ValueError, "^so bad$")
        seen.then_raises(Counts(), ProjectionError, "Counts.started failed")
        assert "expected a message in which 'good' is found" in failure(
            seen.then_raises, Counts(), ValueError, "good"
        )
        with pytest.raises(ProjectionError):
            seen.then_raises(Counts(), KeyError)
        fine = given(joined())
        assert "expected ProjectionError, and nothing was raised" in failure(
            fine.then_raises, Counts()
        )

    def test_history(self):
        first = joined()
        seen = given(first, joined("ARM", "2015-01-02", "2017"), retraction(first, "2018"))
        members = lambda *names: state.members == set(names)
        seen.then_history(EEU, {"2015-01-02": members("ARM")}, initial=lambda s: not s.members)
        known = {
            "2015-08-12": members("KGZ"),
            "2017": members("ARM", "KGZ"),
            "2018": members("ARM"),
        }
        seen.then_history(EEU, known, along="known")
        seen.then_history(EEU, known, along="recorded")
        assert "along known, state.members: expected {'RUS'}, got set()" in failure(
            seen.then_history, EEU, known, along="known", initial=members("RUS")
        )
        del known["2017"]
        known["2016"] = members("KGZ")
        said = failure(seen.then_history, EEU, known, along="known")
        assert "at 2016: expected a change to state.members == {'KGZ'}, and there is none" in said
        assert "at 2017-12-31T23:59:59.999999+00:00: not expected, a change to <Members" in said


class TestFailures:
    def test_it_shows_what_made_it_and_what_kept_the_others_out(self):
        rus, kgz = joined("RUS", "2015-01-01"), joined()
        left = report(MembershipEnded(organization="EEU", member="RUS", occurred="2016"), "2018")
        cis = report(MembershipStarted(organization="CIS", member="RUS", occurred="2012"))
        seen = given(
            rus,
            kgz,
            joined("ARM", "2015-01-02", assertion="rumour"),
            left,
            cis,
            correction(kgz, occurred="2015-08-06", reason="misread"),
            retraction(rus, "2016", reason="a mix-up"),
            joined("UZB", "2017", "2015"),
            joined("TJK", "2014", "2016", recorded="2019"),
        ).as_of("2017-02-28", known_at="2017-06-01", recorded_at="2018")
        said = failure(seen.then, EEU, state.members == set())
        assert said == dedent("""\
            Membership('EEU'), as of 2017-02-28, known at 2017-06-01, position 8
              state.members: expected set(), got {'KGZ'}
                state.members: not expected: 'KGZ'
            The state: <MembershipState EEU: members KGZ>
            Made of these, in fold order:
                6  our correction: MembershipStarted(occurred='2015-08-06', organization='EEU', member='KGZ')
                   fact; recorded 2018-12-31
            Left out:
                1  MembershipStarted(occurred='2015-01-01', organization='EEU', member='RUS')
                   fact; An outlet, published 2015-01-01, recorded 2015-01-01
                   → taken out by 7, a retraction, “a mix-up”
                2  MembershipStarted(occurred='2015-08-12', organization='EEU', member='KGZ')
                   fact; An outlet, published 2015-08-12, recorded 2015-08-12
                   → replaced by 6, our correction, “misread”
                3  MembershipStarted(occurred='2015-01-02', organization='EEU', member='ARM')
                   rumour; An outlet, published 2015-01-02, recorded 2015-08-12
                   → not accepted: Membership reads claim and fact, and this is rumour
                4  MembershipEnded(occurred='2016', organization='EEU', member='RUS')
                   fact; An outlet, published 2018, recorded 2018-12-31
                   → not yet known: published 2018, after 2017-06-01
                5  MembershipStarted(occurred='2012', organization='CIS', member='RUS')
                   fact; An outlet, published 2012, recorded 2018-12-31
                   → about others: Membership asks about EEU
                7  retraction: MembershipStarted(occurred='2015-01-01', organization='EEU', member='RUS')
                   fact; An outlet, published 2016, recorded 2018-12-31
                   → takes out 1
                8  MembershipStarted(occurred='2017', organization='EEU', member='UZB')
                   fact; An outlet, published 2015, recorded 2018-12-31
                   → only possibly begun by 2017-02-28: it began 2017
                9  MembershipStarted(occurred='2014', organization='EEU', member='TJK')
                   fact; An outlet, published 2016, recorded 2019-12-31
                   → not yet recorded at position 8: recorded 2019-12-31T23:59:59.999999Z""")  # noqa: E501


class TestElsewhere:
    def test_on_any_store(self, tmp_path):
        path = tmp_path / "ledger.db"
        seen = given(joined(), retraction(1, recorded="2016")).kept_in(path)
        seen.as_of(recorded_at=1).then(EEU, state.members == {"KGZ"})
        seen.as_of().then(EEU, state.members == set())
        with Ledger.open(path, mode="r") as ledger:
            assert len(ledger) == 2
        with pytest.raises(ValueError, match="is not empty: it has 2 entries"):
            given(joined()).kept_in(path)

    def test_it_gives_its_state_and_its_ledger(self):
        seen = given(joined(), joined("ARM"))
        assert seen.project(Counts()) == {"KGZ": 1, "ARM": 1}
        with seen.ledger() as ledger, pytest.raises(UnknownEntry):
            ledger.get(joined("RUS").id)

    def test_it_needs_neither_pytest_nor_hypothesis(self):
        code = (
            "import sys\n"
            "from newsledger.testing import Clock, correction, given, report, retraction, state\n"
            "from newsledger import MembershipStarted, projections\n"
            "joined = MembershipStarted(organization='EEU', member='KGZ', occurred='2015')\n"
            "given(joined).then(projections.Membership('EEU'), state.members == {'KGZ'})\n"
            "print(sorted({'pytest', '_pytest', 'hypothesis'} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert (done.stdout, done.stderr) == ("[]\n", "")
