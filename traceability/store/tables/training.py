"""Training of people, what training a role asks for in a house, and reviews of who may do what (R55b)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from traceability.domain.people import Role
from traceability.store.tables.row import Row, key, values, when, word

TOPIC = 40


class Training(Row, table=True):
    """Somebody was trained in a topic on a day. Without an end nobody knows how long it counts; taken back, it counts for nothing."""

    __table_args__ = (CheckConstraint("valid_until IS NULL OR valid_until >= held_on"),)

    organisation_id: str = key("organisation.id", index=False)
    person_id: str = key("person.id")
    topic: str = Field(max_length=TOPIC)
    held_on: date
    valid_until: date | None = None
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    recorded_by: str = key("person.id", index=False)
    recorded_at: datetime = when()
    void_at: datetime | None = when(nullable=True)


class TrainingNeed(Row, table=True):
    """Who performs acts in this role at this house is trained in this topic. A house without rows asks for nothing."""

    __tablename__ = "training_need"

    organisation_id: str = key("organisation.id")
    role: Role = word(Role)
    topic: str = Field(max_length=TOPIC)
    since: datetime = when()
    ended_at: datetime | None = when(nullable=True)


class AccessReview(Row, table=True):
    """Somebody looked through the roles of a house, as they were shown. `next_in_d`: after so many days it is due again."""

    __tablename__ = "access_review"

    organisation_id: str = key("organisation.id")
    person_id: str = key("person.id", index=False)
    reviewed_at: datetime = when()
    next_in_d: int
    grants_sha256: str = Field(max_length=64)
    shown: dict[str, Any] = values()
