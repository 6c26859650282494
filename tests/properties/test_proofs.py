"""Digests and proofs of any history: they agree, and nothing can be changed unnoticed."""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path

import attrs
import pytest
import rfc8785
from hypothesis import strategies as st

from newsledger import (
    ConsistencyProof,
    Digest,
    InclusionProof,
    InvalidProof,
    Ledger,
    MembershipStarted,
    Source,
    read_proof,
    verify_proof,
)
from newsledger.index import tree
from newsledger.proofs import Stored
from newsledger.proofs.merkle import (
    consistency_path,
    consistent_roots,
    included_root,
    inclusion_path,
    leaf_hash,
    root_of,
)
from newsledger.reports.fingerprint import fingerprint, is_erased
from newsledger.store import SQLiteRecorder, StoredEvent
from newsledger.testing.running import prop
from newsledger.testing.strategies.plans import plans, played

STORED = Stored("T", (), "")
# What JSON has to escape, and what it need not.
texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text('\0\n"\\\x7f\x1f e:\u2028')


def rebuilt(leaves):
    """The root by the recursion of RFC 9162."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + rebuilt(leaves[:k]) + rebuilt(leaves[k:])).digest()


@prop(40)
def test_trees_of_thousands_of_leaves_are_those_of_the_definition(data):
    size = data.draw(st.integers(1, 5000))
    leaves = [b"%d" % number for number in range(size)]
    hashes = [leaf_hash(leaf) for leaf in leaves]

    def subtree(low, high):
        return root_of(hashes[low:high])

    root = rebuilt(leaves)
    assert subtree(0, size) == root
    leaf = data.draw(st.integers(0, size - 1))
    path = inclusion_path(subtree, leaf, size)
    assert included_root(hashes[leaf], leaf, size, path) == root
    older = data.draw(st.integers(1, size))
    if older < size:
        roots = (rebuilt(leaves[:older]), root)
        path = consistency_path(subtree, older, size)
        assert consistent_roots(older, size, roots[0], path) == roots


@prop(100)
def test_a_fingerprint_is_framed_by_canonical_json(data):
    type, tags = data.draw(texts), data.draw(st.lists(texts))
    content = data.draw(st.binary().filter(lambda drawn: not is_erased(drawn)))
    framed = rfc8785.dumps([type, sorted(set(tags))]) + b"\0" + content
    assert fingerprint(type, tags, content) == sha256(framed).digest()
    assert fingerprint(type, [*reversed(tags), *tags], content) == sha256(framed).digest()


@prop(15)
def test_every_history_verifies(data):
    """By one writer in memory, or by two in turn in a file."""
    with played(data.draw(plans(erasures=True)), file=data.draw(st.booleans())) as ledger:
        verified = ledger.verify()
        assert verified, verified
        assert (verified.entries, verified.faults) == (len(ledger), ())


@prop(15)
def test_a_ledger_has_one_digest_on_every_store(data):
    with tempfile.TemporaryDirectory() as folder, played(data.draw(plans(erasures=True))) as memory:
        events = [found.event for found in memory._recorder.read()]
        leaves = [fingerprint(one.type, one.tags, one.data) for one in events]
        with Ledger.open(Path(folder) / "copy.db") as copy:
            if events:
                copy._recorder.append(events)
            for position in range(len(memory) + 1):
                digest = memory.digest(position)
                assert digest == Digest(position, rebuilt(leaves[:position]).hex())
                assert digest == copy.digest(position) == Digest.parse(str(digest))
            assert copy.digest() == memory.digest()


@prop(15)
def test_every_entry_and_every_past_is_proven(data):
    with played(data.draw(plans(erasures=True))) as ledger:
        digests = [ledger.digest(position) for position in range(len(ledger) + 1)]
        for entry in ledger.entries():
            proof = ledger.prove(entry)
            shown = None if entry.erased else entry
            assert verify_proof(str(proof), str(digests[-1])).entry == shown
            assert read_proof(str(proof)) == proof
            first = ledger.prove(entry, entry.position)
            assert verify_proof(first, digests[entry.position]).entry == shown
        for older in digests:
            proof = ledger.prove(older)
            assert read_proof(str(proof)) == proof
            assert verify_proof(proof, older, digests[-1]) == digests[-1]


@prop(60)
def test_no_bit_of_a_proof_can_be_flipped(data):
    with SQLiteRecorder() as recorder:
        count = data.draw(st.integers(1, 40))
        events = [
            StoredEvent("T", b'{"n":%d,"\xc3\xa9":"x"}' % n, [f"id:{n}"]) for n in range(count)
        ]
        recorder.append(events)
        answers = tree.Tree(recorder).upto(count)
        digest = Digest(count, answers.root.hex())
        older = data.draw(st.integers(1, count))
        if data.draw(st.booleans()):
            event = events[older - 1]
            path = tuple(hash.hex() for hash in inclusion_path(answers, older - 1, count))
            proof = InclusionProof(
                position=older,
                size=count,
                entry=attrs.evolve(STORED, tags=tuple(event.tags), data=event.data.decode()),
                fingerprint=None,
                path=path,
            )
            trusted = (digest,)
        else:
            path = tuple(hash.hex() for hash in consistency_path(answers, older, count))
            proof = ConsistencyProof(older, count, path)
            trusted = (Digest(older, tree.Tree(recorder).upto(older).root.hex()), digest)
        flipped = bytearray(str(proof).encode())
        bit = data.draw(st.integers(0, len(flipped) * 8 - 1))
        flipped[bit // 8] ^= 1 << bit % 8
    try:
        text = flipped.decode()
    except UnicodeDecodeError:
        return  # no text at all
    with pytest.raises(InvalidProof):
        verify_proof(text, *trusted)


def test_not_one_bit_of_two_proofs_can_be_flipped():
    """Every one of them, of a small proof of each kind."""
    source = Source("The Daily Example", "2017-02-28")
    with Ledger.open() as ledger:
        for member in ("ARM", "KAZ", "KGZ"):
            started = MembershipStarted(organization="EEU", member=member, occurred="2015")
            entry = ledger.append(started, source)
        digest, older = ledger.digest(), ledger.digest(2)
        proofs = [(ledger.prove(entry), (digest,)), (ledger.prove(older), (older, digest))]
    for proof, trusted in proofs:
        content = str(proof).encode()
        verify_proof(content.decode(), *trusted)
        for bit in range(len(content) * 8):
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            with pytest.raises(InvalidProof):
                verify_proof(flipped.decode("utf-8", "replace"), *trusted)


@prop(40)
def test_no_bit_of_a_digest_can_be_flipped(data):
    with played(data.draw(plans(max_size=4, erasures=True))) as ledger:
        if not len(ledger):
            return
        digest = ledger.digest()
        entry = next(ledger.entries())
        older = ledger.digest(data.draw(st.integers(1, len(ledger))))
        inclusion, consistency = ledger.prove(entry), ledger.prove(older, digest)
    flipped = bytearray(str(digest).encode())
    bit = data.draw(st.integers(0, len(flipped) * 8 - 1))
    flipped[bit // 8] ^= 1 << bit % 8
    text = flipped.decode("latin-1")
    with pytest.raises(InvalidProof):
        verify_proof(inclusion, text)
    with pytest.raises(InvalidProof):
        verify_proof(consistency, older, text)
