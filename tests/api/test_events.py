"""An adverse event by program: told, judged, reported; read with what is owed; and closed to who treats nobody (R53)."""

from __future__ import annotations

from tests.api.conftest import Ask, signature
from tests.clinic import Clinic
from tests.stories.case import today


def test_an_event_goes_from_its_telling_to_the_authority_by_program(ask: Ask, clinic: Clinic) -> None:
    clinic.course()
    physician, quality = ask("santosa"), ask("maharani")
    told = {
        "subject_id": clinic.ids["subject"],
        "asked": "yes",
        "description": "septic joint",
        "criteria": ["hospitalisation"],
    }
    event = physician.post("/events/record", told).json["answer"]["id"]
    (one,) = quality.get("/events").json["items"]
    assert (one["number"], one["serious"], one["related"], one["unexpected"]) == ("E-1", True, True, True)
    assert [(each["expedited"], each["reported_on"]) for each in one["owed"]] == [("serious", None)]

    word = {
        "causality": "possible",
        "expectedness": "unexpected",
        "reference": "IB 3",
        "signatures": [signature("santosa", "decided")],
    }
    assert physician.post(f"/events/{event}/assess", word).status_code == 201
    day = today(clinic).isoformat()
    sent = {"recipient": "authority", "reported_on": day, "number": "17", "telling_id": event}
    assert quality.post(f"/events/{event}/report", sent).status_code == 201
    whole = physician.get(f"/events/{event}").json
    assert [each["reported_on"] for each in whole["owed"]] == [day]
    assert [(each["causality"], each["assessed_by"]) for each in whole["assessments"]] == [("possible", "physician")]
    assert [each["criteria"] for each in whole["tellings"]] == [["hospitalisation"]]

    for who, path in (("handayani", "/events"), ("handayani", f"/events/{event}"), ("admin", f"/events/{event}")):
        assert ask(who).get(path).status_code == 403
    assert quality.post(f"/events/{event}/assess", word).json["code"] == "not_permitted"
