"""The tree over a ledger and its proofs (RFC 9162, 2.1), and the text of a checkpoint. Where hashes are kept is not known here.

Leaves are counted from 0, as in the RFC; entry n of a ledger is leaf n - 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

Node = Callable[[int, int], bytes]
"""(level, index) → the hash over the 2**level leaves from index * 2**level on, all of which are there."""
EMPTY = sha256(b"").digest()
"""The root of no leaves at all."""


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Tree:
    """The root of a growing list of leaves, in memory of its logarithm."""

    size: int = 0
    _peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash: as many peaks merge as the old size has trailing one-bits."""
        size = self.size
        while size & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            size >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


# ------------------------------------------------------------------------------------------------------------- proofs


def subtree(node: Node, begin: int, end: int) -> bytes:
    """The hash over leaves begin … end - 1, where begin is where a subtree of the tree begins (RFC 9162, 2.1.1)."""
    if begin == end:
        return EMPTY
    made = None
    while end > begin:  # the smallest subtree stands last
        level = ((end - begin) & (begin - end)).bit_length() - 1
        part = node(level, (end >> level) - 1)
        made = part if made is None else node_hash(part, made)
        end -= 1 << level
    assert made is not None
    return made


def prove(node: Node, index: int, size: int) -> list[bytes]:
    """The inclusion path of a leaf in the tree of the first `size` leaves, lowest first (RFC 9162, 2.1.3.1).

    Raises ValueError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    return [subtree(node, *part) for part in reversed(path)]


def prove_growth(node: Node, first: int, second: int) -> list[bytes]:
    """The consistency proof that the tree of `first` leaves is the beginning of that of `second` (RFC 9162, 2.1.4.1).

    Empty where they are the same, or the first has no leaves. Raises ValueError where the second is smaller.
    """
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {second} leaves does not go on from one of {first}")
    if first in (0, second):
        return []
    path, begin, end, whole = [], 0, second, True
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin, whole = middle, False
    if not whole:  # whoever checks knows the root of the first tree, and no part of it
        path.append((begin, end))
    return [subtree(node, *part) for part in reversed(path)]


def _split(count: int) -> int:
    """The largest power of two below a count of at least two."""
    return 1 << (count - 1).bit_length() - 1


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a leaf hash stands at this index under the root of a tree of this size (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _hashes(leaf, root, *path):
        return False
    made, fn, sn = leaf, index, size - 1
    for one in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            made = node_hash(one, made)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            made = node_hash(made, one)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and made == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a tree of `second` leaves with this root goes on from the one of `first` with that (RFC 9162, 2.1.4.2).

    The RFC leaves out a first tree of no leaves: every tree goes on from it, and its proof is empty.
    """
    if not 0 <= first <= second or not _hashes(first_root, second_root, *path):
        return False
    if first == 0:
        return not path and first_root == EMPTY and (second > 0 or second_root == EMPTY)
    if first == second:
        return not path and first_root == second_root
    if not path:
        return False
    rest = list(path)
    if first & (first - 1) == 0:
        rest.insert(0, first_root)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = rest.pop(0)
    for one in rest:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(one, old), node_hash(one, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, one)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and old == first_root and new == second_root


def _hashes(*told: bytes) -> bool:
    return all(len(one) == 32 for one in told)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the installation says of one ledger at one moment; `text` is what is signed."""

    origin: str
    ledger: str
    size: int
    root: bytes
    at: str

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.ledger}\n{self.size}\n{self.root.hex()}\n{self.at}\n"
