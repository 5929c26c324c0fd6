"""The forms that patients sign: each kind of consent by version and language, from a day on (R48)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlmodel import Field

from traceability.store.tables.row import Row, key, when, word
from traceability.store.tables.subjects import ConsentKind


class ConsentForm(Row, table=True):
    """A version of what is signed, in one language, as the PDF that its hash names. It counts once it is issued, from a day on.

    `renew`: whoever signed an earlier version signs again.
    """

    __tablename__ = "consent_form"
    __table_args__ = (
        Index(
            "consent_form_issued",
            "organisation_id",
            "kind",
            "version",
            "language",
            unique=True,
            sqlite_where=sql("issued_at IS NOT NULL"),
            postgresql_where=sql("issued_at IS NOT NULL"),
        ),
    )

    organisation_id: str = key("organisation.id")
    kind: ConsentKind = word(ConsentKind)
    version: str = Field(max_length=32)
    language: str = Field(max_length=2)
    valid_from: date
    renew: bool
    attachment_id: str = key("attachment.id", index=False)
    issued_at: datetime | None = when(nullable=True)

    @property
    def name(self) -> str:
        """As it stands on a consent: v2 (id)."""
        return f"{self.version} ({self.language})"
