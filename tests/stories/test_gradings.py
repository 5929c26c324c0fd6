"""A radiograph is read by two who do not see each other's grade; a third decides where they differ, or both agree (R51)."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from tests.clinic import HASHED, Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import LEFT, RIGHT, clean, count, reading, refusal, rows, today
from tests.stories.test_merging import merge, twice, unmerge
from traceability.domain.errors import NotFound
from traceability.domain.people import SYSTEM, Actor, Meaning, Role
from traceability.services import gradings, outcomes, people, taking_back
from traceability.store import passwords
from traceability.store.tables import Reading, Score
from traceability.store.tables.outcomes import Projection, TimePoint

AP, BASELINE = Projection.AP, TimePoint.BASELINE
BOTH = (Meaning.ADJUDICATED, Meaning.AGREED)


def physician(clinic: Clinic, username: str, name: str) -> Actor:
    person = clinic.do(people.enrol, SYSTEM, clinic.ids["hospital"], username, name, HASHED).id
    clinic.do(people.give, SYSTEM, person, Role.PHYSICIAN, clinic.ids["hospital"])
    with clinic.store.engines.reader.connect() as connection:
        actor = passwords.actor_of(connection, person)
    assert actor is not None
    return actor


def read(clinic: Clinic, who: Actor, grade: int, **told: Any) -> None:
    given = {"laterality": RIGHT, "projection": AP, "taken_on": today(clinic), **told}
    clinic.do(gradings.read, who, clinic.ids["subject"], time_point=BASELINE, kl_grade=grade, **given)


def grades(clinic: Clinic) -> list[tuple[str, str | None]]:
    found = reading(clinic, lambda view: outcomes.scores(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    return sorted((one.raw, one.reader) for one in found)


def test_the_first_grade_is_told_to_nobody_before_a_second_person_has_read_the_same_film(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    second, third = physician(clinic, "radio", "H. Pratama"), physician(clinic, "radio2", "L. Hartono")
    read(clinic, clinic.PHYSICIAN, 3)
    assert grades(clinic) == []
    (one,) = reading(clinic, lambda view: gradings.waiting(view, clinic.ids["subject"]), second)
    assert (one.reader, one.mine, one.projection) == ("B. Santosa", False, AP)
    assert '"grade":3' not in "".join(body for (body,) in rows(clinic, "SELECT body FROM entry"))
    assert refusal(lambda: read(clinic, clinic.PHYSICIAN, 2)).code == "read_already"

    # another film of the same knee, another knee, another day: each asks for two of its own
    for other in ({"projection": Projection.SKYLINE}, {"laterality": LEFT}, {"taken_on": date(2026, 3, 1)}):
        read(clinic, second, 1, **other)
    assert grades(clinic) == []

    read(clinic, second, 2)
    assert grades(clinic) == [("2", "H. Pratama"), ("3", "B. Santosa")]
    read(clinic, third, 2)
    assert len(grades(clinic)) == 3
    assert len(reading(clinic, lambda view: gradings.waiting(view, clinic.ids["subject"]), second)) == 3
    clean(clinic)


def test_where_two_readers_differ_a_third_decides_or_both_agree_and_neither_alone(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    second, third = physician(clinic, "radio", "H. Pratama"), physician(clinic, "radio2", "L. Hartono")
    read(clinic, clinic.PHYSICIAN, 3)
    read(clinic, second, 2)
    found = reading(clinic, lambda view: outcomes.scores(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    ids = [one.id for one in found]

    def sign(*who: str) -> dict[str, Any]:
        return {
            "signed": tuple(clinic.sign(one, meaning) for one, meaning in zip(who, BOTH, strict=False)),
            "reason": "osteophytes are definite",
        }

    alone = partial(clinic.do, outcomes.adjudicate, clinic.PHYSICIAN, ids, ids[0], **sign("santosa"))
    assert refusal(alone).code == "adjudicator_read"
    with_other = partial(clinic.do, gradings.agree, clinic.PHYSICIAN, ids, ids[0], **sign("santosa", "radio2"))
    assert refusal(with_other).code == "agreed_by_others"
    same = partial(clinic.do, gradings.agree, clinic.PHYSICIAN, ids, ids[0], **sign("santosa", "santosa"))
    assert refusal(same).code == "signature_same_person"
    assert count(clinic, "adjudication") == 0
    clinic.do(gradings.agree, clinic.PHYSICIAN, ids, ids[0], **sign("santosa", "radio"))
    clinic.do(outcomes.adjudicate, third, ids, ids[1], **sign("radio2"))
    assert count(clinic, "adjudication") == 2
    assert len(grades(clinic)) == 2  # what each read stays
    clean(clinic)


def test_a_biomarker_has_a_unit_and_no_place_between_0_and_100(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    told = (clinic.ids["subject"], "COMP", "812.4", BASELINE, "laboratory")
    assert refusal(lambda: clinic.do(outcomes.record, clinic.PHYSICIAN, *told)).code == "unit_missing"
    assert refusal(lambda: clinic.do(outcomes.record, clinic.PHYSICIAN, *told, unit="mg/dL")).code == "unit_unknown"
    pain = (clinic.ids["subject"], "VAS", "7", BASELINE, "visit")
    assert refusal(lambda: clinic.do(outcomes.record, clinic.PHYSICIAN, *pain, unit="ng/mL")).code == "unit_unknown"
    clinic.do(outcomes.record, clinic.PHYSICIAN, *told, unit="ng/mL")
    (one,) = reading(clinic, lambda view: outcomes.scores(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    assert (one.raw, one.unit) == ("812.4", "ng/mL")


def test_a_grade_stays_under_the_pseudonym_it_was_read_under_and_is_taken_back_alone(founded: Clinic) -> None:
    clinic = founded
    first, again = twice(clinic)
    second = physician(clinic, "radio", "H. Pratama")

    def film(who: Actor, subject: str, grade: int) -> None:
        clinic.do(gradings.read, who, subject, RIGHT, BASELINE, AP, today(clinic), grade)

    film(clinic.PHYSICIAN, first, 3)
    merge(clinic, first, again)
    film(second, again, 2)
    unmerge(clinic, first)

    def told() -> list[Score]:
        return reading(clinic, lambda view: view.all(Score, Score.counts(), order=Score.raw))

    assert [(one.raw, one.subject_id) for one in told()] == [("2", again), ("3", first)]

    signed = (clinic.sign("santosa", Meaning.RECORDED),)
    clinic.do(taking_back.void_score, clinic.PHYSICIAN, told()[1].id, signed=signed, reason="the other knee")
    standing = reading(clinic, lambda view: view.all(Reading, gradings.STANDS))
    assert [(one.reader_id, one.subject_id) for one in standing] == [(second.person_id, again)]
    # who took theirs back may know the other grade by now: somebody else reads it
    assert refusal(lambda: film(clinic.PHYSICIAN, first, 1)).code == "read_already"
    clean(clinic)


def test_a_film_that_two_read_under_two_pseudonyms_of_one_person_asks_for_no_third(founded: Clinic) -> None:
    clinic = founded
    first, again = twice(clinic)
    second = physician(clinic, "radio", "H. Pratama")

    def film(who: Actor, subject: str, grade: int, projection: Projection = AP) -> None:
        clinic.do(gradings.read, who, subject, RIGHT, BASELINE, projection, today(clinic), grade)

    def waits(subject: str) -> list[tuple[Projection, str]]:
        found = reading(clinic, lambda view: gradings.waiting(view, subject), clinic.PHYSICIAN)
        return [(one.projection, one.reader) for one in found]

    def told() -> list[tuple[str, str, Projection]]:
        found = reading(clinic, lambda view: view.all(Score, Score.counts()))
        return sorted((one.raw, one.subject_id, one.projection) for one in found)

    film(clinic.PHYSICIAN, first, 3)
    film(second, again, 2)
    skyline = Projection.SKYLINE  # one reader read this one under both, and does not know that it is the same
    film(second, first, 1, skyline)
    film(second, again, 0, skyline)
    assert (told(), waits(again)) == ([], [(AP, "H. Pratama"), (skyline, "H. Pratama")])
    merge(clinic, first, again)
    assert told() == sorted([("2", again, AP), ("3", first, AP)]), "each under the pseudonym it was read under"
    assert waits(again) == waits(first) == [(skyline, "H. Pratama")], "one who read it twice is not two"
    film(clinic.PHYSICIAN, again, 1, skyline)
    assert [one for one in told() if one[2] is skyline] == sorted(
        [("0", again, skyline), ("1", again, skyline), ("1", first, skyline)]
    )
    assert waits(again) == []
    clean(clinic)


def test_another_house_reads_none_of_our_films(founded: Clinic) -> None:
    founded.course()
    there = elsewhere(founded)
    assert isinstance(refusal(lambda: read(there, there.PHYSICIAN, 3)), NotFound)
    read(founded, founded.PHYSICIAN, 3)
    assert reading(there, lambda view: gradings.waiting(view, founded.ids["subject"]), there.PHYSICIAN) == []
