"""Pictures and papers of a subject: what was kept, without what the file said besides, and what was given (R54)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from traceability.store.tables.row import Row, key, when, word
from traceability.store.tables.subjects import Laterality


class ImageKind(StrEnum):
    RADIOGRAPH_AP = "radiograph_ap"
    RADIOGRAPH_PA = "radiograph_pa"
    RADIOGRAPH_LATERAL = "radiograph_lateral"
    RADIOGRAPH_SKYLINE = "radiograph_skyline"
    MRI = "mri"
    PHOTOGRAPH = "photograph"
    DOCUMENT = "document"


class Image(Row, table=True):
    """One file: its bytes lie under `sha256`; of what was given only `given_sha256` is kept. What it was called is not."""

    __table_args__ = (CheckConstraint("size > 0"),)

    subject_id: str = key("subject.id")
    course_id: str | None = key("course.id", nullable=True, index=False)
    kind: ImageKind = word(ImageKind)
    laterality: Laterality | None = word(Laterality, nullable=True)
    taken_on: date | None = None
    media_type: str = Field(max_length=40)
    size: int
    sha256: str = Field(max_length=64)
    given_sha256: str = Field(max_length=64)
    person_id: str = key("person.id", index=False)
    attached_at: datetime = when()
