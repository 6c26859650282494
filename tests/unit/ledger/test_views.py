"""Views: what they show, what if, histories, differences, tokens."""

from datetime import UTC, datetime, timedelta

import pytest

from newsledger import (
    FOREVER,
    All,
    Event,
    Ledger,
    LedgerClosed,
    MeetingHeld,
    MembershipConfirmed,
    MembershipEnded,
    MembershipStarted,
    Projection,
    ProjectionError,
    Report,
    Source,
    StatementMade,
    WrongLedger,
    on,
)

SOURCE = Source("The Daily Example", "2017-02-28")
MICROSECOND = timedelta(microseconds=1)


def joined(member="KGZ", occurred="2015-08-12"):
    return MembershipStarted(organization="EEU", member=member, occurred=occurred)


def left(member="KGZ", occurred="2015-06"):
    return MembershipEnded(organization="EEU", member=member, occurred=occurred)


def instant(*parts):
    return datetime(*parts, tzinfo=UTC)


class Members(Projection[frozenset[str]]):
    def initial(self):
        return frozenset()

    @on(MembershipStarted)
    def start(self, state, event, entry):
        return state | {event.member}

    @on(MembershipEnded)
    def end(self, state, event, entry):
        return state - {event.member}


class Since(Projection[str]):
    """Keyed by member."""

    def keys(self, event, entry):
        return [event.member]

    def initial(self):
        return None

    @on(MembershipStarted)
    def start(self, state, event, entry):
        return str(event.occurred)


@pytest.fixture
def ledger():
    with Ledger.open() as opened:
        yield opened


@pytest.mark.parametrize(
    ("occurred", "certain_from", "possible_from"),
    [
        ("2015-08-12", instant(2015, 8, 12, 23, 59, 59, 999999), instant(2015, 8, 12)),
        ("2015-08", instant(2015, 8, 31, 23, 59, 59, 999999), instant(2015, 8, 1)),
        ("2015-08-12T10:00:00Z", instant(2015, 8, 12, 10), instant(2015, 8, 12, 10)),
        ("2015-08-12/..", instant(2015, 8, 12, 23, 59, 59, 999999), instant(2015, 8, 12)),
    ],
)
def test_certain_and_possible_begin_at_their_instants(
    ledger, occurred, certain_from, possible_from
):
    ledger.append(joined(occurred=occurred), SOURCE)
    for dates, first in (("certain", certain_from), ("possible", possible_from)):
        assert len(list(ledger.as_of(first, dates=dates).entries())) == 1
        assert len(list(ledger.as_of(first - MICROSECOND, dates=dates).entries())) == 0


def test_an_open_stop_is_never_certain_and_an_open_start_always_possible(ledger):
    ledger.append(joined("A", "[2015..]"), SOURCE)
    ledger.append(joined("B", "[..2015]"), SOURCE)
    assert ledger.as_of(FOREVER).project(Members()) == {"B"}
    assert ledger.as_of("0001", dates="possible").project(Members()) == {"B"}
    assert ledger.as_of("2015", dates="possible").project(Members()) == {"A", "B"}


def test_as_known_has_no_hindsight(ledger):
    ledger.append(joined(), SOURCE)
    assert ledger.as_known("2017-02-27").project(Members()) == frozenset()
    assert ledger.as_known("2017-02-28").project(Members()) == {"KGZ"}
    assert ledger.project(Members()) == {"KGZ"}


def test_about_asks_for_any_or_all(ledger):
    meeting = MeetingHeld(participants=["A", "B"], occurred="2016")
    other = MeetingHeld(participants=["A", "C"], occurred="2016")
    ledger.extend([meeting, other], SOURCE)
    view = ledger.as_of("2017")

    def events(about):
        return {entry.event for entry in view.entries(about=about)}

    assert events("B") == {meeting}
    assert events(["B", "C"]) == {meeting, other} == events(())
    assert events(All("A", "C")) == {other}
    assert events(All("B", "C")) == set() == events("D")
    with pytest.raises(TypeError, match="names of entities"):
        events([1])


def test_where_leaves_out_what_fails_before_amendments_are_settled(ledger):
    entry = ledger.append(joined(), SOURCE)
    ledger.correct(entry, joined("ARM"))
    view = ledger.as_of("2020")
    assert view.where(lambda e: e.kind == "report").project(Members()) == {"KGZ"}
    assert view.where(lambda e: e.kind != "report").project(Members()) == frozenset()
    assert view.where(lambda e: True).token is None
    assert view.project(Members()) == {"ARM"}


def test_suppose_reports_without_recording(ledger):
    ledger.append(joined(), SOURCE)
    view = ledger.as_of("2020", known_at="2018")
    late = Source("Later", "2030")
    assert view.suppose(joined("ARM")).project(Members()) == {"ARM", "KGZ"}
    assert view.suppose(left("KGZ", "2016"), late).project(Members()) == frozenset()
    assert view.suppose(Report(joined("X"), late)).suppose(joined("Y")).project(Members()) == {
        "KGZ",
        "X",
        "Y",
    }
    assert view.suppose(joined("ARM", "2021")).project(Members()) == {"KGZ"}
    assert view.suppose(joined("ARM")).token is None
    assert len(ledger) == 1


def test_supposing_what_is_known_later_shows_it_now(ledger):
    later = Source("Later", "2019")
    ledger.append(joined("ARM"), later)
    view = ledger.as_of("2020", known_at="2018")
    assert view.project(Members()) == frozenset()
    assert view.suppose(joined("ARM"), later).project(Members()) == {"ARM"}


def test_conflicts_list_competing_amendments(ledger):
    entry = ledger.append(joined(), SOURCE)
    one = ledger.correct(entry, joined("ARM"))
    assert ledger.as_of("2020").conflicts == ()
    two = ledger.correct(entry, joined("BLR"))
    [conflict] = ledger.as_of("2020").conflicts
    assert (conflict.target, conflict.amendments, conflict.decided) == (entry, (one, two), two)
    ledger.retract(two)
    assert ledger.as_of("2020").conflicts == ()
    assert ledger.as_of("2020").project(Members()) == {"ARM"}


def test_a_retraction_that_is_corrected_has_the_corrections_effect(ledger):
    entry = ledger.append(joined(), SOURCE)
    retraction = ledger.retract(entry)
    ledger.correct(retraction, joined("ARM"))
    assert ledger.as_of("2020").project(Members()) == {"ARM"}


def test_history_along_valid_names_the_instants_and_the_causes(ledger):
    start = ledger.append(joined(occurred="2015-01-01"), SOURCE)
    same = ledger.append(joined(occurred="2015-01-02"), SOURCE)
    end = ledger.append(left(occurred="2015-06"), SOURCE)
    history = ledger.as_of("2020").history(Members())
    assert history.initial == frozenset()
    assert list(history) == [
        (instant(2015, 1, 1, 23, 59, 59, 999999), {"KGZ"}, (start,)),
        (instant(2015, 6, 30, 23, 59, 59, 999999), frozenset(), (end,)),
    ]
    assert history.at("2015-03") == {"KGZ"}
    assert same in ledger.as_of("2020").explain(Members())


def test_history_along_known_and_recorded(ledger):
    now = [instant(2026, 1, 1)]
    with Ledger.open(clock=lambda: now[0]) as ledger:
        entry = ledger.append(joined(), SOURCE)
        now[0] = instant(2026, 1, 5)
        correction = ledger.correct(entry, joined("ARM"), Source("B", "2018-01-01"))
        view = ledger.as_of("2020")
        assert [(t, s) for t, s, _ in view.history(Members(), along="known")] == [
            (instant(2017, 2, 28, 23, 59, 59, 999999), {"KGZ"}),
            (instant(2018, 1, 1, 23, 59, 59, 999999), {"ARM"}),
        ]
        recorded = view.history(Members(), along="recorded")
        assert list(recorded) == [
            (instant(2026, 1, 1), {"KGZ"}, (entry,)),
            (instant(2026, 1, 5), {"ARM"}, (correction,)),
        ]
        assert recorded.at(1) == {"KGZ"}
        assert recorded.initial == frozenset()
        with pytest.raises(ValueError, match="along"):
            view.history(Members(), along="sideways")


def test_a_keyed_projection_is_a_lazy_read_only_mapping(ledger):
    ledger.extend([joined("A"), joined("B"), joined("A", "2016")], SOURCE)
    state = ledger.as_of("2020").project(Since())
    assert state == {"A": "2016", "B": "2015-08-12"}
    assert list(state) == ["A", "B"] or list(state) == ["B", "A"]
    assert (len(state), "A" in state, "Z" in state) == (2, True, False)
    with pytest.raises(KeyError):
        state["Z"]
    with pytest.raises(TypeError):
        state["A"] = "x"
    history = list(ledger.as_of("2020").history(Since()))
    assert [dict(s) for _, s, _ in history] == [
        {"A": "2015-08-12", "B": "2015-08-12"},
        {"A": "2016", "B": "2015-08-12"},
    ]
    assert {e.event.member for e in ledger.as_of("2020").explain(Since(), key="A")} == {"A"}


def test_diff_goes_by_key(ledger):
    ledger.extend(
        [joined("A"), joined("B"), joined("A", "2016"), left("B", "2017"), joined("C", "2016")],
        SOURCE,
    )
    early, late = ledger.as_of("2015"), ledger.as_of("2020")
    sets = early.diff(late, Members())
    assert (sets.added, sets.removed, bool(sets)) == ({"C"}, {"B"}, True)
    mapping = early.diff(late, Since())
    assert (mapping.added, mapping.removed) == ({"C": "2016"}, {})
    assert mapping.changed == {"A": ("2015-08-12", "2016")}
    assert not early.diff(early, Members())


def test_undetermined_lists_pairs_whose_order_matters_and_is_open(ledger):
    start, end = ledger.append(joined(occurred="2015"), SOURCE), ledger.append(left(), SOURCE)
    ledger.append(joined("ARM", "2015"), SOURCE)
    ledger.append(left("BLR", "2016"), SOURCE)
    assert ledger.as_of("2020").undetermined(Members()) == ((end, start),)


def test_a_token_makes_the_view_again(ledger, tmp_path):
    ledger.append(joined(), SOURCE)
    view = ledger.as_of("2017-02", known_at=datetime(2018, 1, 1, 12, tzinfo=UTC), dates="possible")
    token = view.token
    ledger.append(joined("ARM"), SOURCE)
    again = ledger.view(token)
    assert repr(again) == repr(view)
    assert again.token == token
    assert again.project(Members()) == {"KGZ"}
    with Ledger.open() as other, pytest.raises(WrongLedger):
        other.view(token)
    for wrong in ("", "x", token + "x", token.replace("possible", "sure")):
        with pytest.raises(WrongLedger):
            ledger.view(wrong)


def test_a_handler_that_raises_names_the_entry(ledger):
    class Broken(Projection[int]):
        def initial(self):
            return 0

        @on(MembershipStarted)
        def start(self, state, event, entry):
            return 1 / state

    entry = ledger.append(joined(), SOURCE)
    with pytest.raises(
        ProjectionError, match=r"Broken\.start failed on .*ZeroDivisionError"
    ) as caught:
        ledger.as_of("2020").project(Broken())
    assert caught.value.entry == entry


def test_denied_reports_reach_only_handlers_that_ask_for_them(ledger):
    class Denials(Members):
        @on(MembershipStarted, denied=True)
        def denied(self, state, event, entry):
            return state | {f"not {event.member}"}

    ledger.append(joined(), SOURCE, denied=True)
    assert ledger.as_of("2020").project(Members()) == frozenset()
    assert ledger.as_of("2020").project(Denials()) == {"not KGZ"}


def test_two_handlers_for_one_type_are_refused_at_class_creation():
    with pytest.raises(TypeError, match="two handlers for MembershipStarted: start and again"):

        class Twice(Members):
            @on(MembershipStarted)
            def again(self, state, event, entry):
                return state


def test_handlers_are_inherited_and_can_be_overridden(ledger):
    class Shouting(Members):
        def start(self, state, event, entry):
            return state | {event.member + "!"}

    ledger.append(joined(), SOURCE)
    ledger.append(left(), SOURCE)
    assert ledger.as_of("2020").project(Shouting()) == {"KGZ!"}


def test_on_event_takes_what_nothing_else_takes(ledger):
    class Everything(Projection[tuple]):
        def initial(self):
            return ()

        @on(MembershipStarted)
        def start(self, state, event, entry):
            return (*state, "start")

        @on(Event)
        def other(self, state, event, entry):
            return (*state, type(event).__name__)

    ledger.append(joined(occurred="2015"), SOURCE)
    ledger.append(StatementMade(speaker="A", summary="s", occurred="2016"), SOURCE)
    assert ledger.as_of("2020").project(Everything()) == ("start", "StatementMade")


@pytest.mark.parametrize("wrong", ["MeetingHeld", int, Report])
def test_on_takes_registered_events(wrong):
    with pytest.raises(TypeError, match="@on takes"):
        on(wrong)


def test_forecast_is_published_before_it_can_have_begun(ledger):
    source = Source("TASS", "2014-10-09")
    cases = {
        "2015-01-01": True,
        "2014-10-10": True,
        "2014-10-09": False,
        "2014": False,
        "[..2015-01-01]": False,
    }
    for occurred, forecast in cases.items():
        assert ledger.append(joined("X", occurred), source).forecast is forecast, occurred


def test_the_shown_correction_keeps_its_reports_place_in_fold_order(ledger):
    first = ledger.append(joined("A", "2015"), SOURCE, ordinal=1)
    ledger.append(joined("B", "2015"), SOURCE, ordinal=2)
    ledger.correct(first, joined("C", "2015"), ordinal=9)
    assert [e.event.member for e in ledger.as_of("2020").entries()] == ["C", "B"]


def test_weight_and_publication_break_ties(ledger):
    early = Source("E", "2016")
    for member, source, fields in [
        ("fact", SOURCE, {}),
        ("rumour", SOURCE, {"assertion": "rumour"}),
        ("background", SOURCE, {"background": True}),
        ("claim", SOURCE, {"assertion": "claim"}),
        ("early", early, {}),
        ("opinion", early, {"assertion": "opinion"}),
    ]:
        ledger.append(joined(member, "2015"), source, **fields)
    shown = [e.event.member for e in ledger.as_of("2020").entries()]
    assert shown == ["opinion", "background", "rumour", "claim", "early", "fact"]


def test_confirmations_with_since_count_from_since(ledger):
    ledger.append(
        MembershipConfirmed(organization="EEU", member="KGZ", since="2015", occurred="2017-02-28"),
        SOURCE,
    )
    assert len(list(ledger.as_of("2016").entries())) == 1


def test_time_passes_for_what_was_always_possible(ledger):
    """An open start is there from the beginning; its due date still comes in its time."""
    from newsledger import CommitmentMade
    from newsledger.projections import Commitments

    promise = CommitmentMade(by="A", promise="p", due="2010", occurred="[..2012]")
    ledger.append(promise, SOURCE)
    ledger.append(CommitmentMade(by="B", promise="q", occurred="2015"), SOURCE)
    history = ledger.as_of("2020", dates="possible").history(Commitments())
    assert [len(history.initial.open), len(history.initial.overdue)] == [1, 0]
    assert [(t, len(s.overdue)) for t, s, _ in history] == [
        (instant(2011, 1, 1), 1),
        (instant(2015, 1, 1), 1),
    ]


def test_the_root_breaks_the_last_tie(ledger):
    """Two sources of one day, both with their first report: arrival must not decide."""
    reports = [Report(joined(str(n), "2015"), Source(f"S{n}", "2016"), ordinal=1) for n in range(9)]
    ledger.extend(reports)
    shown = [entry.id for entry in ledger.as_of("2020").entries()]
    assert shown == sorted(report.id for report in reports)
    assert shown != [report.id for report in reports]


def test_a_history_hears_of_what_outcomes_refer_to(ledger):
    """The promise is taken back, and with it goes the entity that the outcome was about."""
    from newsledger import CommitmentMade, OutcomeRecorded

    class Outcomes(Projection[tuple]):
        def about(self):
            return "KGZ"

        def initial(self):
            return ()

        @on(OutcomeRecorded)
        def came(self, state, event, entry):
            return (*state, event.outcome)

    promise = ledger.append(CommitmentMade(by="KGZ", promise="p", occurred="2015"), SOURCE)
    ledger.append(OutcomeRecorded(of=promise.id, outcome="kept", occurred="2016"), SOURCE)
    retraction = ledger.retract(promise, Source("B", "2018"))
    history = list(ledger.as_of("2020").history(Outcomes(), along="known"))
    assert [state for _, state, _ in history] == [("kept",), ()]
    assert history[1][2] == (retraction,)


def test_what_is_supposed_was_never_recorded(ledger):
    ledger.append(joined("ARM"), SOURCE)
    view = ledger.as_of("2020").suppose(joined("BLR"))
    ledger.append(joined("RUS"), SOURCE)
    history = view.history(Members(), along="recorded")
    assert history.initial == {"BLR"}
    causes = [entry.event.member for _, _, entries in history for entry in entries]
    assert sorted(causes) == ["ARM", "RUS"]
    assert history.at(0) == {"BLR"}
    assert history.at(2) == {"ARM", "BLR", "RUS"}


@pytest.mark.parametrize("axis", ["valid", "known"])
def test_a_position_is_no_point_of_other_axes(ledger, axis):
    ledger.append(joined(), SOURCE)
    with pytest.raises(ValueError, match=f"{axis}_at"):
        ledger.as_of("2020").history(Members(), along=axis).at(1)
    with pytest.raises(ValueError, match="recorded_at"):
        ledger.as_of("2020", recorded_at=True)


def test_a_closed_ledger_answers_nothing_more_although_it_is_at_hand(ledger):
    ledger.append(joined(), SOURCE)
    view = ledger.as_of("2018")
    live = ledger.live(Members())
    asked = [
        lambda: view.project(Members()),
        lambda: view.project(Since()),
        lambda: view.project_many(Members(), [("2018", "2018")]),
        lambda: view.diff(ledger.view(token), Members()),
        lambda: list(view.history(Members())),
        lambda: list(view.entries()),
        lambda: live.state,
    ]
    token = view.token
    for ask in asked:
        ask()
    ledger.close()
    for ask in asked:
        with pytest.raises(LedgerClosed):
            ask()
