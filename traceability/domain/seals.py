"""The electronic seal of a site: its own certificate, set under every document that leaves it, and who stamps the time of that.

A seal says whose file it is and that it is whole. What persons signed is another matter and stands in the record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Stamper:
    """A time stamping authority (RFC 3161): its address, and the certificates (DER) from which its own must come.

    `required`: no stamp, no document; else the document says that it has none.
    """

    url: str
    roots: tuple[bytes, ...]
    required: bool = True
    timeout_s: float = 10

    @property
    def name(self) -> str:
        return urlsplit(self.url).hostname or self.url


@dataclass(frozen=True, slots=True)
class Seal:
    """Certificates and the PKCS #8 key as DER; `chain` are those that lead from the site's to a root."""

    name: str
    certificate: bytes
    key: bytes = field(repr=False)
    since: datetime
    until: datetime
    chain: tuple[bytes, ...] = ()
    stamper: Stamper | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as viewers show it."""
        return sha256(self.certificate).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """A signature as it was found in a file.

    `intact`: what it covers is as it was signed, by that certificate. `whole`: it covers the file to its last byte.
    `stamped_at`: the time that an authority known here vouches for. `trouble`: why it could not be read.
    """

    name: str
    certificate_sha256: str = ""
    intact: bool = False
    whole: bool = False
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    stamp: str = "none"
    """none, valid, unknown (not of an authority known here), broken."""
    trouble: str = ""
