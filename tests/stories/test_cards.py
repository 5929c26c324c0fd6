"""The card that a patient carries: of one knee, printed anew after each dose, and out of date once something on it was wrong."""

from __future__ import annotations

import json

from tests.clinic import Clinic
from tests.stories.case import LEFT, RIGHT, planned, refusal, report
from tests.stories.test_corrections import correct, current, in_error
from tests.stories.test_merging import merge, twice
from traceability.domain.people import Actor
from traceability.domain.records import RecordKind
from traceability.services import documents
from traceability.store import Call
from traceability.store.tables import Document


def card(clinic: Clinic, course: str, who: Actor | None = None, language: str = "id") -> str:
    def link(number: str, version: int) -> str:
        return f"https://trace.example/d/{number}/{version}"

    return documents.make(clinic.store, who or clinic.WITNESS, Call(), RecordKind.CARD, course, language, link).id


def says(clinic: Clinic, document: str) -> dict:
    with clinic.store.read(clinic.WITNESS) as view:
        return json.loads(view.need(Document, document).record)


def test_a_card_lists_the_doses_into_one_knee_and_no_name_and_a_dose_that_never_was_takes_it_out_of_date(
    released: Clinic,
) -> None:
    clinic = released
    course = clinic.course()
    first = clinic.give_dose(course, 1).id
    told = says(clinic, card(clinic, course))
    assert [(one["k"], one["lot"], one["serial"]) for one in told["given"]] == [(1, "UC26-H3", "H3K001")]
    assert (told["laterality"], told["doses"]) == ("right", 5)
    assert "Canary" not in json.dumps(told)
    other = planned(clinic, clinic.ids["subject"], LEFT)
    assert says(clinic, card(clinic, other))["given"] == []  # knees are independent
    assert current(clinic) == {"CRD-0001, 1", "CRD-0002, 1"}
    assert "CRD-0001, 1" in in_error(clinic, first).answer["superseded"]
    assert current(clinic) == {"CRD-0002, 1"}
    assert says(clinic, card(clinic, course, clinic.PHYSICIAN, "en"))["given"] == []
    assert refusal(lambda: card(clinic, course, clinic.QUALITY)).code == "not_permitted"


def into(clinic: Clinic, course: str) -> tuple[list[tuple], list[tuple]]:
    """What its card says went into the knee of a course, and what it says went elsewhere."""
    told = says(clinic, card(clinic, course))
    return tuple(
        [(one["k"], one["laterality"], one["serial"]) for one in told[where]] for where in ("given", "elsewhere")
    )


def test_a_dose_into_the_wrong_knee_stands_under_that_knee_and_an_injection_without_a_dose_is_not_left_out(
    released: Clinic,
) -> None:
    clinic = released
    course = clinic.course()
    other = planned(clinic, clinic.ids["subject"], LEFT)
    vial = clinic.ready_vial(course, 1)
    clinic.start_dose(course, 1, vial)
    wrong = clinic.give_dose(course, 1, vial=vial, start=False, laterality=LEFT)
    assert "wrong_side" in wrong.answer["findings"]
    assert into(clinic, course) == ([], [(1, "left", "H3K001")])
    assert into(clinic, other) == ([(None, "left", "H3K001")], [])  # no dose of that course, but into that knee

    # told without its dose: the card of the knee that got it is out of date, the other one is not
    clinic.clock.tick(days=7)
    told = report(clinic, [clinic.code(clinic.vial("H3K002"))], side=RIGHT)
    assert told.answer["superseded"] == ["CRD-0001, 1"]
    assert into(clinic, course) == ([(None, "right", "H3K002")], [(1, "left", "H3K001")])

    # it was the right knee after all: the cards of both say so
    done = correct(clinic, wrong.id, laterality=RIGHT)
    assert set(done.answer["superseded"]) == {"CRD-0001, 2", "CRD-0002, 1"}
    assert into(clinic, course) == ([(1, "right", "H3K001"), (None, "right", "H3K002")], [])
    assert into(clinic, other) == ([], [])


def test_a_card_lists_what_went_into_the_knee_under_the_other_pseudonym_of_the_same_person(released: Clinic) -> None:
    clinic = released
    first, again = twice(clinic)
    clinic.consent(again)
    course = planned(clinic, again)
    report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=first)
    assert into(clinic, course) == ([], [])
    assert "CRD-0001, 1" in merge(clinic, first, again).answer["superseded"]
    assert into(clinic, course) == ([(None, "right", "H3K001")], [])
    assert report(clinic, [clinic.code(clinic.vial("H3K002"))], subject=first).answer["superseded"] == ["CRD-0001, 2"]
