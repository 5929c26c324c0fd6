"""Proofs from the ledger as it lies in the database: honest ones hold, and what was changed there proves nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.domain.errors import Refused
from traceability.domain.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion
from traceability.store import trees
from traceability.store.trees import TILE, Trees


@dataclass
class Leaves:
    """A database that holds nothing but leaves: what `Trees` asks of a connection, and no more."""

    leaves: list[bytes] = field(default_factory=list)
    read: int = 0

    @property
    def connection(self) -> Any:
        return self

    driver_connection = connection

    def execute(self, sql: str, values: dict[str, Any]) -> Leaves:
        rows = [(n, leaf) for n, leaf in enumerate(self.leaves, 1) if leaf]
        self.found = rows[-1:] if "DESC" in sql else [r for r in rows if r[0] >= values["first"]][: values["most"]]
        self.read += len(self.found)
        return self

    def fetchall(self) -> list[Any]:
        return self.found


def grown(count: int) -> Leaves:
    return Leaves([leaf_hash(b"%d" % n) for n in range(count)])


@pytest.mark.parametrize(
    "size", [1, 2, TILE - 1, TILE, TILE + 1, 2 * TILE - 1, 2 * TILE, 2 * TILE + 1, 700, 1024, 1025]
)
def test_every_proof_around_the_edge_of_a_tile_holds(size: int) -> None:
    db = grown(size)
    seen = Trees().seen(db, "x")
    assert seen.root() == root_of(db.leaves)
    for index in {0, 1, TILE - 2, TILE - 1, TILE, TILE + 1, 511, 512, size // 2, size - 1}:
        if index < size:
            path = seen.proof(index, db.leaves[index])
            assert verify_inclusion(db.leaves[index], index, size, path, root_of(db.leaves))
    for first in (1, TILE - 1, TILE, TILE + 1, size):
        if first <= size:
            path = seen.growth(first)
            assert verify_consistency(first, size, root_of(db.leaves[:first]), seen.root(), path)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=5), st.data())
def test_a_tree_that_grew_by_pieces_is_the_one_read_at_once(pieces: list[int], data: st.DataObject) -> None:
    db, kept = grown(0), Trees()
    for more in pieces:
        db.leaves += [leaf_hash(b"%d" % n) for n in range(len(db.leaves), len(db.leaves) + more)]
        assert kept.seen(db, "x").root() == root_of(db.leaves)
    if db.leaves:
        size = data.draw(st.integers(1, len(db.leaves)))
        index = data.draw(st.integers(0, size - 1))
        seen = kept.seen(db, "x")
        path = seen.proof(index, db.leaves[index], size)
        assert verify_inclusion(db.leaves[index], index, size, path, root_of(db.leaves[:size]))


def test_what_was_read_once_is_not_read_again() -> None:
    db, kept = grown(3000), Trees()
    kept.seen(db, "x")
    db.read = 0
    kept.seen(db, "x").proof(17, db.leaves[17])
    assert db.read <= 1 + TILE


@pytest.mark.parametrize("at", [3, 300, 2999])
def test_a_leaf_that_was_changed_below_it_proves_nothing(at: int) -> None:
    db, kept = grown(3000), Trees()
    kept.seen(db, "x")
    db.leaves[at] = leaf_hash(b"another")
    seen = kept.seen(db, "x")
    for index, leaf in ((at, leaf_hash(b"%d" % at)), (at - 1, leaf_hash(b"forged"))):
        with pytest.raises(Refused, match="ledger_differs"):
            seen.proof(index, leaf)


def test_a_ledger_that_was_put_back_or_cut_off_is_read_as_it_is_now() -> None:
    db, kept = grown(3000), Trees()
    kept.seen(db, "x")
    for count in (2990, 2600, 1, 0):
        del db.leaves[count:]
        seen = kept.seen(db, "x")
        assert (seen.size, seen.root()) == (count, root_of(db.leaves))
    db.leaves += [leaf_hash(b"other %d" % n) for n in range(600)]
    seen = kept.seen(db, "x")
    assert seen.root() == root_of(db.leaves)
    db.leaves[-1] = leaf_hash(b"rewritten")
    assert kept.seen(db, "x").root() == root_of(db.leaves)


def test_a_gap_in_the_numbers_is_said() -> None:
    db = grown(20)
    db.leaves[7] = b""
    with pytest.raises(Refused, match="ledger_differs"):
        Trees().seen(db, "x")


def test_more_than_is_there_is_not_proved() -> None:
    db = grown(20)
    seen = Trees().seen(db, "x")
    for ask in (
        lambda: seen.proof(20, b"", 21),
        lambda: seen.root(21),
        lambda: seen.growth(21),
        lambda: seen.proof(-1, b""),
    ):
        with pytest.raises(Refused, match="ledger_shorter"):
            ask()


def test_a_reader_of_a_moment_ago_is_answered_for_its_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    db, kept = grown(600), Trees()
    before = Leaves(list(db.leaves[:590]))
    kept.seen(db, "x")
    seen = kept.seen(before, "x")
    assert (seen.size, seen.root()) == (590, root_of(before.leaves))
    assert verify_inclusion(before.leaves[588], 588, 590, seen.proof(588, before.leaves[588]), seen.root())
    monkeypatch.setattr(trees, "AT_ONCE", 100)
    assert Trees().seen(db, "x").root() == root_of(db.leaves)
