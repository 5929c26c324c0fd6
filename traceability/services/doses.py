"""Doses are given here: the one permit to give a dose, and what was given, whatever rule it broke."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col

from traceability.domain.checks import USE
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import Custody
from traceability.services import Answer, bedside, outdated, performs, persons
from traceability.services.administrations import score
from traceability.services.cases import numbered, open_case
from traceability.services.courses import of_dose
from traceability.services.lots import announcing
from traceability.services.stays import leave
from traceability.services.subjects import Band, of_band
from traceability.services.supply import let_go
from traceability.store import Tx
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    Case,
    Course,
    Dose,
    Hold,
    Scope,
    Start,
    Subject,
)
from traceability.store.tables.administrations import Inspection
from traceability.store.tables.quality import CaseKind, ScopeKind
from traceability.store.tables.subjects import Laterality

OF_VIAL = frozenset(rule.code for rule in USE)
FLAGGED = frozenset({"out_of_window", "volume_differs"})
"""Ordinary days (R41, R45b): shown with the injection for ever, and nobody has to answer for them."""


@performs("dose.identify")
def identify(tx: Tx, dose_id: str, wristband: Band) -> Answer:
    """The wristband is that of this dose's patient, or the refusal stands in the record, without saying whose it was (R43)."""
    dose, course, _ = of_dose(tx, dose_id)
    if not persons.same(tx, _whose(tx, wristband).id, course.subject_id):
        wrong = Finding("wrong_patient", False, Severity.STOP)
        raise Refused("dose_refused", findings=(wrong,), k=dose.k)
    tx.mention(course.subject_id)
    return {"id": dose.id, "subject_id": course.subject_id}


@performs("dose.start")
def start(tx: Tx, dose_id: str, wristband: Band, code: str, laterality: Laterality) -> Answer:
    """Every stop is asked at once; where none stands, this vial may be given, once."""
    dose, course, protocol = of_dose(tx, dose_id)
    # two vials for one knee at the same moment are one after the other: the second sees the first
    persons.alone(tx, course.subject_id)
    vial, found = bedside.asked(tx, dose, course, protocol, _whose(tx, wristband).id, code, laterality)
    if found:
        raise Refused("dose_refused", findings=found, k=dose.k)
    if tx.known(Start, Start.vial_id == vial.id, col(Start.superseded_at).is_(None)):
        raise Refused("started_already", serial=vial.serial)
    row = tx.add(Start(dose_id=dose.id, vial_id=vial.id, laterality=laterality, at=tx.at))
    tx.mention(course.subject_id)
    return {"id": dose.id, "start_id": row.id, "vial_id": vial.id, "subject_id": course.subject_id}


@performs("dose.give")
def give(
    tx: Tx,
    subject_id: str,
    laterality: Laterality,
    codes: Sequence[str],
    given_ul: int,
    discarded_ul: int,
    *,
    dose_id: str | None = None,
    identifiers: str = "",
    guidance: str = "",
    approach: str = "",
    needle: str = "",
    skin_preparation: str = "",
    aspirated_ul: int | None = None,
    vas_before: str | None = None,
    vas_after: str | None = None,
    concomitant: str = "",
    inspection: Inspection | None = None,
) -> Answer:
    """Record what was injected: a fact, kept with its findings even where it should not have been (R45b).

    Volumes are the dose's in µl; of several vials the first is emptied first. Each code is of another vial (R42).
    """
    subject = tx.need(Subject, subject_id)
    bedside.possible(given_ul, discarded_ul)
    # What else was given to this person or from these vials is read now and stays so: every double is found, and told.
    persons.alone(tx, subject.id)
    for vial_key in sorted({bedside.held(tx, code).key for code in codes}):
        tx.alone(f"injections from {vial_key}")
    held = [bedside.held(tx, code) for code in codes]
    if gtins := sorted({one.identity.gtin or "" for one in held if one.vial is None}):
        for gtin in gtins:
            tx.alone(announcing(gtin))  # its lot may be announced in this very moment: one sees the other
        held = [bedside.held(tx, code) for code in codes]
    things = [one.thing for one in held if one.thing is not None]
    if not held or len(set(things)) != len(things):
        raise Refused("vials_not_distinct")
    dose, course, others = _course_of(tx, subject, dose_id)
    unknown = [bedside.unknown(one) for one in held if one.vial is None]
    told = bedside.Told(subject, course, dose, laterality, held, given_ul, discarded_ul, inspection, tx.occurred)
    found = (*others, *unknown, *bedside.findings(tx, told))
    row = tx.add(
        Administration(
            subject_id=subject.id, course_id=course.id if course else None, dose_id=dose.id if dose else None,
            organisation_id=tx.actor.organisation_id, laterality=laterality, mode=bedside.mode(tx), given_at=tx.occurred,
            injector_id=tx.signers[0].actor.person_id, witness_id=tx.signers[1].actor.person_id, identifiers=identifiers,
            guidance=guidance, approach=approach, needle=needle, skin_preparation=skin_preparation, aspirated_ul=aspirated_ul,
            vas_before=score(vas_before), vas_after=score(vas_after), concomitant=concomitant, inspection=inspection,
            findings=[finding.plain() for finding in found],
        )
    )  # fmt: skip
    drawn = bedside.shares(tx, [one.lot_id for one in held], given_ul, discarded_ul)
    for one, (given, discarded) in zip(held, drawn, strict=True):
        tx.add(
            AdministrationVial(
                administration_id=row.id, vial_id=one.vial.id if one.vial else None, lot_id=one.lot_id, code=one.code,
                label_lot_id=one.label_lot_id if one.label_lot_id != one.lot_id else None,
                withdrawn_ul=given + discarded, given_ul=given, discarded_ul=discarded,
            )
        )  # fmt: skip
        if one.vial is not None:
            let_go(tx, one.vial)
            if one.vial.state is not Custody.GIVEN:
                leave(tx, one.vial, Custody.GIVEN)
    answer_for(tx, row, subject, held, found)
    tx.covers = {
        "subject": subject.id,
        "laterality": laterality,
        "codes": [one.code for one in held],
        "given_ul": given_ul,
    }
    tx.mention(subject.id)
    old = outdated.told(tx, row)
    answer = {"id": row.id, "subject_id": subject.id, "findings": [finding.code for finding in found]}
    return answer | {"superseded": old} if old else answer


def _whose(tx: Tx, wristband: Band) -> Subject:
    found = of_band(tx, wristband)
    if found is None:
        raise Refused("wristband_unknown")
    return found


def _course_of(tx: Tx, subject: Subject, dose_id: str | None) -> tuple[Dose | None, Course | None, tuple[Finding, ...]]:
    """The dose that it was planned as. One that is another subject's was given to this one all the same, unplanned."""
    if dose_id is None:
        return None, None, ()
    dose, course, _ = of_dose(tx, dose_id)
    if not persons.same(tx, course.subject_id, subject.id):
        return None, None, (Finding("dose_of_another", False, Severity.STOP, {"k": dose.k}),)
    return dose, course, ()


def answer_for(
    tx: Tx, given: Administration, subject: Subject, held: Sequence[bedside.Held], found: Sequence[Finding]
) -> Case | None:
    """A dose that no rule allowed: somebody has to answer for it, and its lots are not used further until then."""
    if all(finding.code in FLAGGED for finding in found):
        return None
    codes = ", ".join(dict.fromkeys(finding.code for finding in found))
    vials = [one.vial for one in held if one.vial is not None]
    lots = {one.lot_id for one in held if one.lot_id is not None}
    serials = ", ".join(one.serial or one.code for one in held)
    case = open_case(
        tx, CaseKind.IMPERMISSIBLE_DOSE, f"{subject.pseudonym}, {serials}: {codes}"[:240],
        lot_id=held[0].lot_id, vial_id=vials[0].id if vials else None, injections=[given.id],
    )  # fmt: skip
    # A vial that should not have been there says that its lot's stock was not what it seemed: the lot asks QA too.
    whole = any(finding.code in OF_VIAL and finding.severity is Severity.STOP for finding in found)
    unknown = {one.lot_id for one in held if one.vial is None and one.lot_id is not None}
    targets = dict.fromkeys(lots if whole else unknown, ScopeKind.LOT)
    if not whole:
        targets |= dict.fromkeys([vial.id for vial in vials if vial.lot_id not in unknown], ScopeKind.VIAL)
    if not targets:
        return case
    hold = Hold(
        number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, case_id=case.id,
        title=f"{case.number}: dose given against {codes}"[:240], placed_at=tx.at,
    )  # fmt: skip
    tx.add(hold)
    for target_id, kind in sorted(targets.items()):
        tx.add(Scope(hold_id=hold.id, kind=kind, target_id=target_id))
    return case
