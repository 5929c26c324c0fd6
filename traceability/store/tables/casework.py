"""What is done about a case, row by row: nothing here is changed once it is answered, and the newest answer counts."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from traceability.domain.casework import (
    ActionKind,
    CaseDecision,
    Reactivity,
    StepKind,
)
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.row import Row, key, text, values, when, word


class Investigation(Row, table=True):
    """What one person found out, and what they take to be its cause; a later one stands beside it (R34)."""

    sealed: ClassVar[frozenset[str]] = frozenset({"findings", "root_cause"})

    case_id: str = key("cases.id")
    findings: str | None = text(nullable=True)
    root_cause: str | None = text(nullable=True)
    person_id: str = key("person.id", index=False)
    investigated_at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)


class CaseInjection(Row, table=True):
    """An injection that a case is about: it should not have been given, was told by mistake, or had no consent (R45b)."""

    __tablename__ = "case_injection"
    __table_args__ = (UniqueConstraint("case_id", "administration_id"),)

    case_id: str = key("cases.id")
    administration_id: str = key("administration.id")


class CaseLot(Row, table=True):
    """Another lot that may be concerned, and whether QA took it in; why it was asked for is kept with it."""

    __tablename__ = "case_lot"

    case_id: str = key("cases.id")
    lot_id: str = key("lot.id")
    chosen: bool
    grounds: list[dict[str, object]] = values()
    person_id: str = key("person.id", index=False)
    decided_at: datetime = when()


class CaseDisposition(Row, table=True):
    """What becomes of one thing that a case is about; the newest of a thing counts. No thing: nothing is concerned."""

    __tablename__ = "case_disposition"
    __table_args__ = (CheckConstraint("(target_id IS NULL) = (kind IS NULL)"),)

    case_id: str = key("cases.id")
    kind: ScopeKind | None = word(ScopeKind, nullable=True)
    target_id: str | None = Field(default=None, max_length=32, index=True)
    decision: CaseDecision = word(CaseDecision)
    decided_at: datetime = when()


class Action(Row, table=True):
    """A corrective or preventive action: planned, done with its evidence, judged by somebody else (ICH Q10)."""

    sealed: ClassVar[frozenset[str]] = frozenset({"title", "evidence", "judgement"})
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)"),
        CheckConstraint("(checked_at IS NULL) = (effective IS NULL)"),
    )

    number: str = Field(unique=True, max_length=20)
    case_id: str = key("cases.id")
    kind: ActionKind = word(ActionKind)
    title: str | None = Field(nullable=True)
    owner_id: str = key("person.id", index=False)
    due_on: date
    planned_at: datetime = when()
    done_at: datetime | None = when(nullable=True)
    done_by: str | None = key("person.id", nullable=True, index=False)
    evidence: str | None = text(nullable=True)
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    check_on: date | None = None
    checked_at: datetime | None = when(nullable=True)
    checked_by: str | None = key("person.id", nullable=True, index=False)
    effective: bool | None = None
    judgement: str | None = text(nullable=True)
    dropped_at: datetime | None = when(nullable=True)
    salt: str | None = Field(default=None, max_length=32)


class CaseReply(Row, table=True):
    """What was answered to who complained, and on which day (21 CFR 211.198)."""

    __tablename__ = "case_reply"
    sealed: ClassVar[frozenset[str]] = frozenset({"reply"})

    case_id: str = key("cases.id")
    reply: str | None = text(nullable=True)
    replied_on: date
    person_id: str = key("person.id", index=False)
    replied_at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)


class CaseFile(Row, table=True):
    """A file that belongs to a case: a photograph, a report, the evidence that an action was done."""

    __tablename__ = "case_file"

    case_id: str = key("cases.id")
    attachment_id: str = key("attachment.id")


class CaseStep(Row, table=True):
    """What else was changed of a case, before and after: its owner, its gravity, its day, closed and opened again."""

    __tablename__ = "case_step"

    case_id: str = key("cases.id")
    kind: StepKind = word(StepKind)
    before: str | None = Field(default=None, max_length=40)
    after: str | None = Field(default=None, max_length=40)
    person_id: str = key("person.id", index=False)
    stepped_at: datetime = when()


class MaterialResult(Row, table=True):
    """What a laboratory found of a donor, bank or harvest after lots were made of it (R37); reactive ones open a case."""

    __tablename__ = "material_result"
    sealed: ClassVar[frozenset[str]] = frozenset({"laboratory"})

    material_id: str = key("material.id")
    organisation_id: str = key("organisation.id", index=False)
    test: str = Field(max_length=80)
    reactivity: Reactivity = word(Reactivity)
    tested_on: date
    laboratory: str | None = Field(default=None, max_length=200)
    case_id: str | None = key("cases.id", nullable=True, index=False)
    reported_at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)
