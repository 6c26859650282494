"""Read models as their users meet them: rows, points, following, versions."""

from __future__ import annotations

import threading

import pytest

from newsledger import (
    FOREVER,
    TODAY,
    BaseStatusReported,
    Ledger,
    MembershipStarted,
    OutcomeRecorded,
    Projection,
    Source,
    on,
)
from newsledger.readmodels import work

ROWS = (
    "SELECT key, valid_from, valid_to, known_from, known_to, state, projection, version"
    " FROM {} ORDER BY key, known_from, valid_from"
)


def status(base, said, day, published):
    return BaseStatusReported(base=base, status=said, occurred=day), Source("TASS", published)


def test_a_row_says_what_was_so_over_which_valid_and_known_time(ledger, projection, into, ask):
    ledger.append(*status("Kant", "operating", "2016-05", "2016-06-01"))
    ledger.append(*status("Kant", "closed", "2017-05-01", "2017-05-03"))
    ledger.materialize(projection, into).close()
    told = [row[1:6] for row in ask(into, ROWS.format("latest_status"))]
    may, june = "2016-05-31T23:59:59.999999Z", "2016-06-01T23:59:59.999999Z"
    closed, told_so = "2017-05-01T23:59:59.999999Z", "2017-05-03T23:59:59.999999Z"
    assert told == [
        (may, None, june, told_so, '"operating"'),
        (may, closed, told_so, None, '"operating"'),
        (closed, None, told_so, None, '"closed"'),
    ]
    [(name, version)] = ask(into, "SELECT DISTINCT projection, version FROM latest_status")
    assert (name, version) == ("LatestStatus", 1)
    assert ask(into, "SELECT projection, position FROM latest_status_models") == [(name, 2)]


def test_a_point_means_its_last_instant(ledger, projection, into):
    ledger.append(*status("Kant", "operating", "2016-05-01", "2016-06-01"))
    with ledger.materialize(projection, into) as model:
        assert dict(model.at("2016-05-01", known_at="2016-06-01")) == {"Kant": "operating"}
        assert dict(model.at("2016-04-30", known_at="2016-06-01")) == {}
        assert dict(model.at("2016-05-01", known_at="2016-05-31")) == {}
        assert dict(model.at("2016-05-01T23:59:59.999998Z")) == {}
        assert dict(model.at("2016-05-01T23:59:59.999999Z")) == {"Kant": "operating"}
        assert dict(model.at(FOREVER)) == dict(model.at(TODAY)) == dict(model.at())


def test_an_arrival_folds_its_own_keys_and_reads_their_entries_only(
    ledger, news, projection, into, monkeypatch
):
    news.record(ledger, 150)
    with ledger.materialize(projection, into) as model:
        read = []
        rows_at = ledger._recorder.rows_at
        monkeypatch.setattr(
            ledger._recorder, "rows_at", lambda those: rows_at(read.append(those) or those)
        )
        ledger.append(*status("Kant", "operating", "2016-05-01", "2016-06-01"))
        wrong = ledger.append(*status("Kant", "closed", "2011", "2016-06-02"))
        done = model.update()
        assert (done.since, done.position, done.keys, done.built) == (150, 152, 1, False)
        assert (done.added, done.removed) == (2, 0)
        ledger.retract(wrong, reason="misread")
        done = model.update()
        assert (done.keys, done.added, done.removed) == (1, 0, 1)
        assert read == [[151, 152], [151, 152, 153]]
        assert model.update().keys == 0


def test_what_is_the_same_news_again_changes_no_row(ledger, projection, into):
    ledger.append(*status("Kant", "operating", "2016", "2016-06-01"))
    with ledger.materialize(projection, into) as model:
        ledger.append(*status("Kant", "operating", "2017", "2018"))
        done = model.update()
        assert (done.position, done.keys, done.added, done.removed) == (2, 1, 0, 0)


class Seats(Projection[frozenset[str]]):
    """Who sits where, by organisation and role."""

    def __init__(self, role="member", floor=None):
        self.role = role
        self._floor = floor

    def keys(self, event, entry):
        return [(event.organization, 1)]

    def initial(self):
        return frozenset()

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return state | {event.member}


def joined(ledger, member="KGZ", organization="EEU"):
    event = MembershipStarted(organization=organization, member=member, occurred="2015")
    return ledger.append(event, Source("TASS", "2015-08-12"))


def test_keys_and_states_that_are_no_text_are_json(ledger, into, ask):
    joined(ledger, "RUS")
    joined(ledger, "ARM")
    with ledger.materialize(Seats(), into) as model:
        assert ask(into, "SELECT key, state FROM seats WHERE known_to IS NULL") == [
            ('["EEU",1]', '["ARM","RUS"]')
        ]
        there = model.at(FOREVER)
        assert there["EEU", 1] == there['["EEU",1]'] == ["ARM", "RUS"]
        assert ("EEU", 2) not in there
        assert there.get(object()) is None
    with ledger.materialize(
        Seats(), into, table="counted", encode=len, decode=lambda count: f"{count} seats"
    ) as model:
        assert model.at(FOREVER)["EEU", 1] == "2 seats"


def test_parameters_make_different_models_in_one_table(ledger, into, ask):
    joined(ledger)
    for made in Seats(), Seats("observer", floor=3), Seats():
        ledger.materialize(made, into).close()
    assert ask(into, "SELECT projection FROM seats_models ORDER BY 1") == [
        ('Seats(floor=3, role="observer")',),
        ('Seats(floor=null, role="member")',),
    ]
    with ledger.materialize(Seats(floor=object), into, name="Mine") as model:
        assert model.name == "Mine"
    with pytest.raises(TypeError, match=r"its _floor cannot be written .* give name="):
        ledger.materialize(Seats(floor=object), into)


class Plain(Seats):
    """Its answer is no state of the fold, and asks nothing of the view."""

    def result(self, state, view):
        return {"count": len(state), "who": state}


def test_an_answer_that_does_not_ask_the_view_is_stored(ledger, into):
    joined(ledger)
    with ledger.materialize(Plain(), into) as model:
        assert model.at(FOREVER)["EEU", 1] == {"count": 1, "who": ["KGZ"]}


class Fates(Projection[str]):
    """What became of what was reported about somebody."""

    def about(self):
        return "KGZ"

    def keys(self, event, entry):
        return ["what became of it"]

    def initial(self):
        return None

    @on(OutcomeRecorded)
    def told(self, state, event, entry):
        return event.outcome


def test_an_outcome_is_of_those_whom_what_it_refers_to_names(ledger, into):
    source = Source("TASS", "2015-08-12")
    reported = joined(ledger)
    ledger.append(OutcomeRecorded(of=reported.id, outcome="postponed", occurred="2016"), source)
    with ledger.materialize(Fates(), into) as model:
        assert dict(model.at()) == {"what became of it": "postponed"}
        elsewhere = MembershipStarted(organization="EEU", member="ARM", occurred="2015")
        moved = ledger.correct(reported, elsewhere)
        assert (model.update().removed, dict(model.at())) == (1, {})
        ledger.retract(moved)
        assert (model.update().added, len(model.at())) == (1, 1)


# -- following -----------------------------------------------------------------------------------


def test_follow_takes_in_what_others_record_until_it_is_closed(tmp_path, ledger, projection, into):
    ledger.append(*status("Kant", "operating", "2016", "2016-06-01"))
    taken, arrived = [], threading.Semaphore(0)
    with ledger.materialize(projection, into) as model:

        def follow():
            for done in model.follow():
                taken.append((done.position, dict(model.at(FOREVER))))
                arrived.release()

        thread = threading.Thread(target=follow)
        thread.start()
        with Ledger.open(tmp_path / "news.db") as other:
            other.append(*status("Kant", "closed", "2017", "2018"))
            assert arrived.acquire(timeout=30)
            other.append(*status("Osh", "planned", "2017", "2018"))
            assert arrived.acquire(timeout=30)
        model.close()
        thread.join(timeout=30)
        assert not thread.is_alive()
    assert taken == [(2, {"Kant": "closed"}), (3, {"Kant": "closed", "Osh": "planned"})]


def test_follow_ends_after_so_many_seconds_without_news(ledger, projection, into):
    with ledger.materialize(projection, into) as model:
        ledger.append(*status("Kant", "operating", "2016", "2016-06-01"))
        assert [done.position for done in model.follow(timeout=0.01)] == [1]


# -- versions ------------------------------------------------------------------------------------


def version(number, handler):
    class LatestStatus(Projection[str]):
        version = number

        def keys(self, event, entry):
            return (event.base,)

        def initial(self):
            return None

        @on(BaseStatusReported)
        def reported(self, state, event, entry):
            return handler(event)

    return LatestStatus()


@pytest.fixture
def steps(monkeypatch):
    """Calls a function after each transaction."""
    after = []
    step = work.Work._step

    def stepped(*given):
        going_on = step(*given)
        for one in after:
            one()
        return going_on

    monkeypatch.setattr(work.Work, "_step", stepped)
    return after


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_a_new_version_is_made_beside_the_old_and_takes_its_place_at_once(
    ledger, news, tmp_path, ask, steps, where, request
):
    into = tmp_path / "read.db"
    if where == "postgresql":
        into = request.getfixturevalue("postgres_url")
    first = version(1, lambda event: event.status)
    news.record(ledger, 60)
    ledger.materialize(first, into).close()
    old = ask(into, ROWS.format("latest_status"))
    news.record(ledger, 20)
    seen = []
    steps.append(lambda: seen.append(ask(into, ROWS.format("latest_status"))))
    second = version(2, lambda event: event.status.upper())
    with ledger.materialize(second, into, batch=7) as model:
        new = ask(into, ROWS.format("latest_status"))
        assert model.position == 80
        assert dict(model.at()) == {
            key: told.upper() for key, told in ledger.project(first).items()
        }
    whole = seen.index(new)
    assert whole > 15
    assert all(rows == old for rows in seen[:whole])
    assert all(rows == new for rows in seen[whole:])
    assert {row[-1] for row in old} == {1}
    assert {row[-1] for row in new} == {2}
    # The old one leaves nothing behind.
    assert ask(into, "SELECT count(*) FROM latest_status_rows") == [(len(new),)]
    assert len(ask(into, "SELECT * FROM latest_status_generations")) == 1


def test_the_old_version_goes_on_while_the_new_one_is_made(ledger, news, into, steps):
    news.record(ledger, 40)
    taken = []
    with ledger.materialize(version(1, lambda event: event.status), into) as old:

        def meanwhile():
            if steps and len(taken) < 5:
                hooks, steps[:] = steps[:], []
                news.record(ledger, 1)
                taken.append(old.update().position)
                steps[:] = hooks

        steps.append(meanwhile)
        with ledger.materialize(version(2, lambda event: "so"), into, batch=5) as new:
            assert taken == [41, 42, 43, 44, 45]
            assert new.position == 45
            assert set(new.at().values()) == {"so"}


def test_who_keeps_an_older_version_is_told_that_it_was_replaced(ledger, news, into):
    news.record(ledger, 10)
    with ledger.materialize(version(1, lambda event: event.status), into) as old:
        with ledger.materialize(version(2, lambda event: "so"), into):
            news.record(ledger, 1)
        with pytest.raises(OSError, match="has another version than 1 now"):
            old.update()
        with ledger.materialize(version(1, lambda event: "again"), into) as back:
            assert set(dict(back.at()).values()) == {"again"}
            assert old.update().keys == 0


def test_rebuild_makes_it_anew_with_the_code_as_it_is_now(ledger, news, into):
    news.record(ledger, 20)
    said = ["before"]
    with ledger.materialize(version(1, lambda event: said[0]), into) as model:
        said[0] = "after"
        assert model.update().keys == 0
        assert set(model.at().values()) == {"before"}
        done = model.rebuild()
        assert (done.built, done.position) == (True, 20)
        assert set(model.at().values()) == {"after"}


def test_a_model_that_is_being_made_is_gone_on_with(ledger, news, projection, into, steps):
    news.record(ledger, 60)
    steps.append(lambda: 1 / 0 if len(done) == 12 else done.append(1))
    done = []
    with pytest.raises(ZeroDivisionError):
        ledger.materialize(projection, into, batch=8)
    done.clear()
    steps[:] = [lambda: done.append(1)]
    with ledger.materialize(projection, into, batch=8) as model:
        assert dict(model.at()) == dict(ledger.project(projection))
    assert len(done) < 12


def test_progress_is_told_and_may_end_the_work(ledger, projection, into, monkeypatch, news):
    from newsledger import progress

    monkeypatch.setattr(progress, "EACH", 20)
    news.record(ledger, 100)
    told = []
    ledger.materialize(projection, into, batch=10, progress=told.append).close()
    done = [one.done for one in told]
    assert {(one.what, one.total) for one in told} == {("materialize", 100)}
    assert done == sorted(set(done))
    assert (done[0], done[-1]) == (0, 100)
    assert any(0 < one < 50 for one in done)
    assert any(50 < one < 100 for one in done)

    def too_long(_):
        raise TimeoutError

    with pytest.raises(TimeoutError):
        ledger.materialize(projection, into, table="other", batch=10, progress=too_long)
    with ledger.materialize(projection, into, table="other") as model:
        assert dict(model.at()) == dict(ledger.project(projection))


def test_an_erasure_takes_out_rows_and_keys_and_folds_no_others(ledger, projection, into, ask):
    gone = ledger.append(*status("Manas", "operating", "2016-05", "2016-06-01"))
    wrong = ledger.append(*status("Kant", "operating", "2016-05", "2016-06-01"))
    ledger.append(*status("Osh", "planned", "2016-05", "2016-06-01"))
    correction = ledger.correct(wrong, status("Kent", "closed", "2016-05", "2016-06-01")[0])
    with ledger.materialize(projection, into) as model:
        assert dict(model.at()) == {"Manas": "operating", "Kent": "closed", "Osh": "planned"}
        ledger.erase(gone, "law")
        update = model.update()
        assert (update.keys, update.removed, update.added) == (1, 1, 0)
        ledger.erase(correction, "law")
        # What it corrected does not come back.
        assert model.update().removed == 1
        assert dict(model.at()) == {"Osh": "planned"}
        assert model.update().keys == 0
        for table, column in ("rows", "key"), ("entries", "key"):
            found = {key for [key] in ask(into, f"SELECT {column} FROM latest_status_{table}")}
            assert found == {"Osh", "Kant"} - ({"Kant"} if table == "rows" else set())
        [made] = ask(into, "SELECT erasures, scrubbed FROM latest_status_generations")
        assert made == (2, 2)
        ledger.append(*status("Manas", "closed", "2018-05", "2018-06-01"))
        assert model.update().keys == 1


def test_what_is_erased_while_a_model_is_made_is_not_in_it(
    ledger, projection, into, ask, monkeypatch
):
    """The entries that were put down under their keys before are put down anew."""
    entries = [
        ledger.append(*status(f"Base {n}", "operating", "2016-05", "2016-06-01")) for n in range(6)
    ]
    real, erased = work.Work._fold, []

    def erasing(self, now, tally):
        if not erased:
            erased.append(ledger.erase(entries[3], "law"))
            self.log.head()
        return real(self, now, tally)

    monkeypatch.setattr(work.Work, "_fold", erasing)
    with ledger.materialize(projection, into, batch=2) as model:
        assert set(model.at()) == {f"Base {n}" for n in (0, 1, 2, 4, 5)}
        keys = {key for [key] in ask(into, "SELECT key FROM latest_status_entries")}
        assert keys == set(model.at())
