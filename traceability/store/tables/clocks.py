"""By when a house answers what happened: its own clocks, of cases, recalls and events, each by a signed act (R34, R35, R53)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from traceability.domain.casework import CaseKind, CaseSeverity
from traceability.domain.harm import Expedited
from traceability.domain.recalling import Step
from traceability.store.tables.row import Row, key, when, word


class HouseClock(Row, table=True):
    """Of cases by gravity, of recalls by class and step, or of events by what is owed; from a day on, and of two the later holds.

    Defaults stand in `domain`.
    """

    __tablename__ = "house_clock"
    __table_args__ = (
        CheckConstraint("expedited IS NOT NULL OR (severity IS NULL) <> (class_ IS NULL)"),
        CheckConstraint("expedited IS NULL OR (severity IS NULL AND class_ IS NULL)"),
        CheckConstraint("case_kind IS NULL OR severity IS NOT NULL"),
        CheckConstraint("(step IS NULL) = (class_ IS NULL)"),
        CheckConstraint("class_ IS NULL OR class_ BETWEEN 1 AND 3"),
        CheckConstraint("within_s > 0"),
    )

    organisation_id: str = key("organisation.id")
    severity: CaseSeverity | None = word(CaseSeverity, nullable=True)
    case_kind: CaseKind | None = word(CaseKind, nullable=True)
    class_: int | None = None
    step: Step | None = word(Step, nullable=True)
    expedited: Expedited | None = word(Expedited, nullable=True)
    within_s: int
    effective_from: date
    rests_on: str = Field(max_length=200)
    decided_at: datetime = when()
