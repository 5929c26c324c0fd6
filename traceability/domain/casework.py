"""Cases as rules: how grave each kind is unless QA says otherwise, by when it is answered, and what has to be there before it closes.

No number of days stands in a regulation, so every row says on what it rests; a house sets its own by a signed act (R34).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from traceability.domain.harm import Expedited
from traceability.domain.rules import Finding, Severity


class CaseKind(StrEnum):
    COUNT_DIFFERS = "count_differs"
    EXCURSION = "excursion"
    IMPERMISSIBLE_DOSE = "impermissible_dose"
    LOSS = "loss"
    LABEL_CONTRADICTION = "label_contradiction"
    CONTRADICTION = "contradiction"
    DEVIATION = "deviation"
    COMPLAINT = "complaint"
    ADVERSE_EVENT = "adverse_event"
    OUT_OF_SPECIFICATION = "out_of_specification"
    EMERGENCY_ISSUE = "emergency_issue"
    DONOR_RESULT = "donor_result"


class CaseSeverity(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class CaseDecision(StrEnum):
    """What becomes of what a case is about."""

    USE = "use"
    REJECT = "reject"
    RETURN = "return"
    DESTROY = "destroy"
    NONE_NEEDED = "none_needed"


class ActionKind(StrEnum):
    """ICH Q10: put right what happened, or keep it from happening."""

    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


class Ground(StrEnum):
    """Why another lot may be concerned (21 CFR 211.192)."""

    ANCESTOR = "ancestor"
    PLACE = "place"
    SHIPMENT = "shipment"
    DAY = "day"


class Reactivity(StrEnum):
    """Of a test on a donor, bank or harvest. What is not clearly negative counts as positive until QA has decided."""

    REACTIVE = "reactive"
    INCONCLUSIVE = "inconclusive"
    NON_REACTIVE = "non_reactive"


class StepKind(StrEnum):
    """What else was changed of a case: each with the value before and after."""

    OWNER = "owner"
    GRADE = "grade"
    DUE = "due"
    SHUT = "shut"
    REOPENED = "reopened"


BARS = frozenset({CaseDecision.REJECT, CaseDecision.RETURN, CaseDecision.DESTROY})
"""Decided so, a vial is not to be used, wherever it lies: it waits to be put aside."""

GRADE: Mapping[CaseKind, CaseSeverity] = {
    CaseKind.COUNT_DIFFERS: CaseSeverity.MINOR,
    CaseKind.CONTRADICTION: CaseSeverity.MINOR,
    CaseKind.LABEL_CONTRADICTION: CaseSeverity.MAJOR,
    CaseKind.EXCURSION: CaseSeverity.MAJOR,
    CaseKind.LOSS: CaseSeverity.MAJOR,
    CaseKind.DEVIATION: CaseSeverity.MAJOR,
    CaseKind.COMPLAINT: CaseSeverity.MAJOR,
    CaseKind.OUT_OF_SPECIFICATION: CaseSeverity.MAJOR,
    CaseKind.EMERGENCY_ISSUE: CaseSeverity.MAJOR,
    CaseKind.ADVERSE_EVENT: CaseSeverity.CRITICAL,
    CaseKind.IMPERMISSIBLE_DOSE: CaseSeverity.CRITICAL,
    CaseKind.DONOR_RESULT: CaseSeverity.CRITICAL,
}
"""How grave a case is until QA has looked: the graver where a patient may have been touched (ICH Q9)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """By when a case is to be answered. `kind` None: of whatever kind. `source`: on what the number rests."""

    kind: CaseKind | None
    severity: CaseSeverity
    days: int
    source: str
    since: date
    row_id: str | None = field(default=None, compare=False)
    """Of what a house has set itself."""


CLOCKS: tuple[Clock, ...] = (
    Clock(None, CaseSeverity.CRITICAL, 7, "ICH E2A III.B.1: 7 days where a life is touched", date(2026, 1, 1)),
    Clock(None, CaseSeverity.MAJOR, 30, "FDA, Investigating OOS Results (2022): 30 business days", date(2026, 1, 1)),
    Clock(None, CaseSeverity.MINOR, 60, "This house: 21 CFR 211.192 names no time", date(2026, 1, 1)),
    Clock(CaseKind.ADVERSE_EVENT, CaseSeverity.MAJOR, 15, "ICH E2A III.B.2: 15 days", date(2026, 1, 1)),
    Clock(CaseKind.DONOR_RESULT, CaseSeverity.CRITICAL, 3, "This house: 21 CFR 1271.290(b) names no time", date(2026, 1, 1)),
)  # fmt: skip
"""The default, in force from its day; what a house has set itself goes before it (`case.set_clock`)."""

LONGEST_D = 366
OF_ONE_VIAL = frozenset({CaseKind.IMPERMISSIBLE_DOSE, CaseKind.EMERGENCY_ISSUE, CaseKind.LOSS, CaseKind.EXCURSION})
"""Cases of what was done with one vial. Any other grave one asks about the lot where its vial is gone."""
DECIDED_FIRST = frozenset({CaseKind.DONOR_RESULT})
"""Cases whose holds are lifted when it is decided what becomes of what they stop, and not before."""
REVIEW = timedelta(hours=24)
"""An emergency issue is reviewed by QA within this time (R37)."""
GRAVITY = tuple(CaseSeverity)


def clock(kind: CaseKind | None, severity: CaseSeverity, own: Sequence[Clock], on: date) -> Clock:
    """The row that counts on this day: the house's own before the default, of this kind before any, the newest first.

    `kind` None: for every kind that has none of its own.
    """
    standing = [
        (bool(mine), one.kind is not None, one.since, n, one)
        for mine, rows in ((1, own), (0, CLOCKS))
        for n, one in enumerate(rows)
        if one.severity is severity and one.kind in (None, kind) and one.since <= on
    ]
    if not standing:  # a day before the table began: the default counts all the same
        return next(one for one in CLOCKS if one.severity is severity and one.kind is None)
    return max(standing, key=lambda row: row[:4])[4]


@dataclass(frozen=True, slots=True)
class ActionFact:
    """One CAPA. `effective` None: nobody has judged it."""

    number: str
    done: bool
    dropped: bool
    check_on: date | None
    effective: bool | None


@dataclass(frozen=True, slots=True)
class ReportFact:
    """A report of an event that the authority is owed and has not got. `kind` and `due_on` None: nobody said how grave the event is."""

    event: str
    kind: Expedited | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What closing a case looks at."""

    kind: CaseKind
    severity: CaseSeverity
    own: bool
    """Who would close it opened or investigated it, or speaks for somebody who did."""
    others: tuple[str, ...]
    """Names of those of the house who may close it: they neither opened nor investigated it."""
    today: date
    investigated: bool
    root_cause: bool
    unjudged_lots: tuple[str, ...]
    undisposed: tuple[str, ...]
    disposed: bool
    actions: tuple[ActionFact, ...]
    holds: tuple[str, ...]
    replied: bool
    reviewed: bool
    reports: tuple[ReportFact, ...] = ()


def against(case: CaseFacts) -> tuple[Finding, ...]:
    """Every reason at once why a case may not be closed (R34). Empty: it may.

    A check of effectiveness may lie ahead with its day: ICH Q10 lets the case close, and the check stays owed after it.
    """
    found: list[Finding] = []
    if not case.investigated:
        found.append(Finding("case_investigated", False, Severity.STOP))
    if case.own:
        found.append(Finding("case_other_eyes", False, Severity.STOP, {"people": list(case.others)}))
    if case.investigated and not case.root_cause and case.severity is not CaseSeverity.MINOR:
        found.append(Finding("case_root_cause", False, Severity.STOP))
    if case.unjudged_lots:
        found.append(Finding("case_extended", False, Severity.STOP, {"lots": list(case.unjudged_lots)}))
    if case.undisposed or not case.disposed:
        found.append(Finding("case_disposed", False, Severity.STOP, {"things": list(case.undisposed)}))
    standing = [one for one in case.actions if not one.dropped]
    if undone := [one.number for one in standing if not one.done]:
        found.append(Finding("case_actions_done", False, Severity.STOP, {"actions": undone}))
    done = [one for one in standing if one.done]
    if undated := [one.number for one in done if one.check_on is None and one.effective is None]:
        found.append(Finding("case_checks_dated", False, Severity.STOP, {"actions": undated}))
    if owed := [one.number for one in done if one.effective is None and one.check_on and one.check_on < case.today]:
        found.append(Finding("case_checks_made", False, Severity.STOP, {"actions": owed}))
    if failed := [
        one.number for n, one in enumerate(standing) if one.effective is False and not _followed(standing, n)
    ]:
        found.append(Finding("case_effective", False, Severity.STOP, {"actions": failed}))
    if case.holds:
        found.append(Finding("case_holds_lifted", False, Severity.STOP, {"holds": list(case.holds)}))
    if case.kind is CaseKind.COMPLAINT and not case.replied:
        found.append(Finding("case_replied", False, Severity.STOP))
    if not case.reviewed:
        found.append(Finding("case_reviewed", False, Severity.STOP))
    found += [_reported(one) for one in case.reports]
    return tuple(found)


def _reported(one: ReportFact) -> Finding:
    """One for each report: what is owed of which event, and until when (R53)."""
    if one.kind is None:
        return Finding("case_reported", None, Severity.ASK, {"event": one.event})
    values = {"event": one.event, "expedited": one.kind, "due": one.due_on}
    return Finding("case_reported", False, Severity.STOP, values)


def _followed(actions: Sequence[ActionFact], failed: int) -> bool:
    """Another action was planned after one that did not help."""
    return any(n > failed and one.effective is not False for n, one in enumerate(actions))
