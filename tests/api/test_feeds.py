"""A calendar program subscribes to a site with the key of a device, which opens nothing else and shows nobody's name."""

from __future__ import annotations

from base64 import b64encode

from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import Ask
from tests.clinic import Clinic
from tests.domain.test_icalendar import unfolded
from traceability.domain.people import SYSTEM
from traceability.services import organisations


def enrolled(ask: Ask, site: str) -> dict[str, str]:
    made = ask("admin").post("/devices/enrol", {"name": "desk", "calendar_site_id": site})
    assert made.status_code == 201, made.json
    answer: dict[str, str] = made.json["answer"]
    return answer


def read(app: Flask, site: str, key: str, scheme: str = "Basic", language: str = "en") -> TestResponse:
    told = b64encode(f"calendar:{key}".encode()).decode() if scheme == "Basic" else key
    headers = {"Authorization": f"{scheme} {told}"}
    return app.test_client().get(f"/api/v1/sites/{site}/calendar.ics?language={language}", headers=headers)


def test_a_site_s_doses_and_visits_are_read_with_pseudonyms_under_ids_that_stay(
    app: Flask, ask: Ask, clinic: Clinic
) -> None:
    clinic.released_lot()
    course = clinic.course()
    key, site = enrolled(ask, clinic.ids["site"])["key"], clinic.ids["site"]
    first = read(app, site, key)
    assert (first.status_code, first.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert (first.headers["Cache-Control"], key in first.request.url) == ("no-store", False)
    told = unfolded(first.data)
    assert len([1 for name, _ in told if name == "UID"]) == 10  # five doses, five visits
    pseudonym = ask("santosa").get("/subjects").json["items"][0]["pseudonym"]
    assert ("SUMMARY", f"{pseudonym}, Right knee, dose 1 of 5") in told
    assert ("LOCATION", "Surakarta") in told
    assert {value for name, value in told if name == "URL"} == {f"http://localhost/courses/{course}"}
    assert "Canary" not in first.text
    assert "MRN" not in first.text
    clinic.give_dose(course, 1)
    clinic.clock.tick(days=1)
    again = unfolded(read(app, site, key, "Bearer").data)
    assert sorted(value for name, value in again if name == "UID") == sorted(
        value for name, value in told if name == "UID"
    )
    assert any(value.startswith("Done on 1 Apr 2026") for name, value in again if name == "DESCRIPTION")
    assert f"{pseudonym}, Lutut kanan, dosis 2 dari 5" in [
        value for _, value in unfolded(read(app, site, key, language="id").data)
    ]


def test_another_site_a_sensors_key_a_session_and_a_revoked_device_read_nothing(
    app: Flask, ask: Ask, clinic: Clinic
) -> None:
    clinic.course()
    site, admin = clinic.ids["site"], ask("admin")
    desk = enrolled(ask, site)
    there = clinic.do(organisations.open_site, SYSTEM, clinic.ids["hospital"], "Klaten", "Asia/Jakarta").id
    assert read(app, there, desk["key"]).status_code == 404
    assert unfolded(read(app, there, enrolled(ask, there)["key"]).data)[-1] == ("END", "VCALENDAR")
    assert "UID" not in read(app, there, enrolled(ask, there)["key"]).text
    assert read(app, clinic.ids["other_site"], desk["key"]).status_code == 404
    gateway = admin.post("/devices/enrol", {"name": "gateway"}).json["answer"]["key"]
    bearer = ask("santosa").headers["Authorization"].partition(" ")[2]
    for key in (gateway, bearer, "", "x" * 43):
        refused = read(app, site, key)
        assert (refused.status_code, refused.headers["WWW-Authenticate"].partition(" ")[0]) == (401, "Basic"), key
    elsewhere = admin.post("/devices/enrol", {"name": "desk", "calendar_site_id": clinic.ids["other_site"]})
    assert (elsewhere.status_code, elsewhere.json["code"]) == (404, "not_found")
    revoked = admin.post(f"/devices/{desk['id']}/revoke", {"reason": "left in a taxi"})
    assert revoked.status_code in (200, 201), revoked.json
    assert read(app, site, desk["key"]).status_code == 401
