"""What a printed record says, as frozen values that a read builds: PDF, JSON and pages show the same one.

None is "not reported". Words of a language, and how the values are found, are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from traceability.domain.papers import Suspended
from traceability.domain.plain import canonical
from traceability.domain.plots import Plot
from traceability.domain.rules import Finding
from traceability.domain.thermal import Thermal


class RecordKind(StrEnum):
    RELEASE = "release"
    TRACE = "trace"
    ADMINISTRATION = "administration"
    SHIPMENT = "shipment"
    PLACE = "place"
    VIAL = "vial"
    ANALYSIS = "analysis"
    CASE = "case"
    RECALL = "recall"
    MOCK_RECALL = "mock_recall"
    TRAIL = "trail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which record this is, whose, and as of when; `zone` is where its times are read."""

    kind: RecordKind
    number: str
    version: int
    organisation: str
    site: str | None
    zone: str
    as_of: datetime
    demonstration: bool
    seal: SealPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPart:
    """With what the site seals the document of this record, and who stamps the time of that; of what is not, None."""

    name: str
    certificate_sha256: str
    stamped_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature as it was made: printed name, role, meaning, time, and the digest of what it covers (R56)."""

    meaning: str
    name: str
    role: str
    at: datetime
    covers: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPart:
    name: str
    gtin: str
    version: int
    strength: str | None
    volume_ul: int
    low_mc: int
    high_mc: int
    budget_s: int
    thaw_s: int | None
    in_use_s: int | None
    freeze_sensitive: bool
    mkt_applies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPart:
    """`expired_before`: the dates that a later statement replaced, oldest first."""

    number: str
    state: str
    made_on: date
    expires: date | None
    expired_before: tuple[date, ...]
    filled: int
    route: str
    route_number: str | None
    demonstration: bool


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
class Certified:
    """The word given for the lot; `transcribed`: copied in by the hospital, not given by the maker here."""

    transcribed: bool
    statement: str
    on: date
    files: tuple[str, ...]


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
class SourceFile:
    """A file that came with the lot, by its SHA-256."""

    name: str
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerPart:
    """A logger's file over a stay: its extremes, the time without a reading, and the SHA-256 of the file as received."""

    serial: str | None
    sha256: str
    readings: int
    first: datetime
    last: datetime
    min_mc: int
    max_mc: int
    mean_mc: int
    mkt_mc: int
    gaps: int
    gap_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StayPart:
    """Vials in one place: from the first that came to the last that left (None: some are there), and how it was watched.

    `measured`: the least and the most that `sensors` read while vials were there.
    """

    place: str
    since: datetime
    until: datetime | None
    vials: int
    loggers: tuple[LoggerPart, ...]
    read: tuple[int, int, int] | None
    assumed: tuple[int, int, int] | None
    excursions: tuple[str, ...]
    sensors: tuple[str, ...] = ()
    measured: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPart:
    """Vials of which the same is known: cleared through a moment, and how much of the time out of storage was used.

    `reasons`: why nothing is known since then; none where it is known to the moment of the record.
    """

    serials: tuple[str, ...]
    cleared_through: datetime | None
    reasons: tuple[str, ...]
    used_s: int
    left_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposedPart:
    """What QA decided of vials after an excursion: `serials` of all of whom the same was decided at once."""

    excursion: str
    decision: str
    until: date | None
    at: datetime
    serials: tuple[str, ...]
    statement: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcursionPart:
    """`hold`: what holds the vials that were there; lifted, by whom and why, when it was decided."""

    number: str
    place: str
    since: datetime
    until: datetime | None
    peak_mc: int
    low_limit_mc: int
    high_limit_mc: int
    hold: str | None
    lifted_at: datetime | None
    lifted_by: str | None
    reason: str | None


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
class Change:
    """A value that is no longer what was first entered (R38); `what` is a result, an expiry or a field."""

    at: datetime
    what: str
    of: str
    before: str | None
    after: str
    who: str
    reason: str | None
    entry: int | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialPart:
    """A coded ancestor of the lot and the codes of what it was itself made from."""

    kind: str
    code: str
    description: str
    parents: tuple[str, ...]
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentPart:
    number: str
    sscc: str
    sender: str
    receiver: str
    state: str
    shipped_at: datetime
    arrived_at: datetime | None
    carrier: str | None
    seal: str | None
    seal_whole: bool | None
    condition: str | None
    temperature_mc: int | None
    found: Mapping[str, int]
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
    observed_from: datetime | None
    observed_until: datetime | None
    observer: str | None
    reaction: bool | None
    reaction_description: str | None
    findings: tuple[Finding, ...]
    scans: tuple[ScanPart, ...]
    changes: tuple[Change, ...]
    signatures: tuple[Signed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPart:
    certificate: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPart:
    """What one sensor measured in a time, by all its readings; its certificates; the files that its readings came in.

    `mkt_mc` None: not applicable. A mean weighs each reading by how long it held.
    """

    serial: str
    maker: str | None
    interval_s: int
    calibrations: tuple[CalibrationPart, ...]
    files: tuple[LoggerPart, ...]
    readings: int
    min_mc: int | None
    max_mc: int | None
    mean_mc: int | None
    mkt_mc: int | None
    seconds_above: int | None
    seconds_below: int | None
    gaps: int
    gap_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernedPart:
    """An excursion with the vials that were there; `left`: those of which nobody has decided."""

    excursion: ExcursionPart
    serials: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LainPart:
    """Vials of one lot that were there in the time, and of how many it is known how warm they were."""

    lot: str
    product: str
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdChainRecord:
    """What was measured in a shipment's box, or in a place over a month; `period` is the month."""

    head: Head
    name: str
    place_kind: str
    period: str
    consignment: ConsignmentPart | None
    plot: Plot
    mkt_applies: bool
    sensors: tuple[SensorPart, ...]
    excursions: tuple[ConcernedPart, ...]
    disposed: tuple[DisposedPart, ...]
    vials: tuple[LainPart, ...]
    signatures: tuple[Signed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VialRecord:
    """What one vial went through, from its first place to its last."""

    head: Head
    thermal: Thermal
    plot: Plot
    excursions: tuple[ExcursionPart, ...]
    disposed: tuple[DisposedPart, ...]
    sensors: tuple[SensorPart, ...]
    signatures: tuple[Signed, ...]


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
class RecallRecord:
    """A recall, or a mock one, as it stands: timeline against its clocks, who answered, every vial, and what stands open (R35, R36)."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPart:
    """One entry of a ledger: who did what, and (column, before, after) of what changed; before None: the row is new."""

    number: int
    at: datetime
    act: str
    person: str
    role: str
    refused: str | None
    about: tuple[str, ...]
    changes: tuple[tuple[str, str | None, str], ...]
    more: int
    reason: str | None
    signed_by: tuple[str, ...]
    leaf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPart:
    """Somebody read the trail up to an entry."""

    by: str
    through: int
    at: datetime
    whole_ledger: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRecord:
    """Audit extract of a lot, newest first; not `whole`: there are older entries than those that are printed."""

    head: Head
    lot: LotPart
    maker: str
    ledger: str
    whole: bool
    entries: tuple[EntryPart, ...]
    reviews: tuple[ReviewPart, ...]
    signatures: tuple[Signed, ...]
    """Of the newest reviews, each over what was there to read."""


Record = (
    ReleaseRecord
    | AnalysisRecord
    | TraceRecord
    | AdministrationRecord
    | ColdChainRecord
    | VialRecord
    | CaseRecord
    | RecallRecord
    | TrailRecord
)


def told(record: Record) -> str:
    """The record as canonical JSON: what is kept, hashed, and printed as its SHA-256."""
    return canonical(_plain(record))


def _plain(value: Any) -> Any:
    if isinstance(value, Finding):
        return value.plain()
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
