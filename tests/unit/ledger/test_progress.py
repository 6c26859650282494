"""Progress of a ledger's long work: what is told, and that whoever is told may end it."""

import pytest

from newsledger import (
    Ledger,
    MembershipEnded,
    MembershipStarted,
    Progress,
    Projection,
    Report,
    Source,
    on,
    progress as told_of,
)

SOURCE = Source("The Daily Example", "2017-02-28", url="https://example.org/a")
COUNT, STEP = 240, 20
ORGANIZATIONS = 4


class Members(Projection[int]):
    def initial(self):
        return 0

    @on(MembershipStarted)
    def start(self, state, event, entry):
        return state + 1


class ByOrganization(Members):
    def keys(self, event, entry):
        return [event.organization]


class Forgetful(Projection[str]):
    def initial(self):
        return ""

    @on(MembershipStarted)
    def start(self, state, event, entry):
        return event.member


class Ended(Projection[int]):
    def initial(self):
        return 0

    @on(MembershipEnded)
    def end(self, state, event, entry):
        return state + 1


class Cancelled(Exception):
    pass


class Notes:
    """A callback that notes what it is told, and may raise when so much is done."""

    def __init__(self):
        self.told = []
        self.stop_at = None

    def __call__(self, report):
        self.told.append(report)
        if self.stop_at is not None and report.done >= self.stop_at:
            raise Cancelled

    def take(self):
        taken, self.told = self.told, []
        return taken


def reports(count=COUNT, first=0):
    return [
        Report(
            MembershipStarted(
                organization=f"O{n % ORGANIZATIONS}", member=f"M{n}", occurred="2015-08-12"
            ),
            SOURCE,
        )
        for n in range(first, first + count)
    ]


def telling(what, *done, total=COUNT):
    return [Progress(what, one, total) for one in (*done, total)]


def is_whole(told):
    """From nothing to all, ever onwards, and once at the end."""
    done = [report.done for report in told]
    total = told[-1].total
    return done == sorted(set(done)) and done[0] == 0 and done[-1] == total


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture
def ledger(notes, monkeypatch):
    monkeypatch.setattr(told_of, "EACH", STEP)
    monkeypatch.setattr("newsledger.index.indexes.FEWEST", 100)
    with Ledger.open(progress=notes) as opened:
        opened.load(reports())
        notes.take()
        yield opened


REPLAY = telling("replay", *range(0, COUNT, STEP // 2))
INDEX = telling(
    "index",
    *(position // 3 for position in range(0, COUNT + 1, STEP)),
    *((COUNT + position) // 3 for position in range(STEP, COUNT + 1, STEP)),
    *(COUNT * (2 * ORGANIZATIONS + number) // (3 * ORGANIZATIONS) for number in (1, 2, 3)),
)


def test_a_replay_is_told_while_it_reads_and_while_it_folds(ledger, notes):
    assert ledger.project(Members()) == COUNT
    assert notes.take() == REPLAY


def test_an_index_is_told_while_it_reads_sorts_and_folds(ledger, notes):
    assert ledger.project(ByOrganization())["O1"] == COUNT // ORGANIZATIONS
    assert notes.take() == INDEX
    assert ledger.project(ByOrganization())["O1"] == COUNT // ORGANIZATIONS
    assert notes.take() == []


def test_questions_about_few_entries_are_not_told_of(ledger, notes):
    assert ledger.project(Ended()) == 0
    assert ledger.as_of(recorded_at=STEP - 1).project(Members()) == STEP - 1
    ledger.load(reports(STEP - 1, first=COUNT))
    ledger.project_many(Ended(), [("2016", "2016")])
    assert notes.take() == []


def test_nothing_is_told_of_less_than_ten_thousand_entries(notes):
    assert told_of.EACH == 10_000
    with Ledger.open(progress=notes) as ledger:
        ledger.load(reports(1_000))
        ledger.project(Members())
        ledger.project(ByOrganization())
    assert notes.take() == []


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda ledger, tell: ledger.project(Members(), progress=tell), REPLAY),
        (lambda ledger, tell: ledger.as_of().project(Members(), progress=tell), REPLAY),
        (lambda ledger, tell: ledger.project(ByOrganization(), progress=tell), INDEX),
        (lambda ledger, tell: ledger.live(Members(), progress=tell), REPLAY),
        (lambda ledger, tell: ledger.live(ByOrganization(), progress=tell), INDEX),
        (lambda ledger, tell: many(ledger, Forgetful(), tell), REPLAY),
        (lambda ledger, tell: many(ledger, ByOrganization(), tell), INDEX),
    ],
)
def test_a_callback_of_the_call_is_told_instead_of_the_ledgers(ledger, notes, ask, expected):
    own = Notes()
    ask(ledger, own)
    assert (own.take(), notes.take()) == (expected, [])


def many(ledger, projection, tell):
    return ledger.project_many(projection, [("2016", "2018"), ("2018", "2018")], progress=tell)


def test_other_views_and_histories_tell_the_ledgers_callback(ledger, notes):
    view = ledger.as_of().where(lambda entry: entry.event.organization == "O1")
    assert view.project(ByOrganization()) == {"O1": COUNT // ORGANIZATIONS}
    assert is_whole(notes.take())
    assert len(ledger.as_of().explain(Members())) == COUNT
    assert is_whole(notes.take())
    assert len(list(ledger.as_of().history(Members()))) == 1
    assert is_whole(notes.take())


def test_very_many_lines_are_told_of_too(ledger, notes, monkeypatch):
    monkeypatch.setattr("newsledger.index.subjects.LARGEST", 100)
    monkeypatch.setattr("newsledger.index.visible.LARGEST", 100)
    assert ledger.project(Members()) == COUNT
    assert notes.take() == REPLAY
    assert ledger.project(Members()) == COUNT
    assert notes.take() == telling("replay", 0, *range((COUNT + STEP) // 2, COUNT, STEP // 2))


# -- loading -----------------------------------------------------------------------------------


def test_a_load_is_told_of_with_its_length(ledger, notes):
    ledger.load(reports(250, first=COUNT), batch=100)
    assert notes.take() == telling("load", 0, 100, 200, total=250)
    ledger.load(reports(50, first=COUNT), batch=15)
    assert notes.take() == telling("load", 0, 30, total=50)


def test_a_load_of_unknown_length_tells_its_total_at_the_end(ledger, notes):
    ledger.load(iter(reports(250, first=COUNT)), batch=100)
    assert notes.take() == [
        *(Progress("load", done, None) for done in (0, 100, 200, 250)),
        Progress("load", 250, 250),
    ]


def test_a_callback_of_the_load_is_given_its_report_after_each_batch(ledger, notes):
    own = []
    ledger.load([*reports(3), "no report"], batch=2, progress=own.append)
    assert [(report.known, len(report.rejected)) for report in own] == [(2, 0), (3, 1)]
    assert [report.progress for report in own] == telling("load", 2, total=4)
    own.clear()
    ledger.load(iter(reports(3)), batch=2, progress=own.append)
    assert [report.progress for report in own] == [Progress("load", n, None) for n in (2, 3)]
    assert notes.take() == []


def test_a_load_can_be_cancelled_between_batches(ledger, notes):
    notes.stop_at = 200
    with pytest.raises(Cancelled):
        ledger.load(reports(400, first=COUNT), batch=100)
    notes.stop_at = None
    assert len(ledger) == COUNT + 200
    again = ledger.load(reports(400, first=COUNT), batch=100)
    assert (again.known, again.recorded) == (200, 200)


# -- cancelling --------------------------------------------------------------------------------


@pytest.mark.parametrize("stop_at", [0, 40, 100, 200, COUNT])
@pytest.mark.parametrize("projection", [Members(), ByOrganization()])
def test_a_callback_that_raises_ends_a_question_and_nothing_else(
    ledger, notes, projection, stop_at
):
    notes.stop_at = stop_at
    with pytest.raises(Cancelled):
        ledger.project(projection)
    notes.stop_at = None
    notes.take()
    ledger.load(reports(8, first=COUNT))
    with Ledger.open() as fresh:
        fresh.load(reports(COUNT + 8))
        assert ledger.project(projection) == fresh.project(projection)
        at = ledger.as_of(recorded_at=100).project(projection)
        assert at == fresh.as_of(recorded_at=100).project(projection)


@pytest.mark.parametrize("stop_at", [0, 40, 100, 200])
def test_no_half_of_an_index_is_kept(ledger, notes, stop_at):
    notes.stop_at = stop_at
    for _ in range(2):
        with pytest.raises(Cancelled):
            ledger.project(ByOrganization())
    notes.stop_at = None
    notes.take()
    ledger.project(ByOrganization())
    assert notes.take() == INDEX


@pytest.mark.parametrize("outgrown", [False, True])
@pytest.mark.parametrize("stop_at", [0, 1, COUNT + 150])
def test_a_live_answer_that_was_cancelled_is_right_the_next_time(
    ledger, notes, monkeypatch, stop_at, outgrown
):
    monkeypatch.setattr("newsledger.index.log._REMEMBERED", 0)
    with ledger.live(ByOrganization()) as live:
        ledger.load(reports(4, first=COUNT))
        assert dict(live.state) == dict.fromkeys(["O0", "O1", "O2", "O3"], COUNT // 4 + 1)
        if outgrown:  # the index is built anew
            monkeypatch.setattr("newsledger.index.keyed._MANY", 0)
            monkeypatch.setattr("newsledger.index.keyed._LARGE", 0)
        ledger.load(reports(146, first=COUNT + 4))
        notes.stop_at = stop_at
        with pytest.raises(Cancelled):
            dict(live.state)
        notes.stop_at = None
        assert dict(live.state) == dict(ledger.project(ByOrganization()))
        assert sum(live.state.values()) == COUNT + 150


def test_a_live_fold_that_was_cancelled_is_right_the_next_time(ledger, notes):
    with ledger.live(Members()) as live:
        ledger.retract(next(iter(ledger.entries())))
        notes.stop_at = 140
        with pytest.raises(Cancelled):
            live.state  # noqa: B018 (looks)
        notes.stop_at = None
        assert live.state == COUNT - 1
