"""Each law tells of its own mistakes, on few reports, and the built-in projections make none."""

import subprocess
import sys
import textwrap
import unittest

import pytest
from hypothesis import given, settings, strategies as st

from newsledger import MeetingHeld, MembershipStarted, Projection, Report, Source, TradeReported, on
from newsledger.projections import (
    BaseStatus,
    Calendar,
    Commitments,
    Count,
    Coverage,
    Last,
    Meetings,
    Membership,
    Offers,
    Roles,
    Statements,
    Sum,
    Trade,
)
from newsledger.testing import BrokenLaw, check_projection, gallery, histories, laws
from newsledger.testing.stories import Append, Story

BUILT_IN = [
    Membership("EEU"),
    Roles("KGZ"),
    BaseStatus("Kant"),
    Trade("KGZ", "RUS"),
    Meetings(),
    Meetings("KGZ"),
    Statements("KGZ"),
    Statements(topic="a"),
    Commitments(),
    Commitments("KGZ"),
    Calendar(["KGZ"]),
    Offers(),
    Coverage(),
    Count(MeetingHeld),
    Sum(TradeReported, value="amount.amount"),
    Last(MembershipStarted),
]
WRONG = [(law, cls) for law, classes in gallery.WRONG.items() for cls in classes]
few = settings(max_examples=60, database=None, derandomize=True)
named = pytest.mark.parametrize(("law", "cls"), WRONG, ids=[cls.__name__ for _, cls in WRONG])
built_in = pytest.mark.parametrize(
    "projection", BUILT_IN, ids=[f"{n}-{type(p).__name__}" for n, p in enumerate(BUILT_IN)]
)


def broken(law, projection, **given):
    """The law that a projection breaks, or None."""
    try:
        law(projection, **given)
    except BrokenLaw as told:
        return told
    return None


@built_in
def test_a_built_in_projection_keeps_all_laws(projection):
    check_projection(projection, settings=settings(max_examples=8, database=None))


@pytest.mark.campaign
@built_in
def test_a_built_in_projection_keeps_all_laws_at_length(projection):
    check_projection(projection, settings=settings(max_examples=1000))


@pytest.mark.campaign
@named
def test_a_mistake_is_told_by_its_law_on_few_reports(law, cls):
    told = broken(check_projection, cls(), settings=few)
    assert told is not None
    assert told.law == law
    assert len(told.story) <= 6
    assert isinstance(told.projection, cls)
    assert str(told).startswith(f"{cls.__name__} breaks {law}: ")
    assert told.seen in str(told)
    assert textwrap.indent(str(told.story), "    ") in str(told)
    again = broken(getattr(laws, law), cls(), story=told.story)
    assert again is not None
    assert again.law == law


@pytest.mark.campaign
@named
def test_a_mistake_is_told_by_its_law_only(law, cls):
    found = {one.name for one in laws.LAWS if broken(one, cls(), settings=few)}
    assert found == {law, *gallery.ALSO.get(cls, ())}


def test_the_gallery_has_two_a_law():
    assert list(gallery.WRONG) == [law.name for law in laws.LAWS]
    assert all(len(classes) >= 2 for classes in gallery.WRONG.values())


# How it is called


class Hosts(Projection[tuple]):
    """A projection of a test's own, which another process could not find."""

    def initial(self):
        return ()

    @on(MeetingHeld)
    def met(self, state, event, entry):
        return (*state, event.place.upper())


def meeting(**given):
    event = MeetingHeld(participants=["A", "B"], occurred="2017-02-28", **given)
    return Story([Append(Report(event, Source("TASS", "2017-02-28")))])


def test_one_story_can_be_given():
    laws.never_raises(Hosts(), meeting(place="Bishkek"))
    check_projection(Hosts(), meeting(place="Bishkek"))
    with pytest.raises(BrokenLaw) as told:
        check_projection(Hosts(), meeting())
    assert told.value.story == meeting()


@settings(max_examples=5, deadline=None)
@given(histories(MembershipStarted))
def test_within_a_given_test_stories_are_drawn_there(story):
    check_projection(Membership("KGZ"), story)
    laws.ignores_arrival(Membership("KGZ"), story)


def test_it_works_in_unittest_and_in_a_script(tmp_path):
    class Test(unittest.TestCase):
        def test(self):
            check_projection(Hosts())

    result = unittest.TestResult()
    Test("test").run(result)
    assert len(result.failures) == 1  # a failure and no error: it is an AssertionError
    assert result.errors == []
    script = tmp_path / "script.py"
    script.write_text(
        "from newsledger.testing import check_projection, gallery\n"
        "check_projection(gallery.TakesDueForGranted())\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert "BrokenLaw: TakesDueForGranted breaks never_raises" in done.stderr
    assert "CommitmentMade(occurred='2017-02-28', by='KGZ', promise='a')" in done.stderr


def test_what_says_nothing_is_refused():
    class Nobody(Projection[int]):
        def about(self):
            return "nobody"

        def initial(self):
            return 0

        @on(MeetingHeld)
        def met(self, state, event, entry):
            return state + 1

    with pytest.raises(ValueError, match="nothing that Nobody reads was in any of"):
        check_projection(Nobody(), entities=["A", "B"], settings=few)
    with pytest.raises(TypeError, match="an instance of a subclass of Projection"):
        check_projection(Nobody)
    check_projection(Nobody(), settings=settings(max_examples=5, database=None))


def test_settings_and_stories_are_taken():
    seen = []
    check_projection(
        Count(MeetingHeld),
        settings=settings(max_examples=3, database=None),
        stories=st.builds(lambda: seen.append(1) or meeting()),
    )
    assert seen == [1]


def test_a_law_says_what_it_is():
    assert repr(laws.ignores_arrival) == (
        "<law ignores_arrival: the order of arrival plays no part>"
    )
    assert all(law.name in laws.__doc__ and getattr(laws, law.name) is law for law in laws.LAWS)
