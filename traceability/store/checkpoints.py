"""Checkpoints that were kept outside, held against ledgers that have grown since: the one thing replay cannot find."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from traceability.domain.merkle import Checkpoint, Tree
from traceability.store.keys import Keys
from traceability.store.ledger import leaves


class Found(StrEnum):
    """What is found against a checkpoint; nothing: it holds."""

    ROOT_DIFFERS = "root_differs"
    LEDGER_SHORTER = "ledger_shorter"
    LEDGER_UNKNOWN = "ledger_unknown"
    KEY_UNKNOWN = "key_unknown"
    SIGNATURE_WRONG = "signature_wrong"


SAID = {
    Found.ROOT_DIFFERS: "the root differs: its first entries are not what they were",
    Found.LEDGER_SHORTER: "the ledger is shorter than the checkpoint: an old backup, or its end was cut off",
    Found.LEDGER_UNKNOWN: "there is no such ledger here",
    Found.KEY_UNKNOWN: "it was signed with a key that is not this installation's",
    Found.SIGNATURE_WRONG: "its signature is wrong: it is not as it was printed",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it was kept; typed off from paper it may have no time, and no signature then."""

    origin: str
    ledger: str
    size: int
    root: str
    at: str = ""
    key: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A kept checkpoint beside the ledger of now: how long that is, and what was found."""

    kept: Kept
    size: int
    found: tuple[Found, ...]

    def plain(self) -> dict[str, object]:
        told = {"origin": self.kept.origin, "ledger": self.kept.ledger, "size": self.kept.size, "at": self.kept.at}
        return {**told, "holds": not self.found, "found": list(self.found), "signed": bool(self.kept.signature),
                "ledger_size": self.size}  # fmt: skip

    def __str__(self) -> str:
        signed = "" if self.kept.signature else " (no signature given)"
        told = (
            "; ".join(SAID[one] for one in self.found) or f"holds{signed}, {self.size - self.kept.size:,} entries since"
        )
        return f"checkpoint of ledger {self.kept.ledger} at {self.kept.size:,} entries: {told}."


def read(text: str) -> list[Kept]:
    """Checkpoints as `flask checkpoint` prints them, with --json or without, one or several. Raises ValueError."""
    told = text.lstrip("\ufeff").strip()
    try:
        found = list(_objects(told)) if told[:1] in ("{", "[") else list(_printed(told))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a checkpoint: {error}") from None
    if not found:
        raise ValueError("there is no checkpoint in it")
    return found


def _objects(text: str) -> Iterator[Kept]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        told, end = decoder.raw_decode(text, at)
        for one in told if isinstance(told, list) else [told]:
            yield _kept(one)
        at = end + len(text[end:]) - len(text[end:].lstrip())


def _printed(text: str) -> Iterator[Kept]:
    """Origin, ledger, size, root, each on a line of its own, then the time; the key and its signature below a dash."""
    for block in re.split(r"\n\s*\n(?!\s*[—–-])", text):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        signed = lines.pop().lstrip("—–- ").split() if lines and lines[-1][0] in "—–-" else []
        if len(lines) not in (4, 5) or len(signed) not in (0, 2):
            raise ValueError(f"not a checkpoint: {block[:60]!r}")
        yield _kept(dict(zip(("origin", "ledger", "size", "root", "at"), lines, strict=False))
                    | dict(zip(("key", "signature"), signed, strict=False)))  # fmt: skip


def _kept(told: dict[str, Any]) -> Kept:
    size, root = int(told["size"]), str(told["root"]).lower()
    named = {name: str(told.get(name, "")) for name in ("at", "key", "signature")}
    if size < 0 or not re.fullmatch("[0-9a-f]{64}", root) or bool(named["key"]) != bool(named["signature"]):
        raise ValueError(f"not a checkpoint: ledger {told['ledger']}")
    return Kept(str(told["origin"]), str(told["ledger"]), size, root, **named)


def hold(connection: Connection, keys: Keys, kept: list[Kept]) -> list[Held]:
    """Every checkpoint against its ledger, each ledger read once."""
    made: dict[int, Held] = {}
    for ledger in {one.ledger for one in kept}:
        mine = [n for n, one in enumerate(kept) if one.ledger == ledger]
        wanted, roots, tree = {kept[n].size for n in mine}, {}, Tree()
        if 0 in wanted:
            roots[0] = tree.root()
        for _, leaf in leaves(connection, ledger):
            tree.append(leaf)
            if tree.size in wanted:
                roots[tree.size] = tree.root()
        for n in mine:
            made[n] = Held(kept[n], tree.size, (*_signed(keys, kept[n]), *_rooted(kept[n], roots, tree.size)))
    return [made[n] for n in range(len(kept))]


def _rooted(kept: Kept, roots: dict[int, bytes], size: int) -> tuple[Found, ...]:
    if size == 0:
        return (Found.LEDGER_UNKNOWN,)
    if size < kept.size:
        return (Found.LEDGER_SHORTER,)
    return () if roots[kept.size].hex() == kept.root else (Found.ROOT_DIFFERS,)


def _signed(keys: Keys, kept: Kept) -> tuple[Found, ...]:
    """Of this key, and over all that it says. What was typed off without its signature is compared without."""
    if not kept.signature:
        return ()
    text = Checkpoint(kept.origin, kept.ledger, kept.size, bytes.fromhex(kept.root), kept.at).text
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(kept.key)).verify(bytes.fromhex(kept.signature), text.encode())
    except (InvalidSignature, ValueError):
        return (Found.SIGNATURE_WRONG,)
    return () if kept.key.lower() == keys.public else (Found.KEY_UNKNOWN,)
