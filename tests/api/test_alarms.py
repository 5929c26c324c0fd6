"""Alarms, contacts and rules by program."""

from __future__ import annotations

from tests.api.conftest import Ask, signature
from tests.clinic import Clinic
from tests.watched import watched


def test_an_alarm_is_read_and_acknowledged_by_program(ask: Ask, clinic: Clinic) -> None:
    clinic.in_stock()
    watched(clinic).reads(-12.0, -20.0)
    putri = ask("putri")
    (one,) = putri.get("/alarms", open="true").json["items"]
    assert (one["number"], one["kind"], one["acknowledged_at"]) == ("A-1", "out_of_limits", None)
    assert one["cleared_at"] is not None
    assert putri.post(f"/alarms/{one['id']}/acknowledge").json["code"] == "reason_missing"
    assert putri.post(f"/alarms/{one['id']}/acknowledge", {"reason": "seen"}).status_code == 201
    assert putri.get("/alarms", open="true").json["items"] == []
    assert putri.get(f"/alarms/{one['id']}").json["acknowledged_by"] == clinic.PHARMACIST.person_id
    assert ask("other").get(f"/alarms/{one['id']}").json["code"] == "not_found"
    assert ask("other").get("/alarms").json["items"] == []


def test_contacts_and_rules_by_program(ask: Ask, clinic: Clinic) -> None:
    quality, place = ask("maharani"), clinic.ids["quarantine"]
    told = {"channel": "webhook", "address": "https://alarms.example/x", "after_s": 900}
    assert quality.post("/contacts/add", told).status_code == 201
    (contact,) = quality.get("/contacts").json["items"]
    assert (contact["address"], contact["after_s"], contact["ended_at"]) == ("https://alarms.example/x", 900, None)
    assert (contact["of_alarms"], contact["of_due"], contact["of_recalls"]) == (True, True, True)
    chosen = {"of_alarms": False, "of_due": False, "of_recalls": True}
    assert quality.post(f"/contacts/{contact['id']}/choose", chosen).status_code == 201
    (contact,) = quality.get("/contacts").json["items"]
    assert {name: contact[name] for name in chosen} == chosen
    assert ask("putri").get("/contacts").status_code == 403
    signed = {"reason": "mapped", "signatures": [signature("maharani", "decided")]}
    rule = {"name": "half", "direction": "above", "mode": "consecutive", "duration_s": 1800} | signed
    assert quality.post(f"/places/{place}/set_alarm", rule).status_code == 201
    taken = quality.post(f"/places/{place}/take_preset", {"preset": "shipping_type_2"} | signed)
    assert taken.json["answer"]["rules"] == 3
    found = ask("putri").get(f"/places/{place}/alarms").json["items"]
    assert {one["name"]: one["threshold_mc"] for one in found}["half"] is None
    assert len(found) == 4
    wrong = quality.post(f"/places/{place}/set_alarm", rule | {"name": "x", "mode": "at_once"})
    assert (wrong.status_code, wrong.json["code"]) == (409, "alarm_rule_duration")
