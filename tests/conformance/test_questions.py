"""Questions about one article and its history, with their answers, kept as data."""

import importlib.util
import json
from collections.abc import Mapping, Set as AbstractSet
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from newsledger import FOREVER, Ledger, Money, When, projections

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "kyrgyzstan_2017.py"
QUESTIONS = json.loads((HERE / "questions.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ledger():
    spec = importlib.util.spec_from_file_location("kyrgyzstan_2017", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    with Ledger.open() as opened:
        example.record_history(opened, example.record_article(opened))
        yield opened


def plain(value):
    """Bring an answer into the form that JSON has for it."""
    if isinstance(value, When | Decimal | Money | date):
        return str(value)
    if isinstance(value, AbstractSet):
        return sorted(map(plain, value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def pick(value, names):
    """Keep the named attributes of an answer, or of each of its items."""
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [pick(item, names) for item in value]
    found = [getattr(value, name) for name in names]
    return found[0] if len(found) == 1 else found


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["question"])
def test_the_answer_is_the_known_one(ledger, question):
    view = ledger.as_of(
        question["valid_at"],
        known_at=question.get("known_at", FOREVER),
        dates=question.get("dates", "certain"),
    )
    options = {
        k: tuple(v) if isinstance(v, list) else v for k, v in question.get("with", {}).items()
    }
    projection = getattr(projections, question["projection"])(*question.get("of", []), **options)
    answer = view.project(projection)
    for step in question["ask"].split("."):
        answer = getattr(answer, step)
    if callable(answer):
        answer = answer(*question.get("args", []))
    if "pick" in question:
        answer = pick(answer, question["pick"])
    assert plain(answer) == question["answer"]


def test_all_built_in_projections_are_asked():
    assert len(QUESTIONS) >= 60
    assert {question["projection"] for question in QUESTIONS} == {
        "Membership",
        "BaseStatus",
        "Roles",
        "Trade",
        "Meetings",
        "Statements",
        "Commitments",
        "Calendar",
        "Offers",
        "Coverage",
    }
    assert len({question["question"] for question in QUESTIONS}) == len(QUESTIONS)
