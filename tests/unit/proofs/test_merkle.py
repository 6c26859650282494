"""The arithmetic of trees gives the hashes of RFC 9162, and of other implementations."""

from hashlib import sha256

import pytest

from newsledger.proofs.merkle import (
    EMPTY,
    consistency_path,
    consistent_roots,
    included_root,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
)

# The leaves and roots by which logs of Certificate Transparency are tested.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def rfc_root(leaves):
    """MTH of RFC 9162, section 2.1.1, as it stands there."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = rfc_split(len(leaves))
    return sha256(b"\1" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


def rfc_split(n):
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def rfc_path(m, leaves):
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = rfc_split(len(leaves))
    if m < k:
        return [*rfc_path(m, leaves[:k]), rfc_root(leaves[k:])]
    return [*rfc_path(m - k, leaves[k:]), rfc_root(leaves[:k])]


def rfc_proof(m, leaves, whole=True):
    """PROOF and SUBPROOF of section 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [rfc_root(leaves)]
    k = rfc_split(len(leaves))
    if m <= k:
        return [*rfc_proof(m, leaves[:k], whole), rfc_root(leaves[k:])]
    return [*rfc_proof(m - k, leaves[k:], False), rfc_root(leaves[:k])]


def leaves_of(size):
    return [b"leaf %d" % number for number in range(size)]


def over(leaves):
    hashes = [leaf_hash(leaf) for leaf in leaves]
    return lambda low, high: root_of(hashes[low:high])


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size):
    assert root_of([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]
    assert EMPTY.hex() == ROOTS[0]


def test_roots_are_those_of_the_definition_for_all_sizes():
    leaves = leaves_of(200)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    for size in range(201):
        assert root_of(hashes[:size]) == rfc_root(leaves[:size])


def test_inclusion_is_shown_of_every_leaf_at_every_size():
    leaves = leaves_of(70)
    subtree = over(leaves)
    for size in range(1, 71):
        root = rfc_root(leaves[:size])
        for leaf in range(size):
            path = inclusion_path(subtree, leaf, size)
            assert path == rfc_path(leaf, leaves[:size])
            assert included_root(leaf_hash(leaves[leaf]), leaf, size, path) == root


def test_a_path_shows_a_leaf_at_its_own_place_only():
    leaves = leaves_of(33)
    subtree = over(leaves)
    for size in range(1, 34):
        root = subtree(0, size)
        for leaf in range(size):
            path = inclusion_path(subtree, leaf, size)
            hash = leaf_hash(leaves[leaf])
            others = [place for place in range(-1, size + 1) if place != leaf]
            assert all(included_root(hash, place, size, path) != root for place in others)
            assert included_root(hash, leaf, size, [*path, EMPTY]) != root
            assert not path or included_root(hash, leaf, size, path[:-1]) != root


def test_consistency_is_shown_of_every_two_sizes():
    leaves = leaves_of(70)
    subtree = over(leaves)
    for newer in range(1, 71):
        for older in range(1, newer):
            path = consistency_path(subtree, older, newer)
            assert path == rfc_proof(older, leaves[:newer])
            roots = (rfc_root(leaves[:older]), rfc_root(leaves[:newer]))
            assert consistent_roots(older, newer, roots[0], path) == roots


def test_a_past_that_was_changed_is_not_consistent():
    leaves = leaves_of(20)
    for older in range(1, 20):
        for changed in range(older):
            other = [b"changed" if n == changed else leaf for n, leaf in enumerate(leaves)]
            path = consistency_path(over(other), older, 20)
            old = rfc_root(leaves[:older])
            assert consistent_roots(older, 20, old, path) != (old, rfc_root(other))


def test_nothing_has_to_be_shown_of_the_empty_tree_and_of_the_same():
    subtree = over(leaves_of(5))
    assert consistency_path(subtree, 0, 5) == consistency_path(subtree, 5, 5) == []


def test_leaves_and_nodes_cannot_be_taken_for_each_other():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)


def test_another_implementation_agrees():
    pymerkle = pytest.importorskip("pymerkle")
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    leaves = leaves_of(100)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    for size, leaf in enumerate(leaves, 1):
        tree.append_entry(leaf)
        assert tree.get_root(size) == root_of(hashes[:size])
    # It counts leaves from 1, has the leaf itself in the path, and another order.
    for size in (1, 2, 63, 64, 65, 100):
        for leaf in range(0, size, 7):
            theirs = tree.prove_inclusion(leaf + 1, size).serialize()["path"]
            ours = [hashes[leaf], *inclusion_path(over(leaves), leaf, size)]
            assert sorted(theirs) == sorted(hash.hex() for hash in ours)
