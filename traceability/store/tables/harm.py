"""What is said of an adverse event after it was told: how it is judged, and to whom it was reported (R53)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field

from traceability.domain.harm import AssessedBy, Causality, Expectedness, ReportedTo
from traceability.store.tables.row import Row, key, when, word


class EventAssessment(Row, table=True):
    """One person's word on one telling of an event, or the maker's as a house copied it (`source`: who there said so)."""

    __tablename__ = "event_assessment"
    sealed: ClassVar[frozenset[str]] = frozenset({"source"})

    event_id: str = key("adverse_event.id")
    version: int
    assessed_by: AssessedBy = word(AssessedBy)
    person_id: str = key("person.id", index=False)
    source: str | None = Field(default=None, max_length=200)
    causality: Causality = word(Causality)
    expectedness: Expectedness = word(Expectedness)
    reference: str | None = Field(default=None, max_length=200)
    """The document against which it was expected or not, with its version."""
    assessed_at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)


class EventReport(Row, table=True):
    """An event that was reported onward: which telling, to whom, on which day, under which number of theirs."""

    __tablename__ = "event_report"
    sealed: ClassVar[frozenset[str]] = frozenset({"receiver"})

    event_id: str = key("adverse_event.id")
    version: int
    recipient: ReportedTo = word(ReportedTo)
    receiver: str | None = Field(default=None, max_length=200)
    number: str | None = Field(default=None, max_length=64)
    complete: bool
    reported_on: date
    person_id: str = key("person.id", index=False)
    recorded_at: datetime = when()
    salt: str | None = Field(default=None, max_length=32)
