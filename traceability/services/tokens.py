"""Secrets that are told once and kept as a hash: keys of devices, ways in for patients."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import sha256

from traceability.domain.people import SYSTEM, Actor
from traceability.store import Store, View


def new(
    store: Store, actor: Actor, act_id: str, of_bytes: int, told: Callable[[View, str], str]
) -> tuple[str | None, str]:
    """A new secret of so many bytes of chance, and its hash. Of an act that was done before: none, it was told once; and the hash
    it was asked with, which `told` reads by the id of what was made.
    """
    if act_id and (done := store.answer(actor, act_id)) and "id" in done.answer:
        with store.read(SYSTEM) as view:
            return None, told(view, done.id)
    secret = secrets.token_urlsafe(of_bytes)
    return secret, hash_of(secret)


def hash_of(secret: str) -> str:
    """Of 128 bits of chance and more nothing slower is needed."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
