"""Seals found in a file: what each covers, whether it is as it was signed, by which certificate, and whose time stamp it has.

Whether that certificate is a site's own is for the caller: it knows which one the document was sealed with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, async_validate_pdf_signature
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from traceability.domain.seals import Found

MOST = 16
"""So many seals are looked at; a document of ours has one."""


def seals_of(pdf: bytes, roots: Sequence[bytes] = ()) -> list[Found]:
    """Every signature of the file, in order. `roots`: the certificates (DER) from which stamps must come."""
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    return [_found(one, roots) for one in reader.embedded_regular_signatures[:MOST]]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """What pyHanko does asynchronously, to its end: in a thread of its own, whatever runs in this one."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, work).result()


def _found(one: Any, roots: Sequence[bytes]) -> Found:
    name = str(one.field_name)
    try:
        told = run(_validated(one, roots))
    except Exception as error:  # whatever is written there: it could not be checked, and nothing rests on it
        return Found(name, trouble=type(error).__name__)
    stamp, stamped_at = _stamp(told.timestamp_validity)
    return Found(
        name=name,
        certificate_sha256=told.signing_cert.sha256.hex(),
        intact=bool(told.intact and told.valid),
        whole=told.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        signed_at=told.signer_reported_dt,
        stamped_at=stamped_at,
        stamp=stamp,
    )


async def _validated(one: Any, roots: Sequence[bytes]) -> Any:
    """By the certificate as it was at the time: one that expired since sealed what it sealed. Nothing is fetched."""
    at = _at(one)
    own = ValidationContext(trust_roots=[one.signer_cert], moment=at, allow_fetching=False)
    stamps = ValidationContext(
        trust_roots=[x509.Certificate.load(root) for root in roots], moment=at, allow_fetching=False
    )
    usage = KeyUsageConstraints(key_usage=None)
    return await async_validate_pdf_signature(one, own, stamps, key_usage_settings=usage, skip_diff=True)


def _at(one: Any) -> datetime | None:
    token = next(extract_tst_data_iter(one.signer_info, signed=False), None)
    if token is None:
        return one.self_reported_timestamp
    return token["encap_content_info"]["content"].parsed["gen_time"].native


def _stamp(told: Any) -> tuple[str, datetime | None]:
    if told is None:
        return "none", None
    if not (told.intact and told.valid):
        return "broken", None
    return ("valid", told.timestamp) if told.trusted else ("unknown", None)
