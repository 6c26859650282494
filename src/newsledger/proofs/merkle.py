"""Merkle trees as RFC 9162 has them (section 2.1), with SHA-256: arithmetic, and nothing else.

A tree over n leaves splits at the largest power of two below n, and each half likewise. So a
subtree is told by its first leaf and the one after its last; whoever knows the hashes of subtrees
gives them by a function, and need not have the leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeAlias

HASH_SIZE = 32
EMPTY = sha256().digest()
"""The root of the tree without leaves."""

Subtree: TypeAlias = Callable[[int, int], bytes]
"""The hash of the subtree over the leaves from one to before another, counted from 0."""


def leaf_hash(content: bytes) -> bytes:
    """Hash the content of a leaf."""
    return sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one that has them as halves."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Hash subtrees side by side into one: leaves, or equal ones of 2**k leaves, the last fewer."""
    if not hashes:
        return EMPTY
    while len(hashes) > 1:
        pairs = [
            sha256(b"\1" + hashes[place] + hashes[place + 1]).digest()
            for place in range(0, len(hashes) - 1, 2)
        ]
        hashes = [*pairs, hashes[-1]] if len(hashes) % 2 else pairs
    return hashes[0]


def inclusion_path(subtree: Subtree, leaf: int, size: int) -> list[bytes]:
    """Give the hashes that lead from a leaf to the root, the lowest first."""
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if leaf < middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low = middle
    return path[::-1]


def consistency_path(subtree: Subtree, older: int, newer: int) -> list[bytes]:
    """Give the hashes that show the first ``older`` leaves to be those of the older tree.

    Nothing needs to be shown of the empty tree, or of the same one.
    """
    if older in {0, newer}:
        return []
    path: list[bytes] = []
    low, high = 0, newer
    known = True  # whether the part of the older tree in here is all of it, which is known
    while older != high:
        middle = low + _split(high - low)
        if older <= middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low = middle
            known = False
    if not known:
        path.append(subtree(low, high))
    return path[::-1]


def included_root(leaf_hash: bytes, leaf: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Give the root that a path leads to; None where it has not the length that it should."""
    place, last, reached = leaf, size - 1, leaf_hash
    if not 0 <= place <= last:
        return None
    for step in path:
        if last == 0:
            return None
        if place % 2 or place == last:
            reached = node_hash(step, reached)
            while place and not place % 2:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        place, last = place >> 1, last >> 1
    return reached if last == 0 else None


def consistent_roots(
    older: int, newer: int, older_root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """Give the roots of both trees that a path leads to; None where its length is wrong.

    For ``0 < older < newer``. The older tree's root is among the hashes that it starts from.
    """
    hashes = list(path)
    if older & (older - 1) == 0:
        hashes.insert(0, older_root)
    if not hashes:
        return None
    place, last = older - 1, newer - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    first = second = hashes[0]
    for step in hashes[1:]:
        if last == 0:
            return None
        if place % 2 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while place and not place % 2:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    return (first, second) if last == 0 else None


def _split(size: int) -> int:
    """Give the largest power of two below a size of 2 or more."""
    return 1 << (size - 1).bit_length() - 1
