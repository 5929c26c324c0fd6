"""A device sends readings with its key: told once, known by its hash, revoked at once; the same batch twice is one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.api.conftest import Ask
from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Role
from traceability.services import devices, people, sensors, sessions, tokens
from traceability.store import Store
from traceability.store.tables import Block, DeviceKey, Excursion, Person, Watch
from traceability.store.verify import verify


class Device:
    def __init__(self, app: Flask, key: str) -> None:
        self.client, self.key = app.test_client(), key

    def send(self, sensor: str, readings: list[tuple[datetime, int]], *, key: str | None = None) -> TestResponse:
        told = [{"at": at.isoformat(), "mc": mc} for at, mc in readings]
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key or str(uuid4())}
        return self.client.post(f"/api/v1/sensors/{sensor}/readings", json={"readings": told}, headers=headers)


def sensor_of(clinic: Clinic, place: str = "bare_freezer", serial: str = "T-1") -> str:
    sensor = clinic.do(sensors.register, clinic.QUALITY, serial, "Asia/Jakarta", 300, live=True).id
    clinic.do(sensors.assign, clinic.QUALITY, sensor, clinic.ids[place])
    return sensor


@pytest.fixture
def enrolled(ask: Ask) -> dict[str, Any]:
    made = ask("admin").post("/devices/enrol", {"name": "gateway"})
    assert made.status_code == 201, made.json
    return made.json["answer"]


def every(clinic: Clinic, minutes: int, *values: float) -> list[tuple[datetime, int]]:
    """Readings so far apart, the last of them now."""
    first = clinic.clock.now - timedelta(minutes=minutes * (len(values) - 1))
    return [(first + timedelta(minutes=minutes * n), round(value * 1000)) for n, value in enumerate(values)]


def test_what_a_device_sends_is_read_once_whatever_is_sent_again(
    app: Flask, enrolled: dict, clinic: Clinic, store: Store
) -> None:
    sensor, device, key = sensor_of(clinic), Device(app, enrolled["key"]), str(uuid4())
    clinic.clock.tick(hours=1)
    told = every(clinic, 5, -20.5, -20.0, -21.0)
    first = device.send(sensor, told, key=key)
    assert (first.status_code, first.json["answer"]["kept"]) == (201, 3)
    again = device.send(sensor, told, key=key)
    assert (again.status_code, again.json["answer"], again.json["repeated"]) == (200, first.json["answer"], True)
    clinic.clock.tick(seconds=30)
    anew = device.send(sensor, [*told, (clinic.clock.now, -20_900)])
    assert (anew.status_code, anew.json["answer"]["kept"]) == (201, 1)
    same = device.send(sensor, told)
    assert (same.status_code, same.json["answer"]["kept"]) == (201, 0)
    other = device.send(sensor, [(told[0][0], -19_000)])
    assert (other.status_code, other.json["answer"]["kept"], other.json["answer"]["contradicted"]) == (201, 0, 1)
    with store.read(SYSTEM) as view:
        (block,) = view.all(Block)
        (watch,) = view.all(Watch)
    assert (block.n, block.low_mc, block.high_mc, watch.interval_s) == (4, -21_000, -20_000, 300)
    with store.engines.reader.connect() as connection:
        query = text("SELECT body FROM entry WHERE act = 'sensor.read' ORDER BY number")
        (entry, *_) = connection.execute(query).scalars()
        assert verify(connection).problems == []
    assert '"source":"device"' in entry
    assert '"person":"gateway"' in entry


def test_its_key_is_told_once_and_kept_as_a_hash(ask: Ask, clinic: Clinic, store: Store) -> None:
    admin, key = ask("admin"), str(uuid4())
    made = admin.post("/devices/enrol", {"name": "gateway"}, key=key)
    again = admin.post("/devices/enrol", {"name": "gateway"}, key=key)
    assert (made.status_code, again.status_code) == (201, 200)
    assert len(made.json["answer"]["key"]) == 43
    assert again.json["answer"] == {"id": made.json["answer"]["id"]}
    assert admin.post("/devices/enrol", {"name": "other"}, key=key).json["code"] == "act_id_reused"
    with store.read(SYSTEM) as view:
        (kept,) = view.known(DeviceKey)
    assert kept.hashed == tokens.hash_of(made.json["answer"]["key"])
    with store.engines.reader.connect() as connection:
        bodies = "".join(connection.execute(text("SELECT body FROM entry")).scalars())
    assert made.json["answer"]["key"] not in bodies
    assert made.json["answer"]["key"] not in admin.get(f"/acts/{key}").text


def test_a_revoked_device_opens_nothing_from_that_moment(app: Flask, ask: Ask, enrolled: dict, clinic: Clinic) -> None:
    sensor, device = sensor_of(clinic), Device(app, enrolled["key"])
    assert device.send(sensor, every(clinic, 5, -20)).status_code == 201
    path = f"/devices/{enrolled['id']}/revoke"
    assert ask("admin").post(path).json["code"] == "reason_missing"
    assert ask("admin").post(path, {"reason": "stolen"}).status_code == 201
    told = device.send(sensor, every(clinic, 5, -20))
    assert (told.status_code, told.json["code"]) == (401, "sign_in_needed")
    assert ask("admin").post(path, {"reason": "stolen"}).json["code"] == "already_ended"
    other = f"/devices/{clinic.PHARMACIST.person_id}/revoke"
    assert ask("admin").post(other, {"reason": "x"}).json["code"] == "not_a_device"


def test_a_device_reaches_no_sensor_of_another_house(app: Flask, enrolled: dict, clinic: Clinic) -> None:
    """Nor learns that it is there."""
    theirs = clinic.do(sensors.register, clinic.MAKER_QA, "M-1", "Asia/Jakarta", 300, live=True).id
    clinic.do(sensors.assign, clinic.MAKER_QA, theirs, clinic.ids["maker_freezer"])
    device, readings = Device(app, enrolled["key"]), every(clinic, 5, -20)
    answers = [device.send(one, readings) for one in (theirs, "f" * 32)]
    assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "not_found")] * 2
    assert answers[0].json["title"] == answers[1].json["title"]


def test_guesses_are_slowed_down_and_lock_out_nobody_else(app: Flask, enrolled: dict, clinic: Clinic) -> None:
    sensor, other = sensor_of(clinic), sensor_of(clinic, "read_freezer", "T-2")
    guessing, readings = Device(app, "guess"), every(clinic, 5, -20)
    codes = [guessing.send(sensor, readings).status_code for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2
    device = Device(app, enrolled["key"])
    assert device.send(sensor, readings).status_code == 429
    assert device.send(other, readings).status_code == 201
    clinic.clock.tick(minutes=5, seconds=1)
    assert device.send(sensor, readings).status_code == 201


def test_a_device_is_nobody_who_signs_in_or_decides(app: Flask, enrolled: dict, clinic: Clinic, store: Store) -> None:
    with store.read(SYSTEM) as view:
        one = view.need(Person, enrolled["id"])
    with pytest.raises(Refused, match="sign_in_not_accepted"):
        sessions.sign_in(store, one.username, enrolled["key"], "bearer")
    for act, told in (
        (people.reset_password, (one.id, "h")), (people.give, (one.id, Role.QUALITY, clinic.ids["hospital"])),
    ):  # fmt: skip
        with pytest.raises(Refused, match="a_device"):
            clinic.do(act, clinic.ADMINISTRATOR, *told, reason="x")
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(devices.enrol, clinic.QUALITY, "gateway", "h")


def test_live_readings_out_of_limits_hold_what_lies_there(app: Flask, enrolled: dict, clinic: Clinic) -> None:
    clinic.in_stock()
    sensor, device = sensor_of(clinic, "quarantine"), Device(app, enrolled["key"])
    clinic.clock.tick(hours=1)
    made = device.send(sensor, every(clinic, 5, -20, -20, -12, -11))
    assert made.json["answer"]["excursions"] == ["EX-1"]
    assert "held" in clinic.scan("H3K001")[1]
    with clinic.store.read(SYSTEM) as view:
        (found,) = view.all(Excursion)
    assert (found.since, found.until, found.peak_mc) == (clinic.clock.now - timedelta(minutes=5), None, -11_000)


@pytest.mark.parametrize(
    "body, code",
    [
        ({}, "input_malformed"),
        ({"readings": []}, "input_malformed"),
        ({"readings": [{"at": "2026-04-01T10:00:00", "mc": 1}]}, "input_malformed"),
        ({"readings": [{"at": "2026-04-01T10:00:00Z", "mc": 1.5}]}, "input_malformed"),
        ({"readings": [{"at": "2026-04-01T10:00:00Z", "mc": True}]}, "input_malformed"),
        ({"readings": [{"at": "2026-04-01T02:00:00Z"}]}, "input_malformed"),
        ({"readings": [{"at": "2026-04-01T02:00:00Z", "mc": 1, "unit": "F"}]}, "input_malformed"),
        ({"readings": [{"at": "2026-04-01T02:00:00Z", "mc": 300_000}]}, "reading_impossible"),
        ({"readings": [{"at": "2026-05-01T02:00:00Z", "mc": 1}]}, "logger_clock_ahead"),
        ({"readings": [{"at": f"2026-0{n}-01T02:00:00Z", "mc": 1} for n in (1, 4)]}, "reading_too_old"),
    ],
)  # fmt: skip
def test_a_batch_that_is_wrong_anywhere_is_refused_whole(
    app: Flask, enrolled: dict, clinic: Clinic, body: dict, code: str
) -> None:
    headers = {"Authorization": f"Bearer {enrolled['key']}", "Idempotency-Key": str(uuid4())}
    path = f"/api/v1/sensors/{sensor_of(clinic)}/readings"
    made = app.test_client().post(path, json=body, headers=headers)
    assert made.json["code"] == code, made.json
    with clinic.store.read(SYSTEM) as view:
        assert view.all(Block) == []


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_body_larger_than_any_batch_is_not_read(app: Flask, enrolled: dict, clinic: Clinic) -> None:
    headers = {"Authorization": f"Bearer {enrolled['key']}", "Idempotency-Key": str(uuid4())}
    path, data = f"/api/v1/sensors/{sensor_of(clinic)}/readings", b"{" + b" " * 8 * 1024 * 1024 + b"}"
    made = app.test_client().post(path, data=data, content_type="application/json", headers=headers)
    assert (made.status_code, made.json["code"]) == (413, "body_too_large")


@pytest.mark.slow
def test_a_full_batch_is_taken_in_seconds(app: Flask, enrolled: dict, clinic: Clinic) -> None:
    """A gateway that was cut off for a day and a bit, a reading a second."""
    sensor = clinic.do(sensors.register, clinic.QUALITY, "T-1", "UTC", 1, live=True).id
    first = datetime(2026, 3, 30, tzinfo=UTC)
    readings = [(first + timedelta(seconds=n), -20_000 - n % 50) for n in range(100_000)]
    made = Device(app, enrolled["key"]).send(sensor, readings)
    assert (made.status_code, made.json["answer"]["kept"]) == (201, 100_000)
