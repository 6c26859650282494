"""Finding events: across pages, by many tags at once, and while others append."""

from __future__ import annotations

import random
import unicodedata

import pytest

from newsledger.store import Query, QueryItem, SQLiteRecorder, StoredEvent
from newsledger.store.sqlite_query import Everything, Gathered, Streamed


@pytest.fixture(params=["memory", "file"])
def recorder(request, tmp_path):
    path = None if request.param == "memory" else tmp_path / "ledger.db"
    with SQLiteRecorder(path, durability="normal") as recorder:
        yield recorder


def make(number):
    tags = [f"id:{number}", f"mod3:{number % 3}", f"mod7:{number % 7}", "all"]
    return StoredEvent(f"T{number % 5}", b"%d" % number, tags)


@pytest.fixture
def filled(recorder):
    """Five thousand events: more than fit on a page, of each kind."""
    recorder.append([make(n) for n in range(1, 5001)])
    return recorder


@pytest.fixture(params=["memory", "file"], scope="module")
def unchanging(request, tmp_path_factory):
    """The same, for tests that only read."""
    path = None if request.param == "memory" else tmp_path_factory.mktemp("x") / "ledger.db"
    with SQLiteRecorder(path, durability="normal") as recorder:
        recorder.append([make(n) for n in range(1, 5001)])
        yield recorder


def items(*tag_sets, types=()):
    return Query([QueryItem(types=list(types), tags=list(tags)) for tags in tag_sets])


def numbers(response):
    return [e.position for e in response]


WANTED = {
    "everything": (None, Everything, bool),
    "one tag": (items(["all"]), Streamed, bool),
    "two tags": (items(["all", "mod3:1"]), Streamed, lambda n: n % 3 == 1),
    "three tags": (items(["mod3:1", "mod7:2", "all"]), Streamed, lambda n: n % 21 == 16),
    "either tag": (items(["mod3:1"], ["mod7:2"]), Streamed, lambda n: n % 3 == 1 or n % 7 == 2),
    "types": (Query([QueryItem(types=["T1", "T2"])]), Streamed, lambda n: n % 5 in {1, 2}),
    "type and tag": (items(["all"], types=["T1"]), Streamed, lambda n: n % 5 == 1),
    "types and tag": (items(["all"], types=["T1", "T4"]), Streamed, lambda n: n % 5 in {1, 4}),
    "type and tags": (items(["all", "mod3:0"], types=["T1"]), Streamed, lambda n: n % 15 == 6),
    "many tags": (
        items(*([f"id:{n}"] for n in range(0, 9000, 2)), ["nobody"]),
        Gathered,
        lambda n: n % 2 == 0,
    ),
    "many pairs": (
        items(*([f"id:{n}", "mod3:0"] for n in range(0, 9000, 2))),
        Gathered,
        lambda n: n % 6 == 0,
    ),
    "many of all sorts": (
        items(*([f"id:{n}"] for n in range(20)), ["mod7:1"], types=["T3", "T0"]),
        Gathered,
        lambda n: n % 5 in {3, 0} and (n < 20 or n % 7 == 1),
    ),
    "unknown type": (Query([QueryItem(types=["nobody"])]), Streamed, (0).__gt__),
    "unknown tag": (items(["nobody", "all"]), Streamed, (0).__gt__),
}


@pytest.mark.parametrize("name", WANTED)
def test_every_plan_finds_the_same_across_pages(unchanging, name):
    query, plan, wanted = WANTED[name]
    expected = [n for n in range(1, 5001) if wanted(n)]
    response = unchanging.read(query)
    assert isinstance(response._plan, plan)
    found = list(response)
    assert [e.position for e in found] == expected
    assert [e.event for e in found] == [make(n) for n in expected]
    assert response.head == 5000


@pytest.mark.parametrize("name", WANTED)
@pytest.mark.parametrize(
    ("after", "limit", "upto"),
    [(0, 101, None), (1234, None, 4321), (4990, 3, None), (0, 3000, 2500), (5000, 1, None)],
)
def test_bounds_across_pages(unchanging, name, after, limit, upto):
    query, _, wanted = WANTED[name]
    expected = [n for n in range(after + 1, (upto or 5000) + 1) if wanted(n)][:limit]
    response = unchanging.read(query, after=after, limit=limit, upto=upto)
    early = response.head
    assert numbers(response) == expected
    assert early == response.head
    assert early == ((expected[-1] if expected else None) if limit else upto or 5000)


def test_huge_bounds(unchanging):
    assert numbers(unchanging.read(after=1 << 70)) == []
    assert len(numbers(unchanging.read(limit=1 << 70, upto=1 << 70))) == 5000


def test_an_item_with_more_tags_than_sqlite_joins(recorder):
    tags = [f"tag{n}" for n in range(500)]
    recorder.append([StoredEvent("T", b"", tags), StoredEvent("T", b"", tags[1:])])
    # The commonest tag is looked at last, so what lacks only that one gets as far as can be.
    recorder.append([StoredEvent("U", b"", tags[:1])] * 20)
    assert numbers(recorder.read(items(tags))) == [1]
    assert numbers(recorder.read(items(tags[1:]))) == [1, 2]
    assert numbers(recorder.read(items(tags[1:], types=["T"]))) == [1, 2]
    assert numbers(recorder.read(items(tags, types=["T"]))) == [1]
    assert numbers(recorder.read(items([*tags, "nobody"]))) == []


def test_a_tag_asked_for_twice_is_asked_for_once(recorder):
    recorder.append([StoredEvent("T", b"", ["a", "a"])])
    assert numbers(recorder.read(items(["a", "a"]))) == [1]
    assert next(recorder.read()).event.tags == ["a"]


def test_a_read_shows_what_was_there_when_it_was_made(filled):
    responses = [filled.read(query) for query, _, _ in WANTED.values()]
    filled.append([make(n) for n in range(5001, 5500)])
    for response, (_, _, wanted) in zip(responses, WANTED.values(), strict=True):
        assert numbers(response) == [n for n in range(1, 5001) if wanted(n)]
        assert response.head == 5000


def test_interleaved_reads_and_appends_hold_nothing(filled):
    first, second = filled.read(), filled.read(items(["all"]))
    for number in range(1, 300):
        assert next(first).position == number
        assert next(second).position == number
        filled.append([make(5000 + number)])
    assert filled.head() == 5299


def test_a_type_that_comes_with_the_head_is_known_to_a_read(recorder):
    query = Query([QueryItem(types=["New"])])
    assert numbers(recorder.read(query)) == []
    recorder.append([StoredEvent("New", b"", [])])
    assert numbers(recorder.read(query)) == [1]


def test_texts_that_cannot_be_stored_match_nothing(unchanging):
    assert numbers(unchanging.read(items(["\ud800"]))) == []
    assert numbers(unchanging.read(Query([QueryItem(types=["\udfff"])]))) == []
    assert numbers(unchanging.read(items(["id:1"], ["\ud800"]))) == [1]
    assert list(unchanging.tag_counts("\ud800")) == []


def test_the_rarest_tag_leads(filled):
    filled.append([StoredEvent("Rare", b"", ["all", "mod3:1"])])
    for query in items(["all", "mod3:1", "id:7"]), items(["all"], types=["Rare"]):
        (term,) = filled.read(query)._plan._terms
        assert term.head[0] in {"id:7", filled._type_ids["Rare"]}


ODD = [
    "", "%", "%%", "%a", "_", "_a", "a", "A", "a%", "aa", "ab", "b", "\\", "'", '"', "a\0", "a\0b",
    "ä", "a\u0308", "Ä", "ß", "ss", "\ud7ff", "\ud7ffx", "\ue000", "\uffff", "\U0010ffff",
    "\U0010ffff\U0010ffff", "😀", "😀:x", "\n", " ", "*", "[a-z]", "?", "a\U0010ffff",
    "a\U0010ffffz",
]  # fmt: skip


def test_prefixes_are_literal(recorder):
    randomness = random.Random(5)
    expected = dict.fromkeys(ODD, 0)
    for number in range(200):
        tags = randomness.sample(ODD, randomness.randrange(6))
        recorder.append([StoredEvent("T", b"%d" % number, tags)])
        for tag in tags:
            expected[tag] += 1
    for prefix in [*ODD, "aaa", "\U0010ffff\U0010fffe", "a\0", "\ud7fe"]:
        assert list(recorder.tag_counts(prefix)) == sorted(
            (tag, count) for tag, count in expected.items() if tag.startswith(prefix) and count
        )
    assert unicodedata.normalize("NFC", "a\u0308") == "ä"
    for tag in ODD:
        assert len(numbers(recorder.read(items([tag])))) == expected[tag]


def test_counts_across_pages_as_of_the_call(filled):
    counts = filled.tag_counts("id:")
    filled.append([make(6000)])
    found = list(counts)
    assert len(found) == 5000
    assert found == sorted(found)
    assert dict(filled.tag_counts("mod3:")) == {"mod3:0": 1667, "mod3:1": 1667, "mod3:2": 1667}
