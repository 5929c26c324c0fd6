"""One person is enrolled twice: two people say so, and from then on the record reads one person, whichever wristband is worn."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import (
    RIGHT,
    at_once,
    both,
    cases,
    clean,
    enrol,
    hand_over,
    planned,
    prescribed,
    reading,
    refusal,
    report,
    reserve,
    usable,
    verified,
    withdraw,
)
from tests.stories.case import rows as raw
from traceability.domain.errors import NotFound
from traceability.domain.people import Meaning, Signing
from traceability.domain.recalling import ContactBy
from traceability.services import (
    administrations,
    consents,
    courses,
    doses,
    erasing,
    evaluated,
    eventbook,
    events,
    merging,
    outcomes,
    persons,
    progress,
    recalls,
    rekeying,
    stops,
    subjects,
    tags,
    taking_back,
    trace,
)
from traceability.services.records import cioms
from traceability.store import Call, Done, Source
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import ConsentKind

NIK = "3372014305690001"
BORN = date(1969, 5, 3)


def look(clinic: Clinic, *subject_ids: str) -> None:
    for one in subject_ids:
        clinic.do(subjects.open_identity, clinic.PHYSICIAN, one)


def two(clinic: Clinic, first: str = "santosa", second: str = "putri") -> tuple[Signing, ...]:
    return clinic.sign(first, Meaning.DECIDED), clinic.sign(second, Meaning.VERIFIED)


def merge(
    clinic: Clinic,
    lost: str,
    stands: str,
    *,
    signed: tuple[Signing, ...] | None = None,
    seen: bool = True,
    **told: object,
) -> Done:
    if seen:
        look(clinic, lost, stands)
    with clinic.store.read(clinic.PHYSICIAN) as view:
        compared = merging.compared(clinic.store, view, lost, stands)
    return clinic.do(
        merging.merge,
        clinic.PHYSICIAN,
        lost,
        stands,
        compared,
        signed=signed or two(clinic),
        reason="Wristband was lost",
        **told,
    )


def unmerge(clinic: Clinic, subject: str) -> Done:
    return clinic.do(merging.unmerge, clinic.PHYSICIAN, subject, signed=two(clinic), reason="They are sisters")


def pseudonym(clinic: Clinic, subject: str) -> str:
    return reading(clinic, lambda view: subjects.subject(view, subject).pseudonym)


def twice(clinic: Clinic, **told: str) -> tuple[str, str]:
    """The same name and birth date under two record numbers: the second time without the first wristband."""
    return enrol(clinic, "Sri Lestari", "MRN-1", **told), enrol(clinic, "LESTARI, Sri", "MRN-2")


def with_courses(clinic: Clinic) -> tuple[str, str, str, str]:
    """Enrolled twice, consented twice, a course of the right knee under each pseudonym."""
    first, again = twice(clinic)
    for one in (first, again):
        clinic.consent(one)
    return first, again, planned(clinic, first), planned(clinic, again)


def bedside(clinic: Clinic, course: str, k: int, serial: str, band: str) -> list[str]:
    no = refusal(lambda: clinic.start_dose(course, k, clinic.vial(serial), subject=band))
    return [one.code for one in no.findings] or [no.code]


def made_ready(clinic: Clinic, course: str, k: int, serial: str) -> None:
    verified(clinic, prescribed(clinic, course, k))
    reserve(clinic, serial, clinic.dose(course, k))
    hand_over(clinic, serial)


def test_both_wristbands_are_one_person_and_what_was_open_of_either_is_asked_anew(released: Clinic) -> None:
    clinic = released
    first, again, old, new = with_courses(clinic)
    verified(clinic, prescribed(clinic, old, 1))
    reserve(clinic, "H3K005", clinic.dose(old, 1), reason="kept")
    made_ready(clinic, new, 1, "H3K001")
    clinic.start_dose(new, 1, clinic.vial("H3K001"), subject=again)
    assert bedside(clinic, new, 1, "H3K001", first) == ["wrong_patient"]

    done = merge(clinic, first, again)
    told = {key: done.answer[key] for key in ("orders", "starts", "back_in_stock", "still_out")}
    assert told == {"orders": [1, 1], "starts": ["H3K001"], "back_in_stock": ["H3K005"], "still_out": ["H3K001"]}
    assert clinic.vial("H3K005").state == "in_stock"
    assert bedside(clinic, new, 1, "H3K001", first) == ["course_twice", "no_order"]
    assert refusal(lambda: prescribed(clinic, new, 1)).code == "two_courses_open"
    told = bedside(clinic, old, 1, "H3K002", again)  # the course of the one, the wristband of the other
    assert "course_twice" in told
    assert "wrong_patient" not in told

    clinic.do(courses.end, clinic.PHYSICIAN, old, reason="The same knee under another pseudonym")
    assert bedside(clinic, new, 1, "H3K001", first) == ["no_order"]
    verified(clinic, prescribed(clinic, new, 1))
    clinic.start_dose(new, 1, clinic.vial("H3K001"), subject=first)
    given = report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=again, dose_id=clinic.dose(new, 1))
    assert given.answer["findings"] == []
    clean(clinic)


def test_what_was_injected_before_the_merge_was_told_had_its_permit_and_after_it_had_none(released: Clinic) -> None:
    clinic = released
    first, again, _, new = with_courses(clinic)
    made_ready(clinic, new, 1, "H3K001")
    clinic.start_dose(new, 1, clinic.vial("H3K001"), subject=again)
    before = clinic.clock.now
    clinic.clock.tick(minutes=5)
    merge(clinic, first, again)
    clinic.clock.tick(minutes=5)
    told = {"subject": again, "dose_id": clinic.dose(new, 1)}
    code = clinic.code(clinic.vial("H3K001"))
    assert {"no_order", "not_started"} <= set(report(clinic, [code], **told).answer["findings"])
    late = report(clinic, [code], at=before, **told).answer["findings"]
    assert not {"no_order", "not_started"} & set(late)


def test_doses_under_both_pseudonyms_count_together(released: Clinic) -> None:
    """One of two was given as one, one as the other: the protocol's two were given, and nobody gets a third."""
    clinic = released
    clinic.ids["protocol"] = clinic.protocol("Two", doses=2)
    first, again, old, new = with_courses(clinic)
    for subject, course, serial in ((first, old, "H3K001"), (again, new, "H3K002")):
        made_ready(clinic, course, 1, serial)
        report(clinic, [clinic.code(clinic.vial(serial))], subject=subject, dose_id=clinic.dose(course, 1))
        clinic.clock.tick(days=7)
    merge(clinic, first, again)
    clinic.do(courses.end, clinic.PHYSICIAN, old, reason="The same knee")
    told = reading(clinic, lambda view: trace.of_subject(view, first))
    assert (told["subject"].id, len(told["given"])) == (again, 2)
    made_ready(clinic, new, 2, "H3K003")
    assert "more_than_planned" in bedside(clinic, new, 2, "H3K003", again)


def test_a_consent_withdrawn_under_either_pseudonym_is_withdrawn_and_signed_anew_it_stands(released: Clinic) -> None:
    clinic = released
    first, again = twice(clinic)
    papers = [clinic.consent(one) for one in (first, again)]
    clinic.consent(again, ConsentKind.DATA)
    merge(clinic, first, again)
    clinic.clock.tick(hours=1)
    withdraw(clinic, papers[0])
    assert refusal(lambda: planned(clinic, again)).code == "consent_missing"
    assert refusal(lambda: planned(clinic, first)).code == "subject_merged"
    assert reading(clinic, usable) == {again}
    clinic.clock.tick(hours=1)
    clinic.consent(again)
    assert planned(clinic, again)


def test_recall_trace_and_outcomes_tell_one_person_and_taken_back_they_are_two(released: Clinic) -> None:
    clinic = released
    first, again, old, new = with_courses(clinic)
    for subject, course, serial in ((first, old, "H3K001"), (again, new, "H3K002")):
        clinic.consent(subject, ConsentKind.DATA)
        made_ready(clinic, course, 1, serial)
        report(clinic, [clinic.code(clinic.vial(serial))], subject=subject, dose_id=clinic.dose(course, 1))
    told = {"low": "0", "high": "10", "laterality": RIGHT}
    clinic.do(outcomes.record, clinic.PHYSICIAN, first, "VAS", "7", TimePoint.BASELINE, "visit", course_id=old, **told)
    clinic.do(events.record, clinic.PHYSICIAN, again, Asked.NONE)
    signed = (clinic.sign("maharani", Meaning.RECALLED),)
    scope = (ScopeKind.LOT, (clinic.ids["lot"],))
    recall = clinic.do(stops.recall, clinic.QUALITY, "Doubt", 1, True, *scope, signed=signed, reason="x").id

    def counted() -> tuple[int, int, int]:
        had = reading(clinic, lambda view: {row["id"] for row in progress.standing(view, recall).exposed})
        lot = reading(clinic, lambda view: trace.of_lot(view, clinic.ids["lot"]))
        people = reading(clinic, lambda view: {one.treated.person for one in evaluated.sample(view).followed})
        return len(had), len({row["pseudonym"] for row in lot["given"]}), len(people)

    assert counted() == (2, 2, 2)
    merge(clinic, first, again)
    assert counted() == (1, 1, 1)
    page = reading(clinic, lambda view: (outcomes.scores(view, again), eventbook.of_subject(view, first)))
    assert [len(part) for part in page] == [1, 1]
    clinic.do(recalls.contact, clinic.PHYSICIAN, recall, first, True, ContactBy.VISIT)  # told under the other pseudonym
    assert list(reading(clinic, lambda view: progress.standing(view, recall).contacts)) == [again]
    assert reading(clinic, lambda view: [one.id for one in subjects.subjects(view)]) == [again]
    printed = reading(clinic, lambda view: tags.tag(view, "subject", first).datamatrix.reads)
    assert pseudonym(clinic, again) in printed
    unmerge(clinic, first)
    assert counted() == (2, 2, 2)
    assert refusal(lambda: unmerge(clinic, first)).code == "not_merged"
    clean(clinic)


def test_harm_is_shown_under_the_pseudonym_that_stands_and_its_patient_is_not_who_else_had_the_lot(
    released: Clinic,
) -> None:
    clinic = released
    first, again, old, _ = with_courses(clinic)
    made_ready(clinic, old, 1, "H3K001")
    report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=first, dose_id=clinic.dose(old, 1))
    told = {"description": "septic joint", "grade": 3}
    event = clinic.do(events.record, clinic.PHYSICIAN, first, Asked.YES, course_id=old, **told).id
    merge(clinic, first, again)
    found = reading(clinic, lambda view: eventbook.detail(view, event), clinic.PHYSICIAN)
    assert (found.subject.id, found.exposed, [one.number for one in found.lots]) == (again, [], ["UC26-H3"])
    assert reading(clinic, lambda view: [one.subject.id for one in eventbook.listed(view)], clinic.PHYSICIAN) == [again]
    record = reading(clinic, lambda view: cioms.build(view, event, "SAR-0001", 1), clinic.PHYSICIAN)
    assert record.pseudonym == pseudonym(clinic, again)


def test_what_is_not_to_be_merged_is_refused_with_why(founded: Clinic) -> None:
    clinic = founded
    first, again = twice(clinic)
    third = enrol(clinic, "Sri Lestari", "MRN-3")
    assert refusal(lambda: merge(clinic, first, first)).code == "merged_with_itself"
    assert refusal(lambda: merge(clinic, first, again, seen=False)).code == "identities_not_looked_at"
    look(clinic, first, again)
    clinic.clock.tick(minutes=31)
    assert refusal(lambda: merge(clinic, first, again, seen=False)).code == "identities_not_looked_at"
    assert refusal(lambda: merge(clinic, first, again, signed=two(clinic)[:1])).code == "signature_missing"
    same = two(clinic, "santosa", "santosa")
    assert refusal(lambda: merge(clinic, first, again, signed=same)).code == "signature_same_person"
    there = elsewhere(clinic)
    foreign = enrol(there, "Sri Lestari", "MRN-1", who=there.PHYSICIAN)
    with pytest.raises(NotFound):
        merge(clinic, first, foreign, seen=False)
    merge(clinic, first, again)
    for one, other in ((first, third), (third, first)):
        no = refusal(lambda one=one, other=other: merge(clinic, one, other))
        assert (no.code, no.values["stands"]) == ("subject_merged", pseudonym(clinic, again))
    merge(clinic, again, third)  # a chain ends at one
    assert reading(clinic, lambda view: persons.of(view, first)) == [third, *sorted([first, again])]
    assert refusal(lambda: enrol(clinic, mrn="mrn 1")).values["subject"] == pseudonym(clinic, third)


def test_two_say_it_at_once_of_either_and_one_of_them_stands(founded: Clinic) -> None:
    clinic = founded
    first, again = twice(clinic)
    look(clinic, first, again)
    pairs = [(first, again), (again, first), (first, again), (again, first)]
    done, refused = at_once(4, lambda n: merge(clinic, *pairs[n], seen=False))
    assert (len(done), {no.code for no in refused}) == (1, {"subject_merged"})
    assert len(reading(clinic, subjects.subjects)) == 1
    clean(clinic)


def test_two_national_numbers_are_two_people_unless_qa_and_another_are_certain(founded: Clinic) -> None:
    clinic = founded
    one = enrol(clinic, "Sri Lestari", "MRN-1", nik=NIK)
    other = enrol(clinic, "Sri Lestari", "MRN-2", nik="3372014305690009")
    no = refusal(lambda: merge(clinic, one, other))
    assert (no.code, [finding.code for finding in no.findings]) == ("merge_doubtful", ["nik_alike"])
    assert refusal(lambda: merge(clinic, one, other, certain=True)).code == "merge_takes_quality"
    assert merge(clinic, one, other, certain=True, signed=two(clinic, "santosa", "maharani")).id == one
    stranger = enrol(clinic, "Budi", "MRN-3", born=BORN + timedelta(days=1))
    no = refusal(lambda: merge(clinic, stranger, other))
    assert [finding.code for finding in no.findings] == ["born_alike", "person_alike"]


def test_who_cannot_be_read_cannot_be_compared(founded: Clinic) -> None:
    clinic = founded
    first, again = twice(clinic)
    key = Path(clinic.store.documents.parent / "keys" / "identity.key")
    key.rename(key.with_name("lost"))
    assert refusal(lambda: merge(clinic, first, again)).code == "identity_key_missing"
    key.with_name("lost").rename(key)
    signed = (clinic.sign("maharani", Meaning.DECIDED), clinic.sign("santosa", Meaning.WITNESSED))
    merge(clinic, first, again)
    clinic.do(erasing.erase, clinic.QUALITY, first, signed=signed, reason="Asked for by the patient")
    left = raw(clinic, "SELECT count(*) FROM identity WHERE name IS NOT NULL OR name_born_index IS NOT NULL")
    assert left[0][0] == 0  # the person is gone, under both pseudonyms
    newcomer = enrol(clinic, "Sri Lestari", "MRN-1")
    assert refusal(lambda: merge(clinic, newcomer, again)).code == "identity_erased"
    clean(clinic)


def test_perhaps_enrolled_twice_is_told_at_once_and_on_a_list_by_digests_alone(founded: Clinic) -> None:
    clinic = founded
    first = enrol(clinic, "Sri Lestari", "MRN-1", nik=NIK)
    sealed = subjects.seal_identity(clinic.store, name="Lestári, Sri", mrn="MRN-2", born=BORN)
    told = clinic.do(subjects.enrol, clinic.PHYSICIAN, sealed)
    assert [(one["code"], one["values"]) for one in told.answer["findings"]] == [
        ("enrolled_once", {"subjects": [pseudonym(clinic, first)]})
    ]
    stranger = enrol(clinic, "Sri Lestari", "MRN-4", born=BORN + timedelta(days=1))
    pairs = reading(clinic, lambda view: [{one.id for one in pair} for pair in subjects.alike(view)])
    assert pairs == [{first, told.id}]
    for one, groups in ((first, 1), (told.id, 1), (stranger, 0)):
        assert len(reading(clinic, lambda view, one=one: subjects.alike(view, one))) == groups
    merge(clinic, told.id, first)
    assert reading(clinic, subjects.alike) == []

    # the key was lost, somebody was enrolled under a new one, and the old one was found again
    ring = clinic.store.keys.identities
    old = ring.current()
    (ring.folder / "identity.key").write_bytes(os.urandom(64))
    again = enrol(clinic, "S. Lestari", "MRN-1", nik=NIK)
    (ring.folder / f"identity-{old.id}.key").write_bytes(old.identity + old.index)
    assert reading(clinic, subjects.alike) == []
    list(rekeying.bring(clinic.store))
    assert reading(clinic, lambda view: [{one.id for one in pair} for pair in subjects.alike(view)]) == [{first, again}]


def test_two_injections_of_one_day_into_one_knee_come_out_when_the_two_turn_out_to_be_one(released: Clinic) -> None:
    clinic = released
    first, again, old, new = with_courses(clinic)
    for subject, course, serial in ((first, old, "H3K001"), (again, new, "H3K002")):
        made_ready(clinic, course, 1, serial)
        report(clinic, [clinic.code(clinic.vial(serial))], subject=subject, dose_id=clinic.dose(course, 1))
    before = len(cases(clinic))
    told = merge(clinic, first, again).answer
    assert "too_soon" in told["findings"]
    assert len(told["cases"]) == len(cases(clinic)) - before > 0
    clinic.do(courses.end, clinic.PHYSICIAN, old, reason="moved")
    clinic.do(courses.end, clinic.PHYSICIAN, new, reason="moved")
    reasons = reading(clinic, lambda view: erasing.needs(view, subjects.subject(view, again)))
    assert set(told["cases"]) <= {number for one in reasons for number in one.values.get("cases", ())}


def test_what_was_given_to_one_as_a_dose_of_the_other_is_no_dose_of_theirs_when_they_are_two_again(
    released: Clinic,
) -> None:
    clinic = released
    first, again, old, new = with_courses(clinic)
    merge(clinic, first, again)
    clinic.do(courses.end, clinic.PHYSICIAN, old, reason="planned twice")
    made_ready(clinic, new, 1, "H3K001")
    given = report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=first, dose_id=clinic.dose(new, 1)).id
    told = unmerge(clinic, first).answer
    assert "no_order" in told["findings"]
    assert told["cases"]
    assert told["orders"] == [1]
    doses = reading(clinic, lambda view: courses.doses(view, new), clinic.PHYSICIAN)
    assert doses[0]["administration_id"] is None
    kept = reading(clinic, lambda view: administrations.corrections(view, given), clinic.PHYSICIAN)
    assert [(one.what, one.after) for one in kept] == [("dose", None), ("course", None)]


def test_a_dose_that_never_was_is_ordered_anew_when_two_turn_out_to_be_one(released: Clinic) -> None:
    clinic = released
    first, again, old, _ = with_courses(clinic)
    made_ready(clinic, old, 1, "H3K001")
    given = report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=first, dose_id=clinic.dose(old, 1)).id
    signed = (clinic.sign("santosa", Meaning.RECORDED), clinic.sign("putri", Meaning.VERIFIED))
    clinic.do(taking_back.void, clinic.PHYSICIAN, given, reason="never given", signed=signed)
    assert merge(clinic, first, again).answer["orders"] == [1]


def test_one_person_at_two_hospitals_is_reached_by_a_recall_at_both_each_under_its_own_pseudonym(
    released: Clinic,
) -> None:
    clinic = released
    them = elsewhere(clinic)
    here, there = (
        enrol(clinic, "Sri Lestari", "MRN-1", nik=NIK),
        enrol(them, "Sri Lestari", "A-77", nik=NIK, who=them.PHYSICIAN),
    )
    assert pseudonym(clinic, here) != pseudonym(them, there)
    for house, subject, serial in ((clinic, here, "H3K001"), (them, there, "H3K002")):
        house.do(
            doses.give, house.PHYSICIAN, subject, RIGHT, [clinic.code(clinic.vial(serial))], 3000, 0, signed=both(house)
        )
    signed = (clinic.sign("wijaya", Meaning.RECALLED),)
    told = ("Particles", 1, True, ScopeKind.LOT, (clinic.ids["lot"],))
    recall = clinic.do(stops.recall, clinic.MAKER_QA, *told, signed=signed, reason="x").id
    for house, mine in ((clinic, here), (them, there)):
        had = reading(clinic, lambda view: progress.standing(view, recall).exposed, house.QUALITY)
        assert {row["id"] for row in had if row["pseudonym"]} == {mine}
        assert len(had) == (
            2 if house is clinic else 1
        )  # the other one is counted where the lot is in sight, and not named
    assert refusal(lambda: clinic.do(recalls.contact, clinic.PHYSICIAN, recall, there, True, ContactBy.VISIT))


def test_a_no_that_was_told_while_two_were_read_as_one_stands_against_both_until_each_signs_again(
    released: Clinic,
) -> None:
    clinic = released
    first, again, old, new = with_courses(clinic)
    clinic.consent(again, ConsentKind.DATA)
    clinic.consent(first, ConsentKind.IMAGES)
    merge(clinic, first, again)
    clinic.clock.tick(minutes=5)
    for paper in reading(clinic, lambda view: subjects.consents(view, first), clinic.PHYSICIAN):
        if paper.subject_id == again:
            withdraw(clinic, paper.id)
    clinic.clock.tick(minutes=5)
    # signed before the no and entered after it, of the other one: nobody knows whose word it was
    signed = (clinic.sign("santosa", Meaning.RECORDED), clinic.sign("rahayu", Meaning.WITNESSED))
    before = clinic.clock.now - timedelta(minutes=8)
    clinic.do(consents.record, clinic.PHYSICIAN, first, ConsentKind.DATA, "v2 (id)", before, signed=signed)
    clinic.clock.tick(minutes=5)
    unmerge(clinic, first)
    for course in (old, new):
        assert refusal(lambda course=course: prescribed(clinic, course, 1)).code == "consent_missing"

    def stands(subject: str) -> set[ConsentKind]:
        kinds = reading(
            clinic, lambda view: [one for one in ConsentKind if subjects.consent_stands(view, subject, one)], clinic.PHYSICIAN
        )  # fmt: skip
        return set(kinds)

    assert (stands(first), stands(again)) == ({ConsentKind.IMAGES}, set())  # to pictures nobody said no
    clinic.consent(first)
    prescribed(clinic, old, 1)
    assert refusal(lambda: prescribed(clinic, new, 1)).code == "consent_missing"
    clean(clinic)


def test_a_paper_that_is_entered_after_two_were_told_apart_meets_the_no_that_was_told_of_both(founded: Clinic) -> None:
    clinic = founded
    first, again = twice(clinic)
    signed_at = clinic.clock.now  # on paper, by the second one, and not yet in the record

    def stands(subject: str, kind: ConsentKind = ConsentKind.THERAPY) -> bool:
        return reading(clinic, lambda view: subjects.consent_stands(view, subject, kind), clinic.PHYSICIAN) is not None

    def entered(subject: str, kind: ConsentKind = ConsentKind.THERAPY) -> None:
        by = (clinic.sign("santosa", Meaning.RECORDED), clinic.sign("rahayu", Meaning.WITNESSED))
        clinic.do(consents.record, clinic.PHYSICIAN, subject, kind, "v2 (id)", signed_at, signed=by)

    clinic.clock.tick(hours=1)
    therapy, data, images = (clinic.consent(first, kind) for kind in ConsentKind)
    clinic.clock.tick(minutes=5)
    withdraw(clinic, images)  # of the first one alone: nobody reads the two as one yet
    said = clinic.clock.now
    clinic.clock.tick(minutes=5)
    merge(clinic, again, first)
    clinic.clock.tick(minutes=5)
    withdraw(clinic, therapy)
    withdraw(clinic, data, call=Call(occurred_at=said, source=Source.LATE, reason="said before"))
    clinic.clock.tick(minutes=5)
    unmerge(clinic, again)
    clinic.clock.tick(minutes=5)
    signed_anew = clinic.consent(first, ConsentKind.IMAGES)
    clinic.clock.tick(minutes=5)
    withdraw(clinic, signed_anew)  # of the first one alone, again
    clinic.clock.tick(minutes=5)
    for kind in ConsentKind:
        entered(again, kind)
    assert [stands(again, kind) for kind in ConsentKind] == [False, False, True]
    clinic.clock.tick(minutes=5)
    clinic.consent(again)
    assert [stands(one) for one in (first, again)] == [False, True]
    clean(clinic)
