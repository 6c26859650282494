"""What an append promises: all or nothing, in order, byte for byte; and what it refuses."""

from __future__ import annotations

import random
from typing import Any

import pytest

from newsledger.errors import StoreError
from newsledger.store import (
    AppendCondition,
    ConditionFailed,
    Query,
    QueryItem,
    Recorder,
    StoredEvent,
)
from newsledger.testing.conformance.contract import EVENT, Contract, events, items, positions

_DATA = [
    *(b"", b"{}", "né😀\ufeff".encode(), b"\xef\xbb\xbf{}", b"\0", b"a\0b", b"\xff"),
    *(b"\xed\xa0\x80", b"\r\n", b"1", b" ", b"\\x00", b"\\.", bytes(range(256)) * 5000),
]
_TEXTS = ["", "\0", "a\0b", "😀", "\uffff", "\u2028", '"', "\\", "\\x61", "\\000", "\x7f", "\t\n"]
_BAD: list[Any] = [
    StoredEvent("\ud800", b"", []),
    StoredEvent("T", b"", ["ok", "a\udfffb"]),
    StoredEvent("T", b"", [7]),  # type: ignore[list-item]
    StoredEvent("T", b"", "abc"),  # type: ignore[arg-type]
    StoredEvent("T", b"", None),  # type: ignore[arg-type]
    StoredEvent(None, b"", []),  # type: ignore[arg-type]
    StoredEvent(["T"], b"", []),  # type: ignore[arg-type]
    StoredEvent("T", "text", []),  # type: ignore[arg-type]
    StoredEvent("T", None, []),  # type: ignore[arg-type]
]


class AppendingConformance(Contract):
    """Values and conditions."""

    def test_data_comes_back_byte_for_byte(self, recorder: Recorder) -> None:
        batch = [StoredEvent("T", data, []) for data in _DATA]
        assert recorder.append(batch) == len(batch)
        assert events(recorder) == batch
        assert [bytes(data) for _, data, _ in recorder.rows()] == _DATA

    def test_big_data_comes_back(self, recorder: Recorder) -> None:
        big = StoredEvent("T", bytes(range(256)) * (self.big // 256), ["big"])
        recorder.append([EVENT, big, EVENT])
        assert events(recorder) == [EVENT, big, EVENT]

    def test_odd_types_and_tags_come_back_and_are_found(self, recorder: Recorder) -> None:
        batch = [StoredEvent(text, b"", [text, text + "x"]) for text in _TEXTS]
        recorder.append(batch)
        assert events(recorder) == batch
        for position, text in enumerate(_TEXTS, 1):
            assert positions(recorder.read(items([text], types=[text]))) == [position]
            assert positions(recorder.read(Query([QueryItem(types=[text])]))) == [position]

    def test_long_tags_come_back_and_are_found(self, recorder: Recorder) -> None:
        """An index may hold keys of some length only; a tag has no such bound."""
        randomness = random.Random(7)  # noqa: S311 (what is random is not made shorter by an index)
        body = "".join(map(chr, randomness.choices(range(0x4E00, 0x9FFF), k=4_000)))
        long = [letter + body + end for letter in "xé" for end in ("", "y", "z")]
        batch = [StoredEvent("T", b"", [tag, "all"]) for tag in long]
        recorder.append(batch)
        assert events(recorder) == batch
        for position, tag in enumerate(long, 1):
            assert positions(recorder.read(items([tag]))) == [position]
            assert positions(recorder.read(items([tag, "all"]))) == [position]
        recorder.append(batch[:1])
        assert list(recorder.tag_counts("x")) == [(long[0], 2), (long[1], 1), (long[2], 1)]
        assert list(recorder.tag_counts(long[0] + "y")) == [(long[1], 1)]
        assert list(recorder.tag_counts()) == [
            ("all", 7),
            *[(long[0], 2), (long[1], 1), (long[2], 1)],
            *((tag, 1) for tag in long[3:]),
        ]

    @pytest.mark.parametrize("bad", _BAD, ids=range(len(_BAD)))
    def test_what_cannot_be_kept_is_refused_with_its_batch(
        self, recorder: Recorder, bad: StoredEvent
    ) -> None:
        recorder.append([EVENT])
        with pytest.raises(StoreError) as caught:
            recorder.append([StoredEvent("New", b"", ["new"]), bad])
        assert isinstance(caught.value, ValueError)
        assert events(recorder) == [EVENT]
        assert list(recorder.tag_counts()) == [("a", 1)]
        assert recorder.append([EVENT]) == 2

    def test_nothing_to_append_is_refused(self, recorder: Recorder) -> None:
        with pytest.raises(StoreError):
            recorder.append([])

    def test_a_tag_given_twice_counts_once(self, recorder: Recorder) -> None:
        recorder.append([StoredEvent("T", b"", ["b", "a", "b"])])
        assert events(recorder) == [StoredEvent("T", b"", ["b", "a"])]
        assert list(recorder.tag_counts()) == [("a", 1), ("b", 1)]
        assert positions(recorder.read(items(["a", "a"]))) == [1]

    def test_an_empty_condition_asks_for_an_empty_ledger(self, recorder: Recorder) -> None:
        assert recorder.append([EVENT], AppendCondition()) == 1
        for after in None, 0:
            with pytest.raises(ConditionFailed):
                recorder.append([EVENT], AppendCondition(after=after))
        assert recorder.append([EVENT], AppendCondition(after=1)) == 2
        assert recorder.append([EVENT], AppendCondition(after=1 << 70)) == 3
        assert events(recorder) == [EVENT] * 3

    def test_a_condition_on_many_ids(self, recorder: Recorder) -> None:
        count = self.items // 3
        recorder.append([StoredEvent("T", b"", [f"id:{n}"]) for n in range(count)])

        def none_of(ids: range) -> AppendCondition:
            return AppendCondition(items(*([f"id:{n}"] for n in ids)))

        recorder.append([EVENT], none_of(range(count, count + self.items)))
        with pytest.raises(ConditionFailed):
            recorder.append([EVENT], none_of(range(count - 1, count - 1 + self.items)))
        assert recorder.head() == count + 1

    def test_a_condition_on_types_nobody_knows_holds(self, recorder: Recorder) -> None:
        recorder.append([EVENT])
        condition = AppendCondition(Query([QueryItem(types=["nobody"])]))
        assert recorder.append([EVENT], condition) == 2
