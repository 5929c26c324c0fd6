"""Proofs of small trees, honest and forged, as data: `python -m tools.merkle_vectors > tests/domain/merkle_proofs.jsonl`.

Made from the definitions of RFC 9162 as they are written there, by recursion over lists, and from nothing of the product.
The leaves are those of the certificate transparency project's reference tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

LEAVES = [bytes.fromhex(told) for told in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
OTHER = sha256(b"another leaf").digest()


def mth(leaves: list[bytes]) -> bytes:
    """2.1.1: the root of a list."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """2.1.3.1: the inclusion path of leaf m."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, known: bool) -> list[bytes]:
    """2.1.4.1: the consistency proof of the first m leaves."""
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known=known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], known=False), mth(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def inclusion() -> Iterator[dict[str, Any]]:
    for size in (1, 2, 3, 4, 6, 7, 8):
        root = mth(LEAVES[:size])
        for index in range(size):
            yield {"what": "honest", "leaf": leaf(index), "index": index, "size": size,
                   "path": path(index, LEAVES[:size]), "root": root}  # fmt: skip
    for index, size in ((0, 1), (0, 2), (2, 3), (5, 7), (7, 8)):
        honest = {"leaf": leaf(index), "index": index, "size": size, "path": path(index, LEAVES[:size]),
                  "root": mth(LEAVES[:size])}  # fmt: skip
        for what, changed in forged_inclusion(honest):
            yield {"what": what, **(honest | changed)}
    nothing = {"index": 0, "size": 0, "path": []}
    yield {"what": "a leaf of no tree", "leaf": leaf(0), "root": mth([]), **nothing}
    yield {"what": "the empty root as a leaf of no tree", "leaf": mth([]), "root": mth([]), **nothing}
    pair = sha256(b"\x01" + leaf(0) + leaf(1)).digest()
    yield {"what": "a node given out as a leaf", "leaf": pair, "index": 0, "size": 4, "path": [path(0, LEAVES[:4])[1]],
           "root": mth(LEAVES[:4])}  # fmt: skip


def forged_inclusion(honest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    index, size, told = honest["index"], honest["size"], honest["path"]
    yield "the index before", {"index": index - 1}
    yield "the next index", {"index": index + 1}
    yield "an index beyond the tree", {"index": size}
    yield "an index twice as far", {"index": index + 2 * size}
    yield "a tree of no leaves", {"size": 0}
    yield "a size below nothing", {"size": -size}
    if size > 2:  # of two and three leaves the first has one path
        yield "twice the size", {"size": size * 2}
    yield "another leaf", {"leaf": OTHER}
    yield "no leaf", {"leaf": b""}
    yield "half a leaf", {"leaf": honest["leaf"][:16]}
    yield "another root", {"root": OTHER}
    yield "the root of nothing", {"root": mth([])}
    yield "no root", {"root": b""}
    yield "one more below", {"path": [OTHER, *told]}
    yield "one more above", {"path": [*told, OTHER]}
    yield "the root once more", {"path": [*told, honest["root"]]}
    yield "the leaf in its own path", {"path": [honest["leaf"], *told]}
    if told:
        yield "an empty path", {"path": []}
        yield "the lowest left out", {"path": told[1:]}
        yield "the highest left out", {"path": told[:-1]}
        yield "half a hash", {"path": [told[0][:16], *told[1:]]}
        yield "an empty hash beside it", {"path": [b"", *told]}
        for n in range(len(told)):
            bent = bytes([told[n][0] ^ 1]) + told[n][1:]
            yield f"one bit of part {n}", {"path": [*told[:n], bent, *told[n + 1 :]]}
        yield "leaf and first part exchanged", {"leaf": told[0], "path": [honest["leaf"], *told[1:]]}
    if len(told) > 1:
        yield "two parts swapped", {"path": [told[1], told[0], *told[2:]]}
        yield "two hashes run into one", {"path": [told[0] + told[1], *told[2:]]}


def consistency() -> Iterator[dict[str, Any]]:
    for second in (0, 1, 2, 3, 4, 6, 7, 8):
        for first in range(second + 1):
            yield {"what": "honest", **growth(first, second)}
    for first, second in ((1, 2), (3, 7), (4, 7), (6, 8), (4, 8)):
        honest = growth(first, second)
        for what, changed in forged_growth(honest):
            yield {"what": what, **(honest | changed)}
    yield {"what": "nothing grown, another root", **(growth(4, 4) | {"second_root": OTHER})}
    yield {"what": "nothing grown, and a path", **(growth(4, 4) | {"path": [OTHER]})}
    yield {"what": "from nothing, with a path", **(growth(0, 3) | {"path": [OTHER]})}
    yield {"what": "from nothing, whose root is another", **(growth(0, 3) | {"first_root": OTHER})}
    yield {"what": "nothing from nothing, another root", **(growth(0, 0) | {"second_root": OTHER})}
    rewritten = [b"rewritten", *LEAVES[1:]]
    yield {"what": "a tree with another beginning", "first": 3, "second": 7, "first_root": mth(LEAVES[:3]),
           "second_root": mth(rewritten[:7]), "path": subproof(3, rewritten[:7], known=True)}  # fmt: skip


def growth(first: int, second: int) -> dict[str, Any]:
    told = [] if first in (0, second) else subproof(first, LEAVES[:second], known=True)
    return {"first": first, "second": second, "first_root": mth(LEAVES[:first]), "second_root": mth(LEAVES[:second]),
            "path": told}  # fmt: skip


def forged_growth(honest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    first, second, told = honest["first"], honest["second"], honest["path"]
    yield "one leaf fewer before", {"first": first - 1}
    yield "one leaf more before", {"first": first + 1}
    yield "sizes exchanged", {"first": second, "second": first}
    yield "no leaves before", {"first": 0}
    yield "fewer than none", {"first": -first}
    yield "twice as many now", {"second": second * 2}
    yield "another root before", {"first_root": OTHER}
    yield "another root now", {"second_root": OTHER}
    yield "roots exchanged", {"first_root": honest["second_root"], "second_root": honest["first_root"]}
    yield "no root before", {"first_root": b""}
    yield "an empty path", {"path": []}
    yield "one more below", {"path": [OTHER, *told]}
    yield "one more above", {"path": [*told, OTHER]}
    yield "the highest left out", {"path": told[:-1]}
    yield "half a hash", {"path": [told[0][:16], *told[1:]]}
    for n in range(len(told)):
        bent = bytes([told[n][0] ^ 1]) + told[n][1:]
        yield f"one bit of part {n}", {"path": [*told[:n], bent, *told[n + 1 :]]}
    if len(told) > 1:
        yield "two parts swapped", {"path": [told[1], told[0], *told[2:]]}
        yield "the lowest left out", {"path": told[1:]}


def leaf(index: int) -> bytes:
    return mth([LEAVES[index]])


def main() -> None:
    for kind, made in (("inclusion", inclusion()), ("consistency", consistency())):
        for one in made:
            plain = {key: [part.hex() for part in value] if isinstance(value, list) else value.hex() if isinstance(value, bytes)
                     else value for key, value in one.items()}  # fmt: skip
            print(json.dumps({"kind": kind, "holds": one["what"] == "honest", **plain}, separators=(",", ":")))


if __name__ == "__main__":
    main()
