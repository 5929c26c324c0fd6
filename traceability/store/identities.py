"""Identity at rest: AES-256-GCM field by field, bound to its row; keyed digests to find a person without reading one."""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from traceability.domain.errors import Refused
from traceability.store.keys import Keys


def key_id(keys: Keys) -> str:
    """Names the key without telling it."""
    return sha256(b"identity|" + keys.identity).hexdigest()[:16]


def encrypt(keys: Keys, column: str, row_id: str, value: str) -> str:
    nonce = os.urandom(12)
    bound = f"identity|{column}|{row_id}|{key_id(keys)}".encode()
    return b64encode(nonce + AESGCM(keys.identity).encrypt(nonce, value.encode(), bound)).decode()


def decrypt(keys: Keys, column: str, row_id: str, kept: str, kept_key: str) -> str:
    """The value; `identity_unreadable` where it was moved from another row or column, or the key is another."""
    bound = f"identity|{column}|{row_id}|{kept_key}".encode()
    try:
        raw = b64decode(kept, validate=True)
        return AESGCM(keys.identity).decrypt(raw[:12], raw[12:], bound).decode()
    except (InvalidTag, ValueError):  # what is damaged is no base64 or too short to decrypt
        raise Refused("identity_unreadable") from None


def index(keys: Keys, column: str, value: str) -> str:
    """What a number is found by: the same person is found, and nobody can guess back from it."""
    folded = "".join(sign for sign in value.casefold() if sign.isalnum())
    return hmac.new(keys.index, f"{column}|{folded}".encode(), sha256).hexdigest()
