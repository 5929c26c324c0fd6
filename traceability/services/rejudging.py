"""Injections on record, asked again where something that they rest on is told otherwise: what does not hold since is answered for.

Both times with what is known now, so that nothing counts against a correction but the correction. What stood against an
injection before stays with it; its case is QA's to close.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from traceability.domain.rules import Finding
from traceability.services import bedside
from traceability.services.doses import answer_for
from traceability.store import Tx
from traceability.store.tables import Administration, AdministrationVial, Case, Course, Dose, Subject

Judged = Mapping[str, tuple[Finding, ...]]
"""By injection what does not hold of it."""


@dataclass(frozen=True, slots=True)
class Came:
    """What stands against an injection that did not before, and the case in which somebody answers for it."""

    findings: tuple[Finding, ...] = ()
    case: Case | None = None


def judged(tx: Tx, injections: Iterable[Administration]) -> Judged:
    return {one.id: bedside.again(tx, _told(tx, one), one) for one in injections}


def answered(tx: Tx, injections: Iterable[Administration], before: Judged) -> dict[str, Came]:
    """Asked again after the change: what came is written to each and answered for, though it may have stood there once."""
    made = {}
    for one in injections:
        told = _told(tx, one)
        came = tuple(found for found in bedside.again(tx, told, one) if found not in before[one.id])
        new = [found.plain() for found in came if found.plain() not in one.findings]
        if new:
            tx.change(one, findings=[*one.findings, *new])
        made[one.id] = Came(came, answer_for(tx, one, told.subject, told.held, came))
    return made


def _told(tx: Tx, given: Administration) -> bedside.Told:
    parts = tx.known(AdministrationVial, administration_id=given.id)
    return bedside.Told(
        tx.need(Subject, given.subject_id), tx.find(Course, given.course_id), tx.find(Dose, given.dose_id), given.laterality,
        [bedside.held(tx, part.code) for part in parts], sum(part.given_ul for part in parts),
        sum(part.discarded_ul for part in parts), given.inspection, given.given_at,
    )  # fmt: skip
