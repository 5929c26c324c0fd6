"""Identity at rest: AES-256-GCM field by field and file by file, bound to its row; keyed digests to find a person without reading one."""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from traceability.domain.errors import Refused
from traceability.store.keys import Pair, Ring


def encrypt(pair: Pair, column: str, row_id: str, value: str) -> str:
    nonce = os.urandom(12)
    bound = f"identity|{column}|{row_id}|{pair.id}".encode()
    return b64encode(nonce + AESGCM(pair.identity).encrypt(nonce, value.encode(), bound)).decode()


def decrypt(ring: Ring, column: str, row_id: str, kept: str, kept_key: str) -> str:
    """The value; `identity_unreadable` where it was moved from another row or column, or its key is not here."""
    pair = ring.of(kept_key)
    bound = f"identity|{column}|{row_id}|{kept_key}".encode()
    try:
        if pair is None:
            raise Refused("identity_unreadable")
        raw = b64decode(kept, validate=True)
        return AESGCM(pair.identity).decrypt(raw[:12], raw[12:], bound).decode()
    except (InvalidTag, ValueError):  # what is damaged is no base64 or too short to decrypt
        raise Refused("identity_unreadable") from None


def lock(row_id: str, data: bytes) -> tuple[bytes, str]:
    """A file encrypted by a key of its own, bound to its row: its bytes, and the key, which is encrypted like an identity then."""
    secret, nonce = AESGCM.generate_key(256), os.urandom(12)
    return nonce + AESGCM(secret).encrypt(nonce, data, f"file|{row_id}".encode()), b64encode(secret).decode()


def unlock(row_id: str, locked: bytes, secret: str) -> bytes:
    """Raise Refused `identity_unreadable` where the file was changed, or is another row's."""
    try:
        return AESGCM(b64decode(secret, validate=True)).decrypt(locked[:12], locked[12:], f"file|{row_id}".encode())
    except (InvalidTag, ValueError):
        raise Refused("identity_unreadable") from None


def index(pair: Pair, column: str, value: str) -> str:
    """What a number is found by: the same person is found, and nobody can guess back from it."""
    return hmac.new(pair.index, f"{column}|{folded(value)}".encode(), sha256).hexdigest()


def folded(value: str) -> str:
    """A number however it is written: its letters and digits alone."""
    return "".join(sign for sign in value.casefold() if sign.isalnum())


def indexes(ring: Ring, column: str, value: str) -> tuple[str, ...]:
    """The digests of a number under the current pair and under former ones: rows may stand under each."""
    return tuple(index(pair, column, value) for pair in ring.all())
