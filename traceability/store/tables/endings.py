"""Vials taken out of stock on purpose, and a lot's vials counted up against what was filled."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field

from traceability.domain.states import Custody
from traceability.store.tables.row import Row, key, values, when, word


class Method(StrEnum):
    """How vials were destroyed."""

    INCINERATED = "incinerated"
    AUTOCLAVED = "autoclaved"
    CHEMICAL = "chemical"
    CONTRACTOR = "contractor"


class SampleFor(StrEnum):
    """What a sample was drawn, or a vial kept back, for."""

    QUALITY_CONTROL = "quality_control"
    STABILITY = "stability"
    INVESTIGATION = "investigation"
    REFERENCE = "reference"


class Removal(Row, table=True):
    """One vial was destroyed, drawn as a sample, kept back or sent back: by whom, how or what for, and the paper of it."""

    vial_id: str = key("vial.id")
    organisation_id: str = key("organisation.id", index=False)
    custody: Custody = word(Custody)
    method: Method | None = word(Method, nullable=True)
    removed_for: SampleFor | None = word(SampleFor, nullable=True)
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    at: datetime = when()


class Reconciliation(Row, table=True):
    """A lot counted up by QA: the figures as they stood, and the case of what did not add up (R36)."""

    lot_id: str = key("lot.id")
    organisation_id: str = key("organisation.id", index=False)
    figures: dict[str, object] = values()
    digest: str = Field(max_length=64)
    case_id: str | None = key("cases.id", nullable=True, index=False)
    reconciled_at: datetime = when()
