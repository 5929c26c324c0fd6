"""Pictures and papers of a subject: what is kept, without what the file said besides, and what was given (R54)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from traceability.store.tables.row import Row, key, text, when, word
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
    """One file: `sha256` of what is handed out, `given_sha256` of what was given. What it was called is not kept.

    Its bytes lie under `sealed_sha256`, encrypted by a key of their own, which stands here under the key of identities: `secret`.
    Erased, nobody reads them any more, whoever has the file.
    """

    __table_args__ = (CheckConstraint("size > 0"),)
    sealed: ClassVar[frozenset[str]] = frozenset({"secret"})

    subject_id: str = key("subject.id")
    course_id: str | None = key("course.id", nullable=True, index=False)
    kind: ImageKind = word(ImageKind)
    laterality: Laterality | None = word(Laterality, nullable=True)
    taken_on: date | None = None
    media_type: str = Field(max_length=40)
    size: int
    sha256: str = Field(max_length=64)
    given_sha256: str = Field(max_length=64)
    sealed_sha256: str = Field(max_length=64)
    key_id: str = Field(max_length=16)
    secret: str | None = text(nullable=True)
    person_id: str = key("person.id", index=False)
    attached_at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)
