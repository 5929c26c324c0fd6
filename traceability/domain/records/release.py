"""Release certificate, and the releases, papers, stops and cases that other records tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from traceability.domain.papers import Suspended
from traceability.domain.records.analysis import TestLine
from traceability.domain.records.custody import BudgetPart, DisposedPart, ExcursionPart, StayPart
from traceability.domain.records.head import Change, Head, Signed
from traceability.domain.records.lot import Certified, LotPart, ProductPart
from traceability.domain.rules import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A certificate or licence. `covers_making`: the lot was made inside its validity (None: its source gives no dates)."""

    kind: str
    number: str
    issuer: str
    scope: str
    valid_from: date | None
    valid_until: date | None
    covers_making: bool | None
    demonstration: bool
    suspensions: tuple[Suspended, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPart:
    """A hold or a recall over the lot or some of its vials; `covers`: how many things of which kind; `ended_at`: lifted or withdrawn."""

    number: str
    recall_class: int | None
    title: str
    covers: Mapping[str, int]
    started_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePart:
    number: str
    kind: str
    title: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePart:
    number: str
    kind: str
    vials: int
    released_at: datetime
    until: datetime | None
    condition: str | None
    void_at: datetime | None
    void_reason: str | None
    dossier_digest: str
    accepted: tuple[str, ...] = ()
    """Of one for a named patient: the rules that do not hold and are answered for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRecord:
    """Release certificate: what was judged, what stood in the dossier, who decided, and what is newer than it."""

    head: Head
    product: ProductPart
    lot: LotPart
    maker: str
    papers: tuple[Paper, ...]
    certified: Certified | None
    release: ReleasePart
    serials: tuple[str, ...]
    tests: tuple[TestLine, ...]
    findings: tuple[Finding, ...]
    custody: tuple[StayPart, ...]
    out_of_storage_s: int
    unknown_temperature: tuple[str, ...]
    excursions: tuple[ExcursionPart, ...]
    stops: tuple[StopPart, ...]
    cases: tuple[CasePart, ...]
    changes: tuple[Change, ...]
    reviewed_through: int | None
    newer_entries: int
    signatures: tuple[Signed, ...]
    reviews: tuple[Signed, ...]
    budgets: tuple[BudgetPart, ...] = ()
    disposed: tuple[DisposedPart, ...] = ()
