"""Finding events: across pages, by many tags at once, and while others append."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import TypeAlias

from newsledger.store import Query, QueryItem, Recorder, StoredEvent
from newsledger.testing.conformance.contract import Contract, events, items, positions

COUNT = 5_000
"""More events than fit on a page, of each kind."""


def make(number: int) -> StoredEvent:
    """Make the event for a position."""
    tags = [f"id:{number}", f"mod3:{number % 3}", f"mod7:{number % 7}", "all"]
    return StoredEvent(f"T{number % 5}", b"%d" % number, tags)


Wanted: TypeAlias = dict[str, tuple[Query | None, Callable[[int], bool]]]


def wanted(many: int) -> Wanted:
    """Give queries of every shape, each with the rule for the positions that it finds.

    ``many``: how many items the largest have.
    """
    return {
        "everything": (None, bool),
        "one tag": (items(["all"]), bool),
        "two tags": (items(["all", "mod3:1"]), lambda n: n % 3 == 1),
        "three tags": (items(["mod3:1", "mod7:2", "all"]), lambda n: n % 21 == 16),
        "either tag": (items(["mod3:1"], ["mod7:2"]), lambda n: n % 3 == 1 or n % 7 == 2),
        "types": (Query([QueryItem(types=["T1", "T2"])]), lambda n: n % 5 in {1, 2}),
        "type and tag": (items(["all"], types=["T1"]), lambda n: n % 5 == 1),
        "types and tag": (items(["all"], types=["T1", "T4"]), lambda n: n % 5 in {1, 4}),
        "type and tags": (items(["all", "mod3:0"], types=["T1"]), lambda n: n % 15 == 6),
        "many tags": (
            items(*([f"id:{n}"] for n in range(0, 2 * many, 2)), ["nobody"]),
            lambda n: n % 2 == 0 and n < 2 * many,
        ),
        "many pairs": (
            items(*([f"id:{n}", "mod3:0"] for n in range(0, 2 * many, 2))),
            lambda n: n % 6 == 0 and n < 2 * many,
        ),
        "many of all sorts": (
            items(*([f"id:{n}"] for n in range(20)), ["mod7:1"], types=["T3", "T0"]),
            lambda n: n % 5 in {3, 0} and (n < 20 or n % 7 == 1),
        ),
        "unknown type": (Query([QueryItem(types=["nobody"])]), lambda _: False),
        "unknown tag": (items(["nobody", "all"]), lambda _: False),
        "a text that no store can hold": (items(["\ud800"]), lambda _: False),
        "a type that no store can hold": (Query([QueryItem(types=["\udfff"])]), lambda _: False),
        "one of both": (items(["id:1"], ["\ud800"]), lambda n: n == 1),
    }


_BOUNDS: list[tuple[int, int | None, int | None]] = [
    *((0, 101, None), (1234, None, 4321), (4990, 3, None), (0, 3000, 2500), (5000, 1, None)),
    *((0, 0, None), (7, 5, 0), (1 << 70, None, None), (0, 1 << 70, 1 << 70)),
]

_ODD = [
    *("", "%", "%%", "%a", "_", "_a", "a", "A", "a%", "aa", "ab", "b", "\\", "'", '"', "a\0"),
    *("a\0b", "ä", "a\u0308", "Ä", "ß", "ss", "\ud7ff", "\ud7ffx", "\ue000", "\uffff"),
    *("\U0010ffff", "\U0010ffff\U0010ffff", "😀", "😀:x", "\n", " ", "*", "[a-z]", "?"),
    *("a\U0010ffff", "a\U0010ffffz"),
]


class ReadingConformance(Contract):
    """Queries, bounds and pages."""

    def _filled(self, recorder: Recorder) -> Recorder:
        recorder.append([make(n) for n in range(1, COUNT + 1)])
        return recorder

    def test_every_query_finds_the_same_across_pages(self, recorder: Recorder) -> None:
        self._filled(recorder)
        for name, (query, rule) in wanted(self.items // 2).items():
            expected = [n for n in range(1, COUNT + 1) if rule(n)]
            response = recorder.read(query)
            found = list(response)
            assert positions(found) == expected, name
            assert [e.event for e in found] == [make(n) for n in expected], name
            assert response.head == COUNT, name
            rows = list(recorder.rows(query))
            assert [(n, bytes(data), json.loads(bytes(tags))) for n, data, tags in rows] == [
                (n, make(n).data, make(n).tags) for n in expected
            ], name
            assert list(recorder.rows_at(expected)) == rows, name

    def test_bounds_across_pages(self, recorder: Recorder) -> None:
        self._filled(recorder)
        for name, (query, rule) in wanted(self.items // 2).items():
            matching = [n for n in range(1, COUNT + 1) if rule(n)]
            for after, limit, upto in _BOUNDS:
                bounds = (name, after, limit, upto)
                last = COUNT if upto is None else min(upto, COUNT)
                expected = [n for n in matching if after < n <= last][:limit]
                response = recorder.read(query, after=after, limit=limit, upto=upto)
                early = response.head
                assert positions(response) == expected, bounds
                assert early == response.head, bounds
                head = last or None if limit is None else expected[-1] if expected else None
                assert early == head, bounds

    def test_an_item_with_hundreds_of_tags(self, recorder: Recorder) -> None:
        tags = [f"tag{n}" for n in range(500)]
        recorder.append([StoredEvent("T", b"", tags), StoredEvent("T", b"", tags[1:])])
        # The commonest tag is looked at last, so what lacks only that one gets as far as can be.
        recorder.append([StoredEvent("U", b"", tags[:1])] * 20)
        assert positions(recorder.read(items(tags))) == [1]
        assert positions(recorder.read(items(tags[1:]))) == [1, 2]
        assert positions(recorder.read(items(tags[1:], types=["T"]))) == [1, 2]
        assert positions(recorder.read(items(tags, types=["T"]))) == [1]
        assert positions(recorder.read(items([*tags, "nobody"]))) == []

    def test_a_read_shows_what_was_there_when_it_was_made(self, recorder: Recorder) -> None:
        self._filled(recorder)
        queries = wanted(self.items // 2)
        responses = [recorder.read(query) for query, _ in queries.values()]
        counts = recorder.tag_counts("id:")
        recorder.append([make(n) for n in range(COUNT + 1, COUNT + 500)])
        for response, (name, (_, rule)) in zip(responses, queries.items(), strict=True):
            assert positions(response) == [n for n in range(1, COUNT + 1) if rule(n)], name
            assert response.head == COUNT, name
        assert len(list(counts)) == COUNT

    def test_interleaved_reads_and_appends_hold_nothing(self, recorder: Recorder) -> None:
        self._filled(recorder)
        first, second = recorder.read(), recorder.read(items(["all"]))
        for number in range(1, 150):
            assert next(first).position == number
            assert next(second).position == number
            recorder.append([make(COUNT + number)])
        assert recorder.head() == COUNT + 149

    def test_a_type_that_comes_with_the_head_is_known_to_a_read(self, recorder: Recorder) -> None:
        query = Query([QueryItem(types=["New"])])
        assert positions(recorder.read(query)) == []
        recorder.append([StoredEvent("New", b"", [])])
        assert positions(recorder.read(query)) == [1]

    def test_events_of_all_sizes_across_pages(self, recorder: Recorder) -> None:
        """What is heavy is read in smaller pages, and none is skipped where they change."""
        sizes = [1, 300_000, 10, 900_000, *[50_000] * 150, *[3] * 300]
        batch = [StoredEvent("T", b"x" * size, ["all"]) for size in sizes]
        self.append(recorder, batch)
        assert events(recorder) == batch
        assert positions(recorder.read(items(["all"]))) == list(range(1, len(sizes) + 1))

    def test_prefixes_are_literal_and_counts_in_code_point_order(self, recorder: Recorder) -> None:
        randomness = random.Random(5)  # noqa: S311 (any will do, as long as it is the same)
        expected = dict.fromkeys(_ODD, 0)
        batch = []
        for number in range(200):
            tags = randomness.sample(_ODD, randomness.randrange(6))
            batch.append(StoredEvent("T", b"%d" % number, tags))
            for tag in tags:
                expected[tag] += 1
        recorder.append(batch)
        for prefix in [*_ODD, "aaa", "\U0010ffff\U0010fffe", "a\0", "\ud7fe"]:
            assert list(recorder.tag_counts(prefix)) == sorted(
                (tag, count) for tag, count in expected.items() if tag.startswith(prefix) and count
            ), prefix
        assert list(recorder.tag_counts("\ud800")) == []
        for tag in _ODD:
            assert len(positions(recorder.read(items([tag])))) == expected[tag], tag

    def test_counts_across_pages(self, recorder: Recorder) -> None:
        self._filled(recorder)
        found = list(recorder.tag_counts("id:"))
        assert found == sorted((f"id:{n}", 1) for n in range(1, COUNT + 1))
        assert dict(recorder.tag_counts("mod3:")) == {
            f"mod3:{rest}": sum(n % 3 == rest for n in range(1, COUNT + 1)) for rest in range(3)
        }
