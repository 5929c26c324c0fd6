"""Who is on call, and what was issued while nobody of QA was there."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from traceability.domain.people import Role
from traceability.store.tables.row import Row, key, text, values, when, word


class Shift(Row, table=True):
    """Somebody is on call in a role for a time, and how they are reached."""

    sealed: ClassVar[frozenset[str]] = frozenset({"reach"})
    __table_args__ = (CheckConstraint("until > since"),)

    organisation_id: str = key("organisation.id")
    person_id: str = key("person.id")
    role: Role = word(Role)
    since: datetime = when()
    until: datetime = when(index=True)
    reach: str | None = Field(default=None, max_length=120)
    ended_at: datetime | None = when(nullable=True)
    salt: str | None = Field(default=None, max_length=32)


class EmergencyIssue(Row, table=True):
    """A vial handed out without QA: by whom, for whom, with the findings that stood against it; reviewed within a day (R37)."""

    __tablename__ = "emergency_issue"
    sealed: ClassVar[frozenset[str]] = frozenset({"review"})
    __table_args__ = (CheckConstraint("(reviewed_at IS NULL) = (justified IS NULL)"),)

    organisation_id: str = key("organisation.id")
    vial_id: str = key("vial.id")
    subject_id: str = key("subject.id", index=False)
    case_id: str = key("cases.id")
    pharmacist_id: str = key("person.id", index=False)
    physician_id: str = key("person.id", index=False)
    findings: list[dict[str, object]] = values()
    on_call: list[str] = values()
    issued_at: datetime = when()
    review_due_at: datetime = when()
    reviewed_at: datetime | None = when(nullable=True)
    reviewed_by: str | None = key("person.id", nullable=True, index=False)
    justified: bool | None = None
    review: str | None = text(nullable=True)
    salt: str | None = Field(default=None, max_length=32)
