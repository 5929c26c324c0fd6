"""The installation's own secrets, each in a file of `instance/keys/` that only its user can read."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True, slots=True)
class Keys:
    """`inputs` keys the digests of what people typed (short inputs could be guessed); `signing` signs checkpoints.

    `identity` encrypts identities and `index` finds them; without either the application runs and knows no identity.
    """

    inputs: bytes
    signing: Ed25519PrivateKey
    identity: bytes
    index: bytes

    def digest(self, content: str) -> str:
        return hmac.new(self.inputs, content.encode(), sha256).hexdigest()

    def sign(self, text: str) -> str:
        return self.signing.sign(text.encode()).hex()

    @property
    def public(self) -> str:
        return self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def load(folder: Path) -> Keys:
    """The keys in this folder; each is made once, where it is not there yet."""
    made = {name: _secret(folder / f"{name}.key") for name in ("inputs", "checkpoint", "identity", "index")}
    signing = Ed25519PrivateKey.from_private_bytes(made["checkpoint"])
    return Keys(made["inputs"], signing, made["identity"], made["index"])


def _secret(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = path.read_bytes()
        if len(secret) != 32:
            raise ValueError(f"{path.name} is not a key") from None
        return secret
    with os.fdopen(handle, "wb") as file:
        file.write(secret := os.urandom(32))
        os.fsync(file.fileno())
    return secret
