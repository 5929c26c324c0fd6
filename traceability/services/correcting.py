"""What was told wrong is told again: the first words stay to be read, and nothing rests on them any more (R38, R45).

A value of an injection is corrected; an injection, a score or a questionnaire that never was counts as told by mistake
(FHIR: entered-in-error). What had been built on it is superseded in the same act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.records import RecordKind
from traceability.domain.rules import Finding
from traceability.domain.states import Custody
from traceability.services import Answer, bedside, documents, performs, persons
from traceability.services.administrations import score, standing
from traceability.services.cases import open_case
from traceability.services.courses import of_dose
from traceability.services.doses import answer_for
from traceability.services.stays import left_at
from traceability.store import Tx
from traceability.store.tables import (
    Adjudication,
    Administration,
    AdministrationVial,
    Correction,
    Course,
    Dose,
    Observation,
    Score,
    ScoreForm,
    Subject,
    Vial,
)
from traceability.store.tables.administrations import Inspection
from traceability.store.tables.quality import CaseKind
from traceability.store.tables.subjects import Laterality

JUDGED: Mapping[str, frozenset[str]] = {
    "laterality": frozenset({"wrong_side", "too_soon"}),
    "given_at": frozenset({"no_consent", "course_over", "too_soon", "out_of_window", "expired", "shortened", "thaw_spent"}),
    "dose": frozenset({
        "wrong_side", "course_over", "wrong_product", "dose_given", "no_order", "too_soon", "out_of_turn", "out_of_window",
    }),
    "given_ul": frozenset({"more_than_ordered", "more_than_held", "volume_differs"}),
    "discarded_ul": frozenset({"more_than_held"}),
    "inspection": frozenset({"not_sound"}),
}  # fmt: skip
"""Which rules a value decides: asked again when it is corrected. What stood against it before stays with it; its case is QA's."""


class NotReported(StrEnum):
    """What may turn out never to have been reported."""

    IDENTIFIERS = "identifiers"
    GUIDANCE = "guidance"
    APPROACH = "approach"
    NEEDLE = "needle"
    SKIN_PREPARATION = "skin_preparation"
    ASPIRATED = "aspirated_ul"
    VAS_BEFORE = "vas_before"
    VAS_AFTER = "vas_after"
    CONCOMITANT = "concomitant"
    INSPECTION = "inspection"


@performs("administration.correct")
def correct(
    tx: Tx,
    administration_id: str,
    *,
    laterality: Laterality | None = None,
    given_at: datetime | None = None,
    dose_id: str | None = None,
    given_ul: int | None = None,
    discarded_ul: int | None = None,
    identifiers: str | None = None,
    guidance: str | None = None,
    approach: str | None = None,
    needle: str | None = None,
    skin_preparation: str | None = None,
    aspirated_ul: int | None = None,
    vas_before: str | None = None,
    vas_after: str | None = None,
    concomitant: str | None = None,
    inspection: Inspection | None = None,
    not_reported: Sequence[NotReported] = (),
) -> Answer:
    """Values as they were, where they were told wrong; what is not named stays. Another vial or patient is another injection.

    Rules that a corrected value decides are asked again: what does not hold is added to the findings, with its case.
    """
    given = _own(tx, administration_id)
    persons.alone(tx, given.subject_id)
    told: dict[str, Any] = {
        "laterality": laterality, "given_at": given_at, "identifiers": identifiers, "guidance": guidance, "approach": approach,
        "needle": needle, "skin_preparation": skin_preparation, "aspirated_ul": aspirated_ul, "vas_before": score(vas_before),
        "vas_after": score(vas_after), "concomitant": concomitant, "inspection": inspection,
    }  # fmt: skip
    values = {name: value for name, value in told.items() if value is not None} | dict.fromkeys(not_reported, None)
    if both := sorted(name for name in not_reported if told[name] is not None):
        raise Refused("told_and_not_reported", fields=both)
    changed = {
        name: (getattr(given, name), value)
        for name, value in values.items()
        if (getattr(given, name) or None) != (value or None if isinstance(value, str) else value)
    }
    parts = tx.known(AdministrationVial, administration_id=given.id)
    drawn = {name: sum(getattr(part, name) for part in parts) for name in ("given_ul", "discarded_ul")}
    volumes = {"given_ul": given_ul, "discarded_ul": discarded_ul}
    volumes = {name: value for name, value in volumes.items() if value is not None and value != drawn[name]}
    dose = _dose(tx, given, dose_id) if dose_id and dose_id != given.dose_id else None
    if not changed and not volumes and dose is None:
        raise Refused("nothing_changed")
    if given_at is not None and "given_at" in changed:
        _in_time(tx, given, parts, given_at)
    rows = [(name, _said(before), _said(after)) for name, (before, after) in changed.items()]
    rows += [(name, str(drawn[name]), str(value)) for name, value in volumes.items()]
    if dose is not None:
        before = tx.find(Dose, given.dose_id)
        rows.append(("dose", str(before.k) if before else None, str(dose.k)))
    tx.change(
        given, **{name: after for name, (_, after) in changed.items()},
        **({"dose_id": dose.id, "course_id": dose.course_id} if dose else {}),
    )  # fmt: skip
    if volumes:
        drawn |= volumes
        _draw(tx, parts, **drawn)
    found = _asked_again(tx, given, parts, drawn, {name for name, _, _ in rows})
    if found:
        tx.change(given, findings=[*given.findings, *(one.plain() for one in found)])
    tx.add_all(
        [
            Correction(administration_id=given.id, field=name, before=before, after=after, corrected_at=tx.at)
            for name, before, after in rows
        ]
    )
    tx.mention(given.subject_id)
    held = [bedside.held(tx, part.code) for part in parts]
    case = answer_for(tx, tx.need(Subject, given.subject_id), held, found)
    tx.covers = {"corrected": rows}
    return {
        "id": given.id, "subject_id": given.subject_id, "fields": sorted(name for name, _, _ in rows),
        "findings": [one.code for one in found], "superseded": _superseded(tx, given, parts),
        **({"case": case.number} if case else {}),
    }  # fmt: skip


@performs("administration.void")
def void(tx: Tx, administration_id: str) -> Answer:
    """It was told by mistake: it was not given, not to this person, or was told twice. It stays to be read, the trace too.

    A vial that no other injection has is nowhere known to be: missing, with a case, until somebody finds it.
    """
    given = _own(tx, administration_id)
    parts = tx.known(AdministrationVial, administration_id=given.id)
    subject = tx.need(Subject, given.subject_id)
    persons.alone(tx, subject.id)
    vials = tx.known(Vial, col(Vial.id).in_([part.vial_id for part in parts if part.vial_id]))
    for vial_key in sorted({bedside.held(tx, part.code).key for part in parts}):
        tx.alone(f"injections from {vial_key}")
    tx.change(given, void_at=tx.at)
    missing = [vial for vial in vials if vial.state is Custody.GIVEN and not _given_besides(tx, vial)]
    for vial in missing:
        tx.move(vial, Custody.LOST)
    case = None
    if missing:
        serials = ", ".join(one.serial for one in missing)
        case = open_case(
            tx, CaseKind.LOSS, f"{subject.pseudonym}, {serials}: injection told by mistake"[:240],
            lot_id=missing[0].lot_id, vial_id=missing[0].id,
        )  # fmt: skip
    tx.covers = {"subject": subject.id, "given_at": given.given_at, "codes": [part.code for part in parts]}
    tx.mention(subject.id, *(vial.id for vial in vials))
    return {
        "id": given.id, "subject_id": subject.id, "missing": [one.serial for one in missing],
        "superseded": _superseded(tx, given, parts), **({"case": case.number} if case else {}),
    }  # fmt: skip


@performs("score.void")
def void_score(tx: Tx, score_id: str) -> Answer:
    """It was told by mistake: it counts nowhere, and no adjudication that weighed it stands.

    One that a questionnaire was scored to goes with the whole of it: an answer was wrong, and nobody can say which scores it left.
    """
    one = tx.need(Score, score_id)
    if one.void_at is not None:
        raise Refused("told_by_mistake")
    persons.alone(tx, one.subject_id)
    scores = tx.known(Score, Score.form_id == one.form_id, Score.counts()) if one.form_id else [one]
    tx.change_all(scores, void_at=tx.at)
    if one.form_id:
        tx.change(tx.need(ScoreForm, one.form_id), void_at=tx.at)
    ids = {each.id for each in scores}
    weighed = [
        each
        for each in tx.known(
            Adjudication,
            col(Adjudication.subject_id).in_(persons.of(tx, one.subject_id)),
            col(Adjudication.superseded_at).is_(None),
        )
        if ids & set(each.score_ids)
    ]
    tx.change_all(weighed, superseded_at=tx.at)
    tx.covers = {"scores": [(each.instrument, each.subscale, each.raw) for each in scores]}
    tx.mention(one.subject_id)
    return {
        "id": one.id,
        "subject_id": one.subject_id,
        "scores": len(scores),
        "superseded": [each.id for each in weighed],
    }


# -------------------------------------------------------------------------------------------------------------- steps


def _own(tx: Tx, administration_id: str) -> Administration:
    given = standing(tx, administration_id)
    if given.organisation_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="administration")
    return given


def _dose(tx: Tx, given: Administration, dose_id: str) -> Dose:
    dose, course, _ = of_dose(tx, dose_id)
    if not persons.same(tx, course.subject_id, given.subject_id):
        raise Refused("dose_of_other_subject")
    return dose


def _in_time(tx: Tx, given: Administration, parts: Sequence[AdministrationVial], at: datetime) -> None:
    """Not in the future, and not after somebody was watched for it. Its vials lay where they were until then."""
    if at > tx.at:
        raise Refused("occurred_in_future", occurred=at, now=tx.at)
    looks = tx.all(Observation, Observation.administration_id == given.id)
    if any(one.began_at < at for one in looks):
        raise Refused("interval_empty")
    for vial in tx.known(Vial, col(Vial.id).in_([part.vial_id for part in parts if part.vial_id])):
        left_at(tx, vial, given.given_at, at)


def _draw(tx: Tx, parts: Sequence[AdministrationVial], given_ul: int, discarded_ul: int) -> None:
    if not 0 < given_ul <= 1_000_000 or not 0 <= discarded_ul <= 1_000_000:
        raise Refused("volume_impossible")
    shares = bedside.shares(tx, [part.lot_id for part in parts], given_ul, discarded_ul)
    for part, (given, discarded) in zip(parts, shares, strict=True):
        tx.change(part, given_ul=given, discarded_ul=discarded, withdrawn_ul=given + discarded)


def _asked_again(
    tx: Tx, given: Administration, parts: Sequence[AdministrationVial], drawn: Mapping[str, int], fields: set[str]
) -> list[Finding]:
    """What the corrected values do not hold, and did not stand against it before."""
    codes = frozenset().union(*(JUDGED.get(name, ()) for name in fields)) - {one["code"] for one in given.findings}
    told = bedside.Told(
        tx.need(Subject, given.subject_id), tx.find(Course, given.course_id), tx.find(Dose, given.dose_id), given.laterality,
        [bedside.held(tx, part.code) for part in parts], drawn["given_ul"], drawn["discarded_ul"], given.inspection, given.given_at,
    )  # fmt: skip
    return [one for one in bedside.again(tx, told, given) if one.code in codes] if codes else []


def _given_besides(tx: Tx, vial: Vial) -> bool:
    ids = [part.administration_id for part in tx.known(AdministrationVial, vial_id=vial.id)]
    return bool(tx.known(Administration, col(Administration.id).in_(ids), Administration.counts()))


def _superseded(tx: Tx, given: Administration, parts: Sequence[AdministrationVial]) -> list[str]:
    """Documents of this house that say what is not so any more: of the injection, and the traces of its lots."""
    lots = sorted({lot for part in parts for lot in (part.lot_id, part.label_lot_id) if lot})
    return [
        *documents.outdate(tx, RecordKind.ADMINISTRATION, [given.id]),
        *documents.outdate(tx, RecordKind.TRACE, lots),
        *(documents.outdate(tx, RecordKind.CARD, [given.course_id]) if given.course_id else ()),
    ]


def _said(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None or value == "" else str(value)
