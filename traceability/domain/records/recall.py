"""A recall, or a mock one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from traceability.domain.records.head import Head, Signed
from traceability.domain.rules import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredPart:
    """One thing that a recall names; a place with the interval."""

    kind: str
    name: str | None
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPart:
    """One organisation's last notice and answer, what it holds, and whether the recall was found to be acted on there."""

    organisation: str
    sent_at: datetime
    seen_at: datetime | None
    acknowledged_at: datetime | None
    answer: str | None
    vials: int
    accounted: int
    effective: bool | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectsPart:
    """How many subjects of one organisation had it, were tried to be reached, and were reached; nobody is named."""

    organisation: str
    concerned: int
    tried: int
    reached: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPart:
    """One vial of a recall: where the record has it now, and how it is accounted for."""

    serial: str
    lot: str
    holder: str
    custody: str
    account: str
    retrieved_at: datetime | None
    put_aside: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyedPart:
    """Vials destroyed together: how, when, and who signed for it."""

    serials: tuple[str, ...]
    method: str
    at: datetime
    signed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPart:
    """One step of a recall against its clock; `late` as of this record."""

    step: str
    due: datetime
    met: datetime | None
    late: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPart:
    """The figures that were signed when a recall was closed: what is known of its vials since stands beside them."""

    tally: Mapping[str, int]
    coverage_bp: int | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRecord:
    """A recall, or a mock one, as it stands: timeline against its clocks, who answered, every vial, and what stands open (R35, R36).

    `closed`: the figures signed at its closing; `tally`, `coverage_bp` and `missing` are of the moment of this record.
    """

    head: Head
    mock: bool
    number: str
    title: str | None
    grade: int
    mandatory: bool
    hazard: str | None
    started_at: datetime
    withdrawn_at: datetime | None
    closed_at: datetime | None
    closed: ClosedPart | None
    covers: tuple[CoveredPart, ...]
    steps: tuple[ClockPart, ...]
    tally: Mapping[str, int]
    coverage_bp: int | None
    buckets: Mapping[str, int]
    missing: tuple[str, ...]
    told: tuple[ToldPart, ...]
    subjects: tuple[SubjectsPart, ...]
    vials: tuple[AccountPart, ...]
    destroyed: tuple[DestroyedPart, ...]
    open: tuple[Finding, ...]
    signatures: tuple[Signed, ...]
