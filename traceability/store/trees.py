"""The trees over the ledgers as this process has computed them from the leaves, for proofs in milliseconds.

Interior hashes are kept in memory alone (one byte an entry): what is stored nowhere can be falsified nowhere. Leaves
below them are read anew for every proof and have to give the same hash; a proof is checked against the root before it is
handed out. The first proof of a process reads all leaves once; after that it reads what is new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import Connection

from traceability.domain.errors import Refused
from traceability.domain.merkle import (
    node_hash,
    prove,
    prove_growth,
    subtree,
    verify_consistency,
    verify_inclusion,
)
from traceability.store.hot import Hot

HEIGHT = 6
TILE = 1 << HEIGHT
"""So many leaves below the lowest hash that is kept."""
AT_ONCE = 20_000
_LEAVES = Hot("SELECT number, leaf FROM entry WHERE ledger = :ledger AND number >= :first ORDER BY number LIMIT :most")
_LAST = Hot("SELECT number, leaf FROM entry WHERE ledger = :ledger ORDER BY number DESC LIMIT 1")


@dataclass(slots=True)
class _Grown:
    """The leaves of one ledger so far: hashes of whole tiles and of what stands above them, and the leaves of the last two."""

    size: int = 0
    tail: dict[int, list[bytes]] = field(default_factory=lambda: {0: []})
    levels: list[bytearray] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        tile = self.size >> HEIGHT
        self.size += 1
        self.tail[tile].append(leaf)
        if len(self.tail[tile]) == TILE:
            self._close(_top(self.tail[tile]))
            self.tail = {tile: self.tail[tile], tile + 1: []}

    def _close(self, made: bytes) -> None:
        """As many hashes come to stand above a whole tile as it is the second of two, and they of two, and so on."""
        for above in range(64):
            if above == len(self.levels):
                self.levels.append(bytearray())
            level = self.levels[above]
            level += made
            if len(level) // 32 & 1:
                return
            made = node_hash(bytes(level[-64:-32]), bytes(level[-32:]))

    def kept(self, level: int, index: int) -> bytes:
        return bytes(self.levels[level - HEIGHT][32 * index : 32 * index + 32])

    def has(self, number: int, leaf: bytes) -> bool:
        """Whether this is the leaf of an entry that was read not long ago."""
        tile, at = (number - 1) >> HEIGHT, (number - 1) & TILE - 1
        return tile in self.tail and self.tail[tile][at : at + 1] == [leaf]


class Trees:
    """Of every ledger that was asked about. What one thread reads is there for the next."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._grown: dict[str, _Grown] = {}

    def seen(self, connection: Connection, ledger: str) -> Seen:
        """A ledger as this transaction sees it."""
        driver = connection.connection.driver_connection
        with self._lock:
            grown = self._grown.get(ledger) or _Grown()
            size = _grow(grown, driver, ledger)
            if (
                size is None
            ):  # its end is not the one that was read: it was put back or rewritten, so all of it is read anew
                grown = _Grown()
                size = _grow(grown, driver, ledger) or 0
            self._grown[ledger] = grown
            return Seen(driver, ledger, size, grown, dict(grown.tail))


def _grow(grown: _Grown, driver: Any, ledger: str) -> int | None:
    """Read on from where this ended; how many entries the reader sees. None: it is not the ledger that was read."""
    while rows := _LEAVES(driver, ledger=ledger, first=max(grown.size, 1), most=AT_ONCE):
        for number, leaf in rows:
            if number == grown.size + 1:
                grown.add(bytes(leaf))
            elif number != grown.size:
                raise _differs(ledger, grown.size + 1, number)
            elif not grown.has(number, bytes(leaf)):
                return None
        if len(rows) < AT_ONCE:
            return grown.size
    last = _LAST(driver, ledger=ledger)
    if not last:
        return None if grown.size else 0
    ((number, leaf),) = last  # a reader of a moment ago, or a ledger whose end was cut off
    return int(number) if grown.has(number, bytes(leaf)) else None


@dataclass(slots=True)
class Seen:
    """The tree of a ledger's first `size` entries."""

    driver: Any
    ledger: str
    size: int
    grown: _Grown
    tiles: dict[int, list[bytes]]

    def root(self, size: int | None = None) -> bytes:
        """Of all of it, or of its first entries. Raises `Refused` where it has fewer."""
        size = self.size if size is None else size
        if not 0 <= size <= self.size:
            raise Refused("ledger_shorter", size=size, last=self.size)
        return subtree(self._node, 0, size)

    def proof(self, index: int, leaf: bytes, size: int | None = None) -> list[bytes]:
        """The path from a leaf to the root, which was checked. Raises `Refused`."""
        size = self.size if size is None else size
        path = self._made(lambda: prove(self._node, index, size))
        if not verify_inclusion(leaf, index, size, path, self.root(size)):
            raise _differs(self.ledger, index + 1, index + 1)
        return path

    def growth(self, first: int, size: int | None = None) -> list[bytes]:
        """That the tree of its first entries is the beginning of this one: checked. Raises `Refused`."""
        size = self.size if size is None else size
        path = self._made(lambda: prove_growth(self._node, first, size))
        if not verify_consistency(first, size, self.root(first), self.root(size), path):
            raise _differs(self.ledger, 1, first)
        return path

    def _made(self, make: Callable[[], list[bytes]]) -> list[bytes]:
        try:
            return make()
        except ValueError:
            raise Refused("ledger_shorter", size=self.size, last=self.size) from None

    def _node(self, level: int, index: int) -> bytes:
        if level >= HEIGHT:
            return self.grown.kept(level, index)
        below = HEIGHT - level
        tile = index >> below
        begin = (index & (1 << below) - 1) << level
        return _top(self._leaves_of(tile)[begin : begin + (1 << level)])

    def _leaves_of(self, tile: int) -> list[bytes]:
        """The leaves of a tile: the last two from memory, any other as they lie there now, if they still give its hash."""
        if tile not in self.tiles:
            first = (tile << HEIGHT) + 1
            rows = _LEAVES(self.driver, ledger=self.ledger, first=first, most=TILE)
            found = [bytes(leaf) for _, leaf in rows]
            if len(found) != TILE or _top(found) != self.grown.kept(HEIGHT, tile):
                raise _differs(self.ledger, first, first + TILE - 1)
            self.tiles[tile] = found
        return self.tiles[tile]


def _top(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def _differs(ledger: str, first: int, last: int) -> Refused:
    return Refused("ledger_differs", ledger=ledger, first=first, last=last)
