"""Is this file ours, is it as it was issued, and does it still stand? Answered from the record; the file is only asked who it is.

Whoever asks learns what the public page of its number tells, and what the file itself says: nothing of the record beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from importlib import import_module
from threading import BoundedSemaphore
from typing import IO, Any

from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import SYSTEM
from traceability.domain.releasing import Lapsed
from traceability.domain.seals import Found
from traceability.domain.states import DocumentState
from traceability.services import documents
from traceability.store import Store
from traceability.store.tables import Document

MOST_BYTES = 25 * 1024 * 1024
AT_ONCE = 64 * 1024
WAIT_S = 10
_ONE = BoundedSemaphore(1)
"""Files are looked into one after another: each may take a processor and a gigabyte."""


class Authenticity(StrEnum):
    """What of the file is to be believed; only the first may be relied on."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    VOID = "void"
    ALTERED = "altered"
    FOREIGN = "foreign"


class SealAnswer(StrEnum):
    """`valid`: intact, over the whole file, by the certificate that the record names. `none`: the document has none."""

    VALID = "valid"
    NONE = "none"
    MISSING = "missing"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verified:
    """`number` and `version`: which document it is, or, where it is altered or foreign, which it says it is.

    `newest`: the version that stands now, if one does. `lapsed`: why what it tells of is not to be relied on.
    `record_kept`: whether the record within is the one that was issued.
    """

    answer: Authenticity
    bytes_sha256: str
    number: str | None = None
    version: int | None = None
    newest: int | None = None
    void_at: datetime | None = None
    lapsed: Lapsed | None = None
    record_kept: bool | None = None
    seal: SealAnswer = SealAnswer.NONE
    seals: tuple[Found, ...] = ()

    @property
    def unchanged(self) -> bool:
        return self.answer not in (Authenticity.ALTERED, Authenticity.FOREIGN)


def received(stream: IO[bytes]) -> bytes:
    """The file, counted while it is read. Refuses `body_too_large` and what is no PDF."""
    made = bytearray()
    while part := stream.read(AT_ONCE):
        made += part
        if len(made) > MOST_BYTES:
            raise Refused("body_too_large", most=MOST_BYTES)
    if not made.startswith(b"%PDF-"):
        raise Refused("paper_not_pdf")
    return bytes(made)


def verify(store: Store, pdf: bytes) -> Verified:
    """Refuses `paper_damaged`, `paper_encrypted`, `paper_costly`, and `paper_busy` while another is looked into."""
    digest = sha256(pdf).hexdigest()
    told = _read(store, pdf)
    with store.read(SYSTEM) as view:
        exact = view.all(Document, Document.bytes_sha256 == digest, limit=1)
        named: Sequence[Document] = exact
        if not exact and told.number is not None and documents.NUMBER.fullmatch(told.number):
            named = view.all(Document, Document.number == told.number, Document.version == told.version, limit=1)
        ours = store.seal is not None and any(one.certificate_sha256 == store.seal.fingerprint for one in told.seals)
    if not named:
        seal = _seal(None, told.seals, known=ours)
        return Verified(Authenticity.FOREIGN, digest, told.number, told.version, seal=seal, seals=told.seals)
    (row,) = named
    status = documents.status(store, row.number, row.version)
    return Verified(
        _answer(status) if exact else Authenticity.ALTERED, digest, row.number, row.version, newest=status.newest,
        void_at=status.void_at if status.lapsed else None, lapsed=status.lapsed, record_kept=told.record_sha256 == row.record_sha256,
        seal=_seal(row.seal_sha256, told.seals, known=ours), seals=told.seals,
    )  # fmt: skip


def _answer(status: documents.Status) -> Authenticity:
    """The gravest first: what was revoked is said even of a release that is void."""
    if status.state is DocumentState.REVOKED:
        return Authenticity.REVOKED
    if status.lapsed:
        return Authenticity.VOID
    return Authenticity.CURRENT if status.state is DocumentState.CURRENT else Authenticity.SUPERSEDED


def _seal(expected: str | None, found: Sequence[Found], *, known: bool) -> SealAnswer:
    """Against the certificate that the record names for this document: it may have been renewed since."""
    if not found:
        return SealAnswer.MISSING if expected else SealAnswer.NONE
    if any(one.trouble or not one.intact or not one.whole or one.stamp == "broken" for one in found):
        return SealAnswer.BROKEN
    if expected is None:
        return SealAnswer.VALID if known else SealAnswer.UNKNOWN
    return SealAnswer.VALID if all(one.certificate_sha256 == expected for one in found) else SealAnswer.UNKNOWN


def _read(store: Store, pdf: bytes) -> Any:
    reading = import_module("traceability.sealing.reading")
    if not _ONE.acquire(timeout=WAIT_S):
        raise Refused("paper_busy")
    try:
        stamper = store.seal.stamper if store.seal else None
        return reading.read(pdf, stamper.roots if stamper else ())
    except reading.Unreadable as unreadable:
        if unreadable.reason == "encrypted":
            raise Refused("paper_encrypted") from unreadable
        if unreadable.reason == "costly":
            raise Refused("paper_costly") from unreadable
        raise Refused("paper_damaged") from unreadable
    finally:
        _ONE.release()


def mine(view: Any, told: Verified) -> Document | None:
    """The document itself, where whoever asks may open it."""
    if told.number is None:
        return None
    try:
        found = view.all(Document, Document.number == told.number, Document.version == told.version, limit=1)
    except NotFound:
        return None
    return found[0] if found else None
