"""A finished document sealed: a PAdES signature (ETSI EN 319 142-1, B-B or with a time stamp B-T) in the field it was drawn with.

Only added to: what was drawn is, byte for byte, the beginning of what is sealed, and stays PDF/A and PDF/UA.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from asn1crypto import keys, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from traceability.domain.errors import Refused
from traceability.domain.seals import Seal
from traceability.sealing.checking import run, seals_of
from traceability.sealing.stamping import Authority, Unavailable

FIELD = "seal"
RESERVED = 32 * 1024
"""Room for the signature, its certificates and a stamp, so that nothing has to be asked for to measure it."""


class _Adding(IncrementalPdfFileWriter):
    """Adds the signature and says nothing new of the file itself: what it says was written for the archive."""

    def _update_meta(self) -> None:
        return


class _Signer(signers.PdfSigner):
    """Signs at the moment that the record is as of: one clock for the whole document."""

    def __init__(self, at: datetime, *given: object, **more: object) -> None:
        super().__init__(*given, **more)
        self.at = at

    def init_signing_session(self, *given: object, **more: object) -> PdfSigningSession:
        session = super().init_signing_session(*given, **more)
        session.system_time = self.at
        return session


def sealed(pdf: bytes, seal: Seal, at: datetime, *, stamped: bool) -> bytes:
    """The document with its seal, checked before it is handed on.

    Refuses `timestamp_unavailable` where a stamp is asked for and none that can be trusted came.
    """
    registry = SimpleCertificateStore()
    registry.register_multiple(x509.Certificate.load(one) for one in seal.chain)
    signer = signers.SimpleSigner(x509.Certificate.load(seal.certificate), keys.PrivateKeyInfo.load(seal.key), registry)
    about = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, name=seal.name,
        signer_key_usage=set(), certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )  # fmt: skip
    authority = Authority(seal.stamper) if stamped and seal.stamper is not None else None
    for room in range(RESERVED, RESERVED + 64, 2):
        writer = _Adding(BytesIO(pdf))
        work = _Signer(at, about, signer, timestamper=authority).async_sign_pdf(
            writer, existing_fields_only=True, bytes_reserved=room
        )
        try:
            made: bytes = run(work).getvalue()
        except (Unavailable, TimestampRequestError, SigningError, ValueError) as error:
            if authority is None:
                raise
            raise Refused("timestamp_unavailable", authority=authority.stamper.name, why=str(error)) from error
        if b"\r\nendstream" not in made[len(pdf) :]:  # see reports.packing: readers differ on where such a stream ends
            return _checked(made, pdf, seal, stamped=authority is not None)
    raise AssertionError("every room gave an unclear end")


def _checked(made: bytes, pdf: bytes, seal: Seal, *, stamped: bool) -> bytes:
    """Nothing is handed on that its own check would not accept."""
    (found,) = seals_of(made, seal.stamper.roots if seal.stamper else ())
    if not (made.startswith(pdf) and found.intact and found.whole and found.certificate_sha256 == seal.fingerprint):
        raise AssertionError(f"the seal does not hold: {found}")
    if stamped and found.stamp != "valid":
        raise Refused(
            "timestamp_unavailable", authority=seal.stamper.name if seal.stamper else "", why=f"stamp {found.stamp}"
        )
    return made
