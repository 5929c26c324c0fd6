"""The card that a patient carries: of one knee, printed anew after each dose, and out of date once something on it was wrong."""

from __future__ import annotations

import json

from tests.clinic import Clinic
from tests.stories.case import planned, refusal
from tests.stories.test_corrections import current, in_error
from traceability.domain.people import Actor
from traceability.domain.records import RecordKind
from traceability.services import documents
from traceability.store import Call
from traceability.store.tables import Document
from traceability.store.tables.subjects import Laterality


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
    other = planned(clinic, clinic.ids["subject"], Laterality.LEFT)
    assert says(clinic, card(clinic, other))["given"] == []  # knees are independent
    assert current(clinic) == {"CRD-0001, 1", "CRD-0002, 1"}
    assert "CRD-0001, 1" in in_error(clinic, first).answer["superseded"]
    assert current(clinic) == {"CRD-0002, 1"}
    assert says(clinic, card(clinic, course, clinic.PHYSICIAN, "en"))["given"] == []
    assert refusal(lambda: card(clinic, course, clinic.QUALITY)).code == "not_permitted"
