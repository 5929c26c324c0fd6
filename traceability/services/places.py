"""One place: what lies there and may be used, what hung there, what was assumed or out. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.rules import Finding, Verdict
from traceability.services.board import Now
from traceability.services.board import now as now_at
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


def detail(view: View, place_id: str) -> Detail:
    """One place with what lies there and how it was watched. Raises `NotFound`."""
    place = view.need(Place, place_id)
    (now,) = now_at(view, [place], {site.id: site for site in view.all(Site)})
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
    )


def _there(view: View, place_id: str) -> list[Held]:
    rows = view.connection.execute(_THERE, {"place": place_id}).all()
    since = {row.vial_id: row.since for row in rows}
    seen = view.all(Vial, col(Vial.id).in_(list(since)), order=Vial.serial, limit=MOST) if since else []
    judged = judge(view, [vial.id for vial in seen], Purpose.STOCK)
    lots = {lot.id: lot.number for lot in view.all(Lot, col(Lot.id).in_({vial.lot_id for vial in seen}))}
    return [Held(vial, lots[vial.lot_id], since[vial.id], *judged[vial.id]) for vial in seen]


def place(view: View, place_id: str) -> Place:
    return view.need(Place, place_id)
