"""The board: every place as it is now, what was read last and by what, and what stands against it; the worst first. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, text

from traceability.domain.coldchain import GAP_INTERVALS, Limits
from traceability.domain.trends import to_limit
from traceability.services.sensing import Sensing, of_places
from traceability.services.watching import DEFAULT_AGE_S
from traceability.store import View
from traceability.store.tables import Place, Site
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.row import Utc


@dataclass(frozen=True, slots=True)
class Now:
    """One place at this moment. `limits` are the narrowest of what lies there; None where nothing does.

    `read_at` and `now_mc` are of the newest that was read, by hand or by a sensor (`read_by`); of sensors that go on
    speaking the one farthest out counts.
    """

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
    read_by: str | None
    at: datetime
    age_s: int
    is_old: bool
    limits: tuple[int, int] | None
    band: tuple[int, int] | None
    excursion: str | None
    excursions: tuple[tuple[str, str], ...]
    """Ids and numbers of those that go on."""
    sensors: tuple[Sensing, ...]
    limit_in_s: int | None
    """How long until a limit, if it goes on as in the last hour (`domain/trends.py`)."""

    @property
    def since_s(self) -> int | None:
        """How long ago it was read."""
        return None if self.read_at is None else max(0, int((self.at - self.read_at).total_seconds()))

    @property
    def silent(self) -> tuple[Sensing, ...]:
        return tuple(one for one in self.sensors if one.silent)

    @property
    def state(self) -> str:
        """excursion, out, silent, old, uncalibrated, in, read (nothing lies there), assumed or unknown: the worst that is known."""
        if self.excursion:
            return "excursion"
        if self.read_at is not None and not self.is_old:
            if self.limits and self.now_mc is not None and not self.limits[0] <= self.now_mc <= self.limits[1]:
                return "out"
            if self.silent:
                return "silent"
            if self.read_by is not None and not any(one.calibrated for one in self.sensors):
                return "uncalibrated"
            return "read" if self.limits is None else "in"
        if self.read_at is not None or self.silent:
            return "silent" if self.silent else "old"
        return "assumed" if self.band is not None else "unknown"

    @property
    def rank(self) -> tuple[int, int]:
        """The worst first; nobody knows comes before well, where something lies there."""
        doubt = self.state in ("silent", "old", "uncalibrated", "unknown")
        grave = {"excursion": 0, "out": 1}.get(
            self.state, 2 if doubt and self.vials else 3 if self.limit_in_s is not None else 5 if doubt else 4
        )
        return grave, self.limit_in_s if grave == 3 and self.limit_in_s is not None else 0


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
_OPEN = _many("SELECT place_id, id, number FROM excursion WHERE until IS NULL AND place_id IN :ids ORDER BY since DESC")


def board(view: View) -> list[Now]:
    """Every place in sight, own ones first and the worst of them first; a shipper only while something lies in it.

    The same few queries, however many.
    """
    sites = {site.id: site for site in view.all(Site)}
    found = view.all(Place, order=Place.code)
    made = now(view, found, sites)
    return sorted(
        (one for one in made if one.kind is not PlaceKind.SHIPPER or one.vials),
        key=lambda one: (not one.ours, one.rank, one.kind is PlaceKind.SHIPPER, one.code),
    )


def now(view: View, found: Sequence[Place], sites: Mapping[str, Site]) -> list[Now]:
    """These places at this moment, in their order."""
    ids = [place.id for place in found]
    counts = {row[0]: row[1] for row in _ask(view, _COUNTS, ids)}
    by_hand = {row[0]: row for row in _ask(view, _READ, ids)}
    limits = {row[0]: (row[1], row[2]) for row in _ask(view, _LIMITS, ids)}
    bands = {row[0]: (row[1], row[2]) for row in _ask(view, _BANDS, ids)}
    excursions: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for place_id, *one in _ask(view, _OPEN, ids):
        excursions[place_id].append((one[0], one[1]))
    hung = of_places(view, ids)
    made = []
    for place in found:
        site, age, here = sites[place.site_id], place.longest_age_s or DEFAULT_AGE_S, tuple(hung.get(place.id, ()))
        bears = Limits(*limits[place.id]) if place.id in limits else None
        last = _newest(by_hand.get(place.id), here, bears)
        going = excursions[place.id]
        made.append(
            Now(
                id=place.id, code=place.code, name=place.name, kind=place.kind, quarantine=place.quarantine, site=site.name,
                ours=site.organisation_id == view.actor.organisation_id, vials=counts.get(place.id, 0),
                read_at=last[0] if last else None, now_mc=last[1] if last else None, read_by=last[2] if last else None,
                at=view.at, age_s=age, is_old=bool(last and view.at - last[0] > timedelta(seconds=age)), limits=limits.get(place.id),
                band=bands.get(place.id), excursion=going[0][1] if going else None, excursions=tuple(going), sensors=here,
                limit_in_s=_limit_in(here, bears),
            )
        )  # fmt: skip
    return made


Read = tuple[datetime, int, str | None]


def _newest(by_hand: Any, hung: Sequence[Sensing], limits: Limits | None) -> Read | None:
    """What was read last; of the sensors that were still speaking then, the one farthest out."""
    told: list[tuple[datetime, int, str | None, timedelta]] = [
        (one.last_at, one.last_mc, one.sensor.serial, timedelta(seconds=GAP_INTERVALS * one.sensor.interval_s))
        for one in hung
        if one.last_at is not None and one.last_mc is not None
    ]
    if by_hand is not None:
        told.append((by_hand.at, by_hand.now_mc, None, timedelta()))
    if not told:
        return None
    newest = max(told, key=itemgetter(0))
    still = [one for one in told if newest[0] - one[0] <= one[3]] if limits else [newest]
    at, mc, by, _ = (
        max(still, key=lambda one: max(limits.low_mc - one[1], one[1] - limits.high_mc)) if limits else newest
    )
    return at, mc, by


def _limit_in(hung: Sequence[Sensing], limits: Limits | None) -> int | None:
    """The soonest that any of its sensors that still speak goes towards."""
    if limits is None:
        return None
    found = []
    for one in hung:
        longest = timedelta(seconds=GAP_INTERVALS * one.sensor.interval_s)
        if one.times and one.last_at is not None and one.at - one.last_at <= longest:
            seconds = to_limit(one.times, one.values, limits, one.sensor.interval_s)
            found += [] if seconds is None else [max(0, seconds - int((one.at - one.last_at).total_seconds()))]
    return min(found, default=None)


def _ask(view: View, query: Any, ids: list[str]) -> Any:
    return view.connection.execute(query, {"ids": ids}).all() if ids else []
