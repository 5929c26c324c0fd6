"""People, what they may do and since when, and the hash of what they know."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from traceability.domain.people import Role
from traceability.store.tables.row import Row, key, text, when, word


class Person(Row, table=True):
    organisation_id: str = key("organisation.id")
    username: str = Field(unique=True, max_length=64)
    name: str
    title: str = ""
    language: str = Field(default="en", max_length=5)


class Password(Row, table=True):
    """The Argon2id hash. Its digest alone stands in the ledger: an auditor sees that it changed, not to what."""

    sealed: ClassVar[frozenset[str]] = frozenset({"hashed"})

    person_id: str = Field(foreign_key="person.id", unique=True, max_length=32)
    hashed: str | None = text(nullable=True)
    salt: str | None = Field(default=None, max_length=32)
    must_change: bool = False


class GrantRow(Row, table=True):
    """A role for a time in one organisation; an inspector's is in the inspected one. Training it rests on is named (R55b)."""

    __tablename__ = "grants"
    sealed: ClassVar[frozenset[str]] = frozenset({"purpose"})
    __table_args__ = (CheckConstraint("(handed_by IS NULL) = (from_grant_id IS NULL)"),)

    person_id: str = key("person.id")
    organisation_id: str = key("organisation.id", index=False)
    role: Role = word(Role)
    site_id: str | None = key("site.id", nullable=True, index=False)
    lot_id: str | None = key("lot.id", nullable=True, index=False)
    since: datetime = when()
    until: datetime | None = when(nullable=True)
    training: str = ""
    handed_by: str | None = key("person.id", nullable=True, index=False)
    """Who stands behind it: a colleague handed it over for a time, from a grant of their own."""
    from_grant_id: str | None = key("grants.id", nullable=True)
    purpose: str | None = Field(default=None, max_length=200)
    salt: str | None = Field(default=None, max_length=32)

    def holds(self, at: datetime) -> bool:
        """Given and not yet ended."""
        return self.since <= at and (self.until is None or at < self.until)
