"""What a printed record says, as frozen values that a read builds: PDF, JSON and pages show the same one. One module a record.

None is "not reported". Words of a language, and how the values are found, are not here.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from traceability.domain.plain import canonical, plain
from traceability.domain.records.administration import AdministrationRecord, ConsentPart, GivenVial, ScanPart
from traceability.domain.records.analysis import AnalysisRecord, TestLine, TriedLine
from traceability.domain.records.card import CardDose, CardRecord
from traceability.domain.records.case import (
    ActionPart,
    CaseRecord,
    DecidedPart,
    EmergencyPart,
    FoundPart,
    HeldPart,
    NearPart,
    ReactionPart,
    StepPart,
)
from traceability.domain.records.cioms import CiomsRecord, GraverPart, OnwardPart, OwedPart, SuspectPart, WordPart
from traceability.domain.records.coldchain import (
    CalibrationPart,
    ColdChainRecord,
    ConcernedPart,
    LainPart,
    SensorPart,
    VialRecord,
)
from traceability.domain.records.contingency import ContingencyRecord, KeptVial, SheetPart
from traceability.domain.records.custody import (
    BudgetPart,
    ConsignmentPart,
    DisposedPart,
    ExcursionPart,
    LoggerPart,
    StayPart,
)
from traceability.domain.records.graph import TraceGraph
from traceability.domain.records.head import Change, Head, RecordKind, SealPart, Signed
from traceability.domain.records.lot import Certified, LotPart, ProductPart, SourceFile
from traceability.domain.records.outcomes import (
    FirstEventPart,
    LotOutcomePart,
    OutcomesRecord,
    SharePart,
    VisitPart,
)
from traceability.domain.records.recall import (
    AccountPart,
    ClockPart,
    ClosedPart,
    CoveredPart,
    DestroyedPart,
    RecallRecord,
    SubjectsPart,
    ToldPart,
)
from traceability.domain.records.release import CasePart, Paper, ReleasePart, ReleaseRecord, StopPart
from traceability.domain.records.trace import EventPart, InjectionPart, MaterialPart, OutcomePart, TraceRecord, VialPart
from traceability.domain.records.trail import EntryPart, ReviewPart, TrailRecord
from traceability.domain.rules import Finding

__all__ = [
    "AccountPart",
    "ActionPart",
    "AdministrationRecord",
    "AnalysisRecord",
    "BudgetPart",
    "CalibrationPart",
    "CasePart",
    "CardDose",
    "CardRecord",
    "ContingencyRecord",
    "KeptVial",
    "SheetPart",
    "CaseRecord",
    "Certified",
    "Change",
    "CiomsRecord",
    "ClockPart",
    "ClosedPart",
    "ColdChainRecord",
    "ConcernedPart",
    "ConsentPart",
    "ConsignmentPart",
    "CoveredPart",
    "DecidedPart",
    "DestroyedPart",
    "DisposedPart",
    "EmergencyPart",
    "EntryPart",
    "EventPart",
    "ExcursionPart",
    "FirstEventPart",
    "FoundPart",
    "GivenVial",
    "GraverPart",
    "Head",
    "HeldPart",
    "InjectionPart",
    "LainPart",
    "LoggerPart",
    "LotOutcomePart",
    "LotPart",
    "MaterialPart",
    "NearPart",
    "OnwardPart",
    "OutcomePart",
    "OutcomesRecord",
    "OwedPart",
    "Paper",
    "ProductPart",
    "ReactionPart",
    "RecallRecord",
    "Record",
    "RecordKind",
    "ReleasePart",
    "ReleaseRecord",
    "ReviewPart",
    "ScanPart",
    "SealPart",
    "SensorPart",
    "SharePart",
    "Signed",
    "SourceFile",
    "StayPart",
    "StepPart",
    "StopPart",
    "SubjectsPart",
    "SuspectPart",
    "TestLine",
    "ToldPart",
    "TraceGraph",
    "TraceRecord",
    "TrailRecord",
    "TriedLine",
    "VialPart",
    "VialRecord",
    "VisitPart",
    "WordPart",
    "as_kept",
    "told",
]

Record = (
    ReleaseRecord
    | AnalysisRecord
    | TraceRecord
    | AdministrationRecord
    | ColdChainRecord
    | VialRecord
    | CaseRecord
    | OutcomesRecord
    | RecallRecord
    | TrailRecord
    | CiomsRecord
    | CardRecord
    | ContingencyRecord
)


def told(record: Record) -> str:
    """The record as canonical JSON: what is kept, hashed, and printed as its SHA-256."""
    return canonical(_plain(record))


def as_kept(part: Any) -> Any:
    """A part of a record in JSON's types, as it stands in what is kept."""
    return plain(_plain(part))


def _plain(value: Any) -> Any:
    if isinstance(value, Finding):
        return value.plain()
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
