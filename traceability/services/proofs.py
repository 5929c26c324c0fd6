"""Proofs that an entry stands in its ledger, and that a ledger goes on from a checkpoint that was kept (RFC 9162).

What is proved ends in a checkpoint that is signed now: whoever holds the key's public half needs nothing of ours to check it.
"""

from __future__ import annotations

from typing import Any

from traceability.domain.errors import NotFound, Refused
from traceability.domain.merkle import leaf_hash
from traceability.services import audit
from traceability.store import Store, View, checkpoints


def of_entry(store: Store, view: View, ledger: str, number: int, *, size: int | None = None) -> dict[str, Any]:
    """The inclusion proof of one entry, up to the checkpoint of now, or to a tree of `size` entries.

    {entry as it was hashed, number, leaf, path (hex, lowest first), checkpoint}; leaf number - 1 of the tree. Raises `NotFound`
    for what is not theirs to see, `Refused` where the ledger is not what this process had read.
    """
    content, kept = audit.hashed(view, ledger, number)
    seen = store.trees.seen(view.connection, ledger)
    leaf = leaf_hash(content.encode())
    if leaf != kept:
        raise Refused("ledger_differs", ledger=ledger, first=number, last=number)
    path = seen.proof(number - 1, leaf, size)
    point = {**store.checkpoint(view, ledger)} if size is None else {"size": size, "root": seen.root(size).hex()}
    return {
        "entry": content, "number": number, "leaf": leaf.hex(), "path": [one.hex() for one in path], "checkpoint": point,
    }  # fmt: skip


def of_growth(store: Store, view: View, ledger: str, since: int | None = None) -> dict[str, Any]:
    """The checkpoint of now and, with `since`, that it goes on from the first `since` entries: their root, and the path."""
    if ledger not in {one.id for one in audit.ledgers(view)}:
        raise NotFound("ledger")
    told: dict[str, Any] = {"checkpoint": store.checkpoint(view, ledger)}
    if since is not None:
        seen = store.trees.seen(view.connection, ledger)
        path = seen.growth(since)
        told |= {"since": since, "root": seen.root(since).hex(), "path": [one.hex() for one in path]}
    return told


def of_kept(store: Store, view: View, ledger: str, text: str) -> list[tuple[checkpoints.Kept, dict[str, Any]]]:
    """Checkpoints of this ledger that were kept outside, as they were printed, each with the proof that it goes on from it.

    Raises ValueError where there is none in the text.
    """
    points = [one for one in checkpoints.read(text) if one.ledger == ledger]
    if not points:
        raise ValueError("there is no checkpoint of this ledger in it")
    return [(one, of_growth(store, view, ledger, one.size)) for one in points]
