"""Checking a proof against digests that are trusted: arithmetic only, no ledger and no file."""

from __future__ import annotations

from typing import overload

import attrs

from newsledger.errors import InvalidProof
from newsledger.proofs.digest import Digest, as_digest
from newsledger.proofs.merkle import EMPTY, consistent_roots, included_root, leaf_hash
from newsledger.proofs.proof import ConsistencyProof, InclusionProof, Proof, read_proof
from newsledger.reports import Entry, decode_entry
from newsledger.reports.fingerprint import fingerprint, is_erased


@attrs.frozen
class Proven:
    """What a proof of inclusion shows: that this was recorded at this position.

    ``entry`` is the entry that was recorded; None where it was erased, or held back by whoever
    gave the proof, and only its ``fingerprint``, in hex, is shown.
    """

    position: int
    entry: Entry | None
    fingerprint: str


@overload
def verify_proof(proof: InclusionProof, digest: Digest | str, /) -> Proven: ...
@overload
def verify_proof(
    proof: ConsistencyProof, older: Digest | str, newer: Digest | str, /
) -> Digest: ...
@overload
def verify_proof(proof: Proof | str, /, *digests: Digest | str) -> Proven | Digest: ...
def verify_proof(proof: Proof | str, /, *digests: Digest | str) -> Proven | Digest:
    """Check a proof, and give what it proves; InvalidProof where it proves nothing.

    The digests are those that you trust, kept from earlier or taken from where they were
    published; never take them from whoever gives the proof. A proof of inclusion takes one, and
    gives what was recorded. A proof of consistency takes the older one and the newer one, and
    gives the newer, which can be trusted as far as the older one was.

    Proofs and digests may be given as text. Raises CorruptEntry where an entry is proven that
    this process cannot read.

    >>> from newsledger import Ledger, MembersListed, Source
    >>> source = Source("The Daily Example", "2017-02-28")
    >>> with Ledger.open() as ledger:
    ...     for organization in ("EEU", "SCO"):
    ...         listed = MembersListed(organization=organization, members=["KGZ"], occurred="2017")
    ...         entry = ledger.append(listed, source)
    ...     digest, proof = ledger.digest(), ledger.prove(entry)
    >>> verify_proof(proof, digest).entry == entry
    True
    >>> verify_proof(str(proof).replace("SCO", "NATO"), digest)
    Traceback (most recent call last):
    newsledger.errors.InvalidProof: the proof does not lead to the digest at position 2
    """
    # Read anew, so that no field of a proof made by hand is of a type that it should not be.
    read = read_proof(str(proof) if isinstance(proof, InclusionProof | ConsistencyProof) else proof)
    trusted = [as_digest(digest) for digest in digests]
    if isinstance(read, InclusionProof):
        if len(trusted) != 1:
            raise TypeError(f"a proof of inclusion takes one digest, not {len(trusted)}")
        return _included(read, trusted[0])
    if len(trusted) != 2:  # noqa: PLR2004 (the older and the newer)
        raise TypeError(f"a proof of consistency takes two digests, not {len(trusted)}")
    return _consistent(read, *trusted)


def _included(proof: InclusionProof, digest: Digest) -> Proven:
    _check_position(proof.size, digest)
    entry, data = proof.entry, b""
    if entry is not None:
        data = entry.data.encode()
        if is_erased(data):
            raise InvalidProof("the proof gives a tombstone for an entry")
        shown = fingerprint(entry.type, entry.tags, data)
    else:
        shown = bytes.fromhex(proof.fingerprint or "")
    path = [bytes.fromhex(hash) for hash in proof.path]
    if included_root(leaf_hash(shown), proof.position - 1, proof.size, path) != digest.hash:
        raise _leads_elsewhere(digest)
    proven = None if entry is None else decode_entry(data, proof.position, entry.tags)
    return Proven(proof.position, proven, shown.hex())


def _consistent(proof: ConsistencyProof, older: Digest, newer: Digest) -> Digest:
    _check_position(proof.older, older)
    _check_position(proof.newer, newer)
    path = [bytes.fromhex(hash) for hash in proof.path]
    if older.position > newer.position:
        raise InvalidProof(
            f"the older digest is given first, not one at position {older.position} before one at"
            f" {newer.position}"
        )
    if older.position in {0, newer.position}:
        # Everything begins with itself, and with nothing: no hash has to show it.
        expected = newer.hash if older.position == newer.position else EMPTY
        if path or older.hash != expected:
            raise _leads_elsewhere(older)
        return newer
    roots = consistent_roots(older.position, newer.position, older.hash, path)
    if roots is None or roots[1] != newer.hash:
        raise _leads_elsewhere(newer)
    if roots[0] != older.hash:
        raise _leads_elsewhere(older)
    return newer


def _check_position(position: int, digest: Digest) -> None:
    if position != digest.position:
        raise InvalidProof(
            f"the proof is about a digest at position {position}, not at {digest.position}"
        )


def _leads_elsewhere(digest: Digest) -> InvalidProof:
    return InvalidProof(f"the proof does not lead to the digest at position {digest.position}")
