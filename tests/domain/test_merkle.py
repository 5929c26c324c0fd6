"""The tree of RFC 9162: against its own definition, and against the vectors of the certificate transparency project."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.merkle import Checkpoint, Tree, leaf_hash, node_hash, root_of

LEAVES = [bytes.fromhex(told) for told in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
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
"""Roots over the first 0 to 8 of these leaves, as that project's reference tests give them."""


def defined(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    n = len(leaves)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


@pytest.mark.parametrize("n", range(9))
def test_the_published_roots(n: int) -> None:
    assert root_of(leaf_hash(leaf) for leaf in LEAVES[:n]).hex() == ROOTS[n]


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_growing_tree_is_the_defined_one_at_every_size(leaves: list[bytes]) -> None:
    tree = Tree()
    for n, leaf in enumerate(leaves):
        assert (tree.size, tree.root()) == (n, defined(leaves[:n]))
        tree.append(leaf_hash(leaf))
    assert tree.root() == defined(leaves)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_one_bit_changed_one_leaf_removed_or_two_exchanged_is_another_root(
    leaves: list[bytes], data: st.DataObject
) -> None:
    root, at = defined(leaves), data.draw(st.integers(0, len(leaves) - 1))
    assert root_of(map(leaf_hash, [*leaves[:at], leaves[at] + b"\0", *leaves[at + 1 :]])) != root
    assert root_of(map(leaf_hash, [*leaves[:at], *leaves[at + 1 :]])) != root
    other = data.draw(st.integers(0, len(leaves) - 1))
    if leaves[at] != leaves[other]:
        swapped = list(leaves)
        swapped[at], swapped[other] = swapped[other], swapped[at]
        assert root_of(map(leaf_hash, swapped)) != root


def test_a_leaf_is_never_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right) == root_of([left, right])


def test_a_tree_keeps_its_logarithm_in_memory() -> None:
    tree = Tree()
    for n in range(10_000):
        tree.append(leaf_hash(n.to_bytes(4, "big")))
    assert len(tree._peaks) == (10_000).bit_count()


def test_a_checkpoint_says_all_it_stands_for_a_line_each() -> None:
    told = Checkpoint("here", "a" * 32, 3, b"\x01" * 32, "2026-04-01T00:00:00.000000Z").text
    assert told.splitlines() == ["here", "a" * 32, "3", "01" * 32, "2026-04-01T00:00:00.000000Z"]
    assert told.endswith("\n")
