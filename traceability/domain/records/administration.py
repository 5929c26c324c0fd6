"""Record of an injection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from traceability.domain.records.custody import DisposedPart
from traceability.domain.records.head import Change, Head, Signed
from traceability.domain.rules import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPart:
    kind: str
    version: str
    signed_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenVial:
    """One vial of an injection: what it was, what it had been through, how much of it went where (R42)."""

    product: str
    maker: str
    gtin: str
    lot: str
    serial: str
    expires: date | None
    release: str | None
    thawed_at: datetime | None
    thaw_limit_s: int | None
    temperature_known: bool | None
    out_of_storage_s: int
    budget_s: int
    inspection: str | None
    withdrawn_ul: int
    given_ul: int
    discarded_ul: int
    demonstration: bool
    cleared_through: datetime | None = None
    extremes: tuple[int, int] | None = None
    disposed: tuple[DisposedPart, ...] = ()
    giai: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPart:
    at: datetime
    code: str
    purpose: str
    verdict: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationRecord:
    """One injection as it was reported: a fact, printed with whatever stood against it (R44, R45)."""

    head: Head
    pseudonym: str
    identity: str | None
    identifiers: str | None
    consents: tuple[ConsentPart, ...]
    protocol: str | None
    dose: int | None
    doses: int | None
    interval_d: int | None
    window_d: int | None
    volume_ul: int | None
    planned_on: date | None
    joint: str
    laterality: str
    compartment: str | None
    mode: str
    given_at: datetime
    recorded_at: datetime
    late_reason: str | None
    vials: tuple[GivenVial, ...]
    guidance: str | None
    aspirated_ul: int | None
    approach: str | None
    needle: str | None
    skin_preparation: str | None
    vas_before: str | None
    vas_after: str | None
    concomitant: str | None
    void_at: datetime | None
    observed_from: datetime | None
    observed_until: datetime | None
    observer: str | None
    reaction: bool | None
    reaction_description: str | None
    findings: tuple[Finding, ...]
    scans: tuple[ScanPart, ...]
    changes: tuple[Change, ...]
    signatures: tuple[Signed, ...]
