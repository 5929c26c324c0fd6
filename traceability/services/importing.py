"""A logger's file before it is read in: whose it is, in which zone, what a person answered, and what was understood of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from traceability.domain.coldchain import GAP_INTERVALS, judge, mean_kinetic_temperature
from traceability.domain.errors import NotFound, Refused
from traceability.loggers import LARGEST_BYTES, LoggerFile, Told
from traceability.services import sensors
from traceability.services.sensors import LogFile
from traceability.store import View
from traceability.store.tables import Consignment, Place, Sensor, Site

ANSWERS = ("zone", "date_order", "decimal", "unit", "channel", "clock")
"""What a person can say of a file that it leaves open."""
MOST_BYTES = LARGEST_BYTES


class Mission(NamedTuple):
    """What a file is read in for: the sensor that wrote it, or the box that its logger lay in. `zone` None: that is asked."""

    act: str
    id: str
    name: str
    serial: str | None
    zone: ZoneInfo | None


def of_sensor(view: View, sensor_id: str) -> Mission:
    one = view.need(Sensor, sensor_id)
    return Mission("sensor.import_log", one.id, one.serial, one.serial, ZoneInfo(one.zone))


def of_box(view: View, consignment_id: str) -> Mission:
    """Its zone is that of both ends of the way; where these differ, nobody knows by which clock the logger went."""
    one = view.need(Consignment, consignment_id)
    zones = {site.zone for site in view.known(Site) if site.id in (one.from_site_id, one.to_site_id)}
    zone = ZoneInfo(zones.pop()) if len(zones) == 1 else None
    return Mission("consignment.attach_log", one.id, one.number, None, zone)


def named(view: View, serial: str | None, number: str | None) -> Mission:
    """By what people call it: one's own sensor of this serial, or the box of this number."""
    if serial is not None:
        mine = view.all(Sensor, Sensor.organisation_id == view.actor.organisation_id, Sensor.serial == serial)
        if not mine:
            raise NotFound("sensor")
        return of_sensor(view, mine[0].id)
    boxes = view.all(Consignment, Consignment.number == number)
    if not boxes:
        raise NotFound("consignment")
    return of_box(view, boxes[0].id)


def read(mission: Mission, name: str, data: bytes, given: Mapping[str, str]) -> LogFile:
    """Raises Refused; one that a person can answer names the `field` of `ANSWERS` and its `choices`."""
    told = {key: given[key] for key in ANSWERS if given.get(key)}
    zone = told.pop("zone", None)
    if zone is not None and zone not in available_timezones():
        raise Refused("logger_zone_unknown", zone=zone)
    return sensors.read_log(name, data, mission.zone, Told(ZoneInfo(zone) if zone else None, **told))


def confirmed(log: LogFile, told: str) -> None:
    """Refuse a file that a person has to look at first, with what is to be looked at."""
    if log.file.confirm and told != log.file.digest:
        raise Refused(
            "logger_unconfirmed",
            name=log.name,
            digest=log.file.digest,
            understanding=sensors.understanding(log.file, ()),
        )


class Question(NamedTuple):
    """What a file leaves open, and each answer with how the file reads by it."""

    field: str
    choices: list[tuple[str, str]]


def question(refused: Refused) -> Question | None:
    """What a person could answer to this refusal."""
    field = str(refused.values.get("field", ""))
    told: Mapping[str, Any] = refused.values
    offered = list(told.get("choices") or ())
    if field not in ANSWERS or not offered:
        return None
    dates, ways = told.get("dates") or {}, list(told.get("ways") or ())
    reads = [dates.get(one) or (ways[at] if at < len(ways) else "") for at, one in enumerate(offered)]
    return Question(field, [(str(one), str(way)) for one, way in zip(offered, reads, strict=True)])


@dataclass(frozen=True, slots=True)
class Shown:
    """What was understood, for a person to confirm. `figures`: name, ours, the maker's own (None: not reported)."""

    log: LogFile
    understanding: Mapping[str, Any]
    figures: list[tuple[str, int | None, int | None]]
    hung: list[tuple[Place, datetime, datetime | None]]
    against: Refused | None


def shown(view: View, mission: Mission, log: LogFile) -> Shown:
    """What was understood, what the record has otherwise, where its logger hung then, and what would be refused now."""
    against, hung = None, []
    sensor = view.find(Sensor, mission.id) if mission.serial else None
    serial = mission.serial or log.file.serial or ""
    try:
        sensors.check(view, serial, log, log.file.digest)
        if sensor is not None:
            places = [(one, view.find(Place, one.place_id)) for one in sensors.hung_then(view, sensor, log.file)]
            hung = [(place, one.since, one.until) for one, place in places if place is not None]
    except Refused as refused:
        against = refused
    otherwise = sensors.contradictions(view, serial, log.file)
    return Shown(log, sensors.understanding(log.file, otherwise), figures(log.file), hung, against)


def figures(file: LoggerFile) -> list[tuple[str, int | None, int | None]]:
    """Ours beside the maker's; of days nobody knows a mean."""
    maker = file.maker
    if not file.times:
        low, high = min(day.min_mc for day in file.days), max(day.max_mc for day in file.days)
        return [("min", low, maker.min_mc), ("max", high, maker.max_mc)]
    judged = judge(file.times, file.values, None, file.interval_s)
    held: Counter[int] = Counter()
    for value, (at, after) in zip(file.values, pairwise([*file.times, file.times[-1] + file.interval_s]), strict=True):
        held[value] += after - at if after - at <= GAP_INTERVALS * file.interval_s else file.interval_s
    made: list[tuple[str, int | None, int | None]] = [
        ("min", judged.min_mc, maker.min_mc), ("max", judged.max_mc, maker.max_mc), ("mean", judged.mean_mc, maker.mean_mc),
    ]  # fmt: skip
    if maker.mkt_mc is None:  # whether it says anything of what lay there is judged later: here it is only compared
        return made
    return [*made, ("mkt", mean_kinetic_temperature(held.keys(), held.values(), file.activation_kj), maker.mkt_mc)]
