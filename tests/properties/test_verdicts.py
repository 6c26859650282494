"""Verdicts: whatever happened, they name exactly the entries that an answer was made of."""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st

from newsledger import Event, MembershipStarted, OutcomeRecorded, Projection, TradeReported, on
from newsledger.projections import Membership
from newsledger.testing.running import prop
from newsledger.testing.spots import spots
from newsledger.testing.strategies.plans import plans, played
from newsledger.testing.verdicts import verdicts


class Some(Projection[tuple]):
    accept = frozenset({"fact", "claim"})

    def __init__(self, about=()):
        self._about = about

    def about(self):
        return self._about

    def initial(self):
        return ()

    @on(MembershipStarted, TradeReported, OutcomeRecorded)
    def told(self, state, event, entry):
        return (*state, entry.position)


class ByName(Projection[tuple]):
    def keys(self, event, entry):
        return event.entities

    def initial(self):
        return ()

    @on(Event)
    def told(self, state, event, entry):
        return (*state, entry.position)


PROJECTIONS = [Some(), Some("KGZ"), Some(["EEU", "RUS"]), ByName(), Membership("EEU")]


@prop(40)
def test_what_counts_is_what_was_folded_in_its_order(data):
    with played(data.draw(plans())) as ledger:
        log = list(ledger.entries())
        for spot in data.draw(st.lists(spots, min_size=3, max_size=3)):
            view = ledger.as_of(**spot.among(log))
            for projection in PROJECTIONS:
                judged = verdicts(log, view, projection)
                assert Counter(v.entry.id for v in judged) == Counter(e.id for e in log)
                counting = tuple(v.entry for v in judged if v.by == "counts")
                assert counting == view.explain(projection)
                assert all(bool(v.why) == (v.by != "counts") for v in judged)
                check_reasons(judged, view)
            for key in ("KGZ", "EEU"):
                of_key = verdicts(log, view, ByName(), key)
                counting = tuple(v.entry for v in of_key if v.by == "counts")
                assert counting == view.explain(ByName(), key)


def check_reasons(judged, view):
    """Each step keeps out what it should, given the steps before."""
    shown = {entry.id for entry in view.entries()}
    for verdict in judged:
        entry = verdict.entry
        assert (verdict.by == "recorded") == (entry.position > view.position)
        if verdict.by in {"counts", "read"}:
            assert entry.id in shown
        else:
            assert entry.id not in shown
        if verdict.by == "valid":
            later = view.at(view.valid_at, view.known_at).at_end(None)
            kept = {e.id for e in later.entries()}
            assert (entry.id in kept) == (view.dates == "possible" or entry.onset[1] is not None)
