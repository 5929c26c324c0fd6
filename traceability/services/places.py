"""Places as they are now: what lies there, when they were read last, and what stands against them. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.rules import Finding, Verdict
from traceability.services.verdicts import judge
from traceability.services.watching import DEFAULT_AGE_S
from traceability.store import View
from traceability.store.tables import AssumedBand, Excursion, ManualReading, Place, SensorFile, Site, Vial
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.row import Utc

MOST = 500
"""So many vials of one place are shown and judged at once."""


@dataclass(frozen=True, slots=True)
class Now:
    """One place at this moment. `limits` are the narrowest of what lies there; None where nothing does."""

    id: str
    code: str
    name: str
    kind: PlaceKind
    quarantine: bool
    site: str
    ours: bool
    vials: int
    read_at: datetime | None
    now_mc: int | None
    age_s: int
    is_old: bool
    limits: tuple[int, int] | None
    band: tuple[int, int] | None
    excursion: str | None

    @property
    def state(self) -> str:
        """excursion, out, in, old, read (nothing lies there), assumed or unknown: the worst that is known."""
        if self.excursion:
            return "excursion"
        if self.read_at is not None and not self.is_old:
            if self.limits is None or self.now_mc is None:
                return "read"
            return "in" if self.limits[0] <= self.now_mc <= self.limits[1] else "out"
        if self.band is not None:
            return "assumed"
        return "old" if self.read_at is not None else "unknown"


def _many(query: str) -> Any:
    return text(query).bindparams(bindparam("ids", expanding=True))


_COUNTS = _many("SELECT place_id, count(*) FROM stay WHERE until IS NULL AND place_id IN :ids GROUP BY place_id")
_READ = _many(
    "SELECT r.place_id, r.at, r.now_mc FROM manual_reading r JOIN (SELECT place_id, max(at) AS at FROM manual_reading"
    " WHERE place_id IN :ids GROUP BY place_id) n ON n.place_id = r.place_id AND n.at = r.at"
).columns(at=Utc)
_LIMITS = _many(
    "SELECT s.place_id, max(p.low_mc), min(p.high_mc) FROM stay s JOIN vial v ON v.id = s.vial_id"
    " JOIN lot l ON l.id = v.lot_id JOIN product_version p ON p.id = l.product_version_id"
    " WHERE s.until IS NULL AND s.place_id IN :ids GROUP BY s.place_id"
)
_BANDS = _many("SELECT place_id, low_mc, high_mc FROM assumed_band WHERE place_id IN :ids ORDER BY id")
_OPEN = _many("SELECT place_id, number FROM excursion WHERE until IS NULL AND place_id IN :ids ORDER BY since DESC")
_THERE = text(
    "SELECT vial_id, since FROM stay WHERE place_id = :place AND until IS NULL ORDER BY since, vial_id"
).columns(since=Utc)


def board(view: View) -> list[Now]:
    """Every place in sight, own ones first; a shipper only while something lies in it. Six queries, however many."""
    sites = {site.id: site for site in view.all(Site)}
    found = view.all(Place, order=Place.code)
    made = _now(view, found, sites)
    return sorted(
        (one for one in made if one.kind is not PlaceKind.SHIPPER or one.vials),
        key=lambda one: (not one.ours, one.kind is PlaceKind.SHIPPER, one.code),
    )


def _now(view: View, found: list[Place], sites: dict[str, Site]) -> list[Now]:
    ids = [place.id for place in found]
    counts = {row[0]: row[1] for row in _ask(view, _COUNTS, ids)}
    read = {row[0]: row for row in _ask(view, _READ, ids)}
    limits = {row[0]: (row[1], row[2]) for row in _ask(view, _LIMITS, ids)}
    bands = {row[0]: (row[1], row[2]) for row in _ask(view, _BANDS, ids)}
    excursions = {row[0]: row[1] for row in _ask(view, _OPEN, ids)}
    made = []
    for place in found:
        site, last = sites[place.site_id], read.get(place.id)
        age = place.longest_age_s or DEFAULT_AGE_S
        made.append(
            Now(
                id=place.id, code=place.code, name=place.name, kind=place.kind, quarantine=place.quarantine, site=site.name,
                ours=site.organisation_id == view.actor.organisation_id, vials=counts.get(place.id, 0),
                read_at=last.at if last else None, now_mc=last.now_mc if last else None, age_s=age,
                is_old=bool(last and view.at - last.at > timedelta(seconds=age)), limits=limits.get(place.id),
                band=bands.get(place.id), excursion=excursions.get(place.id),
            )
        )  # fmt: skip
    return made


def _ask(view: View, query: Any, ids: list[str]) -> Any:
    return view.connection.execute(query, {"ids": ids}).all() if ids else []


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
    files: list[SensorFile]


def detail(view: View, place_id: str) -> Detail:
    """One place with what lies there and how it was watched. Raises `NotFound`."""
    place = view.need(Place, place_id)
    (now,) = _now(view, [place], {site.id: site for site in view.all(Site)})
    newest = col(ManualReading.at).desc()
    return Detail(
        now=now,
        place=place,
        vials=_there(view, place.id),
        readings=view.all(ManualReading, ManualReading.place_id == place.id, order=newest, limit=60),
        bands=view.all(AssumedBand, AssumedBand.place_id == place.id, order=col(AssumedBand.decided_at).desc()),
        excursions=view.all(Excursion, Excursion.place_id == place.id, order=col(Excursion.since).desc()),
        files=view.all(SensorFile, SensorFile.place_id == place.id, order=col(SensorFile.last).desc()),
    )


def _there(view: View, place_id: str) -> list[Held]:
    rows = view.connection.execute(_THERE, {"place": place_id}).all()
    since = {row.vial_id: row.since for row in rows}
    seen = view.all(Vial, col(Vial.id).in_(list(since)), order=Vial.serial, limit=MOST) if since else []
    judged = judge(view, [vial.id for vial in seen], Purpose.STOCK)
    lots = dict(
        _ask(view, _many("SELECT id, number FROM lot WHERE id IN :ids"), sorted({vial.lot_id for vial in seen}))
    )
    return [Held(vial, lots[vial.lot_id], since[vial.id], *judged[vial.id]) for vial in seen]


def place(view: View, place_id: str) -> Place:
    return view.need(Place, place_id)
