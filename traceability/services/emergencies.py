"""A vial handed out because nobody of QA was there to decide (R37): kept as the fact it is, and reviewed within a day.

It is no permission. What stood against the vial stands at the bedside as before; what is injected all the same is told by
`dose.give`, with its findings, and this issue among them.
"""

from __future__ import annotations

from sqlmodel import col

from traceability.domain import checks
from traceability.domain.casework import REVIEW, CaseKind, CaseSeverity
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import DECIDES, Role
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import Custody
from traceability.services import Answer, performs, persons
from traceability.services.by_label import compared, scanned_of
from traceability.services.cases import at_work, open_case
from traceability.services.courses import of_dose, reservation
from traceability.services.eyes import part
from traceability.services.late import carried
from traceability.services.shifts import on_call
from traceability.services.supply import let_go
from traceability.services.verdicts import facts
from traceability.services.vials import ours
from traceability.store import Tx, View
from traceability.store.tables import Case, EmergencyIssue, Place, Subject, Thaw


@performs("vial.issue_in_emergency")
def issue(tx: Tx, vial_id: str, subject_id: str, place_id: str, *, code: str = "", thaw: bool = False) -> Answer:
    """Handed to the bedside by a pharmacist on a physician's word, for the reason that is written. Whatever stands against it is kept.

    `thaw`: thawing began with it. A vial that the record has as gone is told of and not moved.
    """
    vial, subject = ours(tx, vial_id), tx.need(Subject, subject_id)
    place = tx.need(Place, place_id)
    scanned = scanned_of(tx, vial, code)
    label = compared(tx, vial, scanned)
    (fact,) = facts(tx, [vial.id], Purpose.ISSUE, at=tx.occurred, scanned=scanned)
    found = [*checks.use(fact), *label.contradicts]
    if tx.act.moves_from("vial", vial.state, Custody.ISSUED):
        found += carried(tx, [vial], place.id).against.get(vial.id, ())
        kept = reservation(tx, vial)
        if kept is not None and not persons.same(tx, of_dose(tx, kept.dose_id)[1].subject_id, subject.id):
            let_go(tx, vial)
        tx.move(vial, Custody.ISSUED)
        if thaw and not tx.known(Thaw, vial_id=vial.id):
            tx.add(Thaw(vial_id=vial.id, at=tx.occurred))
    else:
        found.append(Finding("state_contradicts", False, Severity.ASK, {"serial": vial.serial, "state": vial.state}))
    found = list({one.code: one for one in found}.values())
    forbidden = any(one.severity is Severity.STOP for one in found)
    case = open_case(
        tx, CaseKind.EMERGENCY_ISSUE, f"{subject.pseudonym}, {vial.serial}: {', '.join(one.code for one in found)}"[:240],
        lot_id=vial.lot_id, vial_id=vial.id, severity=CaseSeverity.CRITICAL if forbidden else None,
    )  # fmt: skip
    there = on_call(tx, Role.QUALITY)
    tx.add(
        EmergencyIssue(
            organisation_id=tx.actor.organisation_id, vial_id=vial.id, subject_id=subject.id, case_id=case.id,
            pharmacist_id=tx.signers[0].actor.person_id, physician_id=tx.signers[1].actor.person_id,
            findings=[one.plain() for one in found], on_call=[one.shift.person_id for one in there], issued_at=tx.occurred,
            review_due_at=tx.occurred + REVIEW,  # told late, it is owed all the sooner
        )
    )  # fmt: skip
    tx.covers = {"vial": vial.id, "subject": subject.id, "findings": [one.code for one in found]}
    tx.mention(subject.id)
    return {
        "id": vial.id,
        "serial": vial.serial,
        "case_id": case.id,
        "case": case.number,
        "against": [one.code for one in found],
    }


@performs("case.review")
def review(tx: Tx, case_id: str, justified: bool, review: str) -> Answer:
    """QA looked at an emergency issue, within a day: whether it was right to hand it out, signed by nobody who did."""
    case = at_work(tx, case_id)
    row = of_case(tx, case)
    if row is None:
        raise Refused("not_an_emergency", number=case.number)
    if row.reviewed_at is not None:
        raise Refused("already_ended", noun="review")
    if tx.mine(DECIDES) & part(tx, case):
        raise Refused("own_work", noun="vial")
    tx.covers = {"case": case.number, "justified": justified}
    tx.change(row, reviewed_at=tx.at, reviewed_by=tx.actor.person_id, justified=justified, review=review.strip())
    tx.mention(case.id)
    return {"id": case.id, "number": case.number, "late": tx.at > row.review_due_at}


# -------------------------------------------------------------------------------------------------------------- reads


def of_case(view: View, case: Case) -> EmergencyIssue | None:
    found = view.all(EmergencyIssue, EmergencyIssue.case_id == case.id)
    return found[0] if found else None


def of_vial(view: View, vial_id: str) -> list[tuple[EmergencyIssue, str]]:
    """When a vial was handed out in an emergency, with the number of the case: whoever asks knows the vial."""
    found = view.known(EmergencyIssue, vial_id=vial_id)
    numbers = (
        {one.id: one.number for one in view.known(Case, col(Case.id).in_([row.case_id for row in found]))}
        if found
        else {}
    )
    return [(one, numbers[one.case_id]) for one in found]


def issued(view: View, vial_id: str) -> tuple[Finding, ...]:
    """What the bedside is told of a vial that was handed out so: it was, and it permits nothing."""
    return tuple(
        Finding("issued_in_emergency", False, Severity.ASK, {"case": number})
        for _, number in of_vial(view, vial_id)[-1:]
    )
