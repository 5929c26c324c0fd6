"""A freezer that sensors watch: hung, calibrated, their files read."""

from __future__ import annotations

from datetime import date, datetime

from tests.clinic import JAKARTA, Clinic, logger_csv
from traceability.services import attachments, sensors, vials


def hang(
    clinic: Clinic, place: str, serial: str = "S-1", *, calibrated: bool = True, minutes: int = 10, live: bool = False
) -> str:
    """A sensor of the hospital, calibrated for years, in a place from now on."""
    sensor = clinic.do(sensors.register, clinic.STOREKEEPER, serial, "Asia/Jakarta", minutes * 60, live=live).id
    if calibrated:
        clinic.do(sensors.calibrate, clinic.STOREKEEPER, sensor, f"K-{serial}", date(2025, 1, 1), date(2027, 12, 31))
    clinic.do(sensors.assign, clinic.STOREKEEPER, sensor, place)
    return sensor


def told(
    clinic: Clinic, sensor: str, serial: str, since: datetime, hours: float, *,
    low: float = -21.0, warm: dict[int, float] | None = None, without: tuple[int, int] = (0, 0), minutes: int = 10,
) -> list[str]:  # fmt: skip
    """The sensor's file from then on: `warm` readings by number, and none from one number to another."""
    lines = logger_csv(since, hours, minutes, low, warm or {}, serial).decode().splitlines()
    data = ("\n".join(lines[: 2 + without[0]] + lines[2 + without[1] :]) + "\n").encode()
    attachments.keep_bytes(clinic.store, data)
    log = sensors.read_log(f"{serial}.csv", data, JAKARTA)
    return list(clinic.do(sensors.import_log, clinic.STOREKEEPER, sensor, log).answer["excursions"])


def watched_freezer(clinic: Clinic) -> Clinic:
    """H3K001 and H3K002 lie in F-02, which a sensor watches; eight hours later its file is read: once warm, once silent."""
    place = clinic.ids["read_freezer"]
    clinic.clock.now = clinic.clock.now.replace(second=0, microsecond=0)
    clinic.ids["sensor"] = hang(clinic, place)
    clinic.ids["began"] = clinic.clock.now.isoformat()
    clinic.clock.tick(hours=1)
    for serial in ("H3K001", "H3K002"):
        clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial(serial).id, place)
    clinic.clock.tick(hours=7)
    began = datetime.fromisoformat(clinic.ids["began"])
    warm = {18: -12.0, 19: -9.6, 20: -14.0}
    found = told(clinic, clinic.ids["sensor"], "S-1", began, 8, warm=warm, without=(30, 38))
    assert len(found) == 1
    return clinic
