"""Digests and proofs of a ledger: what others need to hold it to what it said."""

from __future__ import annotations

from typing import TypeAlias
from uuid import UUID

from newsledger.errors import CorruptEntry, UnknownEntry, WrongLedger
from newsledger.index.log import Log
from newsledger.index.tree import Subtrees, Tree
from newsledger.progress import OnProgress
from newsledger.proofs import ConsistencyProof, Digest, InclusionProof, Stored, as_digest
from newsledger.proofs.merkle import (
    consistency_path,
    consistent_roots,
    included_root,
    inclusion_path,
    leaf_hash,
)
from newsledger.reports import tags
from newsledger.reports.fingerprint import fingerprint_at, is_erased
from newsledger.store import Query, QueryItem, SequencedEvent

State: TypeAlias = Digest | int | str
"""A state of the ledger that a proof is about: its digest, as text too, or its position."""


class Prover:
    """Answers for one ledger; the position of a state is checked, and its digest too."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._tree = Tree(log.recorder)

    def digest(self, position: int | None, tell: OnProgress | None) -> Digest:
        """Compute the digest at a position."""
        return _digest(self._tree.upto(self._position(position), tell))

    def inclusion(self, id: UUID, state: State | None, tell: OnProgress | None) -> InclusionProof:
        """Prove that an entry is in a state."""
        found = self._find(id)
        tree = self._checked(state, tell)
        if found.position > tree.size:
            raise ValueError(f"entry {found.position} was recorded after position {tree.size}")
        path = inclusion_path(tree, found.position - 1, tree.size)
        event = found.event
        shown = fingerprint_at(found.position, event.type, event.tags, event.data)
        if included_root(leaf_hash(shown), found.position - 1, tree.size, path) != tree.root:
            raise _changed_since(found.position)
        erased = is_erased(event.data)
        return InclusionProof(
            position=found.position,
            size=tree.size,
            entry=None if erased else _stored(found),
            fingerprint=shown.hex() if erased else None,
            path=_hex(path),
        )

    def consistency(
        self, older: State, newer: State | None, tell: OnProgress | None
    ) -> ConsistencyProof:
        """Prove that one state begins with another."""
        tree = self._checked(newer, tell)
        before = self._checked(older, tell)
        first, last = before.size, tree.size
        if first > last:
            raise ValueError(f"the older position comes first, not {first} before {last}")
        path = consistency_path(tree, first, last)
        if 0 < first < last:
            roots = (before.root, tree.root)
            if consistent_roots(first, last, roots[0], path) != roots:
                raise _changed_since(None)
        return ConsistencyProof(first, last, _hex(path))

    def _position(self, position: int | None) -> int:
        head = self._log.head()
        if position is None:
            return head
        if isinstance(position, bool) or not isinstance(position, int):
            raise TypeError(f"expected a position, got {type(position).__name__}")
        if not 0 <= position <= head:
            raise ValueError(f"the ledger has the positions 0 to {head}, not {position}")
        return position

    def _checked(self, state: State | None, tell: OnProgress | None) -> Subtrees:
        """Give the tree of a state; WrongLedger where its digest was never this ledger's."""
        if not isinstance(state, Digest | str):
            return self._tree.upto(self._position(state), tell)
        digest = as_digest(state)
        if digest.position <= self._log.head():
            tree = self._tree.upto(digest.position, tell)
            if _digest(tree) == digest:
                return tree
        raise WrongLedger(
            f"{digest} was never the digest of this ledger: it is that of another one, or what was"
            " recorded up to there is not what is there now"
        )

    def _find(self, id: UUID) -> SequencedEvent:
        """Find an entry as it is stored, which need not be readable."""
        query = Query(items=[QueryItem(tags=[tags.id_tag(id)])])
        for found in self._log.recorder.read(query, limit=1):
            return found
        raise UnknownEntry(f"the ledger holds no entry {id}")


def _digest(tree: Subtrees) -> Digest:
    return Digest(tree.size, tree.root.hex())


def _changed_since(position: int | None) -> CorruptEntry:
    """Refuse to give a proof that would prove nothing."""
    return CorruptEntry(
        "what is stored is not what it was when it was hashed: ledger.verify() tells where",
        position=position,
    )


def _stored(found: SequencedEvent) -> Stored:
    event = found.event
    try:
        return Stored(event.type, tuple(sorted(set(event.tags))), event.data.decode())
    except UnicodeDecodeError as error:
        raise CorruptEntry(
            f"the entry at position {found.position} cannot be read: {error}",
            position=found.position,
        ) from error


def _hex(path: list[bytes]) -> tuple[str, ...]:
    return tuple([hash.hex() for hash in path])
