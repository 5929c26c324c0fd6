"""What patients sign: forms by version and language, the one in force on the day, signed anew, withdrawn at every step (R48)."""

from __future__ import annotations

from datetime import date, timedelta

from tests.clinic import Clinic
from tests.stories.case import (
    at_once_before_either_ends,
    cases,
    clean,
    enrol,
    issue,
    planned,
    prescribed,
    reading,
    refusal,
    report,
    reserve,
    rows,
    stops_at,
    thaw,
    verified,
    withdraw,
)
from traceability.domain.people import Meaning
from traceability.services import attachments, consents, erasing, evaluated, subjects, trace
from traceability.store import Call, Done, Source
from traceability.store.tables.subjects import ConsentKind

THERAPY, DATA, IMAGES = ConsentKind
TODAY = date(2026, 4, 1)


def signs(clinic: Clinic, subject: str, version: str, kind: ConsentKind = THERAPY, **told: object) -> Done:
    by = (clinic.sign("santosa", Meaning.RECORDED), clinic.sign("rahayu", Meaning.WITNESSED))
    at = told.pop("at", clinic.clock.now)
    return clinic.do(consents.record, clinic.PHYSICIAN, subject, kind, version, at, signed=by, **told)


def asks(done: Done) -> list[tuple[str, bool | None]]:
    return [(one["code"], one["holds"]) for one in done.answer.get("findings", ())]


def asked_at_planning(clinic: Clinic, subject: str) -> list[str]:
    no = refusal(lambda: planned(clinic, subject))
    assert no.code == "consent_asks"
    return [one.code for one in no.findings]


def test_a_form_counts_once_qa_has_signed_it_and_then_nobody_changes_it(founded: Clinic) -> None:
    clinic = founded
    kept = attachments.keep_bytes(clinic.store, b"%PDF-1.7 v1")
    told = {
        "sha256": kept,
        "name": "v1.pdf",
        "media_type": "application/pdf",
        "size": 11,
        "valid_from": TODAY,
        "renew": False,
    }

    def draft(**other: object) -> str:
        return clinic.do(consents.draft, clinic.QUALITY, THERAPY, "v1", "id", **told | other).id

    def issue_it(form: str) -> Done:
        return clinic.do(consents.issue, clinic.QUALITY, form, signed=(clinic.sign("maharani", Meaning.DECIDED),))

    assert refusal(lambda: draft(media_type="image/png")).code == "file_refused"
    form, twin = draft(), draft()
    assert reading(clinic, consents.to_sign, clinic.PHYSICIAN)[THERAPY] == []
    assert refusal(lambda: clinic.do(consents.issue, clinic.PHYSICIAN, form)).code == "not_permitted"
    assert issue_it(form).answer["sha256"] == kept
    assert refusal(lambda: issue_it(form)).code == "consent_form_issued"
    assert refusal(lambda: issue_it(twin)).code == "already_there"
    clinic.form(THERAPY, "v1", "en")
    clinic.form(THERAPY, "v2", "en", valid_from=TODAY + timedelta(days=1))
    assert reading(clinic, consents.to_sign, clinic.PHYSICIAN)[THERAPY] == ["v1 (en)", "v1 (id)"]
    clinic.clock.tick(days=1)
    assert reading(clinic, consents.to_sign, clinic.PHYSICIAN)[THERAPY] == ["v2 (en)", "v1 (id)"]
    there = [one.name for one, _ in reading(clinic, consents.forms, clinic.ELSEWHERE)]
    assert there == []  # each house has its own
    clean(clinic)


def test_a_form_that_was_not_in_force_or_that_nobody_issued_is_kept_and_asks(released: Clinic) -> None:
    clinic = released
    subject = enrol(clinic)
    clinic.form(THERAPY, "v1", "id", valid_from=date(2025, 1, 1))
    clinic.form(THERAPY, "v2", "id", valid_from=TODAY - timedelta(days=10))
    assert asks(signs(clinic, subject, "v1 (id)")) == [("consent_in_force", False)]
    assert asked_at_planning(clinic, subject) == ["consent_in_force"]
    clinic.clock.tick(minutes=1)
    assert asks(signs(clinic, subject, "v9 (id)")) == [("consent_in_force", None)]
    assert asked_at_planning(clinic, subject) == ["consent_in_force"]
    clinic.form(THERAPY, "v9", "en", valid_from=date(2020, 1, 1))  # in the other language: still another paper
    assert asked_at_planning(clinic, subject) == ["consent_in_force"]
    clinic.clock.tick(minutes=1)
    late = signs(clinic, subject, "v1 (id)", at=clinic.clock.now - timedelta(days=30))
    assert asks(late) == []  # then it was the one to sign
    clinic.clock.tick(minutes=1)
    assert asks(signs(clinic, subject, "v2 (id)")) == []
    assert planned(clinic, subject)


def test_a_form_issued_afterwards_for_an_earlier_day_stops_who_signed_the_one_before(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    clinic.form(THERAPY, "v3", "id", valid_from=TODAY - timedelta(days=1))
    assert stops_at(clinic, course, 1, vial) == ["consent_in_force"]
    signs(clinic, clinic.ids["subject"], "v3 (id)")
    assert clinic.start_dose(course, 1, vial).id


def test_a_newer_form_that_asks_to_sign_again_stops_planning_and_bedside_until_it_is_signed(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    subject = clinic.ids["subject"]
    vial = clinic.ready_vial(course, 1)
    clinic.form(THERAPY, "v3", "id", valid_from=TODAY + timedelta(days=1))  # a comma: nobody signs again
    clinic.start_dose(course, 1, vial)
    report(clinic, [clinic.code(vial)], dose_id=clinic.dose(course, 1))
    clinic.clock.tick(days=7)
    second = clinic.ready_vial(course, 2)
    clinic.form(THERAPY, "v4", "en", valid_from=TODAY + timedelta(days=6), renew=True)
    assert stops_at(clinic, course, 2, second) == ["consent_signed_again"]
    assert refusal(lambda: prescribed(clinic, course, 3)).code == "consent_asks"
    given = report(clinic, [clinic.code(second)], dose_id=clinic.dose(course, 2))
    assert "consent_signed_again" in given.answer["findings"]
    clinic.form(THERAPY, "v4", "id", valid_from=TODAY + timedelta(days=6), renew=True)
    signs(clinic, subject, "v4 (id)")
    assert prescribed(clinic, course, 3)
    clean(clinic)


def test_a_withdrawal_stops_at_the_next_step_whichever_was_the_last(released: Clinic) -> None:
    """Between the physician's signature and the pharmacist's, before the vial goes out, before the injection, after its permit."""
    clinic = released
    course = clinic.course()
    subject, dose = clinic.ids["subject"], clinic.dose(course, 1)

    def without() -> None:
        (consent,) = (row[0] for row in rows(clinic, "SELECT id FROM consent WHERE withdrawn_at IS NULL"))
        clinic.clock.tick(minutes=1)
        withdraw(clinic, consent)
        clinic.clock.tick(minutes=1)

    order = prescribed(clinic, course, 1)
    without()
    assert refusal(lambda: verified(clinic, order)).code == "consent_missing"
    clinic.consent(subject)
    verified(clinic, order)
    without()
    reserve(clinic, "H3K001", dose)  # it may be signed anew before the vial goes out
    assert refusal(lambda: issue(clinic, "H3K001")).code == "consent_missing"
    clinic.consent(subject)
    thaw(clinic, "H3K001")
    issue(clinic, "H3K001")
    without()
    assert stops_at(clinic, course, 1, clinic.vial("H3K001")) == ["no_consent"]
    clinic.consent(subject)
    clinic.start_dose(course, 1, clinic.vial("H3K001"))
    without()
    given = report(clinic, [clinic.code(clinic.vial("H3K001"))], dose_id=dose)
    assert given.answer["findings"] == ["no_consent"]
    assert [str(one.kind) for one in cases(clinic)] == ["impermissible_dose"]
    assert refusal(lambda: prescribed(clinic, course, 2)).code == "consent_missing"


def test_a_withdrawal_and_an_injection_after_it_are_told_at_once_and_somebody_answers_for_it(released: Clinic) -> None:
    """Whichever is written first, the other one sees it."""
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    code, dose = clinic.code(vial), clinic.dose(course, 1)
    clinic.start_dose(course, 1, vial)
    (consent,) = (row[0] for row in rows(clinic, "SELECT id FROM consent"))
    clinic.clock.tick(minutes=2)
    no, given = clinic.clock.now, clinic.clock.now + timedelta(minutes=1)
    clinic.clock.tick(minutes=5)
    told = Call(occurred_at=no, source=Source.LATE, reason="said on the ward")

    def either(n: int) -> object:
        return withdraw(clinic, consent, call=told) if n else report(clinic, [code], dose_id=dose, at=given)

    _, refused = at_once_before_either_ends(clinic, 2, either)
    assert refused == []
    assert [str(one.kind) for one in cases(clinic)] == ["impermissible_dose"]
    assert "no_consent" in cases(clinic)[0].title
    clean(clinic)


def test_data_and_images_are_withdrawn_by_themselves_and_never_leave_the_trace(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    subject = clinic.ids["subject"]
    papers = {kind: clinic.consent(subject, kind) for kind in (DATA, IMAGES)}
    clinic.give_dose(course, 1)

    def stands(kind: ConsentKind) -> bool:
        return reading(clinic, lambda view: subjects.consent_stands(view, subject, kind)) is not None

    def analysed() -> int:
        return len(reading(clinic, lambda view: evaluated.sample(view).followed))

    assert (analysed(), stands(DATA), stands(IMAGES)) == (1, True, True)
    withdraw(clinic, papers[IMAGES])
    assert (analysed(), stands(DATA), stands(IMAGES), stands(THERAPY)) == (1, True, False, True)
    withdraw(clinic, papers[DATA])
    assert (analysed(), stands(DATA), stands(THERAPY)) == (0, False, True)
    assert len(reading(clinic, lambda view: trace.of_lot(view, clinic.ids["lot"]))["given"]) == 1
    assert prescribed(clinic, course, 2)
    clinic.clock.tick(minutes=1)
    clinic.consent(subject, DATA)
    assert analysed() == 1


def test_who_signed_in_the_patients_place_is_kept_sealed_with_how_they_stand_to_them(founded: Clinic) -> None:
    clinic = founded
    subject = enrol(clinic)
    clinic.form()
    no = refusal(lambda: signs(clinic, subject, "v2 (id)", representative="Kanaria Ibu"))
    assert no.code == "representative_incomplete"
    signs(clinic, subject, "v2 (id)", representative="Kanaria Ibu", relation="mother")
    (told,) = reading(clinic, lambda view: consents.told(view, subjects.consents(view, subject)), clinic.PHYSICIAN)
    assert (told["consent"].representative, told["consent"].relation, told["asks"]) == ("Kanaria Ibu", "mother", ())
    assert not [row for row in rows(clinic, "SELECT body FROM entry") if "Kanaria" in row[0]]
    (bound,) = rows(clinic, "SELECT body FROM entry WHERE act = 'consent.record' AND refused IS NULL")
    assert "v2 (id)" in bound[0]
    signed = (clinic.sign("maharani", Meaning.DECIDED), clinic.sign("santosa", Meaning.WITNESSED))
    clinic.do(erasing.erase, clinic.QUALITY, subject, signed=signed, reason="Asked for by the mother")
    assert rows(clinic, "SELECT representative, relation, salt FROM consent") == [(None, None, None)]
    clean(clinic)
