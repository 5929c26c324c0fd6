"""The clinic by HTTP: courses, injections and both traces, by pseudonym, and never who somebody is."""

from __future__ import annotations

from tests.api.conftest import Ask
from tests.clinic import Clinic


def test_both_traces_meet_at_the_injection(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.released_lot()
    course = clinic.course()
    clinic.give_dose(course, 1)
    physician = ask("santosa")
    subject = clinic.ids["subject"]
    down, up = physician.get(f"/lots/{lot}/trace").json, physician.get(f"/subjects/{subject}/trace").json
    assert [one["subject_id"] for one in down["given"]] == [subject]
    assert down["buckets"]["administered"] == 1
    assert sum(down["buckets"].values()) == down["filled"] == 5
    assert [one["number"] for one in up["lots"]] == ["UC26-H3"]
    assert {one["code"] for one in up["lots"][0]["ancestors"]} == {"D-4KQ7", "MCB-3", "HV-26-9"}
    assert [(one["serial"], one["k"]) for one in up["given"]] == [(down["given"][0]["serial"], 1)]
    told = physician.get(f"/courses/{course}").json
    assert told["doses"][0]["given_at"] == up["given"][0]["given_at"]


def test_the_maker_sees_that_a_vial_was_given_and_not_to_whom(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.released_lot()
    clinic.give_dose(clinic.course(), 1)
    given = ask("wijaya").get(f"/lots/{lot}/trace").json["given"]
    assert [(one["subject_id"], one["pseudonym"]) for one in given] == [(None, None)]
    assert ask("wijaya").get(f"/subjects/{clinic.ids['subject']}/trace").status_code == 404


def test_a_subject_is_found_by_wristband_and_named_by_pseudonym_alone(ask: Ask, clinic: Clinic) -> None:
    clinic.course()
    physician = ask("santosa")
    found = physician.post("/subjects/found", {"wristband": "MRN-0417733"}, key=None)
    assert found.json["id"] == clinic.ids["subject"]
    whole = physician.get(f"/subjects/{found.json['id']}")
    assert whole.json["courses"][0]["laterality"] == "right"
    assert "Canary" not in whole.text
    assert "0417733" not in whole.text
    assert physician.post("/subjects/found", {"wristband": "MRN-0000000"}).status_code == 404
    assert ask("other").post("/subjects/found", {"wristband": "MRN-0417733"}).status_code == 404
