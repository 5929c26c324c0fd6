"""Certificate of analysis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from traceability.domain.records.head import Change, Head, Signed
from traceability.domain.records.lot import Certified, LotPart, ProductPart, SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class TestLine:
    """One test asked of the lot, with its newest result; limits and value as their sources write them."""

    __test__ = False

    test: str
    method: str | None
    version: int
    unit: str
    low: str | None
    high: str | None
    expected: str | None
    mandatory: bool
    value: str | None
    conforms: bool | None
    tested_on: datetime | None
    analyst: str | None
    reviewer: str | None
    reviewed_at: datetime | None
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedLine:
    """One result of a test that was repeated or outside. `answered`: nobody owes a word on it; `case`: of one outside."""

    test: str
    value: str
    unit: str
    version: int
    conforms: bool | None
    tested_on: datetime
    analyst: str
    reviewer: str | None
    stands: bool
    case: str | None
    case_closed: bool
    answered: bool
    outcome: str | None
    reason: str | None
    evidence: str | None
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRecord:
    """Certificate of analysis: what was tested, what was found, what was tried beside it, and who answers for it (R32)."""

    head: Head
    product: ProductPart
    lot: LotPart
    maker: str
    certified: Certified | None
    tests: tuple[TestLine, ...]
    tried: tuple[TriedLine, ...]
    files: tuple[SourceFile, ...]
    changes: tuple[Change, ...]
    reviews: tuple[Signed, ...]
    signatures: tuple[Signed, ...]
