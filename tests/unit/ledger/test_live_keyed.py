"""A live keyed view follows arrivals by itself; its index is told late, and must not mislead it."""

from __future__ import annotations

import pytest

from newsledger import FOREVER, Ledger, MembershipStarted, Projection, Source, on
from newsledger.index import indexes
from newsledger.ledger import live_keyed


class Days(Projection):
    """The days on which each member is said to have joined, in fold order."""

    def keys(self, event, entry):
        return (event.member,)

    def initial(self):
        return ()

    @on(MembershipStarted)
    def joined(self, state, event, entry):
        return (*state, str(event.occurred))


@pytest.fixture
def ledger(monkeypatch):
    monkeypatch.setattr(indexes, "FEWEST", 0)
    with Ledger.open() as ledger:
        yield ledger


def report(ledger, member, day):
    source = Source("Outlet", "2020-01-01", url=f"https://example.org/{len(ledger)}")
    event = MembershipStarted(organization="Club", member=member, occurred=day)
    return ledger.append(event, source)


def afresh(ledger):
    """Fold anew, by no index: none is made for views that leave something out."""
    return dict(ledger.as_of(FOREVER).where(lambda _: True).project(Days()))


def follow(live):
    """Let it take in what came, and ask no key."""
    return live.state


def test_a_key_that_was_amended_is_asked_of_the_index_as_it_is_then(ledger):
    report(ledger, "Ada", "2014")
    live = ledger.live(Days())
    entry = report(ledger, "Ada", "2015")
    follow(live)
    ledger.correct(entry, MembershipStarted(organization="Club", member="Ada", occurred="2016"))
    follow(live)
    report(ledger, "Ada", "2017")
    assert live.state["Ada"] == ("2014", "2016", "2017") == afresh(ledger)["Ada"]


def test_a_key_whose_track_was_given_up_is_asked_of_the_index_as_it_is_then(ledger, monkeypatch):
    monkeypatch.setattr(live_keyed, "_TRACKS", 1)
    report(ledger, "Ada", "2014")
    live = ledger.live(Days())
    for member, day in [("Ada", "2015"), ("Bo", "2015"), ("Ada", "2016")]:
        report(ledger, member, day)
        follow(live)
    assert live.state["Ada"] == ("2014", "2015", "2016")
    assert dict(live.state) == afresh(ledger)


def test_two_arrivals_for_an_amended_key_in_one_step(ledger):
    entry = report(ledger, "Ada", "2014")
    live = ledger.live(Days())
    ledger.retract(entry)
    report(ledger, "Ada", "2015")
    follow(live)
    report(ledger, "Ada", "2016")
    assert live.state["Ada"] == ("2015", "2016")


def test_a_correction_takes_a_report_from_one_key_to_another(ledger):
    entry = report(ledger, "Ada", "2014")
    live = ledger.live(Days())
    report(ledger, "Bo", "2015")
    follow(live)
    ledger.correct(entry, MembershipStarted(organization="Club", member="Bo", occurred="2014"))
    follow(live)
    report(ledger, "Bo", "2016")
    report(ledger, "Ada", "2016")
    assert live.state["Ada"] == ("2016",)
    assert live.state["Bo"] == ("2014", "2015", "2016")


def test_a_state_that_was_given_stays_what_it_was(ledger):
    report(ledger, "Ada", "2014")
    live = ledger.live(Days())
    report(ledger, "Ada", "2015")
    given = live.state
    report(ledger, "Ada", "2016")
    assert live.state["Ada"] == ("2014", "2015", "2016")
    assert given["Ada"] == ("2014", "2015")
    assert dict(given) == {"Ada": ("2014", "2015")}


def test_an_index_that_was_made_anew_is_taken_up(ledger, monkeypatch):
    monkeypatch.setattr("newsledger.index.keyed._MANY", 0)
    monkeypatch.setattr("newsledger.index.keyed._LARGE", 0)
    monkeypatch.setattr(live_keyed, "_UNTOLD", 2)
    report(ledger, "Ada", "2014")
    live = ledger.live(Days())
    before = live._fold._generation
    for day in range(2015, 2023):
        report(ledger, "Bo", str(day))
        assert live.state["Bo"][-1] == str(day)
    assert live._fold._generation is not before
    assert dict(live.state) == afresh(ledger)
