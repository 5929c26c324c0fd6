"""Alarms on pages and by program: what waits, how long, acknowledged with a word; who is told; the rules of a place."""

from __future__ import annotations

import re

import pytest

from tests.clinic import PASSWORD, Clinic
from tests.watched import Watched, watched
from tests.worker.conftest import told
from tests.worlds import arrived, certified, founded, in_stock, world, worlds
from traceability.services import outbox
from traceability.worker import look

__all__ = ["arrived", "certified", "founded", "in_stock", "world", "worlds"]


@pytest.fixture
def clinic(in_stock: Clinic) -> Clinic:
    return in_stock


@pytest.fixture
def freezer(clinic: Clinic) -> Watched:
    return watched(clinic)


def test_an_alarm_waits_on_the_first_page_until_somebody_acknowledges_it(signed_in, freezer: Watched) -> None:
    pharmacy, quality = signed_in("putri"), signed_in("maharani")
    assert "Alarm A-1" not in pharmacy.get("/").text
    freezer.reads(-12.0)
    (one,) = freezer.alarms()
    for browser in (pharmacy, quality, signed_in("handayani")):
        assert "Alarm A-1: F-01-Q is out of limits" in browser.get("/").text
    assert "Alarm A-1" not in signed_in("santosa").get("/").text
    page = pharmacy.get("/alarms").text
    assert "Not acknowledged" in page
    assert f"/alarms/{one.id}/acknowledge" in page
    path = f"/alarms/{one.id}/acknowledge"
    assert pharmacy.fill(path, reason="").status_code in (409, 422)
    assert pharmacy.fill(f"{path}?next=/alarms", reason="on my way").headers["Location"] == "/alarms"
    assert "N. Putri" in pharmacy.get("/alarms").text
    assert "Alarm A-1" not in quality.get("/").text
    assert "Acknowledged, goes on" in quality.get(f"/alarms/{one.id}").text


def test_a_message_that_was_given_up_stands_on_the_first_page_of_who_can_do_something(
    signed_in, freezer: Watched, app, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_TRIES", 1)
    told(freezer.clinic, "night@hospital.example")
    freezer.reads(-12.0)
    assert look(app).given_up == 1
    (one,) = freezer.alarms()
    for who in ("admin", "maharani"):
        assert "Alarm A-1 could not be told" in signed_in(who).get("/").text
    page = signed_in("maharani").get(f"/alarms/{one.id}").text
    assert "Given up" in page
    assert "SMTP_HOST is not set" in page
    assert "night@hospital.example" in page
    assert "night@hospital.example" not in signed_in("putri").get(f"/alarms/{one.id}").text


def test_who_is_told_is_kept_by_those_who_answer_for_it(signed_in, freezer: Watched) -> None:
    admin = signed_in("admin")
    done = admin.fill(
        "/contacts/add?next=/contacts", channel="email", address="a@b.example", after_s="15", language="id", of_alarms="yes",
    )  # fmt: skip
    assert done.headers["Location"] == "/contacts"
    page = admin.get("/contacts").text
    assert "a@b.example" in page
    assert "after 15\u00a0min" in page
    assert "No mail server is set" in page
    assert "Nobody is told of: What is due, Recalls." in page
    assert admin.fill("/contacts/add", channel="email", address="a@b", after_s="x").status_code == 422
    assert "This is no address" in admin.fill("/contacts/add", channel="webhook", address="http://b.example").text
    admin.fill("/contacts/add", channel="webhook", address="https://b.example/x", of_alarms="yes")
    assert "whsec_" in admin.get("/contacts").text
    (here, *_) = re.findall(r'href="(/contacts/\w{32}/choose[^"]*)"', page)
    path = here.replace("&amp;", "&")
    form = admin.get(path).text.partition("<main")[2]
    assert re.findall(r'name="(of_\w+)" value="(\w+)" checked', form) == [
        ("of_alarms", "yes"),
        ("of_due", "no"),
        ("of_recalls", "no"),
    ]
    chosen = {"of_alarms": "no", "of_due": "no"}
    assert "They would be told of nothing" in admin.fill(path, **chosen, of_recalls="no").text
    assert admin.fill(path, **chosen, of_recalls="yes").headers["Location"] == "/contacts"
    page = admin.get("/contacts").text
    assert "Nobody is told of: What is due." in page
    for who, status in (("putri", 403), ("maharani", 200), ("santosa", 403)):
        assert signed_in(who).get("/contacts").status_code == status


def test_rules_of_a_place_are_set_and_ended_by_forms_that_are_signed(signed_in, freezer: Watched) -> None:
    place = freezer.clinic.ids["quarantine"]
    here, quality = f"/places/{place}/alarms", signed_in("maharani")
    assert "No rule is set here." in quality.get(here).text
    assert here in quality.get(f"/places/{place}").text
    told = {
        "name": "half an hour",
        "direction": "above",
        "mode": "consecutive",
        "reason": "mapped",
        "password": PASSWORD,
    }
    wrong = quality.fill(f"/places/{place}/set_alarm", **told, duration_s="")
    assert "do not go together" in wrong.text
    done = quality.fill(f"/places/{place}/set_alarm?next={here}", **told, duration_s="30", threshold_mc="-10,5")
    assert done.headers["Location"] == here, done.text
    page = quality.get(here).text
    assert "half an hour" in page
    assert "30\u00a0min" in page
    assert "−10.5\u00a0°C" in page
    assert "half an hour" in signed_in("putri").get(here).text
    (rule,) = page.split("rule_id=")[1:]
    path = f"/places/{place}/drop_alarm?rule_id={rule[:32]}&next={here}"
    done = quality.fill(path, rule_id=rule[:32], reason="not needed", password=PASSWORD)
    assert done.status_code == 303, done.text[-900:]
    assert "Ended" in quality.get(here).text
    done = quality.fill(
        f"/places/{place}/take_preset?next={here}", preset="vaccine_fridge", reason="x", password=PASSWORD
    )
    assert "WHO/PQS/E006/TR06: ≥ 8 °C, 10 h" in quality.get(done.headers["Location"]).text
