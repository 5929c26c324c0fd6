"""Who is told when a place is out of limits or a sensor is silent, and what became of it. What waits to be sent lies beside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from traceability.store.tables.row import ID, Row, key, when, word


class AlarmKind(StrEnum):
    OUT_OF_LIMITS = "out_of_limits"
    SILENT = "silent"
    CASE_OVERDUE = "case_overdue"
    ACTION_OVERDUE = "action_overdue"
    CHECK_OVERDUE = "check_overdue"
    PAPER_ENDS = "paper_ends"
    REVIEW_OWED = "review_owed"
    RECALL_UNANSWERED = "recall_unanswered"
    BOX_OVERDUE = "box_overdue"
    TRAINING_ENDS = "training_ends"
    ACCESS_UNREVIEWED = "access_unreviewed"
    EVENT_UNREPORTED = "event_unreported"


OF_PLACES = frozenset({AlarmKind.OUT_OF_LIMITS, AlarmKind.SILENT})
"""What goes wrong in a place. Everything else is something due (`services.due`): over as soon as it is done."""


class Alarm(Row, table=True):
    """Somebody has to look: raised once, acknowledged by a person, cleared when it is over. Of a place, or of something due."""

    __table_args__ = (
        CheckConstraint("(place_id IS NULL) = (noun_id IS NOT NULL)"),
        CheckConstraint("(noun_id IS NULL) = (noun IS NULL)"),
    )

    number: str = Field(unique=True, max_length=20)
    organisation_id: str = key("organisation.id")
    kind: AlarmKind = word(AlarmKind)
    place_id: str | None = key("place.id", nullable=True)
    sensor_id: str | None = key("sensor.id", nullable=True)
    excursion_id: str | None = key("excursion.id", nullable=True)
    noun: str | None = Field(default=None, max_length=24)
    noun_id: str | None = Field(default=None, max_length=32, index=True)
    name: str | None = Field(default=None, max_length=120)
    step: int | None = None
    """Of a paper or a training: how many days ahead; of a review: within how many hours. 0: that is over. Of a recall: which
    reminder. Of an event: how many days are left, 0 when they are over.
    """
    since: datetime = when()
    raised_at: datetime = when()
    acknowledged_at: datetime | None = when(nullable=True)
    acknowledged_by: str | None = key("person.id", nullable=True, index=False)
    cleared_at: datetime | None = when(nullable=True)


class Channel(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"


class AlarmContact(Row, table=True):
    """Who is told of what, by what way, and after how long without acknowledgement: 0 is at once. Of recalls always at once."""

    sealed: ClassVar[frozenset[str]] = frozenset({"address"})

    __tablename__ = "alarm_contact"

    organisation_id: str = key("organisation.id")
    channel: Channel = word(Channel)
    address: str | None = Field(nullable=True, max_length=300)
    language: str = Field(default="en", max_length=5)
    after_s: int = 0
    of_alarms: bool = True
    of_due: bool = True
    of_recalls: bool = True
    ended_at: datetime | None = when(nullable=True)
    salt: str | None = Field(default=None, max_length=32)


class DeviceKey(Row, table=True):
    """The key of a device, kept as its hash, told once. `site_id`: it reads the calendar of this site; empty: it sends readings."""

    __tablename__ = "device_key"

    person_id: str = key("person.id")
    hashed: str = Field(unique=True, max_length=64)
    site_id: str | None = key("site.id", nullable=True, index=False)
    ended_at: datetime | None = when(nullable=True)


class Outgoing(SQLModel, table=True):
    """One message to one contact, beside the record: sent, or tried again later. The alarm itself is in the record."""

    id: str = Field(primary_key=True, sa_type=ID)
    alarm_id: str = key("alarm.id")
    contact_id: str = key("alarm_contact.id", index=False)
    due_at: datetime = when(index=True)
    sent_at: datetime | None = when(nullable=True)
    tries: int = 0
    trouble: str = Field(default="", max_length=400)
