"""The tree of RFC 9162 and its proofs: against its own definitions, and against the vectors of the certificate transparency
project. Proofs that are forged lie beside as data (`merkle_proofs.jsonl`, made by tools/merkle_vectors.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import merkle_vectors as rfc
from traceability.domain.merkle import (
    Checkpoint,
    Tree,
    leaf_hash,
    node_hash,
    prove,
    prove_growth,
    root_of,
    verify_consistency,
    verify_inclusion,
)

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


SIZES = range(34)
"""Past two powers of two and one beyond: every shape that a tree has."""
defined = rfc.mth


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


# ── proofs ──


def node_of(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda level, index: defined(leaves[index << level : (index + 1) << level])


def numbered(size: int) -> list[bytes]:
    return [n.to_bytes(2, "big") for n in range(size)]


@pytest.mark.parametrize("size", SIZES)
def test_every_inclusion_proof_of_a_small_tree_is_the_defined_one_and_holds(size: int) -> None:
    leaves = numbered(size)
    root = defined(leaves)
    for index in range(size):
        path = prove(node_of(leaves), index, size)
        assert path == rfc.path(index, leaves)
        assert verify_inclusion(leaf_hash(leaves[index]), index, size, path, root)
        for other in range(size):  # and of no other leaf, nor at another place
            if other != index:
                assert not verify_inclusion(leaf_hash(leaves[other]), index, size, path, root)
                assert not verify_inclusion(leaf_hash(leaves[index]), other, size, path, root)


@pytest.mark.parametrize("second", SIZES)
def test_every_consistency_proof_of_a_small_tree_is_the_defined_one_and_holds(second: int) -> None:
    leaves = numbered(second)
    roots = [defined(leaves[:n]) for n in range(second + 1)]
    for first in range(second + 1):
        path = prove_growth(node_of(leaves), first, second)
        assert path == ([] if first in (0, second) else rfc.subproof(first, leaves, known=True))
        assert verify_consistency(first, second, roots[first], roots[second], path)
        for other in range(1, second + 1):  # from no other beginning
            if other != first:
                assert not verify_consistency(first, second, roots[other], roots[second], path)


@pytest.mark.parametrize("index, size", [(0, 0), (1, 1), (-1, 4), (4, 4)])
def test_a_leaf_that_is_not_there_is_not_proved(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        prove(node_of(numbered(4)), index, size)


def test_a_tree_does_not_shrink() -> None:
    for first, second in ((5, 4), (-1, 4)):
        with pytest.raises(ValueError, match="does not go on"):
            prove_growth(node_of(numbered(5)), first, second)


def vectors() -> list[dict[str, Any]]:
    lines = (Path(__file__).parent / "merkle_proofs.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def judged(one: dict[str, Any]) -> bool:
    path = [bytes.fromhex(part) for part in one["path"]]
    if one["kind"] == "inclusion":
        return verify_inclusion(bytes.fromhex(one["leaf"]), one["index"], one["size"], path, bytes.fromhex(one["root"]))
    roots = bytes.fromhex(one["first_root"]), bytes.fromhex(one["second_root"])
    return verify_consistency(one["first"], one["second"], *roots, path)


def test_every_honest_proof_is_accepted_and_every_forged_one_refused() -> None:
    told = vectors()
    assert [one for one in told if judged(one) is not one["holds"]] == []
    assert {(one["kind"], one["holds"]) for one in told} == {
        (kind, holds) for kind in ("inclusion", "consistency") for holds in (True, False)
    }
    assert len({one["what"] for one in told}) > 40


@given(st.integers(1, 300), st.data())
def test_a_proof_with_one_bit_changed_anywhere_is_refused(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    parts = [leaf_hash(leaves[index]), *prove(node_of(leaves), index, size), defined(leaves)]
    assert verify_inclusion(parts[0], index, size, parts[1:-1], parts[-1])
    at, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    bent = bytearray(parts[at])
    bent[bit // 8] ^= 1 << bit % 8
    parts[at] = bytes(bent)
    assert not verify_inclusion(parts[0], index, size, parts[1:-1], parts[-1])


def test_a_checkpoint_says_all_it_stands_for_a_line_each() -> None:
    told = Checkpoint("here", "a" * 32, 3, b"\x01" * 32, "2026-04-01T00:00:00.000000Z").text
    assert told.splitlines() == ["here", "a" * 32, "3", "01" * 32, "2026-04-01T00:00:00.000000Z"]
    assert told.endswith("\n")
