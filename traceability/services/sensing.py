"""What sensors say: where each hangs, its last reading, its calibration, whether it is silent. Reads only.

The same few queries for one sensor or all of them; at most three days of readings are opened for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, bindparam, text
from sqlmodel import col

from traceability.domain.blocks import Block, unblock
from traceability.domain.coldchain import GAP_INTERVALS, at_second
from traceability.store import View
from traceability.store.hot import day as on
from traceability.store.tables import Assignment, Place, Sensor
from traceability.store.tables.row import Utc

SOON = timedelta(days=30)
"""A calibration that ends within this time is told beforehand."""
LATELY = timedelta(days=2)


def _many(query: str) -> Any:
    return text(query).bindparams(bindparam("ids", expanding=True))


_LAST = _many(
    "SELECT b.sensor_id, b.day, b.n, b.low_mc, b.high_mc, b.packed FROM block b JOIN (SELECT sensor_id, max(day) AS day FROM block"
    " WHERE sensor_id IN :ids GROUP BY sensor_id) n ON n.sensor_id = b.sensor_id AND (n.day = b.day"
    " OR b.day >= :lately) WHERE b.sensor_id IN :ids ORDER BY b.sensor_id, b.day"
).bindparams(bindparam("lately", type_=Date))
_EXTREME = _many(
    "SELECT e.sensor_id, e.until, e.low_mc, e.high_mc FROM daily_extreme e JOIN (SELECT sensor_id, max(until) AS until"
    " FROM daily_extreme WHERE sensor_id IN :ids GROUP BY sensor_id) n ON n.sensor_id = e.sensor_id AND n.until = e.until"
).columns(until=Utc)
_CALIBRATED = _many("SELECT sensor_id, valid_from, valid_until FROM calibration WHERE sensor_id IN :ids")


@dataclass(frozen=True, slots=True)
class Sensing:
    """One sensor at this moment. `times` and `values`: its readings of the last days, to see where they go."""

    sensor: Sensor
    place: Place | None
    since: datetime | None
    last_at: datetime | None
    last_mc: int | None
    last_day: tuple[datetime, int, int] | None
    """Of a logger that tells days only: until when, the least and the most of the last one."""
    calibrated_until: date | None
    calibrated: bool
    at: datetime
    times: Sequence[int] = field(default=(), repr=False)
    values: Sequence[int] = field(default=(), repr=False)

    @property
    def heard_at(self) -> datetime | None:
        """Until when it has said anything."""
        return max((one for one in (self.last_at, self.last_day and self.last_day[0]) if one), default=None)

    @property
    def silent(self) -> bool:
        """Its readings come by themselves, and since twice its interval none has."""
        if not self.sensor.live or self.since is None:
            return False
        heard = max(self.since, self.heard_at or self.since)
        return self.at - heard > timedelta(seconds=GAP_INTERVALS * self.sensor.interval_s)

    @property
    def calibration(self) -> str:
        """none, over (or not begun), soon or good."""
        if self.calibrated_until is None:
            return "none"
        if not self.calibrated:
            return "over"
        return "soon" if self.calibrated_until <= (self.at + SOON).date() else "good"


def sensing(view: View, sensors: Sequence[Sensor]) -> list[Sensing]:
    """What each of these says now, in their order."""
    ids = [one.id for one in sensors]
    if not ids:
        return []
    hung = {
        one.sensor_id: one
        for one in view.all(Assignment, col(Assignment.sensor_id).in_(ids), col(Assignment.until).is_(None))
    }
    places = {one.id: one for one in view.all(Place, col(Place.id).in_([one.place_id for one in hung.values()]))}
    lately = (view.at - LATELY).date()
    read = _readings(view, ids, lately)
    told = view.connection.execute(_EXTREME, {"ids": ids})
    extremes = {row[0]: (row.until, row.low_mc, row.high_mc) for row in told}
    calibrated: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for sensor_id, valid_from, valid_until in view.connection.execute(_CALIBRATED, {"ids": ids}):
        calibrated[sensor_id].append((on(valid_from), on(valid_until)))
    made = []
    for sensor in sensors:
        times, values = read.get(sensor.id, ([], []))
        days, today = calibrated[sensor.id], view.at.astimezone(ZoneInfo(sensor.zone)).date()
        one = hung.get(sensor.id)
        valid = [until for since, until in days if since <= today <= until]
        made.append(
            Sensing(
                sensor=sensor, place=places.get(one.place_id) if one else None, since=one.since if one else None,
                last_at=at_second(times[-1]) if times else None, last_mc=values[-1] if values else None,
                last_day=extremes.get(sensor.id), calibrated_until=max(valid or [until for _, until in days], default=None),
                calibrated=bool(valid), at=view.at, times=times, values=values,
            )
        )  # fmt: skip
    return made


def of_places(view: View, place_ids: Sequence[str]) -> Mapping[str, list[Sensing]]:
    """The sensors that hang in each of these places now."""
    made: dict[str, list[Sensing]] = defaultdict(list)
    if place_ids:
        here = view.all(Assignment, col(Assignment.place_id).in_(place_ids), col(Assignment.until).is_(None))
        found = view.all(Sensor, col(Sensor.id).in_([one.sensor_id for one in here]), order=Sensor.serial)
        for one in sensing(view, found):
            if one.place is not None:
                made[one.place.id].append(one)
    return made


def _readings(view: View, ids: Sequence[str], lately: date) -> dict[str, tuple[list[int], list[int]]]:
    """The last day that each has told of, and what it told lately."""
    made: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for sensor_id, day, n, low, high, packed in view.connection.execute(_LAST, {"ids": list(ids), "lately": lately}):
        times, values = unblock(Block(on(day), n, low, high, packed))
        made[sensor_id][0].extend(times)
        made[sensor_id][1].extend(values)
    return made
