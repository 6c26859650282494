"""Copying any history, in any steps: the copy is the same ledger, or it is refused."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from newsledger import FOREVER, Ledger, WrongLedger, copy
from newsledger.index import tree
from newsledger.ledger import copying
from newsledger.projections import Coverage
from newsledger.store import SQLiteRecorder, StoredEvent
from newsledger.testing.running import prop
from newsledger.testing.strategies.plans import plans, played

# Small, so that short histories have several of each.
sizes = st.integers(1, 9)


def stored(recorder):
    return [(found.position, found.event) for found in recorder.read()]


@prop(25, campaign=300)
def test_a_copy_answers_as_its_source(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree, "TILE", data.draw(sizes))
        patch.setattr(copying, "_MOST", data.draw(sizes))
        with (
            played(data.draw(plans())) as source,
            SQLiteRecorder(None) as store,
            Ledger(store) as target,
        ):
            events = stored(source._recorder)
            there = data.draw(st.integers(0, len(events)))
            if there:
                store.append([event for _, event in events[:there]])
            done = copy(source, target)
            assert (done.copied, done.known) == (len(events) - there, there)
            assert stored(store) == events
            assert list(store.tag_counts()) == list(source._recorder.tag_counts())
            assert list(target.entries()) == list(source.entries())
            assert done.digest == target.digest() == source.digest()
            assert target.sources() == source.sources()
            for known in "2016", FOREVER:
                one, other = (
                    ledger.as_of("2017", known_at=known, recorded_at=done.position)
                    for ledger in (source, target)
                )
                assert list(other.entries()) == list(one.entries())
                assert other.conflicts == one.conflicts
                assert other.project(Coverage()) == one.project(Coverage())
            assert target.verify().ok


def altered(event, how):
    kind, tags, data = event.type, list(event.tags), event.data
    if how == "type":
        kind += "x"
    elif how == "tag":
        tags = [*tags, "another"]
    else:
        data += b" "
    return StoredEvent(kind, data, tags)


@prop(25, campaign=300)
def test_what_is_no_beginning_of_the_source_is_refused(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree, "TILE", data.draw(sizes))
        with (
            played(data.draw(plans())) as source,
            SQLiteRecorder(None) as store,
            Ledger(store) as target,
        ):
            events = [event for _, event in stored(source._recorder)]
            there = data.draw(st.integers(1, len(events)))
            wrong = data.draw(st.integers(1, there))
            changed = events[:there]
            how = data.draw(st.sampled_from(["type", "tag", "data"]))
            changed[wrong - 1] = altered(changed[wrong - 1], how)
            # It may be longer than the source, too.
            changed += [] if there < len(events) else [events[0]] * 2
            store.append(changed)
            before = stored(store)
            with pytest.raises(WrongLedger, match=f"position {wrong} "):
                copy(source, target)
            assert stored(store) == before
            assert store.tiles() == []
