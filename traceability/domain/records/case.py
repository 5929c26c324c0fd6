"""A case with everything that was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from traceability.domain.records.head import Head, Signed
from traceability.domain.rules import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionPart:
    """What a laboratory found of a donor, bank or harvest."""

    material: str
    test: str
    reactivity: str
    tested_on: date
    laboratory: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPart:
    """What one person found out about a case, and the cause as they saw it."""

    at: datetime
    findings: str | None
    cause: str | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearPart:
    """Another lot that may be concerned: its grounds with their codes, and what was said of it (`chosen` None: nothing)."""

    lot: str
    grounds: tuple[tuple[str, tuple[str, ...]], ...]
    chosen: bool | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedPart:
    """What becomes of one thing of a case; `noun` None: nothing was concerned."""

    noun: str | None
    name: str
    decision: str | None
    at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPart:
    number: str
    kind: str
    title: str | None
    owner: str
    due_on: date
    done_at: datetime | None
    done_by: str | None
    evidence: str | None
    check_on: date | None
    checked_at: datetime | None
    checked_by: str | None
    effective: bool | None
    judgement: str | None
    dropped_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPart:
    """A change of a case: who answers, how grave, which day, closed, opened again."""

    kind: str
    before: str | None
    after: str | None
    by: str
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPart:
    """Vials of a case that share lot, holder and custody."""

    lot: str
    holder: str
    custody: str
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyPart:
    serial: str
    pseudonym: str
    pharmacist: str
    physician: str
    issued_at: datetime
    reason: str | None
    on_call: tuple[str, ...]
    against: tuple[Finding, ...]
    review_due_at: datetime
    reviewed_at: datetime | None
    reviewed_by: str | None
    justified: bool | None
    review: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """One case with everything that was done about it (R34). Subjects by pseudonym; `unnamed`: organisation and how many."""

    head: Head
    case: str
    kind: str
    severity: str
    title: str | None
    description: str | None
    complainant: str | None
    owner: str | None
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    overdue: bool
    clock_days: int
    clock_source: str
    excursion: str | None
    results: tuple[ReactionPart, ...]
    found: tuple[FoundPart, ...]
    near: tuple[NearPart, ...]
    decided: tuple[DecidedPart, ...]
    actions: tuple[ActionPart, ...]
    replies: tuple[tuple[date, str | None, str], ...]
    steps: tuple[StepPart, ...]
    holds: tuple[tuple[str, datetime, datetime | None], ...]
    vials: tuple[HeldPart, ...]
    subjects: tuple[tuple[str, datetime, tuple[str, ...]], ...]
    unnamed: tuple[tuple[str, int], ...]
    emergency: EmergencyPart | None
    signatures: tuple[Signed, ...]
