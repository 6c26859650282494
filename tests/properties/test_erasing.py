"""Whatever is erased, all else is as it was, and everybody who has the ledger open knows.

At length, with 1000 examples of each: ``pytest tests/properties -m campaign``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st

from newsledger import (
    FOREVER,
    EntryErased,
    Event,
    Projection,
    on,
    verify_proof,
)
from newsledger.index import indexes
from newsledger.testing import oracle
from newsledger.testing.running import prop
from newsledger.testing.strategies.plans import ENTITIES, Clock, open_ledger, plans, play

DAYS = ["2015-08-12", "2016", "2017-02-28", "2017-12-31", FOREVER]


@pytest.fixture(autouse=True)
def always_indexed(monkeypatch):
    monkeypatch.setattr(indexes, "FEWEST", 0)


class Ids(Projection[tuple[str, ...]]):
    """All that reaches a handler, in order."""

    def __init__(self, about=()):
        self._about = about

    def about(self):
        return self._about

    def initial(self):
        return ()

    @on(Event)
    def told(self, state, event, entry):
        return (*state, str(entry.id))


class ByType(Ids):
    def keys(self, event, entry):
        return [type(event).__name__]


def expected(log, view, about):
    """The ids of what the oracle shows, in order, with the types."""
    end = None if view.known_at is FOREVER else view.known_at.stop
    seen = oracle.visible(log, view.position, end)
    shown = oracle.show(seen, view.end, view.dates)
    recorded, names = log[: view.position], [about] if about else []
    return [
        (type(e.event).__name__, str(e.id))
        for e in shown
        if not e.denied
        and oracle.matches(e.event, oracle.names(e.event, seen, recorded), (), names, any)
    ]


def check(ledger, log, views, abouts):
    for view in views:
        for about in abouts:
            told = expected(log, view, about)
            assert view.project(Ids(about)) == tuple(id for _, id in told)
            by_type = view.project(ByType(about))
            assert dict(by_type) == {
                name: tuple(id for other, id in told if other == name) for name, _ in told
            }
        assert ledger.view(view.token).erased == view.erased


@prop(15)
def test_every_view_answers_on_what_is_left(data):
    """Views that were made before, on two ledgers of one file; and after it is opened again."""
    plan = data.draw(plans(max_size=10), label="plan")
    clock = Clock()
    abouts = [(), data.draw(st.sampled_from(ENTITIES), label="about")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        with open_ledger(clock, path) as ledger, open_ledger(clock, path) as other:
            for step in plan:
                play(ledger, clock, step)
            log = list(ledger.entries())
            digests = [ledger.digest(position) for position in range(len(log) + 1)]
            proofs = [ledger.prove(entry) for entry in log]
            points = data.draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(DAYS),
                        st.sampled_from(DAYS),
                        st.integers(0, len(log)),
                        st.sampled_from(["certain", "possible"]),
                    ),
                    min_size=2,
                    max_size=3,
                ),
                label="points",
            )
            views = {
                one: [
                    one.as_of(valid, known_at=known, recorded_at=position, dates=dates)
                    for valid, known, position, dates in points
                ]
                for one in (ledger, other)
            }
            for one, its in views.items():
                check(one, log, its, abouts)
            lives = [(one, one.live(Ids(about)), about) for one in views for about in abouts]
            for number in data.draw(
                st.lists(st.integers(0, len(log) - 1), min_size=1, max_size=4), label="erased"
            ):
                before = log[number]
                left = ledger.erase(before, "law", chain=data.draw(st.booleans(), label="chain"))
                assert left.erased is not None
                check_what_is_left(before, left)
                assert ledger.erase(before, "again") == left
                log = list(ledger.entries())
                assert [e.id for e in log] == [p.entry.id for p in map(verify_of(digests), proofs)]
                assert list(other.entries()) == log  # by which it notices
                for one, its in views.items():
                    check(one, log, its, abouts)
                for one, live, about in lives:
                    told = expected(log, one.as_of(FOREVER), about)
                    assert live.state == tuple(id for _, id in told)
            check_integrity(ledger, log, digests, proofs)
            for entry in log:
                if entry.erased:
                    for amend in ledger.retract, ledger.correct:
                        with pytest.raises(EntryErased):
                            amend(entry)
            assert list(ledger.entries()) == log
        with open_ledger(clock, path) as ledger:
            assert list(ledger.entries()) == log
            check_integrity(ledger, log, digests, proofs)


def verify_of(digests):
    return lambda proof: verify_proof(proof, digests[-1])


def check_what_is_left(before, left):
    for name in ("id", "position", "recorded", "kind", "amends", "root", "ours", "ordinal"):
        assert getattr(left, name) == getattr(before, name)
    assert (left.onset, left.published) == (before.onset, before.published)
    assert left.event.occurred == before.event.occurred
    assert not left.entities


def check_integrity(ledger, log, digests, proofs):
    assert [ledger.digest(position) for position in range(len(log) + 1)] == digests
    assert (verified := ledger.verify()), verified
    for entry, proof in zip(log, proofs, strict=True):
        proven = verify_proof(ledger.prove(entry, digests[-1]), digests[-1])
        assert proven.position == entry.position
        assert (proven.entry is None) == (entry.erased is not None)
        if entry.erased:
            # Whoever kept the entry with its proof can show that it is what was erased.
            assert proven.fingerprint == entry.erased.fingerprint == proof_of(proof, digests)


def proof_of(proof, digests):
    return verify_proof(proof, digests[-1]).fingerprint


@prop(25)
def test_the_same_again_is_what_was_erased(data):
    """Neither reports nor amendments come back by being said once more."""
    plan = data.draw(plans(max_size=10, withdrawals=False), label="plan")
    clock = Clock()
    with open_ledger(clock) as ledger:
        for step in plan:
            play(ledger, clock, step)
        log = list(ledger.entries())
        number = data.draw(st.integers(0, len(log) - 1), label="erased")
        before = log[number]
        left = ledger.erase(before, "law")
        if before.kind == "report":
            assert ledger.append(before.report) == left
            assert ledger.load([before.report]).known == 1
        elif not ledger.get(before.amends).erased:
            source = None if before.ours else before.source
            if before.kind == "retraction":
                again = ledger.retract(before.amends, source, reason=before.reason)
            else:
                given = {
                    name: getattr(before, name)
                    for name in (
                        *("attribution", "assertion", "background", "denied", "confidence"),
                        *("quote", "ref", "note"),
                    )
                }
                again = ledger.correct(
                    before.amends,
                    before.event,
                    source,
                    reason=before.reason,
                    ordinal=before.report.ordinal,
                    **given,
                )
            later = [e for e in log if e.position > before.position]
            if not any(oracle.said(e, None) == oracle.said(before, None) for e in later):
                assert again == left
        assert not any(
            e.position > len(log) and oracle.said(e, e.source) == oracle.said(before, before.source)
            for e in ledger.entries()
            if before.kind == "report"
        )
        assert ledger.verify()
