"""The site's certificate and key as an installation sets them. Half of it, or two that do not fit: the application does not start.

One that has expired lets it start: a hospital goes on, and only what would be sealed is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from traceability.domain.seals import Seal, Stamper

CERTIFICATE, KEY = "seal.pem", "seal-key.pem"
"""Where they lie in `instance/keys/` unless the configuration says otherwise."""
LEAST_BITS = 2048


def configured(config: Mapping[str, Any], keys: Path) -> Seal | None:
    """The seal of this installation; None where nothing of one is set. Raises RuntimeError with what is missing."""
    paths = {
        "SEAL_CERTIFICATE": Path(config["SEAL_CERTIFICATE"] or keys / CERTIFICATE),
        "SEAL_KEY": Path(config["SEAL_KEY"] or keys / KEY),
    }
    there = {name for name, path in paths.items() if config[name] or path.exists()}
    if not there:
        if config["SEAL_TSA_URL"]:
            raise RuntimeError("SEAL_TSA_URL is set without SEAL_CERTIFICATE: there is nothing to stamp")
        return None
    for name, path in paths.items():
        if name not in there or not path.exists():
            raise RuntimeError(f"{name}: there is no {path}")
    certificate, *chain = _certificates("SEAL_CERTIFICATE", paths["SEAL_CERTIFICATE"])
    key = _key(paths["SEAL_KEY"], config["SEAL_KEY_PASSPHRASE"])
    shapes = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*shapes) != certificate.public_key().public_bytes(*shapes):
        raise RuntimeError("SEAL_KEY is not the key of SEAL_CERTIFICATE")
    _may_sign(certificate)
    return Seal(
        name=_name(certificate), certificate=certificate.public_bytes(Encoding.DER),
        key=key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        since=certificate.not_valid_before_utc, until=certificate.not_valid_after_utc,
        chain=tuple(one.public_bytes(Encoding.DER) for one in chain), stamper=_stamper(config),
    )  # fmt: skip


def _stamper(config: Mapping[str, Any]) -> Stamper | None:
    url, roots = config["SEAL_TSA_URL"], config["SEAL_TSA_CERTIFICATES"]
    if not url and not roots:
        return None
    if not (url and roots):
        raise RuntimeError(
            "SEAL_TSA_URL and SEAL_TSA_CERTIFICATES belong together: a stamp is checked against whose it is"
        )
    if not str(url).startswith(("https://", "http://")):
        raise RuntimeError("SEAL_TSA_URL must begin with https:// or http://")
    found = _certificates("SEAL_TSA_CERTIFICATES", Path(roots))
    return Stamper(
        str(url), tuple(one.public_bytes(Encoding.DER) for one in found), bool(config["SEAL_TSA_REQUIRED"]),
        float(config["SEAL_TSA_TIMEOUT_S"]),
    )  # fmt: skip


def _certificates(name: str, path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise RuntimeError(f"{name}: there is no certificate (PEM) in {path}") from None


def _key(path: Path, passphrase: str | None) -> RSAPrivateKey | EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode() if passphrase else None)
    except (OSError, ValueError, TypeError):
        raise RuntimeError(f"SEAL_KEY: {path} holds no key that SEAL_KEY_PASSPHRASE opens (PEM)") from None
    if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_BITS:
        return key
    if isinstance(key, EllipticCurvePrivateKey) and key.key_size >= 256:
        return key
    raise RuntimeError(f"SEAL_KEY: RSA of {LEAST_BITS} bits or more, or an elliptic curve of 256 or more, is needed")


def _may_sign(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise RuntimeError(
            "SEAL_CERTIFICATE may not sign: its key usage names neither digital signature nor non-repudiation"
        )


def _name(certificate: x509.Certificate) -> str:
    """Whose it is, as the document says it."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for one in certificate.subject.get_attributes_for_oid(oid):
            return str(one.value)
    return certificate.subject.rfc4514_string()
