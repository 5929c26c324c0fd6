"""A dose by program: the wristband goes with the question, in the body, and the server itself compares it."""

from __future__ import annotations

import pytest

from tests.api.conftest import Ask, signature
from tests.clinic import Clinic
from tests.stories.case import enrol, rows

BAND = "MRN-0417733"


@pytest.fixture(autouse=True)
def ready(clinic: Clinic) -> None:
    """Dose 1 is due today, its vial issued and thawing at the bedside."""
    clinic.released_lot()
    clinic.ids["course"] = clinic.course()
    clinic.ids["vial"] = clinic.ready_vial(clinic.ids["course"], 1).serial
    clinic.ids["dose"] = clinic.dose(clinic.ids["course"], 1)


def told(clinic: Clinic, **other: str) -> dict[str, str]:
    return {"wristband": BAND, "code": clinic.code(clinic.vial(clinic.ids["vial"])), "laterality": "right", **other}


def test_a_dose_is_started_with_the_wristband_that_was_read(ask: Ask, clinic: Clinic) -> None:
    doctor, address = ask("santosa"), f"/doses/{clinic.ids['dose']}/start"
    enrol(clinic, mrn="MRN-4711")
    wrong = doctor.post(address, told(clinic, wristband="MRN-4711"))
    assert (wrong.status_code, [one["code"] for one in wrong.json["findings"]]) == (409, ["wrong_patient"])
    nobody = doctor.post(address, told(clinic, wristband="MRN-4712"))
    assert (nobody.status_code, nobody.json["code"]) == (404, "wristband_unknown")
    assert not [one for one in ("4711", "4712") if one in wrong.text + nobody.text]
    right = doctor.post(address, told(clinic))
    assert (right.status_code, right.json["answer"]["vial_id"]) == (201, clinic.vial(clinic.ids["vial"]).id)


def test_nobody_starts_a_dose_by_naming_a_subject(ask: Ask, clinic: Clinic) -> None:
    body = told(clinic) | {"subject_id": clinic.ids["subject"]}
    body.pop("wristband")
    refused = ask("santosa").post(f"/doses/{clinic.ids['dose']}/start", body)
    assert refused.status_code == 422
    assert {"wristband", "subject_id"} <= set(refused.json["errors"])
    assert rows(clinic, "SELECT count(*) FROM dose_start")[0][0] == 0


def test_a_wristband_is_compared_by_program_too_and_stands_nowhere(ask: Ask, clinic: Clinic) -> None:
    nurse, address = ask("rahayu"), f"/doses/{clinic.ids['dose']}/identify"
    assert nurse.post(address, {"wristband": BAND}).status_code == 201
    assert nurse.post(address, {"wristband": "MRN-4712"}).status_code == 404
    bodies = "".join(row[0] for row in rows(clinic, "SELECT body FROM entry WHERE act = 'dose.identify'"))
    assert not [one for one in ("0417733", "4712") if one in bodies]


def test_what_was_given_without_a_start_says_so(ask: Ask, clinic: Clinic) -> None:
    body = {
        "subject_id": clinic.ids["subject"], "laterality": "right", "codes": [told(clinic)["code"]], "given_ul": 3000,
        "discarded_ul": 0, "dose_id": clinic.ids["dose"], "inspection": "sound",
        "signatures": [signature("santosa", "given"), signature("rahayu", "witnessed")],
    }  # fmt: skip
    given = ask("santosa").post("/doses/give", body)
    assert (given.status_code, given.json["answer"]["findings"]) == (201, ["not_started"])
