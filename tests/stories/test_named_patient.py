"""A lot that cannot be released for everybody, for one patient (R33): QA and the physician answer for it, and for nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.stories.test_release import refused
from tests.stories.test_results import close, conclude
from tests.stories.test_verdict import ASK_QA, DO_NOT_USE, USE, hold, lift
from traceability.domain import checks, rules
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.domain.releasing import RELEASE
from traceability.domain.specifications import Outcome
from traceability.services import courses, organisations, releases, results, subjects
from traceability.services.verdicts import facts
from traceability.store.tables.subjects import Laterality


def outside(clinic: Clinic) -> str:
    """Endotoxin is above its limit, investigated and confirmed: everything else about the lot is in order."""
    lot = clinic.certificate(clinic.tested(clinic.ids["lot"], endotoxin="0.26"))
    with clinic.store.read(clinic.QUALITY) as view:
        (found,) = results.outside(view, lot)
    conclude(clinic, found["id"], Outcome.CONFIRMED)
    close(clinic, found["id"])
    return lot


def release(clinic: Clinic, lot: str, course: str, serials: tuple[str, ...] = ("H3K001",), **told: Any) -> Any:
    clinic.clock.tick(minutes=5)
    chosen = [clinic.vial(serial).id for serial in serials]
    clinic.reviewed(lot)
    with clinic.store.read(clinic.QUALITY) as view:
        dossier = releases.prepare(view, lot, chosen, course)
    signed = told.pop("signed", None) or (
        clinic.sign("maharani", Meaning.RELEASED), clinic.sign("santosa", Meaning.REQUESTED),
    )  # fmt: skip
    told = {"reason": "no other treatment; the patient was told", **told}
    return clinic.do(releases.release_named, clinic.QUALITY, lot, chosen, course, dossier.digest, signed=signed, **told)


def judged(clinic: Clinic, serial: str, course: str | None) -> tuple[str, list[str]]:
    with clinic.store.read(clinic.PHARMACIST) as view:
        (fact,) = facts(view, [clinic.vial(serial).id], Purpose.ISSUE, course_id=course)
    found = checks.use(fact)
    return str(rules.verdict(found)), [one.code for one in found]


def test_a_vial_for_a_named_patient_is_judged_with_that_patient_only(in_stock: Clinic) -> None:
    lot, course = outside(in_stock), in_stock.course()
    done = release(in_stock, lot, course)
    assert (done.answer["number"], done.answer["vials"]) == ("RC-1", 1)
    assert in_stock.scan("H3K001") == (ASK_QA, ["named_patient_only"])  # nobody said for whom
    assert judged(in_stock, "H3K001", course) == (USE, [])
    assert judged(in_stock, "H3K001", "0" * 32) == (DO_NOT_USE, ["released_for_another"])
    assert judged(in_stock, "H3K002", course) == (ASK_QA, ["not_released"])


def test_it_is_kept_issued_thawed_and_given_to_that_patient_and_to_no_other(in_stock: Clinic) -> None:
    lot, course = outside(in_stock), in_stock.course()
    release(in_stock, lot, course, ("H3K001", "H3K002"))
    vial = in_stock.ready_vial(course, 1, serial="H3K001")
    done = in_stock.give_dose(course, 1, vial=vial)
    assert not done.answer.get("findings")
    other = _other_patient(in_stock)
    dose = in_stock.ordered(other, 1)
    with pytest.raises(Refused, match="vial_not_usable") as no:
        in_stock.do(courses.reserve, in_stock.PHARMACIST, in_stock.vial("H3K002").id, dose)
    assert [one.code for one in no.value.findings] == ["released_for_another"]
    with in_stock.store.read(in_stock.PHARMACIST) as view:
        assert not any(one["offered"] for one in courses.offer(view, dose))


def _other_patient(clinic: Clinic) -> str:
    told = {"name": "Another Person", "mrn": "MRN-2", "born": date(1958, 2, 1)}
    subject = clinic.do(subjects.enrol, clinic.PHYSICIAN, subjects.seal_identity(clinic.store, **told)).id
    clinic.consent(subject)
    today = clinic.clock.now.date()
    return clinic.do(
        courses.plan, clinic.PHYSICIAN, subject, clinic.ids["protocol"], Laterality.LEFT, today, compartment="medial"
    ).id


def test_it_needs_qa_the_physician_and_a_reason(in_stock: Clinic) -> None:
    lot, course = outside(in_stock), in_stock.course()
    qa = in_stock.sign("maharani", Meaning.RELEASED)
    for signed, code in (
        ((qa,), "signature_missing"),
        ((qa, in_stock.sign("putri", Meaning.REQUESTED)), "signature_not_entitled"),
        ((qa, in_stock.sign("maharani", Meaning.REQUESTED)), "signature_same_person"),
    ):
        with pytest.raises(Refused, match=code):
            release(in_stock, lot, course, signed=signed)
    with pytest.raises(Refused, match="reason_missing"):
        release(in_stock, lot, course, reason=None)
    with in_stock.store.read(in_stock.QUALITY) as view:
        assert releases.releases(view, lot) == []


def test_a_pending_or_failed_test_may_be_answered_for_and_nothing_else(in_stock: Clinic) -> None:
    """An open investigation, a hold, a missing certificate: no signature makes up for them."""
    lot = in_stock.tested(in_stock.ids["lot"], endotoxin="0.26")
    course, standing = in_stock.course(), hold(in_stock, in_stock.vial("H3K001").id)
    with pytest.raises(Refused, match="release_refused") as no:
        release(in_stock, lot, course)
    assert {one.code for one in no.value.findings} == {"certificate_attached", "no_stop", "outside_answered"}
    lift(in_stock, standing)
    in_stock.certificate(lot)
    assert refused(in_stock, lot) == {"results_conform", "outside_answered"}
    with pytest.raises(Refused, match="release_refused") as no:
        release(in_stock, lot, course)
    assert {one.code for one in no.value.findings} == {"outside_answered"}


def test_what_is_signed_names_the_course_and_what_is_answered_for(in_stock: Clinic) -> None:
    lot, course = outside(in_stock), in_stock.course()
    release(in_stock, lot, course)
    with in_stock.store.read(in_stock.QUALITY) as view:
        (row,) = releases.releases(view, lot)
    assert (row.kind, row.course_id, row.accepted) == ("named_patient", course, ["results_conform"])
    assert row.dossier["course"] == course
    assert len(RELEASE) == len(row.dossier["findings"])


def test_where_the_house_asks_for_two_signatures_one_releases_nothing(ready: Clinic) -> None:
    def asks(count: int, *who: str) -> None:
        signed = tuple(
            ready.sign(name, meaning) for name, meaning in zip(who, (Meaning.DECIDED, Meaning.VERIFIED), strict=True)
        )
        ready.do(
            organisations.set_release_signatures,
            ready.QUALITY,
            ready.ids["hospital"],
            count,
            reason="SOP",
            signed=signed,
        )

    asks(2, "maharani", "putri")
    with pytest.raises(Refused, match="signature_missing") as no:
        ready.release(ready.ids["lot"])
    assert no.value.values["meanings"] == ["released", "approved"]
    two = (ready.sign("maharani", Meaning.RELEASED), ready.sign("lestari", Meaning.APPROVED))
    lot = ready.ids["lot"]
    dossier = ready.dossier(lot)
    done = ready.do(
        releases.release, ready.QUALITY, lot, [one.id for one in dossier.vials], dossier.digest,
        signed=two,
    )  # fmt: skip
    assert done.answer["vials"] == 5
    assert ready.scan("H3K001") == (USE, [])
    with pytest.raises(Refused, match="count_impossible"):
        asks(0, "maharani", "putri")
