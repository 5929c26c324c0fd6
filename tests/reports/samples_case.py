"""A case with something in every part: a vial handed out without QA, another lot near, actions done, dropped and owed."""

from __future__ import annotations

from datetime import date, timedelta

from tests.reports.samples import AT, SERIALS, head, signed
from traceability.domain.records import (
    ActionPart,
    CaseRecord,
    DecidedPart,
    EmergencyPart,
    FoundPart,
    HeldPart,
    NearPart,
    ReactionPart,
    RecordKind,
    StepPart,
)
from traceability.domain.rules import Finding, Severity

DAY = timedelta(days=1)


def _action(number: str, **other: object) -> ActionPart:
    told: dict[str, object] = {
        "number": number, "kind": "corrective", "title": "Seals are checked under a lamp", "owner": "T. Wijaya",
        "due_on": date(2026, 4, 1), "done_at": None, "done_by": None, "evidence": None, "check_on": None, "checked_at": None,
        "checked_by": None, "effective": None, "judgement": None, "dropped_at": None, "reason": None,
    }  # fmt: skip
    return ActionPart(**(told | other))


def case() -> CaseRecord:
    return CaseRecord(
        head=head(RecordKind.CASE, "DEV-0003", 2), case="K-7", kind="complaint", severity="major", title="A stopper was cracked",
        description="Two vials of the box leaked when they were thawed.\nThe others were whole.", complainant="dr. B. Santosa",
        owner="R. Maharani", opened_at=AT, due_at=AT + 30 * DAY, closed_at=None, overdue=True, clock_days=30,
        clock_source="SOP QA-11", excursion="EX-3",
        results=(
            ReactionPart(
                material="D-4KQ7", test="HBsAg", reactivity="reactive", tested_on=date(2026, 3, 17), laboratory="Laboratory of the maker",
            ),
        ),
        found=(FoundPart(at=AT + DAY, findings="The crimp was loose on both.", cause="A worn jaw.", by="R. Maharani"),),
        near=(
            NearPart(lot="UC26-H4", grounds=(("ancestor", ("HV-26-9",)), ("day", ("2026-02-02",))), chosen=True, reason="same jaw"),
            NearPart(lot="UC26-H5", grounds=(("place", ("F-01",)),), chosen=None, reason=None),
        ),
        decided=(
            DecidedPart(noun="vial", name=SERIALS[0], decision="destroy", at=AT + DAY, reason="leaked"),
            DecidedPart(noun="lot", name="UC26-H4", decision=None, at=None, reason=None),
        ),
        actions=(
            _action("A-1", done_at=AT + 2 * DAY, done_by="T. Wijaya", evidence="Photograph 14", checked_at=AT + 9 * DAY,
                    checked_by="R. Maharani", effective=True, judgement="No crack since."),
            _action("A-2", kind="preventive", dropped_at=AT + DAY, reason="done by the maker"),
            _action("A-3"),
        ),
        replies=((date(2026, 3, 20), "By letter.", "R. Maharani"),),
        steps=(StepPart(kind="grade", before="minor", after="major", by="R. Maharani", at=AT + DAY, reason="a second vial"),),
        holds=(("H-4", AT, None), ("H-5", AT, AT + DAY)),
        vials=(HeldPart(lot="UC26-H3", holder="RSUD Dr. Moewardi", custody="in_stock", serials=SERIALS[:30]),),
        subjects=(("MWD7K4", AT, SERIALS[:2]),), unnamed=(("RSUD Example", 2),),
        emergency=EmergencyPart(
            serial=SERIALS[1], pseudonym="MWD7K4", pharmacist="A. Putri", physician="dr. B. Santosa", issued_at=AT,
            reason="The patient was prepared already.", on_call=("I. Lestari",),
            against=(Finding("held", False, Severity.ASK, {"holds": ["H-4"]}),), review_due_at=AT + DAY, reviewed_at=AT + DAY,
            reviewed_by="R. Maharani", justified=True, review="Nobody of QA could be reached.",
        ),
        signatures=(signed("decided", "R. Maharani", "quality", "A-1"),),
    )  # fmt: skip
