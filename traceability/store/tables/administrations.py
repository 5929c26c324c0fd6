"""What was injected, into whom, on which side, by whom, what was seen afterwards, and what of it was told wrong.

Facts: kept whatever rule they broke. A correction leaves what it corrects to be read.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, Index
from sqlmodel import Field, col

from traceability.store.tables.row import Choice, Row, key, values, when, word
from traceability.store.tables.subjects import Laterality


class Mode(StrEnum):
    """How it came into the record: as it happened, or afterwards from paper or memory (R45)."""

    LIVE = "live"
    LATE = "late"
    TRANSCRIBED = "transcribed"


class Inspection(StrEnum):
    """What the vials looked like before they were drawn up: sound is clear, without particles, whole, its label legible."""

    SOUND = "sound"
    PARTICLES = "particles"
    CLOUDY = "cloudy"
    DISCOLOURED = "discoloured"
    DAMAGED = "damaged"


class Administration(Row, table=True):
    """One injection (R42–R45). What the record does not know is empty: not reported. `findings`: what stood against it.

    `void_at`: since then it counts as told by mistake: it is read, in the trace too, and nothing is built on it.
    """

    sealed: ClassVar[frozenset[str]] = frozenset(
        {"identifiers", "guidance", "approach", "needle", "skin_preparation", "concomitant"}
    )

    subject_id: str = key("subject.id")
    course_id: str | None = key("course.id", nullable=True)
    dose_id: str | None = key("dose.id", nullable=True)
    organisation_id: str = key("organisation.id", index=False)
    laterality: Laterality = word(Laterality)
    mode: Mode = word(Mode)
    given_at: datetime = when(index=True)
    injector_id: str = key("person.id", index=False)
    witness_id: str = key("person.id", index=False)
    identifiers: str | None = Field(default="", max_length=120)
    guidance: str | None = Field(default="", max_length=80)
    approach: str | None = Field(default="", max_length=80)
    needle: str | None = Field(default="", max_length=40)
    skin_preparation: str | None = Field(default="", max_length=80)
    aspirated_ul: int | None = None
    vas_before: str | None = Field(default=None, max_length=8)
    vas_after: str | None = Field(default=None, max_length=8)
    concomitant: str | None = Field(default="", max_length=200)
    inspection: Inspection | None = Field(default=None, sa_type=Choice(Inspection), nullable=True)
    findings: list[dict[str, object]] = values()
    void_at: datetime | None = when(nullable=True)
    salt: str | None = Field(default=None, max_length=32)

    @classmethod
    def counts(cls) -> ColumnElement[bool]:
        """On record, and not told by mistake."""
        return col(cls.void_at).is_(None)


class AdministrationVial(Row, table=True):
    """A vial of an injection, its lot beside it: withdrawn = given + discarded (R42).

    `code` is what was read at the bedside. A vial or lot that the record does not know is none: it was given all the same,
    and is known once somebody announces it. `label_lot_id`: the lot that the label names, where it is not the vial's.
    """

    __tablename__ = "administration_vial"
    __table_args__ = (
        CheckConstraint("withdrawn_ul = given_ul + discarded_ul AND given_ul >= 0 AND discarded_ul >= 0"),
        Index("administration_vial_lot", "lot_id"),
        Index("administration_vial_label_lot", "label_lot_id"),
    )

    administration_id: str = key("administration.id")
    vial_id: str | None = key("vial.id", nullable=True)
    lot_id: str | None = key("lot.id", nullable=True, index=False)
    label_lot_id: str | None = key("lot.id", nullable=True, index=False)
    code: str = Field(max_length=200)
    withdrawn_ul: int
    given_ul: int
    discarded_ul: int


class Observation(Row, table=True):
    """The subject was watched afterwards (R44): for how long, and what was seen. `findings`: watched too shortly so far."""

    sealed: ClassVar[frozenset[str]] = frozenset({"description"})

    administration_id: str = key("administration.id")
    observer_id: str = key("person.id", index=False)
    began_at: datetime = when()
    ended_at: datetime = when()
    reaction: bool
    description: str | None = Field(default="", max_length=400)
    findings: list[dict[str, object]] = values()
    salt: str | None = Field(default=None, max_length=32)


class Correction(Row, table=True):
    """A value of an injection as it was told first, and as it is told since; empty where it was not reported (R38)."""

    sealed: ClassVar[frozenset[str]] = frozenset({"before", "after"})

    administration_id: str = key("administration.id")
    field: str = Field(max_length=24)
    before: str | None = Field(default=None, max_length=200)
    after: str | None = Field(default=None, max_length=200)
    corrected_at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)
