"""The kit's strategies draw what they say, shrink to what a person reads, and print as code."""

import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import Phase, find, given, seed, settings, strategies as st

import newsledger
from newsledger import Event, Hop, InvalidEvent, MeetingHeld, Report, Source, event, testing as kit
from newsledger.events import CATALOGUE
from newsledger.fields import Dated, Entities, Entity, Number, Texts, field, record
from newsledger.testing import events, histories, hops, reports, sources, whens
from newsledger.testing.stories import features_of
from newsledger.testing.writing import Writer

BUILT_IN = [known.cls for known in CATALOGUE if known.cls.__module__.startswith("newsledger.")]

quick = settings(database=None, deadline=None)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@record()
class Vote:
    voter: Entity
    ballots: int = 1

    def __attrs_post_init__(self):
        if self.ballots < 1:
            raise InvalidEvent("Vote.ballots: nobody has fewer than one", field="Vote.ballots")


@event("kit.Election", identity=("seat",))
class Election(Event):
    """One of a user's own, with every kind of field and rules that concern several at once."""

    seat: Entity
    candidates: Entities = field(at_least=2, distinct=True)
    winner: Entity
    colour: Colour = Colour.RED
    votes: tuple[Vote, ...] = ()
    turnout: Number
    margin: float | None = None
    announced: Dated
    slogans: Texts = field(default=())
    code: str = field(at_least=3)

    def __attrs_post_init__(self):
        if self.winner not in self.candidates:
            raise InvalidEvent("Election.winner: no candidate", field="Election.winner")
        if self.announced.extent != self.occurred.extent:
            raise InvalidEvent("Election.announced: another day", field="Election.announced")
        if not re.fullmatch(r"[A-Z]{3}", self.code):
            raise ValueError("no code")


def drawn(strategy, count=300, number=0):
    """Draw some, always the same, as Hypothesis does with its default health checks."""
    made = []

    @seed(number)
    @settings(quick, max_examples=count, phases=[Phase.generate])
    @given(strategy)
    def collect(one):
        made.append(one)

    collect()
    return made


def simplest(strategy, condition=lambda _: True):
    return find(strategy, condition, settings=settings(quick, max_examples=500))


# Dates

FORMS = {
    "day": r"\d{4}-\d\d-\d\d",
    "month": r"\d{4}-(0\d|1[0-2])",
    "year": r"\d{4}",
    "decade": r"\d{3}X",
    "century": r"\d\dXX",
    "year in parts": r"\d{4}-XX",
    "instant": r".*T.*Z",
    "season": r"\d{4}-2[1-4]",
    "quarter": r"\d{4}-3[3-6]",
    "marked": r"[^/\[]*[?~%][^/\[]*",
    "marked inside": r"\d{4}[?~%]-.*",
    "range": r"\[[^.,]+\.\.[^.,]+\]",
    "list": r"\[.*,.*\]",
    "open start": r"\[\.\..*\]",
    "open stop": r"\[.*\.\.\]",
    "lasts": r"[^./]+/[^./]+",
    "end open": r".*/\.\.",
    "end unknown": r".*/",
    "start open": r"\.\./.*",
    "start unknown": r"/.*",
    "leap day": r"\d{4}-02-29",
    "end of a year": r"\d{4}-12-31",
    "first year": r"0001.*",
    "last year": r".*9998.*",
}


def test_dates_of_every_form_and_edge_are_drawn():
    texts = [str(when) for number in range(4) for when in drawn(whens(), 300, number)]
    missing = [n for n, form in FORMS.items() if not any(re.fullmatch(form, t) for t in texts)]
    assert missing == []


def test_dates_shrink_to_a_plain_day():
    assert str(simplest(whens())) == "2017-02-28"
    assert str(simplest(whens(min_year=1990, max_year=1999))) == "1999-02-28"
    lasting = str(simplest(whens(), lambda when: when.lasts))
    assert lasting in {"2017-02-28/2017-02-28", "2017-02-28/.."}


# Events


@pytest.mark.parametrize("cls", [*BUILT_IN, Election], ids=lambda cls: cls.__name__)
def test_every_type_is_drawn_with_every_field_filled_and_left_out(cls):
    made = drawn(events(cls), 80)
    assert {type(one) for one in made} == {cls}
    for attribute in newsledger.fields.fields_of(cls):
        values = [getattr(one, attribute.name) for one in made]
        mended = attribute.name == "code"  # hardly any text passes its rule
        assert len(set(map(repr, values))) > 1 or mended, attribute.name
    assert all(eval(Writer().value(one), named(cls)) == one for one in made)  # noqa: S307 (our own code)


def named(cls):
    made = dict(
        vars(newsledger), Decimal=Decimal, UUID=__import__("uuid").UUID, Vote=Vote, Colour=Colour
    )
    return {**made, cls.__name__: cls}


@pytest.mark.parametrize("cls", [cls for cls in BUILT_IN if cls.TYPE.entity_fields])
def test_a_type_names_only_whom_it_may(cls):
    made = drawn(events(cls, entities=["A", "B", "C"]), 60)
    assert frozenset("ABC") >= frozenset.union(*(one.entities for one in made))
    assert len({one.entities for one in made}) > 1


def test_all_registered_types_are_drawn_and_those_registered_later():
    strategy = events()

    @event("kit.Later")
    class Later(Event):
        pass

    try:
        made = [one for number in range(4) for one in drawn(strategy, 200, number)]
        assert {type(one) for one in made} >= {*BUILT_IN, Later}
    finally:
        del CATALOGUE._types["kit.Later"]


def test_what_is_drawn_can_be_chosen():
    made = drawn(events("MeetingHeld", Election, place=st.just("Bishkek")), 50)
    assert {one.place for one in made if isinstance(one, MeetingHeld)} == {"Bishkek"}
    assert Election in map(type, made)
    with pytest.raises(LookupError, match="no event type 'MeetingHold'"):
        events("MeetingHold")
    with pytest.raises(TypeError, match="not the lone text 'KGZ'"):
        events(entities="KGZ")
    with pytest.raises(ValueError, match="names nobody"):
        events(entities=[])


def test_events_shrink_to_the_least_there_is_to_say():
    assert repr(simplest(events(MeetingHeld))) == (
        "MeetingHeld(occurred='2017-02-28', participants=('KGZ', 'RUS'))"
    )
    assert len(repr(simplest(events(Election)))) < 160


# Sources and reports


def test_sources_have_ends_and_pages_have_versions():
    made = drawn(sources(), 200)
    assert all(one.published.stop is not None for one in made)
    pages = Counter(one.url for one in made if one.url)
    assert len(pages) == 2
    assert all(len({one.id for one in made if one.url == page}) > 1 for page in pages)
    assert simplest(sources()) == Source("TASS", "2017-02-28")


def test_reports_are_of_every_kind():
    made = drawn(reports(), 400)
    assert {one.assertion for one in made} == {"fact", "claim", "opinion", "rumour"}
    for name in ("denied", "background", "attribution", "confidence", "quote", "ordinal", "ref"):
        assert len({getattr(one, name) for one in made}) > 1, name
    assert not any(one.denied for one in drawn(reports(denied=False), 100))
    assert simplest(hops()) == Hop("KGZ", "speaker")


# Histories

FEATURES = {
    *("correction", "retraction", "by us", "by a source", "chain", "retraction of a retraction"),
    *("fork", "withdrawal", "time passes", "denial", "background", "claim", "opinion", "rumour"),
    *("forecast", "open onset", "repetition", "late arrival", "equal dates", "same happening"),
    "reference",
}


@pytest.mark.parametrize("types", [(), ("MembershipStarted", "MembershipEnded", "OutcomeRecorded")])
def test_histories_have_all_that_they_claim(types):
    made = [story for number in range(4) for story in drawn(histories(*types), 120, number)]
    counted = Counter(feature for story in made for feature in features_of(story))
    assert counted.keys() == FEATURES, counted


def test_what_a_history_has_is_told_to_the_statistics():
    from hypothesis.statistics import collector

    told = []
    with collector.with_value(told.append):
        drawn(histories(), 30)
    events_told = {
        name
        for phase in told[0].values()
        if isinstance(phase, dict)
        for case in phase.get("test-cases", ())
        for name in case["events"]
    }
    assert {"correction", "late arrival"} <= events_told


def test_without_amendments_there_are_none():
    found = set().union(*map(features_of, drawn(histories(amendments=False), 100)))
    assert found.isdisjoint({"correction", "retraction", "withdrawal", "chain", "fork"})


def told(ledger):
    return [(e.id, e.kind, e.amends, e.ordinal, e.reason, e.ours) for e in ledger.entries()]


@settings(max_examples=60, deadline=None)
@given(histories(*BUILT_IN))
def test_a_story_prints_as_code_that_tells_it_again(story):
    space = {}
    exec(str(story), space)  # noqa: S102 (our own code)
    with space["ledger"] as again, story.told() as ledger:
        assert told(again) == told(ledger)
    code = "from newsledger import *\nfrom newsledger.testing import *\nimport datetime\n"
    space = {"Decimal": Decimal, "UUID": __import__("uuid").UUID}
    exec(f"{code}story = {story!r}", {**space}, space)  # noqa: S102 (our own code)
    assert space["story"] == story


@pytest.mark.campaign
def test_histories_shrink_to_what_is_read_at_a_glance():
    story = simplest(histories(), lambda one: "fork" in features_of(one))
    assert len(story) <= 6
    assert len(str(story).splitlines()) <= 14
    story = simplest(histories(), lambda one: "late arrival" in features_of(one))
    assert len(story) == 2
    story = simplest(histories(), lambda one: "reference" in features_of(one))
    assert len(story) == 2
    assert re.search(r"(of|denies)=e1|depends_on=\(e1,\)|evidence=\(e1,\)", str(story))


def test_a_story_amends_only_what_is_there():
    told = kit.Append(
        Report(MeetingHeld(participants=["A", "B"], occurred="2017"), Source("A", "2017"))
    )
    kit.Story([told, kit.Retract(0), kit.Retract(1)])
    for wrong in (
        [kit.Retract(0)],
        [told, kit.Retract(1)],
        [told, kit.Withdraw("x"), kit.Retract(1)],
    ):
        with pytest.raises(ValueError, match="is no earlier step that records one entry"):
            kit.Story(wrong)


def test_strategies_are_shown_by_the_call_that_makes_them():
    assert repr(histories(MeetingHeld)) == "_drawn(histories(MeetingHeld))"
    assert all(len(repr(one)) < 120 for one in (events(), reports(), sources(), whens()))


def test_the_kit_is_imported_when_it_is_used():
    code = (
        "import sys, newsledger.testing as kit\n"
        "assert not {'hypothesis', 'pytest'} & set(sys.modules)\n"
        "assert callable(kit.whens) and set(kit.__all__) <= set(dir(kit))\n"
        "assert 'pytest' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_hypothesis_it_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("newsledger.testing.strategies")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ImportError, match=r'pip install "newsledger\[testing\]"'):
        kit.whens  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        kit.nothing  # noqa: B018
