"""A value of an injection that was told wrong is told again: the first word stays to be read, and nothing rests on it any more.

What had been built on it is superseded in the same act (R38, R45). What never was: `taking_back.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlmodel import col

from traceability.domain.bedside import permit_asked
from traceability.domain.errors import Refused
from traceability.services import Answer, bedside, outdated, performs, persons
from traceability.services.administrations import score, standing, told_by
from traceability.services.courses import of_dose
from traceability.services.rejudging import answered, judged
from traceability.services.stays import left_at
from traceability.store import AHEAD, LONG_AGO, Tx
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    Correction,
    Course,
    Dose,
    Observation,
    Vial,
)
from traceability.store.tables.administrations import Inspection, Mode
from traceability.store.tables.subjects import Laterality


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
    given = own_one(tx, administration_id)
    persons.alone(tx, given.subject_id)
    alone_with_vials(tx, parts := tx.known(AdministrationVial, administration_id=given.id))
    told: dict[str, Any] = {
        "laterality": laterality, "given_at": given_at, "identifiers": identifiers, "guidance": guidance, "approach": approach,
        "needle": needle, "skin_preparation": skin_preparation, "aspirated_ul": aspirated_ul, "vas_before": score(vas_before),
        "vas_after": score(vas_after), "concomitant": concomitant, "inspection": inspection,
    }  # fmt: skip
    if both := sorted(name for name in not_reported if told[name] is not None):
        raise Refused("told_and_not_reported", fields=both)
    if aspirated_ul is not None and not 0 <= aspirated_ul <= bedside.MOST_UL:
        raise Refused("volume_impossible")
    values = {name: value for name, value in told.items() if value is not None} | dict.fromkeys(not_reported, None)
    values = {name: value for name, value in values.items() if not _same(name, getattr(given, name), value)}
    drawn = {name: sum(getattr(part, name) for part in parts) for name in ("given_ul", "discarded_ul")}
    volumes = {
        name: told for name, told in (("given_ul", given_ul), ("discarded_ul", discarded_ul)) if told is not None
    }
    volumes = {name: value for name, value in volumes.items() if value != drawn[name]}
    dose = _dose(tx, given, dose_id) if dose_id and dose_id != given.dose_id else None
    if not values and not volumes and dose is None:
        raise Refused("nothing_changed")
    before, stood_in = judged(tx, [given]), outdated.stands_in(tx, given)
    rows = [(name, _said(getattr(given, name)), _said(value)) for name, value in values.items()]
    rows += [(name, str(drawn[name]), str(value)) for name, value in volumes.items()]
    if "given_at" in values:
        values |= _retimed(tx, given, parts, values["given_at"])
        if "mode" in values:
            rows.append(("mode", given.mode, values["mode"]))
    if dose is not None:
        rows += moved(tx, given, dose)
        values |= {"dose_id": dose.id, "course_id": dose.course_id}
    tx.change(given, **values)
    if volumes:
        _draw(tx, parts, **(drawn | volumes))
    came = answered(tx, [given], before)[given.id]
    note(tx, given, rows)
    tx.covers = {"corrected": rows}
    return {
        "id": given.id, "subject_id": given.subject_id, "fields": sorted(name for name, _, _ in rows),
        "findings": [one.code for one in came.findings], "superseded": outdated.told_otherwise(tx, given, parts, stood_in),
        **({"case": came.case.number} if came.case else {}),
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- steps


def own_one(tx: Tx, administration_id: str) -> Administration:
    as_told_now(tx)
    given = standing(tx, administration_id)
    if given.organisation_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="administration")
    return given


def alone_with_vials(tx: Tx, parts: Iterable[AdministrationVial]) -> None:
    """Wait for every other word on injections from these vials."""
    for vial_key in sorted({bedside.held(tx, part.code).key for part in parts}):
        tx.alone(f"injections from {vial_key}")


def _dose(tx: Tx, given: Administration, dose_id: str) -> Dose:
    dose, course, _ = of_dose(tx, dose_id)
    if not persons.same(tx, course.subject_id, given.subject_id):
        raise Refused("dose_of_other_subject")
    return dose


def moved(tx: Tx, given: Administration, dose: Dose | None) -> list[tuple[str, str | None, str | None]]:
    """What is corrected where an injection is another dose than was told, of another course maybe, or of none."""
    before = tx.find(Dose, given.dose_id)
    rows = [("dose", str(before.k) if before else None, str(dose.k) if dose else None)]
    if given.course_id != (dose.course_id if dose else None):
        rows.append(("course", _called(tx, given.course_id), _called(tx, dose.course_id if dose else None)))
    return rows


def _called(tx: Tx, course_id: str | None) -> str | None:
    course = tx.find(Course, course_id)
    return f"{course.laterality}, {course.planned_on.isoformat()}" if course else None


def note(tx: Tx, given: Administration, rows: Sequence[tuple[str, str | None, str | None]]) -> None:
    """Keep the first words beside those that took their place."""
    made = [
        Correction(administration_id=given.id, field=name, before=was, after=now, corrected_at=tx.at)
        for name, was, now in rows
    ]
    tx.add_all(made)
    tx.mention(given.subject_id)


def _retimed(tx: Tx, given: Administration, parts: Sequence[AdministrationVial], at: datetime) -> dict[str, Any]:
    """Not in the future, and not after somebody was watched for it. Its vials lay where they were until then.

    What was told as it happened, and turns out to have happened earlier, was told late.
    """
    if at > tx.at:
        raise Refused("occurred_in_future", occurred=at, now=tx.at)
    if at < tx.at - LONG_AGO:
        raise Refused("occurred_long_ago", occurred=at)
    looks = tx.all(Observation, Observation.administration_id == given.id)
    if any(one.began_at < at for one in looks):
        raise Refused("interval_empty")
    for vial in tx.known(Vial, col(Vial.id).in_([part.vial_id for part in parts if part.vial_id])):
        left_at(tx, vial, given.given_at, at)
    live = permit_asked(given.mode, at, told_by(tx, given).signed_at)
    return {} if live or given.mode is not Mode.LIVE else {"mode": Mode.LATE}


def _draw(tx: Tx, parts: Sequence[AdministrationVial], given_ul: int, discarded_ul: int) -> None:
    bedside.possible(given_ul, discarded_ul)
    shares = bedside.shares(tx, [part.lot_id for part in parts], given_ul, discarded_ul)
    for part, (given, discarded) in zip(parts, shares, strict=True):
        tx.change(part, given_ul=given, discarded_ul=discarded, withdrawn_ul=given + discarded)


def as_told_now(tx: Tx) -> None:
    """What is put right is put right now: the moment of an earlier word stays that of the earlier word."""
    if tx.occurred < tx.at - AHEAD:
        raise Refused("correction_backdated")


def _same(name: str, was: object, now: object) -> bool:
    if name.startswith("vas_") and was is not None and now is not None:
        return Decimal(str(was)) == Decimal(str(now))
    return (was or None) == (now or None) if isinstance(now, str | None) else was == now


def _said(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None or value == "" else str(value)
