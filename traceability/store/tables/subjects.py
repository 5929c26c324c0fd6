"""Who is treated: a pseudonym in the record, the identity apart and encrypted, what was consented to, the course of doses."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from traceability.store.tables.row import Row, key, text, when, word


class Laterality(StrEnum):
    RIGHT = "right"
    LEFT = "left"


class ConsentKind(StrEnum):
    """What was consented to: each by itself (R48)."""

    THERAPY = "therapy"
    DATA = "data"
    IMAGES = "images"


class Subject(Row, table=True):
    """A treated person under a pseudonym that carries nothing of them (R47)."""

    organisation_id: str = key("organisation.id")
    pseudonym: str = Field(unique=True, max_length=16)


class Identity(Row, table=True):
    """Name, medical record number, national number, birth date and wristband of a subject: AES-256-GCM, each by itself.

    The `_index` columns are keyed digests by which a person is found without being read. All of it can be erased.
    """

    sealed: ClassVar[frozenset[str]] = frozenset(
        {"name", "mrn", "nik", "born", "wristband", "mrn_index", "nik_index", "wristband_index", "name_born_index"}
    )

    subject_id: str = Field(foreign_key="subject.id", unique=True, max_length=32)
    key_id: str = Field(max_length=16)
    name: str | None = text(nullable=True)
    mrn: str | None = text(nullable=True)
    nik: str | None = text(nullable=True)
    born: str | None = text(nullable=True)
    wristband: str | None = text(nullable=True)
    mrn_index: str | None = Field(default=None, max_length=64, index=True)
    nik_index: str | None = Field(default=None, max_length=64, index=True)
    wristband_index: str | None = Field(default=None, max_length=64, index=True)
    name_born_index: str | None = Field(default=None, max_length=64, index=True)
    salt: str | None = Field(default=None, max_length=32)


class SubjectMerge(Row, table=True):
    """One person was enrolled twice: `merged_id` is read with `stands_id` until it is taken back. No row is keyed anew (R47).

    `doubted`: what was compared spoke against it, and two people said in spite of it that it is one person.
    """

    __tablename__ = "subject_merge"
    __table_args__ = (
        CheckConstraint("stands_id <> merged_id"),
        Index(
            "subject_merge_open",
            "merged_id",
            unique=True,
            sqlite_where=sql("until IS NULL"),
            postgresql_where=sql("until IS NULL"),
        ),
    )

    organisation_id: str = key("organisation.id")
    stands_id: str = key("subject.id")
    merged_id: str = key("subject.id")
    since: datetime = when()
    until: datetime | None = when(nullable=True)
    doubted: bool = False


class Opening(Row, table=True):
    """The glass was broken: somebody who treats nobody may see who one subject is, for half an hour; reviewed within a day (R47)."""

    __tablename__ = "opening"
    sealed: ClassVar[frozenset[str]] = frozenset({"review"})
    __table_args__ = (CheckConstraint("(reviewed_at IS NULL) = (justified IS NULL) AND until > since"),)

    number: str = Field(unique=True, max_length=12)
    organisation_id: str = key("organisation.id")
    subject_id: str = key("subject.id")
    person_id: str = key("person.id", index=False)
    witness_id: str = key("person.id", index=False)
    since: datetime = when()
    until: datetime = when()
    review_due_at: datetime = when()
    reviewed_at: datetime | None = when(nullable=True)
    reviewed_by: str | None = key("person.id", nullable=True, index=False)
    justified: bool | None = None
    review: str | None = text(nullable=True)
    salt: str | None = Field(default=None, max_length=32)


class Consent(Row, table=True):
    """Signed by the subject before a witness; the document by its hash (R48). Withdrawn from a moment on.

    `version` names the form with its language, as it stands on it. `representative`, `relation`: who signed in the subject's
    place, and how they stand to them; empty: the subject signed. `last_no_at`: when a withdrawal was last told, where it was
    told more than once and an earlier moment counts. `no_told_at`: when one was entered last, whenever it was said.
    """

    sealed: ClassVar[frozenset[str]] = frozenset({"representative", "relation"})

    subject_id: str = key("subject.id")
    kind: ConsentKind = word(ConsentKind)
    version: str = Field(max_length=40)
    signed_at: datetime = when()
    witness_id: str = key("person.id", index=False)
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    representative: str | None = Field(default=None, max_length=120)
    relation: str | None = Field(default=None, max_length=80)
    withdrawn_at: datetime | None = when(nullable=True)
    last_no_at: datetime | None = when(nullable=True)
    no_told_at: datetime | None = when(nullable=True)
    salt: str | None = Field(default=None, max_length=32)


class Course(Row, table=True):
    """One joint of one subject under one protocol version, treated at one site; knees are independent (R51)."""

    sealed: ClassVar[frozenset[str]] = frozenset({"compartment"})

    subject_id: str = key("subject.id")
    protocol_version_id: str = key("protocol_version.id", index=False)
    laterality: Laterality = word(Laterality)
    compartment: str | None = Field(default="", max_length=40)
    physician_id: str = key("person.id", index=False)
    planned_on: date
    site_id: str = key("site.id", index=False)
    ended_at: datetime | None = when(nullable=True)
    salt: str | None = Field(default=None, max_length=32)


class Dose(Row, table=True):
    """Dose k of a course, on its planned day."""

    __table_args__ = (UniqueConstraint("course_id", "k"), CheckConstraint("k > 0"))

    course_id: str = key("course.id", index=False)
    k: int
    due: date


class Order(Row, table=True):
    """The prescriber's order of one dose and the pharmacist's verification: both before anything is issued (R39).

    `superseded_at`: what it rested on was told otherwise; the dose is ordered anew.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index(
            "order_stands",
            "dose_id",
            unique=True,
            sqlite_where=sql("superseded_at IS NULL"),
            postgresql_where=sql("superseded_at IS NULL"),
        ),
    )

    dose_id: str = key("dose.id")
    prescriber_id: str = key("person.id", index=False)
    ordered_at: datetime = when()
    volume_ul: int
    verified_by: str | None = key("person.id", nullable=True, index=False)
    verified_at: datetime | None = when(nullable=True)
    superseded_at: datetime | None = when(nullable=True)


class Reservation(Row, table=True):
    """A vial is kept for a dose until it is given, or until somebody lets it go."""

    __table_args__ = (
        Index(
            "reservation_open",
            "vial_id",
            unique=True,
            sqlite_where=sql("until IS NULL"),
            postgresql_where=sql("until IS NULL"),
        ),
    )

    vial_id: str = key("vial.id")
    dose_id: str = key("dose.id")
    since: datetime = when()
    until: datetime | None = when(nullable=True)


class Start(Row, table=True):
    """The one permit to give this vial: every stop was asked at the bedside and none stood (R39). Never a second beside it.

    `superseded_at`: what it rested on was told otherwise; it permits nothing from then on.
    """

    __tablename__ = "dose_start"
    __table_args__ = (
        Index(
            "start_stands",
            "vial_id",
            unique=True,
            sqlite_where=sql("superseded_at IS NULL"),
            postgresql_where=sql("superseded_at IS NULL"),
        ),
    )

    dose_id: str = key("dose.id")
    vial_id: str = key("vial.id")
    laterality: Laterality = word(Laterality)
    at: datetime = when()
    superseded_at: datetime | None = when(nullable=True)
