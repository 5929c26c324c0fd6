"""The clinic by HTTP: courses, injections and both traces, by pseudonym, and never who somebody is."""

from __future__ import annotations

from io import BytesIO

from tests.api.conftest import Ask, signature
from tests.clinic import Clinic
from tests.stories.case import enrol
from traceability.services import subjects


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
    assert ask("wijaya").get(f"/subjects/{clinic.ids['subject']}/trace").status_code == 403


def test_who_treats_nobody_is_told_how_many_and_finds_nobody(ask: Ask, clinic: Clinic) -> None:
    """Storekeeper, analyst and administrator of the very hospital: no pseudonym by any address, and no look-up."""
    lot, course = clinic.released_lot(), clinic.course()
    clinic.give_dose(course, 1)
    subject, number = clinic.ids["subject"], {"wristband": "MRN-0417733"}
    with clinic.store.read(clinic.PHYSICIAN) as view:
        pseudonym = subjects.subject(view, subject).pseudonym
    for who in ("handayani", "wulandari", "admin"):
        asking = ask(who)
        for path in ("/subjects", f"/subjects/{subject}", f"/subjects/{subject}/trace", f"/courses/{course}", "/cases"):
            told = asking.get(path)
            assert (told.status_code, told.json["code"]) == (403, "not_permitted"), (who, path)
        found = asking.post("/subjects/found", number)
        assert (found.status_code, found.json["code"]) == (403, "not_permitted")
        trace = asking.get(f"/lots/{lot}/trace")
        assert [(one["subject_id"], one["pseudonym"]) for one in trace.json["given"]] == [(None, None)]
        assert pseudonym not in trace.text
    keeper = ask("admin").get("/entries", limit=200)
    assert {"dose.give", "subject.enrol", "course.plan"} & {one["act"] for one in keeper.json["items"]} == set()
    assert pseudonym not in keeper.text
    judged = ask("maharani")
    assert pseudonym in judged.get(f"/subjects/{subject}").text
    assert "dose.give" in {one["act"] for one in judged.get("/entries", limit=200).json["items"]}


def test_every_look_up_is_written_down_found_or_not_and_without_the_number(ask: Ask, clinic: Clinic) -> None:
    clinic.course()
    physician = ask("santosa")
    assert physician.post("/subjects/found", {"wristband": "MRN-0417733"}).status_code == 200
    assert physician.post("/subjects/found", {"wristband": "MRN-7777777"}).status_code == 404
    assert ask("handayani").post("/subjects/found", {"wristband": "MRN-0417733"}).status_code == 403
    trail = ask("maharani").get("/entries", limit=3).json["items"]
    assert [(one["act"], one["person"], one["outcome"]) for one in reversed(trail)] == [
        ("subject.look_up", "B. Santosa", "done"),
        ("subject.look_up", "B. Santosa", "done"),
        ("subject.look_up", "S. Handayani", "refused"),
    ]
    assert [one["answer"] for one in reversed(trail)] == [
        {"id": clinic.ids["subject"], "found": True}, {"found": False}, None,
    ]  # fmt: skip
    for number in ("0417733", "7777777"):
        assert number not in str(trail)


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
    assert ask("other").post("/subjects/found", {"wristband": "MRN-0417733"}).status_code == 403


def test_what_was_asked_about_harm_comes_with_its_time_and_its_source(ask: Ask, clinic: Clinic) -> None:
    clinic.released_lot()
    clinic.give_dose(clinic.course(), 1)
    subject = clinic.ids["subject"]
    told = {
        "subject_id": subject, "asked": "yes", "description": "swelling for a day", "grade": 1, "window": "since the first dose",
        "told_by": "telephone call", "source": "transcribed", "occurred_at": "2026-03-30T02:00:00Z",
    }  # fmt: skip
    physician = ask("santosa")
    assert physician.post("/events/record", told).status_code == 201
    (event,) = physician.get(f"/subjects/{subject}/trace").json["outcomes"][subject]["events"]
    assert (event["window"], event["source"]) == ("since the first dose", "telephone call")
    assert event["demonstration"] is False
    with clinic.store.engines.reader.connect() as connection:
        body = connection.exec_driver_sql("SELECT body FROM entry WHERE act = 'event.record'").scalar_one()
    assert '"source":"transcribed"' in body


def test_a_person_who_was_enrolled_twice_is_merged_and_read_as_one(ask: Ask, clinic: Clinic) -> None:
    first, again = enrol(clinic, "Sri Lestari", "MRN-1"), enrol(clinic, "Lestari, Sri", "MRN-2")
    clinic.consent(first)
    doctor = ask("santosa")
    (pair,) = doctor.get("/subjects/alike").json
    assert [one["id"] for one in pair["subjects"]] == [first, again]
    body = {
        "into_id": again, "reason": "The ward says so",
        "signatures": [signature("santosa", "decided"), signature("putri", "verified")],
    }  # fmt: skip
    unseen = doctor.post(f"/subjects/{first}/merge", body)
    assert (unseen.status_code, unseen.json["code"]) == (409, "identities_not_looked_at")
    for one in (first, again):
        assert doctor.post(f"/subjects/{one}/open_identity", {}).status_code == 201
    done = doctor.post(f"/subjects/{first}/merge", body)
    assert (done.status_code, done.json["answer"]["into_id"], "Lestari" in done.text) == (201, again, False)
    for one in (first, again):
        whole = doctor.get(f"/subjects/{one}").json
        assert (whole["stands"]["id"], [each["id"] for each in whole["merged"]]) == (again, [first])
        assert len(whole["consents"]) == 1
    assert [one["id"] for one in doctor.get("/subjects").json["items"]] == [again]


def test_a_form_is_added_with_its_file_issued_and_named_by_a_consent(ask: Ask, clinic: Clinic) -> None:
    quality, doctor, subject = ask("maharani"), ask("santosa"), enrol(clinic)
    given = {"kind": "therapy", "version": "v3", "language": "id", "valid_from": "2026-03-01", "renew": "no"}
    assert (
        quality.send(
            "/consent_forms/draft", **given | {"language": "xx"}, file=(BytesIO(b"%PDF-1"), "a.pdf")
        ).status_code
        == 422
    )
    made = quality.send("/consent_forms/draft", **given, file=(BytesIO(b"%PDF-1.7 form"), "formulir.pdf"))
    assert made.status_code == 201, made.json
    form = made.json["answer"]["id"]
    told = {"subject_id": subject, "kind": "therapy", "version": "v3 (id)", "signed_at": "2026-04-01T02:30:00Z"}
    by = {"signatures": [signature("santosa", "recorded"), signature("rahayu", "witnessed")]}
    unknown = doctor.post("/consents/record", told | by)
    assert [one["holds"] for one in unknown.json["answer"]["findings"]] == [None]
    assert (
        quality.post(f"/consent_forms/{form}/issue", {"signatures": [signature("maharani", "decided")]}).status_code
        == 201
    )
    (listed,) = doctor.get("/consent_forms").json
    assert (listed["name"], listed["in_force"], listed["sha256"]) == ("v3 (id)", True, made.json["answer"]["sha256"])
    (consent,) = doctor.get(f"/subjects/{subject}").json["consents"]
    assert (consent["version"], consent["asks"]) == ("v3 (id)", [])
