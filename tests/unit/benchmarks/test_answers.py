"""The benchmarks ask everybody the same: at a small size, all give newsledger's answers."""

import importlib
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the extra bench is not installed: duckdb is missing")
pytest.importorskip("polars", reason="the extra bench is not installed: polars is missing")
pytest.importorskip("matplotlib", reason="the extra bench is not installed: matplotlib is missing")

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SIZE = 2000
POINTS = 20
IN_PROCESS = ("asking", "everything", "living", "folding", "proving")


@pytest.fixture(scope="module")
def bench():
    """Give the modules of the benchmarks, which are scripts beside each other and no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module


@pytest.fixture(scope="module")
def arena(bench, tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmarks")
    stored = bench("stored").Stored(folder / "cache")
    with bench("arena").Arena(stored, SIZE, folder) as arena:
        yield arena


@pytest.fixture
def ours(arena):
    with ExitStack() as closing:
        yield arena.open(closing)


def test_the_ledger_has_chains_of_every_kind(ours):
    entries = list(ours.ledger.entries())
    assert len(entries) == SIZE
    ids = {entry.id: entry for entry in entries}
    pairs = {(ids[e.amends].kind, e.kind, e.ours) for e in entries if e.amends}
    assert {("report", "correction", True), ("report", "correction", False)} < pairs
    assert ("correction", "correction") in {pair[:2] for pair in pairs}
    assert ("retraction", "retraction") in {pair[:2] for pair in pairs}


def test_all_name_the_same_members(arena, ours):
    for number, point in enumerate(arena.points(POINTS, "test")):
        organization = arena.organization(number)
        answers = [who.members(organization, point) for who in (ours, *arena.peers)]
        assert answers == [answers[0]] * len(answers)
        assert answers[0]


def test_all_name_the_same_members_at_many_points(arena, bench):
    as_sets, organization = bench("question").as_sets, arena.organization(1)
    points = arena.points(POINTS, "test")
    for peer in arena.peers:
        expected = [peer.members(organization, point) for point in points]
        assert as_sets(peer.members_at(organization, points), POINTS) == expected


def test_all_give_the_same_statuses(arena, ours):
    for point in arena.points(POINTS, "test"):
        answers = [who.statuses(point) for who in (ours, *arena.peers)]
        assert answers == [answers[0]] * len(answers)
        bases = arena.some_bases(1)
        for who in arena.peers:
            assert who.some(point, bases) == {b: answers[0][b] for b in bases if b in answers[0]}


def test_all_find_the_same_changes(arena, ours, bench):
    as_changes, found = bench("question").as_changes, 0
    for point in arena.points(POINTS, "test"):
        pair = point, point._replace(known=point.known + timedelta(90))
        answers = [as_changes(who.changes(*pair)) for who in (ours, *arena.peers)]
        assert answers == [answers[0]] * len(answers)
        found += len(answers[0])
    assert found


@pytest.mark.parametrize("name", IN_PROCESS)
def test_every_question_can_be_asked_and_told(arena, bench, name, tmp_path):
    answered = [bench("run").ask(one, [arena], 1) for one in bench(name).QUESTIONS]
    told = bench("page").page(answered, [SIZE], bench("machine").describe(), "figure.svg", "")
    assert all(one.question.title in told for one in answered)
    bench("drawing").draw(answered, tmp_path / "figure.svg")
