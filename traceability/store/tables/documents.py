"""Files that came in, and documents that went out: both by their hash, both kept."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from traceability.domain.states import DocumentState
from traceability.store.tables.row import Row, key, text, values, when, word


class Attachment(Row, table=True):
    """A file as it was received. Its bytes lie in `instance/documents/<sha256>`."""

    sealed: ClassVar[frozenset[str]] = frozenset({"name"})

    sha256: str = Field(index=True, max_length=64)
    name: str | None = Field(nullable=True)
    media_type: str = Field(max_length=80)
    size: int
    organisation_id: str = key("organisation.id", index=False)
    lot_id: str | None = key("lot.id", nullable=True)
    kind: str = Field(default="other", max_length=24)
    salt: str | None = Field(default=None, max_length=32)


class Document(Row, table=True):
    """A printed record: its canonical JSON, the digest of it that is printed, and the bytes that were drawn (R59).

    It repeats reasons and a masked identity, which can be erased: the ledger keeps its salted digest, not its words.
    """

    sealed: ClassVar[frozenset[str]] = frozenset({"record"})
    __table_args__ = (UniqueConstraint("number", "version"),)

    number: str = Field(max_length=32)
    version: int
    kind: str = Field(max_length=24)
    noun: str = Field(max_length=24)
    noun_id: str = Field(max_length=32, index=True)
    period: str = Field(default="", max_length=10)
    """The month (2026-04) of a record that there is one of each month; else empty."""
    organisation_id: str = key("organisation.id", index=False)
    language: str = Field(max_length=5)
    record: str | None = text(nullable=True)
    salt: str | None = Field(default=None, max_length=32)
    record_sha256: str = Field(max_length=64)
    bytes_sha256: str = Field(max_length=64)
    seal_sha256: str | None = Field(default=None, nullable=True, max_length=64)
    """Of the certificate that sealed the bytes; none: they have no seal."""
    renderer: str = Field(max_length=80)
    checkpoint: dict[str, object] = values()
    issued_at: datetime = when()
    state: DocumentState = word(DocumentState)
