"""The installation's own secrets, each in a file of `instance/keys/` that only its user can read."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from traceability.domain.errors import Refused

CURRENT = "identity.key"


@dataclass(frozen=True, slots=True)
class Pair:
    """`identity` encrypts who somebody is (AES-256), `index` keys the digests by which they are found (HMAC-SHA-256)."""

    identity: bytes
    index: bytes

    @property
    def id(self) -> str:
        """Names the pair without telling it: 16 hexadecimal digits."""
        return sha256(b"identity|" + self.identity).hexdigest()[:16]


class Ring:
    """The pair that identities are kept under now, and former ones while rows stand under them.

    Read from the folder anew whenever something in it changed: a key that is renewed holds for servers that are running.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: tuple[object, ...] = ()
        self._now: Pair | None = None
        self._former: dict[str, Pair] = {}

    def current(self) -> Pair:
        """Raise Refused `identity_key_missing` where there is none: the record goes on, and knows nobody."""
        self._look()
        if self._now is None:
            raise Refused("identity_key_missing")
        return self._now

    def of(self, key_id: str) -> Pair | None:
        self._look()
        return next((one for one in self._all() if one.id == key_id), None)

    def all(self) -> list[Pair]:
        """The current pair first. Raise Refused `identity_key_missing` where there is none."""
        return [self.current(), *self._former.values()]

    def former(self) -> dict[str, float]:
        """The former pairs by id, and since when each is one (seconds of the epoch)."""
        self._look()
        return {one: _former(self.folder, one).stat().st_mtime for one in self._former}

    def renew(self) -> Pair:
        """Make a new pair the current one. Killed at any moment, what was the current pair is that or a former one."""
        old, made = self.current(), self.folder / "identity.new"
        kept = _former(self.folder, old.id)
        if not kept.exists():
            _write(kept, old.identity + old.index)
        made.unlink(missing_ok=True)  # of a renewal that was killed
        _write(made, os.urandom(64))
        os.utime(kept)  # a former pair from now on, however long ago a renewal that was killed wrote it
        os.replace(made, self.folder / CURRENT)
        _settle(self.folder)
        return self.current()

    def forget(self, key_id: str) -> None:
        _former(self.folder, key_id).unlink(missing_ok=True)
        _settle(self.folder)

    def _all(self) -> Iterator[Pair]:
        if self._now:
            yield self._now
        yield from self._former.values()

    def _look(self) -> None:
        there = sorted(one.name for one in os.scandir(self.folder) if one.name.startswith("identity"))
        at = (self.folder / CURRENT).stat() if CURRENT in there else None
        seen = (*there, at and (at.st_ino, at.st_mtime_ns, at.st_size))
        if seen == self._seen:
            return
        read = {name: _pair(self.folder / name) for name in there if name.endswith(".key")}
        self._now = read.pop(CURRENT, None)
        self._former = {one.id: one for one in read.values() if one and one != self._now}
        self._seen = seen


@dataclass(frozen=True, slots=True)
class Keys:
    """`inputs` keys the digests of what people typed (short inputs could be guessed); `signing` signs checkpoints.

    `identities` encrypts and finds people; without it the application runs and knows no identity.
    """

    inputs: bytes
    signing: Ed25519PrivateKey
    identities: Ring

    def digest(self, content: str) -> str:
        return hmac.new(self.inputs, content.encode(), sha256).hexdigest()

    def sign(self, text: str) -> str:
        return self.signing.sign(text.encode()).hex()

    @property
    def public(self) -> str:
        return self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def load(folder: Path) -> Keys:
    """The keys in this folder. All are made at the first start; the one of identities never again.

    A folder with the others and without that one has lost it: a new one would read nobody, and hide the loss.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / "checkpoint.key").exists():
        _secret(folder / CURRENT, 64)
    inputs = _secret(folder / "inputs.key")
    signing = Ed25519PrivateKey.from_private_bytes(_secret(folder / "checkpoint.key"))
    return Keys(inputs, signing, Ring(folder))


def _secret(path: Path, size: int = 32) -> bytes:
    """What the file holds; made where it is not there. Two processes that start at once have one and the same."""
    if not path.exists():
        made = path.with_name(f"{path.name}.{os.getpid()}")
        made.unlink(missing_ok=True)
        _write(made, os.urandom(size))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        made.unlink()
        _settle(path.parent)
    secret = path.read_bytes()
    if len(secret) != size:
        raise ValueError(f"{path.name} is not a key")
    return secret


def _write(path: Path, secret: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pair(path: Path) -> Pair | None:
    """None for what is no key: damaged, it reads nobody, like one that is lost."""
    secret = path.read_bytes()
    return Pair(secret[:32], secret[32:]) if len(secret) == 64 else None


def _former(folder: Path, key_id: str) -> Path:
    return folder / f"identity-{key_id}.key"
