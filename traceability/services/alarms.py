"""Alarms: a place out of limits, a live sensor that fell silent. Raised once, acknowledged by a person, cleared when over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import and_, not_, or_, text
from sqlmodel import col

from traceability.domain.blocks import Block as Packed
from traceability.domain.blocks import unblock
from traceability.domain.coldchain import GAP_INTERVALS, LONGEST_INTERVAL_S, at_second
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, system_for
from traceability.services import Answer, excursions, performs
from traceability.services.cases import numbered
from traceability.services.organisations import own
from traceability.store import Call, Store, Tx, View
from traceability.store.tables import Alarm, Assignment, Block, Excursion, Place, Sensor, Site, Watch
from traceability.store.tables.alarms import AlarmKind
from traceability.store.tables.row import Utc


@performs("alarm.report_silent")
def report_silent(tx: Tx, sensor_id: str) -> Answer:
    """No reading for longer than twice its interval. What was out of limits when it fell silent is an excursion now."""
    sensor = tx.need(Sensor, sensor_id)
    tx.alone(f"readings of sensor {sensor.id}")
    hung = tx.known(Assignment, Assignment.sensor_id == sensor.id, col(Assignment.until).is_(None))
    since = max(_last(tx, sensor) or hung[0].since, hung[0].since) if hung and sensor.live else tx.at
    if tx.at - since <= _patience(sensor.interval_s):
        raise Refused("sensor_not_silent", serial=sensor.serial)
    if going := _silent(tx, sensor.id):
        raise Refused("already_there", noun="alarm", key=going[0].number)
    place = tx.need(Place, hung[0].place_id)
    alarm = tx.add(
        Alarm(
            number=numbered(tx, Alarm, "A"), organisation_id=tx.need(Site, place.site_id).organisation_id,
            kind=AlarmKind.SILENT, place_id=place.id, sensor_id=sensor.id, since=since, raised_at=tx.at,
        )
    )  # fmt: skip
    return {"id": alarm.id, "number": alarm.number, "excursions": excursions.settle(tx, place.id, since).found}


@performs("alarm.acknowledge")
def acknowledge(tx: Tx, alarm_id: str) -> Answer:
    """Somebody looks after it, and says what they do: nobody further is told. It stays open until it is over."""
    alarm = tx.need(Alarm, alarm_id)
    own(tx, alarm.organisation_id)
    if alarm.acknowledged_at is not None:
        raise Refused("already_ended", noun="alarm")
    tx.change(alarm, acknowledged_at=tx.at, acknowledged_by=tx.actor.person_id)
    return {"id": alarm.id, "number": alarm.number}


def heard(tx: Tx, sensor_id: str, last: datetime | None) -> None:
    """A sensor was heard again, up to then, or hangs there no more (None): its silence is over."""
    for alarm in _silent(tx, sensor_id):
        if last is None or last > alarm.since:
            tx.change(alarm, cleared_at=tx.at)


def report(store: Store, *, demonstration: bool = False) -> int:
    """Report every sensor that is silent and is not known to be; how many were new. One act a silence, whoever finds it."""
    with store.read(SYSTEM) as view:
        found = silences(view)
    made = 0
    for one in found:
        act_id = sha256(f"silent {one.sensor_id} {one.since.isoformat()}".encode()).hexdigest()[:32]
        call = Call(act_id=act_id, demonstration=demonstration)
        try:
            made += not report_silent(store, system_for(one.organisation_id), call, one.sensor_id).repeated
        except Refused as refused:
            if refused.code not in ("sensor_not_silent", "already_there"):  # it spoke meanwhile, or somebody was faster
                raise
    return made


def _patience(interval_s: int) -> timedelta:
    return timedelta(seconds=GAP_INTERVALS * interval_s)


def _silent(view: View, sensor_id: str) -> list[Alarm]:
    where = (Alarm.kind == AlarmKind.SILENT, Alarm.sensor_id == sensor_id, col(Alarm.cleared_at).is_(None))
    return view.known(Alarm, *where)


def _last(view: View, sensor: Sensor) -> datetime | None:
    """When it was read last. One that measures too rarely to have watched leaves days only."""
    if sensor.interval_s <= LONGEST_INTERVAL_S:
        return max((one.until for one in view.known(Watch, sensor_id=sensor.id)), default=None)
    day = max(view.known(Block, sensor_id=sensor.id), key=lambda one: one.day, default=None)
    return at_second(unblock(Packed(day.day, day.n, day.low_mc, day.high_mc, day.packed))[0][-1]) if day else None


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Silence:
    sensor_id: str
    organisation_id: str
    since: datetime


_HANGING = text(
    "SELECT s.id, s.interval_s, i.organisation_id, a.since AS hung,"
    " (SELECT max(w.until) FROM watch w WHERE w.sensor_id = s.id) AS last FROM assignment a"
    " JOIN sensor s ON s.id = a.sensor_id JOIN place p ON p.id = a.place_id JOIN site i ON i.id = p.site_id"
    " WHERE a.until IS NULL AND s.live AND NOT EXISTS (SELECT 1 FROM alarm x WHERE x.sensor_id = s.id"
    " AND x.kind = 'silent' AND x.cleared_at IS NULL) ORDER BY s.id"
).columns(hung=Utc, last=Utc)


def silences(view: View) -> list[Silence]:
    """Live sensors that hang somewhere and were not heard for longer than twice their interval, and nobody was told."""
    made = []
    for row in view.connection.execute(_HANGING):
        last = row.last
        if row.interval_s > LONGEST_INTERVAL_S:
            last = _last(view, view.need(Sensor, row.id))
        since = max(last or row.hung, row.hung)
        if view.at - since > _patience(row.interval_s):
            made.append(Silence(row.id, row.organisation_id, since))
    return made


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm as it is shown: where, of what, and how far it went."""

    alarm: Alarm
    place: Place | None
    """None: it is of something due, by its `noun` and `name`."""
    sensor: Sensor | None
    excursion: Excursion | None

    @property
    def title(self) -> str:
        """The place, or what is due, as people call it."""
        return self.place.code if self.place else self.alarm.name or ""

    @property
    def is_done(self) -> bool:
        """Something due that is done: nobody has to look at it any more, acknowledged or not."""
        return self.place is None and self.alarm.cleared_at is not None

    @property
    def is_open(self) -> bool:
        return not self.is_done and (self.alarm.acknowledged_at is None or self.alarm.cleared_at is None)


DONE = and_(col(Alarm.place_id).is_(None), col(Alarm.cleared_at).is_not(None))
"""Something was due and is done."""


def alarms(view: View, *, limit: int = 200) -> list[Raised]:
    """The newest; those first that nobody has acknowledged, then those that go on."""
    order = (col(Alarm.raised_at).desc(), col(Alarm.id).desc())
    waits = view.all(Alarm, col(Alarm.acknowledged_at).is_(None), not_(DONE), order=order, limit=limit)
    goes_on = view.all(
        Alarm, col(Alarm.acknowledged_at).is_not(None), col(Alarm.cleared_at).is_(None), order=order, limit=limit
    )
    over = view.all(
        Alarm,
        col(Alarm.cleared_at).is_not(None),
        or_(col(Alarm.acknowledged_at).is_not(None), DONE),
        order=order,
        limit=limit,
    )
    return shown(view, [*waits, *goes_on, *over])


def alarm(view: View, alarm_id: str) -> Raised:
    return shown(view, [view.need(Alarm, alarm_id)])[0]


def shown(view: View, found: list[Alarm]) -> list[Raised]:
    places = {one.id: one for one in view.known(Place, col(Place.id).in_({one.place_id for one in found}))}
    sensors = {one.id: one for one in view.known(Sensor, col(Sensor.id).in_({one.sensor_id for one in found}))}
    told = {one.id: one for one in view.known(Excursion, col(Excursion.id).in_({one.excursion_id for one in found}))}
    return [
        Raised(one, places.get(one.place_id or ""), sensors.get(one.sensor_id or ""), told.get(one.excursion_id or ""))
        for one in found
    ]
