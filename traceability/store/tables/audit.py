"""The audit trail as something people answer for: who has read it, up to where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from traceability.store.tables.row import BIG, Row, key, values, when


class AuditReview(Row, table=True):
    """Somebody read all of a trail up to an entry: of one lot, or (None) of the whole ledger of their organisation.

    `entries` counts what was there to read; `trail_sha256` is the digest over the leaves of those entries, in their order. `boxes`:
    of which consignments the lot's trail was: what another brings in later was not read.
    """

    __tablename__ = "audit_review"
    __table_args__ = (
        CheckConstraint("through >= 1"),
        CheckConstraint("entries BETWEEN 1 AND through"),
        Index("audit_review_latest", "organisation_id", "lot_id", "through"),
    )

    organisation_id: str = key("organisation.id", index=False)
    lot_id: str | None = key("lot.id", nullable=True)
    person_id: str = key("person.id", index=False)
    through: int = Field(sa_type=BIG)
    entries: int = Field(sa_type=BIG)
    trail_sha256: str = Field(max_length=64)
    boxes: list[str] = values()
    reviewed_at: datetime = when()


class Evidence(Row, table=True):
    """A lot's evidence package that was made: its digest, and up to where the trail in it goes. Its bytes lie in
    `instance/documents/<sha256>.zip`; `asked_by` asked for it, who may be a guest.
    """

    number: str = Field(unique=True, max_length=20)
    organisation_id: str = key("organisation.id")
    lot_id: str = key("lot.id")
    asked_by: str = key("person.id", index=False)
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BIG)
    entries: int
    documents: int
    made_at: datetime = when()
