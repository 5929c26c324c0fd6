"""Judgement: results, releases, holds, recalls and cases. All of them rows; none of them a state of a vial."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from traceability.domain.casework import CaseKind as CaseKind  # named from here by whoever opens one
from traceability.domain.casework import CaseSeverity
from traceability.domain.specifications import Outcome
from traceability.store.tables.row import Row, key, text, values, when, word


class ReleaseKind(StrEnum):
    FULL = "full"
    CONDITIONAL = "conditional"
    NAMED_PATIENT = "named_patient"


class ScopeKind(StrEnum):
    """What a hold or a recall covers; a place only for an interval."""

    VIAL = "vial"
    LOT = "lot"
    CONSIGNMENT = "consignment"
    PLACE = "place"
    MATERIAL = "material"
    MAKER = "maker"
    SITE = "site"


class Result(Row, table=True):
    """A test's outcome as reported; reviewed by somebody else (R30, R32). `version` counts the results of the test.

    `attachment_id`: the file it was imported from. `case_id`: it was outside its specification, and who answers for that.
    """

    __table_args__ = (UniqueConstraint("lot_id", "specification_id", "version"),)

    lot_id: str = key("lot.id", index=False)
    specification_id: str = key("specification.id")
    version: int
    value: str
    analyst_id: str = key("person.id", index=False)
    tested_on: datetime = when()
    reviewer_id: str | None = key("person.id", nullable=True, index=False)
    reviewed_at: datetime | None = when(nullable=True)
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    case_id: str | None = key("cases.id", nullable=True, index=False)


class Conclusion(Row, table=True):
    """What was found of a result outside its specification, and which result stands; the newest counts (R31)."""

    __table_args__ = (CheckConstraint("outcome = 'confirmed' OR attachment_id IS NOT NULL"),)

    result_id: str = key("result.id")
    outcome: Outcome = word(Outcome)
    stands_id: str = key("result.id", index=False)
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    concluded_at: datetime = when()


class Release(Row, table=True):
    """QA lets chosen vials be used, on the dossier whose digest it signed (MODEL.md, decision 3).

    For a named patient it is for one course (R33); `accepted`: the rules that did not hold and that its signers answer for.
    """

    sealed: ClassVar[frozenset[str]] = frozenset({"condition"})
    __table_args__ = (CheckConstraint("(kind = 'named_patient') = (course_id IS NOT NULL)"),)

    number: str = Field(unique=True, max_length=24)
    lot_id: str = key("lot.id")
    organisation_id: str = key("organisation.id", index=False)
    kind: ReleaseKind = word(ReleaseKind)
    until: datetime | None = when(nullable=True)
    condition: str | None = ""
    dossier_digest: str = Field(max_length=64)
    dossier: dict[str, object] = values()
    released_at: datetime = when()
    void_at: datetime | None = when(nullable=True)
    salt: str | None = Field(default=None, max_length=32)
    course_id: str | None = key("course.id", nullable=True, index=False)
    accepted: list[str] = values()


class ReleasedVial(Row, table=True):
    __tablename__ = "released_vial"
    __table_args__ = (UniqueConstraint("vial_id", "release_id"),)

    release_id: str = key("release.id")
    vial_id: str = key("vial.id", index=False)


class Hold(Row, table=True):
    """Something undecided: whatever its scope covers asks QA until this row is lifted. Lifting it frees only itself."""

    sealed: ClassVar[frozenset[str]] = frozenset({"title"})

    number: str = Field(unique=True, max_length=20)
    organisation_id: str = key("organisation.id", index=False)
    excursion_id: str | None = key("excursion.id", nullable=True)
    case_id: str | None = key("cases.id", nullable=True, index=False)
    title: str | None = Field(nullable=True)
    placed_at: datetime = when()
    lifted_at: datetime | None = when(nullable=True, index=True)
    salt: str | None = Field(default=None, max_length=32)


class Recall(Row, table=True):
    """A recall stops use in every organisation from its first row (MODEL.md, decision 2)."""

    sealed: ClassVar[frozenset[str]] = frozenset({"title", "hazard"})
    __table_args__ = (
        CheckConstraint("class_ BETWEEN 1 AND 3"),
        CheckConstraint("NOT mock OR (withdrawn_at IS NOT NULL AND withdrawn_at = started_at)"),
    )

    number: str = Field(unique=True, max_length=20)
    organisation_id: str = key("organisation.id", index=False)
    class_: int
    mandatory: bool
    title: str | None = Field(nullable=True)
    started_at: datetime = when()
    withdrawn_at: datetime | None = when(nullable=True, index=True)
    mock: bool = False
    """A mock recall is withdrawn from its first moment: nothing that asks what stops a vial can find it."""
    hazard: str | None = Field(default=None, nullable=True)
    clocks: list[dict[str, object]] = values()
    closed_at: datetime | None = when(nullable=True)
    figures: dict[str, object] | None = values(nullable=True)
    """What was signed at closure: vials in scope, how each is accounted for, who answered."""
    salt: str | None = Field(default=None, max_length=32)


class Scope(Row, table=True):
    """What one hold or one recall covers, thing by thing."""

    __table_args__ = (
        CheckConstraint("(hold_id IS NULL) <> (recall_id IS NULL)"),
        CheckConstraint("until IS NULL OR since IS NULL OR until >= since"),
        Index("scope_target", "target_id"),
    )

    hold_id: str | None = key("hold.id", nullable=True)
    recall_id: str | None = key("recall.id", nullable=True)
    kind: ScopeKind = word(ScopeKind)
    target_id: str = Field(max_length=32)
    since: datetime | None = when(nullable=True)
    until: datetime | None = when(nullable=True)


class Case(Row, table=True):
    """Something happened that somebody has to answer for (R34). What is done about it stands in `casework`."""

    __tablename__ = "cases"
    sealed: ClassVar[frozenset[str]] = frozenset({"title", "description", "complainant"})

    number: str = Field(unique=True, max_length=20)
    organisation_id: str = key("organisation.id")
    kind: CaseKind = word(CaseKind)
    severity: CaseSeverity = word(CaseSeverity)
    title: str | None = Field(nullable=True)
    description: str | None = text(nullable=True)
    complainant: str | None = Field(default=None, max_length=200)
    owner_id: str | None = key("person.id", nullable=True, index=False)
    due_at: datetime = when()
    lot_id: str | None = key("lot.id", nullable=True)
    vial_id: str | None = key("vial.id", nullable=True)
    consignment_id: str | None = key("consignment.id", nullable=True)
    excursion_id: str | None = key("excursion.id", nullable=True)
    material_id: str | None = key("material.id", nullable=True, index=False)
    opened_at: datetime = when()
    opened_by: str = key("person.id", index=False)
    closed_at: datetime | None = when(nullable=True, index=True)
    salt: str | None = Field(default=None, max_length=32)
