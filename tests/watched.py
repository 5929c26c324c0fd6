"""A freezer with a live sensor and a device that sends its readings: what stories of alarms begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.clinic import JAKARTA, Clinic
from traceability.domain.people import SYSTEM, Actor
from traceability.services import devices, sensors, tokens
from traceability.store import passwords
from traceability.store.tables import Alarm, Excursion, Hold


@dataclass
class Watched:
    """The quarantine freezer, where five vials lie; readings every five minutes."""

    clinic: Clinic
    sensor: str
    device: Actor
    every: timedelta = timedelta(minutes=5)
    live: bool = True

    def reads(self, *values: float) -> list[str]:
        """One reading after the other as they come, the clock going on with them; the excursions that were told of."""
        told: list[str] = []
        for value in values:
            now = self.clinic.clock.tick(seconds=self.every.total_seconds())
            told += self.tells([(now, value)])
        return told

    def sends(self, first: datetime, values: Sequence[float]) -> list[str]:
        """All of them at once."""
        return self.tells([(first + n * self.every, value) for n, value in enumerate(values)])

    def tells(self, told: Sequence[tuple[datetime, float]]) -> list[str]:
        """By itself, or by a file that somebody reads in where it is a logger."""
        if self.live:
            batch = [(at, round(value * 1000)) for at, value in told]
            return list(self.clinic.do(sensors.read, self.device, self.sensor, batch).answer["excursions"])
        rows = [f"{at:%Y-%m-%dT%H:%M:%S}Z,{value:.1f}" for at, value in told]
        data = "\n".join([f"# interval_s: {self.every.seconds}", "time,temperature_c", *rows, ""]).encode()
        log = sensors.read_log("log.csv", data, JAKARTA)
        return list(self.clinic.do(sensors.import_log, self.clinic.PHARMACIST, self.sensor, log).answer["excursions"])

    def excursions(self) -> list[Excursion]:
        with self.clinic.store.read(SYSTEM) as view:
            return view.all(Excursion)

    def holds(self) -> list[Hold]:
        with self.clinic.store.read(SYSTEM) as view:
            return view.all(Hold)

    def alarms(self) -> list[Alarm]:
        with self.clinic.store.read(SYSTEM) as view:
            return view.all(Alarm)


def watched(clinic: Clinic, place: str = "quarantine", serial: str = "T-1", *, live: bool = True) -> Watched:
    """A calibrated sensor hangs there from now on, and has read for half an hour."""
    known = clinic.ids.get("device")
    if known is None:
        key = tokens.hash_of("a key of the stories")
        clinic.ids["device"] = known = clinic.do(devices.enrol, clinic.ADMINISTRATOR, "gateway", key).id
    with clinic.store.engines.reader.connect() as connection:
        device = passwords.actor_of(connection, known)
    assert device is not None
    sensor = clinic.do(sensors.register, clinic.QUALITY, serial, "Asia/Jakarta", 300, live=live).id
    clinic.do(sensors.calibrate, clinic.QUALITY, sensor, "K-9", date(2026, 1, 1), date(2027, 1, 1))
    clinic.do(sensors.assign, clinic.QUALITY, sensor, clinic.ids[place])
    made = Watched(clinic, sensor, device, live=live)
    made.reads(*[-20.0] * 6)
    return made
