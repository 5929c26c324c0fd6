"""What became of it: scores as their sources give them, adjudications between sources, adverse events asked for."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, col

from traceability.domain.harm import Challenge, EventOutcome, ReportOrigin, Sex
from traceability.store.tables.row import Row, key, values, when, word
from traceability.store.tables.subjects import Laterality


class TimePoint(StrEnum):
    BASELINE = "baseline"
    AFTER_SERIES = "after_series"
    MONTH_2 = "month_2"
    MONTH_4 = "month_4"
    MONTH_6 = "month_6"
    FOLLOW_UP = "follow_up"


class Asked(StrEnum):
    """Whether anybody asked: "none" is an answer, "not asked" is none (R53)."""

    NONE = "none"
    YES = "yes"
    NOT_ASKED = "not_asked"


class Projection(StrEnum):
    """From where a knee was X-rayed."""

    AP = "ap"
    PA_FLEXED = "pa_flexed"
    LATERAL = "lateral"
    SKYLINE = "skyline"
    OTHER = "other"


class ScoreForm(Row, table=True):
    """A questionnaire item by item, as it was answered; None among the answers: that one was not. Its scores are rows of their own."""

    __tablename__ = "score_form"
    sealed: ClassVar[frozenset[str]] = frozenset({"source"})

    subject_id: str = key("subject.id")
    course_id: str | None = key("course.id", nullable=True, index=False)
    laterality: Laterality | None = word(Laterality, nullable=True)
    instrument: str = Field(max_length=24)
    instrument_version: str = Field(max_length=40)
    answers: list[str | None] = values()
    time_point: TimePoint = word(TimePoint)
    observed_on: date | None = None
    source: str | None = Field(max_length=200, nullable=True)
    void_at: datetime | None = when(nullable=True)
    salt: str | None = Field(default=None, max_length=32)


class FormLink(Row, table=True):
    """A way in for one patient to answer questionnaires of one visit once, without an account: its token is kept as a hash."""

    __tablename__ = "form_link"
    __table_args__ = (CheckConstraint("used_at IS NULL OR ended_at IS NULL"),)

    subject_id: str = key("subject.id")
    course_id: str | None = key("course.id", nullable=True, index=False)
    laterality: Laterality | None = word(Laterality, nullable=True)
    time_point: TimePoint = word(TimePoint)
    forms: list[str] = values()
    """Each as instrument, bar, version; answered in this order."""
    language: str = Field(max_length=5)
    kiosk: bool
    hashed: str = Field(unique=True, max_length=64)
    valid_until: datetime = when()
    person_id: str = key("person.id", index=False)
    issued_at: datetime = when()
    used_at: datetime | None = when(nullable=True)
    ended_at: datetime | None = when(nullable=True)


class Score(Row, table=True):
    """One value of one instrument from one source (R50). Version, range and date that the source omits are empty."""

    sealed: ClassVar[frozenset[str]] = frozenset({"source", "reader"})

    subject_id: str = key("subject.id")
    course_id: str | None = key("course.id", nullable=True, index=False)
    laterality: Laterality | None = word(Laterality, nullable=True)
    instrument: str = Field(max_length=24)
    instrument_version: str | None = Field(default=None, max_length=40)
    subscale: str | None = Field(default=None, max_length=24)
    raw: str = Field(max_length=16)
    exact: str | None = Field(default=None, max_length=64)
    """The fraction that `raw` is rounded from, of items with a mean in them."""
    low: str | None = Field(default=None, max_length=16)
    high: str | None = Field(default=None, max_length=16)
    time_point: TimePoint = word(TimePoint)
    observed_on: date | None = None
    source: str | None = Field(max_length=200, nullable=True)
    reader: str | None = Field(default=None, max_length=80)
    form_id: str | None = key("score_form.id", nullable=True, index=False)
    """Where it was scored here, by the rule of the version."""
    unit: str | None = Field(default=None, max_length=12)
    projection: Projection | None = word(Projection, nullable=True)
    reader_id: str | None = key("person.id", nullable=True, index=False)
    """Who read it here, from a radiograph of this projection."""
    reading_id: str | None = key("reading.id", nullable=True, index=False)
    """What they read, before it was told."""
    void_at: datetime | None = when(nullable=True)
    """Since then it counts as told by mistake: it is read, and counts nowhere."""
    salt: str | None = Field(default=None, max_length=32)

    @classmethod
    def counts(cls) -> ColumnElement[bool]:
        """On record, and not told by mistake."""
        return col(cls.void_at).is_(None)


class Reading(Row, table=True):
    """A Kellgren–Lawrence grade that one person read, kept from everybody until a second one has read the same radiograph (R51).

    Then each becomes a score. The ledger keeps a salted digest of the grade.
    """

    sealed: ClassVar[frozenset[str]] = frozenset({"grade"})
    __table_args__ = (
        Index(
            "reading_stands",
            *("subject_id", "laterality", "time_point", "projection", "taken_on", "reader_id"),
            unique=True,
            sqlite_where=sql("void_at IS NULL"),
            postgresql_where=sql("void_at IS NULL"),
        ),
    )

    subject_id: str = key("subject.id")
    course_id: str | None = key("course.id", nullable=True, index=False)
    laterality: Laterality = word(Laterality)
    time_point: TimePoint = word(TimePoint)
    projection: Projection = word(Projection)
    taken_on: date
    grade: int | None = Field(nullable=True)
    reader_id: str = key("person.id", index=False)
    read_at: datetime = when()
    void_at: datetime | None = when(nullable=True)
    """Since then its reader says that it was told by mistake; they read again."""
    salt: str | None = Field(default=None, max_length=32)


class Adjudication(Row, table=True):
    """Several source values stand side by side; one is taken to be right, with a reason and a signature."""

    subject_id: str = key("subject.id")
    score_ids: list[str] = values()
    chosen_id: str = key("score.id", index=False)
    adjudicated_at: datetime = when()
    superseded_at: datetime | None = when(nullable=True)
    """Since then one of the values that it weighed counts as told by mistake."""


class AdverseEvent(Row, table=True):
    """What was asked about harm, over which time, and what was answered (R53).

    An event that is told again with more is a row of its own: `first_id` leads to how it was told first, the highest
    `version` counts. `number` names the event; answers without one have none. `aware_at`: when the house heard of it.
    """

    __tablename__ = "adverse_event"
    sealed: ClassVar[frozenset[str]] = frozenset(
        {"description", "window", "source", "term", "narrative", "history", "age_y", "sex"}
    )
    __table_args__ = (
        CheckConstraint("(asked = 'yes') = (description <> '')"),
        CheckConstraint("(first_id IS NULL) = (version = 1)"),
        CheckConstraint("number IS NULL OR first_id IS NULL"),
        UniqueConstraint("first_id", "version"),
    )

    subject_id: str = key("subject.id")
    course_id: str | None = key("course.id", nullable=True, index=False)
    administration_id: str | None = key("administration.id", nullable=True, index=False)
    organisation_id: str = key("organisation.id", index=False)
    asked: Asked = word(Asked)
    description: str | None = Field(default="", max_length=400)
    grade: int | None = None
    serious: bool | None = None
    window: str | None = Field(default="", max_length=120)
    source: str | None = Field(default="", max_length=200)
    reported_at: datetime = when()
    case_id: str | None = key("cases.id", nullable=True, index=False)
    salt: str | None = Field(default=None, max_length=32)
    number: str | None = Field(default=None, unique=True, max_length=20)
    first_id: str | None = key("adverse_event.id", nullable=True, index=False)
    version: int = 1
    aware_at: datetime = when()
    term: str | None = Field(default=None, max_length=120)
    criteria: list[str] = values()
    outcome: EventOutcome | None = word(EventOutcome, nullable=True)
    onset_on: date | None = None
    onset_at: datetime | None = when(nullable=True)
    """Where it is known to the minute; its day stands in `onset_on` all the same."""
    ended_on: date | None = None
    dechallenge: Challenge | None = word(Challenge, nullable=True)
    rechallenge: Challenge | None = word(Challenge, nullable=True)
    report_origin: ReportOrigin | None = word(ReportOrigin, nullable=True)
    narrative: str | None = Field(default=None, max_length=4000)
    history: str | None = Field(default=None, max_length=2000)
    age_y: int | None = None
    sex: Sex | None = word(Sex, nullable=True)
