"""One place: what lies there and may be used, what hung there and what it said by day, what was assumed or out. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.coldchain import Limits
from traceability.domain.rules import Finding, Verdict
from traceability.services import sensing
from traceability.services.board import Now
from traceability.services.board import now as now_at
from traceability.services.sensing import Day
from traceability.services.verdicts import judge
from traceability.store import View
from traceability.store.tables import (
    Assignment,
    AssumedBand,
    Excursion,
    Lot,
    ManualReading,
    Place,
    Sensor,
    SensorFile,
    Site,
    Vial,
)
from traceability.store.tables.row import Utc

MOST = 500
"""So many vials of one place are shown and judged at once."""
DAYS = 14
"""So many days of its sensors are told on its page."""


_LAY = (
    text(
        "SELECT s.since, s.until, p.low_mc, p.high_mc FROM stay s JOIN vial v ON v.id = s.vial_id JOIN lot l ON l.id = v.lot_id"
        " JOIN product_version p ON p.id = l.product_version_id WHERE s.place_id = :place AND (s.until IS NULL OR s.until > :since)"
    )
    .bindparams(bindparam("since", type_=Utc))
    .columns(since=Utc, until=Utc)
)
_THERE = text(
    "SELECT vial_id, since FROM stay WHERE place_id = :place AND until IS NULL ORDER BY since, vial_id"
).columns(since=Utc)


@dataclass(frozen=True, slots=True)
class Held:
    """A vial in a place, since when, and what is said of it for `stock`."""

    vial: Vial
    lot: str
    since: datetime
    verdict: Verdict
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    now: Now
    place: Place
    vials: list[Held]
    readings: list[ManualReading]
    bands: list[AssumedBand]
    excursions: list[Excursion]
    files: list[tuple[SensorFile, Sensor]]
    hung: list[tuple[Assignment, Sensor]]
    """Everything that hung there, the newest first."""
    days: list[Day]


def detail(view: View, place_id: str) -> Detail:
    """One place with what lies there and how it was watched. Raises `NotFound`."""
    place = view.need(Place, place_id)
    sites = {site.id: site for site in view.all(Site)}
    site, (now,) = sites[place.site_id], now_at(view, [place], sites)
    newest = col(ManualReading.at).desc()
    files = view.all(SensorFile, SensorFile.place_id == place.id, order=col(SensorFile.last).desc(), limit=60)
    hung = view.all(Assignment, Assignment.place_id == place.id, order=col(Assignment.since).desc())
    of = {one.sensor_id for one in files} | {one.sensor_id for one in hung}
    sensors = {one.id: one for one in view.all(Sensor, col(Sensor.id).in_(of))}
    return Detail(
        now=now,
        place=place,
        vials=_there(view, place.id),
        readings=view.all(ManualReading, ManualReading.place_id == place.id, order=newest, limit=60),
        bands=view.all(AssumedBand, AssumedBand.place_id == place.id, order=col(AssumedBand.decided_at).desc()),
        excursions=view.all(Excursion, Excursion.place_id == place.id, order=col(Excursion.since).desc()),
        files=[(one, sensors[one.sensor_id]) for one in files],
        hung=[(one, sensors[one.sensor_id]) for one in hung],
        days=_days(view, place, [(one, sensors[one.sensor_id]) for one in hung], ZoneInfo(site.zone)),
    )


def _days(view: View, place: Place, hung: Sequence[tuple[Assignment, Sensor]], zone: ZoneInfo) -> list[Day]:
    """What each sensor said there on the last days, each judged by the narrowest limits of what lay there that day."""
    first = datetime.combine(view.at.astimezone(zone).date() - timedelta(days=DAYS - 1), time(), zone)
    found = [
        one
        for told, sensor in hung
        if told.until is None or told.until > first
        for one in sensing.days(
            view, [sensor], zone, max(first, told.since), told.until or view.at + timedelta(seconds=1)
        )
    ]
    lay = view.connection.execute(_LAY, {"place": place.id, "since": first}).all() if found else []
    made = []
    for one in found:
        begins = datetime.combine(one.day, time(), zone)
        ends = begins + timedelta(days=1)
        there = [row for row in lay if row.since < ends and (row.until is None or row.until > begins)]
        bears = Limits(max(row.low_mc for row in there), min(row.high_mc for row in there)) if there else None
        made.append(replace(one, limits=bears))
    return sorted(made, key=lambda one: (one.day, one.sensor.serial), reverse=True)


def _there(view: View, place_id: str) -> list[Held]:
    rows = view.connection.execute(_THERE, {"place": place_id}).all()
    since = {row.vial_id: row.since for row in rows}
    seen = view.all(Vial, col(Vial.id).in_(list(since)), order=Vial.serial, limit=MOST) if since else []
    judged = judge(view, [vial.id for vial in seen], Purpose.STOCK)
    lots = {lot.id: lot.number for lot in view.all(Lot, col(Lot.id).in_({vial.lot_id for vial in seen}))}
    return [Held(vial, lots[vial.lot_id], since[vial.id], *judged[vial.id]) for vial in seen]


def place(view: View, place_id: str) -> Place:
    return view.need(Place, place_id)
