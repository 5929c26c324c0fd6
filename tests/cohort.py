"""Patients over several lots, through the real services: who had what, how they were before and after, and what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.clinic import JAKARTA, Clinic
from traceability.domain.people import Meaning
from traceability.services import courses, doses, events, outcomes, subjects
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.subjects import ConsentKind, Laterality


@dataclass(frozen=True, slots=True)
class Patient:
    """One knee: pain before and after six months on 0–100, whether there was harm, and the lots of the injections in turn."""

    lots: Sequence[str]
    before: str = "70"
    after: str | None = "40"
    asked: Asked | None = Asked.NONE
    data: bool = True
    nik: str = ""
    label: str | None = None
    """The lot that the labels name, where it is not the vials'."""


def treat(clinic: Clinic, patients: Sequence[Patient], *, first: int = 0) -> list[str]:
    """Each in turn; the clock goes on half a year before anybody is asked. Subjects in the order given, by numbers from the first on."""
    if "protocol" not in clinic.ids:
        clinic.protocol()
    made = [_given(clinic, n, one) for n, one in enumerate(patients, first)]
    clinic.clock.tick(days=200)
    for (subject, course), one in zip(made, patients, strict=True):
        for point, raw in ((TimePoint.BASELINE, one.before), (TimePoint.MONTH_6, one.after)):
            if raw is not None:
                clinic.do(outcomes.record, clinic.PHYSICIAN, subject, "VAS", raw, point, "visit", low="0", high="100", course_id=course, laterality=Laterality.RIGHT)  # fmt: skip
        if one.asked is not None:
            told = "swelling" if one.asked is Asked.YES else ""
            clinic.do(events.record, clinic.PHYSICIAN, subject, one.asked, course_id=course, description=told)
    return [subject for subject, _ in made]


def _given(clinic: Clinic, n: int, one: Patient) -> tuple[str, str]:
    told = {"name": f"Canary Cohort {n}", "mrn": f"MRN-77{n:04d}", "born": date(1960, 1, 1), "nik": one.nik}
    subject = clinic.do(subjects.enrol, clinic.PHYSICIAN, subjects.seal_identity(clinic.store, **told)).id
    clinic.consent(subject)
    if one.data:
        clinic.consent(subject, ConsentKind.DATA)
    today = clinic.clock.now.astimezone(JAKARTA).date()
    course = clinic.do(courses.plan, clinic.PHYSICIAN, subject, clinic.ids["protocol"], Laterality.RIGHT, today).id
    signed = (clinic.sign("santosa", Meaning.GIVEN), clinic.sign("rahayu", Meaning.WITNESSED))
    for k, lot in enumerate(one.lots, 1):
        vial = next(vial for vial in clinic.vials(lot) if vial.state == "in_stock")
        clinic.do(
            doses.give, clinic.PHYSICIAN, subject, Laterality.RIGHT, [clinic.code(vial, lot=one.label)], 3000, 0,
            dose_id=clinic.dose(course, k), signed=signed,
        )  # fmt: skip
        clinic.clock.tick(minutes=10)
    return subject, course
