"""Somebody who treats nobody has to know who a subject is: for a reason, before a second person, for half an hour, reviewed (R47)."""

from __future__ import annotations

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import clean, enrol, reading, refusal, rows
from traceability.domain.people import Actor, Meaning
from traceability.services import due, glass, subjects, worklist
from traceability.store import Done
from traceability.store.tables.alarms import AlarmKind


def broken(clinic: Clinic, subject: str, who: Actor, *signers: str) -> Done:
    signed = tuple(
        clinic.sign(name, meaning)
        for name, meaning in zip(signers, (Meaning.RECORDED, Meaning.WITNESSED), strict=False)
    )
    return clinic.do(glass.break_glass, who, subject, signed=signed, reason="Recall R-1: the ward cannot reach them")


def looked(clinic: Clinic, subject: str, who: Actor) -> Done:
    return clinic.do(subjects.open_identity, who, subject)


def waiting(clinic: Clinic, who: Actor) -> list[dict[str, object]]:
    return [one.values for one in reading(clinic, worklist.opened, who)]


def test_qa_sees_who_it_is_for_half_an_hour_with_a_second_person_and_somebody_else_reviews_it(founded: Clinic) -> None:
    clinic = founded
    subject, other = enrol(clinic, mrn="MRN-1"), enrol(clinic, "Somebody", "MRN-2")
    assert refusal(lambda: looked(clinic, subject, clinic.QUALITY)).code == "glass_whole"
    assert refusal(lambda: broken(clinic, subject, clinic.QUALITY, "maharani")).code == "signature_missing"
    access = broken(clinic, subject, clinic.QUALITY, "maharani", "rahayu")

    looked(clinic, subject, clinic.QUALITY)
    with clinic.store.read(clinic.QUALITY) as view:
        assert subjects.read_identity(clinic.store, view, subject)["mrn"]
    assert refusal(lambda: looked(clinic, other, clinic.QUALITY)).code == "glass_whole"  # of one subject
    assert refusal(lambda: looked(clinic, subject, clinic.QUALITY2)).code == "glass_whole"  # for one person
    assert refusal(lambda: broken(clinic, subject, clinic.QUALITY, "maharani", "rahayu")).code == "glass_broken_already"
    clinic.clock.tick(minutes=30)
    assert refusal(lambda: looked(clinic, subject, clinic.QUALITY)).code == "glass_whole"
    looked(clinic, subject, clinic.PHYSICIAN)  # who treats breaks nothing

    # it is owed within a day, by neither of the two
    assert waiting(clinic, clinic.QUALITY) == []
    assert [one["late"] for one in waiting(clinic, clinic.QUALITY2)] == [False]
    owed = reading(clinic, due.reviews, clinic.QUALITY2)
    assert [(one.kind, one.noun, one.step) for one in owed] == [(AlarmKind.REVIEW_OWED, "opening", 24)]
    clinic.clock.tick(hours=24)
    assert [one["late"] for one in waiting(clinic, clinic.QUALITY2)] == [True]
    (row,) = reading(clinic, lambda view: glass.accesses(view, subject), clinic.QUALITY2)
    assert len(reading(clinic, lambda view: glass.looks(view, row), clinic.QUALITY2)) == 1

    def reviewed(who: Actor, name: str) -> Done:
        signed = (clinic.sign(name, Meaning.REVIEWED),)
        return clinic.do(glass.review, who, access.id, True, "The ward had no telephone number.", signed=signed)

    assert refusal(lambda: reviewed(clinic.QUALITY, "maharani")).code == "own_work"
    assert reviewed(clinic.QUALITY2, "lestari").answer["late"]
    assert refusal(lambda: reviewed(clinic.QUALITY2, "lestari")).code == "already_ended"
    assert waiting(clinic, clinic.QUALITY2) == []
    assert reading(clinic, due.reviews, clinic.QUALITY2) == []
    clean(clinic)


def test_what_was_written_of_it_is_in_no_entry_and_another_hospital_finds_nothing(founded: Clinic) -> None:
    clinic = founded
    subject = enrol(clinic, mrn="MRN-1")
    access = broken(clinic, subject, clinic.QUALITY, "maharani", "rahayu")
    signed = (clinic.sign("lestari", Meaning.REVIEWED),)
    clinic.do(glass.review, clinic.QUALITY2, access.id, False, "Curiosity alone, Canary", signed=signed)
    told = " ".join(str(one) for one in rows(clinic, "SELECT body FROM entry"))
    assert "Canary" not in told
    assert "cannot reach" not in told
    there = elsewhere(clinic)
    assert refusal(lambda: broken(there, subject, there.QUALITY, "maharani", "rahayu")).code == "not_found"
