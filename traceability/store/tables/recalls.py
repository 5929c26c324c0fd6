"""What is done about a recall: notices and their answers, vials retrieved, patients reached, effect checked."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from traceability.domain.recalling import ContactBy, Retrieved
from traceability.domain.states import Custody
from traceability.store.tables.row import Row, key, values, when, word


class RecallNotice(Row, table=True):
    """One organisation is told of a recall: sent, seen there, answered there with what was found. Told anew when it grows."""

    __tablename__ = "recall_notice"
    __table_args__ = (
        UniqueConstraint("recall_id", "organisation_id", "round"),
        CheckConstraint("acknowledged_at IS NULL OR seen_at IS NOT NULL"),
    )
    sealed: ClassVar[frozenset[str]] = frozenset({"answer"})

    recall_id: str = key("recall.id", index=False)
    organisation_id: str = key("organisation.id")
    round: int
    sent_at: datetime = when()
    seen_at: datetime | None = when(nullable=True)
    acknowledged_at: datetime | None = when(nullable=True)
    answer: str | None = Field(default=None, nullable=True)
    tally: dict[str, int] | None = values(nullable=True)
    """What the record said at the moment of the answer: vials there, and of them accounted for."""
    salt: str | None = Field(default=None, max_length=32)


class Retrieval(Row, table=True):
    """One vial of a recall, accounted for by hand. `custody` is what the record had; `place_id` where it was put aside."""

    __table_args__ = (UniqueConstraint("recall_id", "vial_id"),)

    recall_id: str = key("recall.id", index=False)
    vial_id: str = key("vial.id")
    organisation_id: str = key("organisation.id")
    how: Retrieved = word(Retrieved)
    custody: Custody = word(Custody)
    place_id: str | None = key("place.id", nullable=True, index=False)
    at: datetime = when()


class RecallCheck(Row, table=True):
    """Whether the recall arrived in one organisation and was acted on there: how it was looked at, and what came of it."""

    __tablename__ = "recall_check"
    sealed: ClassVar[frozenset[str]] = frozenset({"observed"})

    recall_id: str = key("recall.id")
    organisation_id: str = key("organisation.id", index=False)
    contact_by: ContactBy = word(ContactBy)
    effective: bool
    observed: str | None = Field(default=None, nullable=True)
    at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)


class SubjectContact(Row, table=True):
    """One try to reach a patient who had a recalled vial. Seen where the patient is treated, and nowhere else."""

    __tablename__ = "subject_contact"
    sealed: ClassVar[frozenset[str]] = frozenset({"told"})

    recall_id: str = key("recall.id", index=False)
    subject_id: str = key("subject.id")
    reached: bool
    contact_by: ContactBy = word(ContactBy)
    told: str | None = Field(default=None, nullable=True)
    by_id: str = key("person.id", index=False)
    at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)
