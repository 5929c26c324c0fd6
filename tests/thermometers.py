"""Sensors of the clinic in tests: hung in a place, calibrated or not, and what each says, by itself or by a file."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.clinic import HASHED, JAKARTA, Clinic
from traceability.domain.people import SYSTEM, Actor, Role
from traceability.services import people, sensors
from traceability.store import Done, passwords


def hung(
    clinic: Clinic,
    place: str,
    serial: str = "S-1",
    *,
    interval_s: int = 600,
    live: bool = True,
    calibrated: bool = True,
) -> str:
    """A sensor of the hospital that hangs there from now on."""
    made = clinic.do(sensors.register, clinic.PHARMACIST, serial, "Asia/Jakarta", interval_s, live=live).id
    if calibrated:
        clinic.do(sensors.calibrate, clinic.PHARMACIST, made, "K-9", date(2026, 1, 1), date(2026, 12, 31))
    clinic.do(sensors.assign, clinic.PHARMACIST, made, clinic.ids[place])
    return made


def device(clinic: Clinic) -> Actor:
    """Something that sends readings by itself."""
    if "device" not in clinic.ids:
        clinic.ids["device"] = clinic.do(people.enrol, SYSTEM, clinic.ids["hospital"], "bridge", "Bridge", HASHED).id
        clinic.do(people.give, SYSTEM, clinic.ids["device"], Role.DEVICE, clinic.ids["hospital"])
    with clinic.store.engines.reader.connect() as connection:
        return passwords.actor_of(connection, clinic.ids["device"])


def says(clinic: Clinic, sensor_id: str, *celsius: float, every: int = 10) -> Done:
    """It sends these, the last of them now, so many minutes apart."""
    first = clinic.clock.now - timedelta(minutes=every * (len(celsius) - 1))
    told = [(first + timedelta(minutes=every * n), int(one * 1000)) for n, one in enumerate(celsius)]
    return clinic.do(sensors.read, device(clinic), sensor_id, told)


def log_of(serial: str, first: datetime, celsius: list[float], *, minutes: int = 10) -> bytes:
    """What a logger's file would say, in the dialect that needs no questions."""
    rows = [
        f"{first + timedelta(minutes=minutes * n):%Y-%m-%dT%H:%M:%S+00:00},{one:.1f}" for n, one in enumerate(celsius)
    ]
    return ("\n".join([f"# serial: {serial}", "time,temperature_c", *rows]) + "\n").encode()


def imported(clinic: Clinic, sensor_id: str, data: bytes, **told: Any) -> Done:
    log = sensors.read_log("log.csv", data, JAKARTA)
    return clinic.do(sensors.import_log, clinic.PHARMACIST, sensor_id, log, **told)
