"""Batch trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from traceability.domain.records.custody import BudgetPart, ConsignmentPart, DisposedPart, ExcursionPart, StayPart
from traceability.domain.records.graph import TraceGraph
from traceability.domain.records.head import Change, Head, Signed
from traceability.domain.records.lot import Certified, LotPart, ProductPart
from traceability.domain.records.release import CasePart, ReleasePart, StopPart


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialPart:
    """A coded ancestor of the lot and the codes of what it was itself made from."""

    kind: str
    code: str
    description: str
    parents: tuple[str, ...]
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VialPart:
    """Where one vial is now, or how it ended; `internal`: its serial is the hospital's own, not the maker's."""

    serial: str
    internal: bool
    custody: str
    place: str | None
    since: datetime | None
    release: str | None
    labels: int
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionPart:
    """One vial of one injection, as the lot's trace tells it. `pseudonym` None: it is not the reader's to see."""

    at: datetime
    pseudonym: str | None
    organisation: str
    dose: int | None
    joint: str
    laterality: str
    serial: str
    given_ul: int
    mode: str
    findings: int | None
    demonstration: bool
    void: bool = False
    """Told by mistake: it stays in the trace, and nothing is built on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePart:
    """One score of a subject who had the lot, as its source gives it; None where the source says nothing."""

    pseudonym: str
    instrument: str
    time_point: str
    raw: str
    low: str | None
    high: str | None
    on: date | None
    source: str
    adjudicated: bool
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPart:
    pseudonym: str
    asked: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRecord:
    """Batch trace: up to donor and bank, down to every vial, reconciled to what was filled."""

    head: Head
    product: ProductPart
    lot: LotPart
    maker: str
    certified: Certified | None
    materials: tuple[MaterialPart, ...]
    consignments: tuple[ConsignmentPart, ...]
    custody: tuple[StayPart, ...]
    vials: tuple[VialPart, ...]
    buckets: Mapping[str, int]
    injections: tuple[InjectionPart, ...]
    outcomes: tuple[OutcomePart, ...]
    events: tuple[EventPart, ...]
    releases: tuple[ReleasePart, ...]
    excursions: tuple[ExcursionPart, ...]
    stops: tuple[StopPart, ...]
    cases: tuple[CasePart, ...]
    changes: tuple[Change, ...]
    signatures: tuple[Signed, ...]
    budgets: tuple[BudgetPart, ...] = ()
    disposed: tuple[DisposedPart, ...] = ()
    graph: TraceGraph | None = None
