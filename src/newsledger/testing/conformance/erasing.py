"""What is erased is gone for all who have the store open, and nothing else is."""

from __future__ import annotations

import pytest

from newsledger import Ledger, MembershipStarted, Source, StoreError, verify_proof
from newsledger.events import ERASED
from newsledger.projections import Membership
from newsledger.store import Recorder, StoredEvent
from newsledger.testing.conformance.contract import Contract, Opener, events, items, positions

SOURCE = Source("The Daily Example", "2017-02-28", url="https://example.org/a")
LEFT = StoredEvent(ERASED, b'{"left":1}', ["id:2"])
LONG = "e:" + "x" * 3000


def joined(member: str) -> MembershipStarted:
    """Make an event."""
    return MembershipStarted(organization="EEU", member=member, occurred="2015-08-12")


class ErasingConformance(Contract):
    """Events give way to what is left of them; or the store refuses."""

    @pytest.fixture
    def filled(self, recorder: Recorder) -> Recorder:
        """Make three events, alike in some tags."""
        recorder.append(
            [
                StoredEvent("T", b"one", ["id:1", "a", LONG]),
                StoredEvent("U", b"two", ["id:2", "a", "b", LONG]),
                StoredEvent("T", b"three", ["id:3", "b"]),
            ]
        )
        return recorder

    def test_a_store_that_cannot_erase_says_so_and_changes_nothing(
        self, recorder: Recorder
    ) -> None:
        if self.erases:
            pytest.skip("this store erases")
        with Ledger(recorder) as ledger:
            entry = ledger.append(joined("KGZ"), SOURCE)
            before = events(recorder)
            with pytest.raises(StoreError, match="appended"):
                ledger.erase(entry, "law")
            with pytest.raises(StoreError, match="appended"):
                recorder.erase({1: LEFT})
            assert events(recorder) == before

    def test_what_was_erased_elsewhere_is_found_here(self, recorder: Recorder) -> None:
        """As in a copy of a ledger, made while others follow it."""
        with Ledger.open() as origin, Ledger(recorder) as ledger:
            entry = origin.append(joined("KGZ"), SOURCE)
            correction = origin.correct(entry, joined("RUS"))
            origin.erase(correction, "law")
            first, second = events(origin._recorder)  # noqa: SLF001
            recorder.append([first])
            assert ledger.as_of().project(Membership("EEU")).members == {"KGZ"}
            recorder.append([second])
            assert ledger.as_of().project(Membership("EEU")).members == set()
            assert ledger.as_of().erased == (origin.get(correction.id),)
            assert ledger.digest() == origin.digest()
            assert list(ledger.entries(about="KGZ")) == list(origin.entries())

    def test_what_is_left_takes_the_place_of_what_was_there(self, filled: Recorder) -> None:
        self._needs_erasing()
        one, _, three = events(filled)
        filled.erase({2: LEFT})
        filled.scrub()
        filled.scrub()
        assert events(filled) == [one, LEFT, three]
        assert filled.head() == 3
        assert positions(filled.read(items(["a"]))) == [1]
        assert positions(filled.read(items(["b"]))) == [3]
        assert positions(filled.read(items([LONG]))) == [1]
        assert positions(filled.read(items(["id:2"]))) == [2]
        assert positions(filled.read(items([], types=["U"]))) == []
        assert positions(filled.read(items(["id:2"], types=[ERASED]))) == [2]
        assert dict(filled.tag_counts()) == {
            "a": 1,
            "b": 1,
            LONG: 1,
            **{f"id:{n}": 1 for n in (1, 2, 3)},
        }
        assert filled.append([StoredEvent("T", b"four", ["a"])]) == 4
        assert not list(filled.faults(4))

    def test_a_tag_that_only_the_erased_bore_is_counted_no_more(self, recorder: Recorder) -> None:
        self._needs_erasing()
        recorder.append([StoredEvent("T", b"one", ["x", LONG])])
        recorder.erase({1: LEFT})
        assert dict(recorder.tag_counts()) == {"id:2": 1}

    def test_erasures_are_counted_by_the_next_look_at_the_head(self, filled: Recorder) -> None:
        self._needs_erasing()
        before = filled.erasures
        assert before is not None
        filled.erase({1: LEFT, 2: LEFT})
        filled.head()
        assert filled.erasures == before + 2
        # As a copy of a ledger does, in which something was erased.
        filled.append([LEFT])
        filled.head()
        assert filled.erasures == before + 3

    def test_an_erasure_that_breaks_off_has_not_happened(self, filled: Recorder) -> None:
        self._needs_erasing()
        if not self.locks:
            pytest.skip("this store has no lock")
        before, count = events(filled), filled.erasures

        def break_off() -> None:
            with filled.exclusive():
                filled.erase({2: LEFT})
                raise KeyError

        with pytest.raises(KeyError):
            break_off()
        assert events(filled) == before
        filled.head()
        assert filled.erasures == count

    def test_all_who_have_it_open_notice(self, opened: Opener) -> None:
        self._needs_erasing()
        if not self.reopens:
            pytest.skip("this store ends with its recorder")
        with Ledger(opened()) as ledger, Ledger(opened()) as other, Ledger(opened("r")) as reader:
            gone = ledger.append(joined("KGZ"), SOURCE, quote="q")
            kept = ledger.append(joined("RUS"), SOURCE)
            digest, proof = ledger.digest(), ledger.prove(gone)
            followers = [ledger, other, reader]
            lives = [one.live(Membership("EEU")) for one in followers]
            for one, live in zip(followers, lives, strict=True):
                assert one.as_of().project(Membership("EEU")).members == {"KGZ", "RUS"}
                assert live.state.members == {"KGZ", "RUS"}
                assert list(one.entries()) == [gone, kept]
            with pytest.raises(StoreError):
                reader.erase(gone, "law")
            left = other.erase(gone, "law")
            assert left.erased is not None
            for one, live in zip(followers, lives, strict=True):
                assert one.as_of().project(Membership("EEU")).members == {"RUS"}
                assert live.state.members == {"RUS"}
                assert list(one.entries()) == [left, kept]
                assert one.entities() == {"EEU": 1, "RUS": 1}
                assert one.as_of().erased == (left,)
                assert one.digest() == digest
                assert verify_proof(proof, one.digest()).entry == gone
                assert one.verify(), one.verify()
                assert one.append(joined("KGZ"), SOURCE) == left if one is not reader else True

    def _needs_erasing(self) -> None:
        if not self.erases:
            pytest.skip("this store only appends")
