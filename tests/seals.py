"""Certificates made for a test, and a time stamping authority that really answers over HTTP on this machine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from traceability.domain.seals import Seal, Stamper
from traceability.sealing.certificate import CERTIFICATE, KEY

SITE, AUTHORITY = "RSUD Dr. Moewardi", "Stempel Waktu"
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pair:
    """A certificate that signed itself, and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_der(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def written(self, folder: Path, certificate: str = CERTIFICATE, key: str = KEY, passphrase: str = "") -> Path:
        """As PEM files in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        locked = (
            serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
        )
        (folder / certificate).write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        (folder / key).write_bytes(
            self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
        )
        return folder


def pair(
    name: str = SITE, *, stamps: bool = False, signs: bool = True, since: datetime = SINCE, until: datetime = UNTIL
) -> Pair:
    key = rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(signs, signs, not signs, False, False, False, False, False, False)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)
        .add_extension(usage, critical=True)
    )  # fmt: skip
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


@cache
def site() -> Pair:
    return pair()


@cache
def authority() -> Pair:
    return pair(AUTHORITY, stamps=True)


def seal(of: Pair | None = None, stamper: Stamper | None = None) -> Seal:
    one = of or site()
    certificate = one.certificate
    return Seal(
        name=SITE, certificate=one.der, key=one.key_der, since=certificate.not_valid_before_utc,
        until=certificate.not_valid_after_utc, stamper=stamper,
    )  # fmt: skip


@contextmanager
def answering(of: Pair | None = None, body: bytes | None = None) -> Iterator[str]:
    """The address of an authority on this machine; `body`: what it answers instead of a stamp."""
    one = of or authority()
    stamper = DummyTimeStamper(asn1.Certificate.load(one.der), keys.PrivateKeyInfo.load(one.key_der))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            told = asyncio.run(stamper.async_request_tsa_response(asked)).dump() if body is None else body
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
