"""Sensors and loggers: registered, calibrated, hung in places; their readings kept by day, from files or as they come."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability import loggers
from traceability.domain import coldchain
from traceability.domain.blocks import DAY_S, EPOCH, blocks, unblock
from traceability.domain.blocks import Block as Packed
from traceability.domain.errors import NotFound, Refused
from traceability.domain.identity import GIAI
from traceability.domain.papers import FileKind
from traceability.domain.people import DECIDES
from traceability.domain.plain import plain
from traceability.loggers import LoggerFile, Notice, Told
from traceability.services import Answer, alarms, dates, excursions, performs
from traceability.services.cases import open_case
from traceability.services.organisations import named_zone, own
from traceability.services.sensing import Sensing, sensing
from traceability.store import AHEAD, Tx, View
from traceability.store.tables import (
    Alias,
    Assignment,
    Attachment,
    Block,
    Calibration,
    Case,
    DailyExtreme,
    Place,
    Sensor,
    SensorFile,
    Site,
    Watch,
)
from traceability.store.tables.quality import CaseKind

RARE_S = 86_400
LONGEST_CALIBRATION = timedelta(days=10 * 366)
"""No certificate speaks for longer: a slip of the pen in a year would count a sensor as calibrated for ever."""
DAY_INTERVAL_S = 60
"""How often a logger looks that tells only its days."""
MOST_AT_ONCE = 100_000
"""Readings of one batch."""
SKEW = timedelta(seconds=5)
"""How far the clock of what sends by itself may go before ours: what is told of later would take the true reading's place."""
LIVE_LATE = timedelta(days=31)
"""How long a device may keep what it could not send. What is older than that is read in from a file, by a person."""
SAME_MC = 100
"""Two words for one second that differ by no more are one reading: a sensor sends thousandths, its file has tenths."""
MINUTE_S, HOUR_S = 60, 3600


Sent = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class LogFile:
    """A logger's file, read before the act begins; its digest is what the act was asked with."""

    name: str
    data: bytes
    file: LoggerFile
    digest: str


def read_log(name: str, data: bytes, zone: ZoneInfo | None, told: Told | None = None) -> LogFile:
    """Read in the zone of its mission, with what a person answered. Raises Refused with the reader's reason; nothing half read."""
    told = told or Told()
    file = loggers.read(name, data, replace(told, zone=told.zone or zone))
    if asked := loggers.unit_asked(file):  # to look at a file °C may be assumed; what is kept of it is known
        raise asked
    return LogFile(name, data, file, sha256(data).hexdigest())


@performs("sensor.register")
def register(
    tx: Tx, serial: str, zone: str, interval_s: int, *, maker: str = "", giai: str | None = None, live: bool = False
) -> Answer:
    """A thermometer that writes down by itself. `live`: its readings come by themselves, so its silence is an alarm."""
    if not serial.strip() or interval_s <= 0:
        raise Refused("sensor_incomplete")
    if tx.known(Sensor, Sensor.organisation_id == tx.actor.organisation_id, Sensor.serial == serial):
        raise Refused("already_there", noun="sensor", key=serial)
    if giai is not None and tx.known(Sensor, Sensor.giai == giai):
        raise Refused("already_there", noun="sensor", key=giai)
    if giai is not None and tx.known(Alias, scheme=GIAI, code=giai):  # an over-label: what it names is a vial
        raise Refused("already_there", noun="vial", key=giai)
    row = Sensor(
        organisation_id=tx.actor.organisation_id, serial=serial.strip(), giai=giai, maker=maker, zone=named_zone(zone).key,
        interval_s=interval_s, live=live,
    )  # fmt: skip
    return {"id": tx.add(row).id}


@performs("sensor.calibrate")
def calibrate(tx: Tx, sensor_id: str, certificate: str, valid_from: date, valid_until: date) -> Answer:
    """What it says counts as known from the first to the last of these days (R27). What was too warm counts anyway."""
    sensor = _ours(tx, sensor_id)
    add_calibration(tx, sensor, certificate, valid_from, valid_until)
    return {"id": sensor.id}


@performs("sensor.assign")
def assign(tx: Tx, sensor_id: str, place_id: str) -> Answer:
    """It hangs there from now on; where it hung before, it hangs no more. What it said of the time since counts there."""
    sensor, place = _ours(tx, sensor_id), tx.need(Place, place_id)
    own(tx, tx.need(Site, place.site_id).organisation_id)
    _in_time(tx, sensor)
    for one in tx.known(Assignment, sensor_id=sensor.id):
        if tx.occurred < (one.until or one.since):
            raise Refused("sensor_elsewhere", since=one.since, until=one.until)
        if one.until is None:
            tx.change(one, until=tx.occurred)
    alarms.heard(tx, sensor.id, None)  # where it hangs now it has to be heard first
    tx.add(Assignment(sensor_id=sensor.id, place_id=place.id, since=tx.occurred))
    return {"id": sensor.id, "place_id": place.id, "excursions": excursions.settle(tx, place.id, tx.occurred).found}


@performs("sensor.unassign")
def unassign(tx: Tx, sensor_id: str) -> Answer:
    """It hangs nowhere from then on: taken down, or dead since. Of the time after that the place is known by what else watches it."""
    sensor = _ours(tx, sensor_id)
    open_ = tx.known(Assignment, Assignment.sensor_id == sensor.id, col(Assignment.until).is_(None))
    if not open_:
        raise Refused("already_ended", noun="assignment")
    (going,) = open_
    if tx.occurred < going.since:
        raise Refused("interval_empty")
    _in_time(tx, sensor)
    alarms.heard(tx, sensor.id, None)
    tx.change(going, until=tx.occurred)
    return {"id": sensor.id, "place_id": going.place_id}


@performs("sensor.import_log")
def import_log(tx: Tx, sensor_id: str, log: LogFile, *, confirmed: str = "") -> Answer:
    """A logger's file: its readings are kept, judged wherever it hung then, and hold what was there and out of limits.

    `confirmed`: the digest of what a person was shown of it, where it could be understood in more than one way.
    """
    sensor = _ours(tx, sensor_id)
    check(tx, sensor.serial, log, confirmed)
    file = log.file
    hung = hung_then(tx, sensor, file)
    row = keep_file(tx, sensor, log, hung[-1].place_id)
    found = _judged(tx, hung, file.first)
    return {
        "id": sensor.id, "file_id": row.id, "readings": row.readings, "excursions": found, "warnings": row.judgement["warnings"],
    }  # fmt: skip


@performs("sensor.read")
def read(tx: Tx, sensor_id: str, readings: Sequence[Sent]) -> Answer:
    """What a sensor sends by itself: when, and thousandths of °C. The same again changes nothing; of two values for one
    second both count, and a case is opened."""
    sensor = tx.find(Sensor, sensor_id)
    if sensor is None or sensor.organisation_id != tx.actor.organisation_id:
        raise NotFound("sensor")  # a device learns nothing of what is not its house's
    told = sorted({(int(at.timestamp()), mc) for at, mc in readings})
    if not told or len(told) > MOST_AT_ONCE:
        raise Refused("readings_count", most=MOST_AT_ONCE)
    if not sensor.live:
        raise Refused("sensor_not_live", serial=sensor.serial)
    if not all(coldchain.COLDEST_MC <= mc <= coldchain.WARMEST_MC for _, mc in told):
        values = [mc for _, mc in told]
        raise Refused("reading_impossible", low=min(values), now=values[-1], high=max(values))
    first, last = _when(told[0][0]), _when(told[-1][0])
    if last > tx.at + SKEW:
        raise Refused("logger_clock_ahead", last=last, now=tx.at)
    if first < tx.at - LIVE_LATE:
        raise Refused("reading_too_old", at=first, days=LIVE_LATE.days)
    words: dict[int, int] = {}
    others = [(at, mc) for at, mc in told if abs(words.setdefault(at, mc) - mc) > SAME_MC]
    kept = keep(tx, sensor, list(words), list(words.values()), sensor.interval_s, others=others)
    hung = [one for one in tx.known(Assignment, sensor_id=sensor.id) if any(kept) and _meets(one, first, last)]
    found = _judged(tx, hung, first)
    return {"id": sensor.id, "kept": kept.new, "contradicted": kept.contradicted, "excursions": found}


# ------------------------------------------------------------------------------------------------ readings, as they are kept


def check(view: View, serial: str, log: LogFile, confirmed: str) -> None:
    """Whether this file is to be read in at all: once, of this logger, by the clock, and as somebody understood it."""
    file = log.file
    if view.known(SensorFile, SensorFile.sha256 == log.digest):
        raise Refused("logger_imported_already", name=log.name)
    if file.serial is not None and file.serial != serial:
        raise Refused("logger_of_another", said=file.serial, serial=serial)
    if file.last > view.at + AHEAD:
        raise Refused("logger_clock_ahead", last=file.last, now=view.at)
    against = contradictions(view, serial, file)
    if (file.confirm or against) and confirmed != file.digest:
        raise Refused(
            "logger_unconfirmed", name=log.name, digest=file.digest, understanding=understanding(file, against)
        )


def understanding(file: LoggerFile, against: Sequence[Notice]) -> dict[str, Any]:
    """What a person is shown of a file, and that the record has it otherwise."""
    told = dict(file.understanding)
    notices = [*told.get("notices", ()), *({"code": one.code, **one.values} for one in against)]
    made: dict[str, Any] = plain(told | {"notices": notices})
    return made


def contradictions(view: View, serial: str, file: LoggerFile) -> list[Notice]:
    """Whether the record has another temperature of this logger for a time of which the file tells: both count then."""
    mine = view.known(Sensor, Sensor.organisation_id == view.actor.organisation_id, Sensor.serial == serial)
    if not mine:
        return []
    if file.times:
        found = []
        for on, old in sorted(_blocks(view, mine[0].id, file.first.date(), file.last.date()).items()):
            midnight = DAY_S * (on - EPOCH).days
            begin, end = (bisect_left(file.times, at) for at in (midnight, midnight + DAY_S))
            apart = _apart(old, file.times[begin:end], file.values[begin:end])[1]
            found += [(_when(at), had, mc) for at, had, mc in apart]
    else:
        days = {one.since: one for one in view.known(DailyExtreme, sensor_id=mine[0].id)}
        pairs = [(days[since], day) for day in file.days if (since := file.begins(day)) in days]
        found = [(old.since, old.high_mc, day.max_mc) for old, day in pairs if _less(old, day)]
    if not found:
        return []
    at, had, mc = found[0]
    return [Notice("readings_contradict", {"count": len(found), "at": at, "had_mc": had, "told_mc": mc})]


def hung_then(view: View, sensor: Sensor, file: LoggerFile) -> list[Assignment]:
    """Where it hung while its file was written; a file of a time in which it hung nowhere says nothing of any place."""
    # the last day of a file of days was going on when the file was written
    last = file.last if file.times else max(file.last, min(file.last + timedelta(days=1), view.at))
    hung = [one for one in view.known(Assignment, sensor_id=sensor.id) if _meets(one, file.first, last)]
    if not hung:
        raise Refused("sensor_hung_nowhere", first=file.first, last=last)
    return hung


def keep_file(tx: Tx, sensor: Sensor, log: LogFile, place_id: str, consignment_id: str | None = None) -> SensorFile:
    """The file with its judgement as it was made, and its readings."""
    file = log.file
    attachment = tx.add(
        Attachment(
            sha256=log.digest, name=log.name[:200], media_type="application/octet-stream", size=len(log.data),
            organisation_id=tx.actor.organisation_id, kind=FileKind.LOGGER,
        )
    )  # fmt: skip
    limits = excursions.limits_there(tx, place_id, file.first)
    against = contradictions(tx, sensor.serial, file)
    row = SensorFile(
        sha256=log.digest, attachment_id=attachment.id, sensor_id=sensor.id, consignment_id=consignment_id, place_id=place_id,
        format=file.format, serial=file.serial, interval_s=file.interval_s, readings=len(file.times),
        first=file.first, last=file.last, judgement=_told(file, limits, against),
    )  # fmt: skip
    tx.add(row)
    if file.times:
        keep(tx, sensor, file.times, file.values, file.interval_s, file.steps)
    else:
        _keep_days(tx, sensor, file)
    return row


def _keep_days(tx: Tx, sensor: Sensor, file: LoggerFile) -> None:
    """Least and most of each day, and no readings. A day that was not over when it was told before may have become worse.

    The last day was still going on, and on others the logger may not have heard its sensor: what is known of such a day
    counts where it was out, and it clears nothing. The first day is watched from when the logger was switched on.
    """
    tx.alone(f"readings of sensor {sensor.id}")
    there = {one.since: one for one in tx.known(DailyExtreme, sensor_id=sensor.id)}
    rows, runs, apart = [], list[coldchain.Run](), list[datetime]()
    for day in file.days:
        since, until = file.begins(day), file.midnight(day.date + timedelta(days=1))
        old = there.get(since)
        if old is None:
            rows.append(
                DailyExtreme(sensor_id=sensor.id, since=since, until=until, low_mc=day.min_mc, high_mc=day.max_mc)
            )
        else:
            apart += [since] if _less(old, day) else []
            low, high = min(old.low_mc, day.min_mc), max(old.high_mc, day.max_mc)
            tx.change(old, until=max(old.until, until), low_mc=low, high_mc=high)
        if day is file.days[-1] or day.unheard_min != 0:
            runs.append(coldchain.Run(since, max(since, min(until, tx.at)), RARE_S, day.min_mc, day.max_mc))
            continue
        run = coldchain.Run(since, until, DAY_INTERVAL_S, day.min_mc, day.max_mc)
        runs = [*runs[:-1], runs[-1].with_(run)] if runs and runs[-1].joins(run) else [*runs, run]
    tx.add_all(rows)
    _watched(tx, sensor, runs)
    if apart:
        _asked_about(tx, sensor, apart[0])


def _less(old: DailyExtreme, day: loggers.Day) -> bool:
    """A day does not become better than it was told to be."""
    return day.min_mc > old.low_mc + SAME_MC or day.max_mc < old.high_mc - SAME_MC


class Kept(NamedTuple):
    """How many readings are new, and how many say otherwise than the record and did not before."""

    new: int
    contradicted: int


def keep(
    tx: Tx,
    sensor: Sensor,
    times: Sequence[int],
    values: Sequence[int],
    interval_s: int,
    steps: Mapping[int, int] | None = None,
    *,
    others: Sequence[tuple[int, int]] = (),
) -> Kept:
    """Readings beside those that are there, by day. Of two words for one second the first stays a reading, and the other
    counts where it is out of limits; `others`: more words for seconds of `times`."""
    tx.alone(f"readings of sensor {sensor.id}")
    told = blocks(times, values)
    there = _blocks(tx, sensor.id, told[0].day, told[-1].day)
    new, rows, apart = 0, [], list(others)
    for block in told:
        if (old := there.get(block.day)) is None:
            rows.append(
                Block(
                    sensor_id=sensor.id,
                    day=block.day,
                    n=block.n,
                    low_mc=block.low_mc,
                    high_mc=block.high_mc,
                    packed=block.packed,
                )
            )
            new += block.n
            continue
        if old.packed == block.packed:
            continue
        had, otherwise = _apart(old, *unblock(block))
        apart += [(at, mc) for at, _, mc in otherwise]
        if len(had) > old.n:
            new += len(had) - old.n
            at_ = sorted(had)
            (more,) = blocks(at_, [had[one] for one in at_])
            tx.change(old, n=more.n, low_mc=more.low_mc, high_mc=more.high_mc, packed=more.packed)
    tx.add_all(rows)
    if new:
        alarms.heard(tx, sensor.id, _when(times[-1]))
        _watched(tx, sensor, coldchain.runs(times, values, interval_s, steps))
    return Kept(new, _keep_beside(tx, sensor, apart, interval_s) if apart else 0)


def _blocks(view: View, sensor_id: str, first: date, last: date) -> dict[date, Block]:
    found = view.known(Block, Block.sensor_id == sensor_id, col(Block.day).between(first, last))
    return {one.day: one for one in found}


def _apart(
    old: Block, times: Sequence[int], values: Sequence[int]
) -> tuple[dict[int, int], list[tuple[int, int, int]]]:
    """Both as one, of each second its first word; and when, what it was and what it is said to be where they differ."""
    had = dict(zip(*unblock(Packed(old.day, old.n, old.low_mc, old.high_mc, old.packed)), strict=True))
    told = zip(times, values, strict=True)
    return had, [(at, had[at], mc) for at, mc in told if abs(had.setdefault(at, mc) - mc) > SAME_MC]


def _keep_beside(tx: Tx, sensor: Sensor, words: Sequence[tuple[int, int]], interval_s: int) -> int:
    """Words that contradict a reading: least and most of those that follow each other, an hour at most, for as long as
    readings hold. They are no readings and make nothing known; out of limits they count like any (R26), and somebody is
    asked. How many are news."""
    stretches: list[list[tuple[int, int]]] = []
    for at, mc in sorted(words):
        before = stretches[-1][-1][0] if stretches else at - DAY_S
        if at - before > max(interval_s, MINUTE_S) or at // HOUR_S > before // HOUR_S:
            stretches.append([])
        stretches[-1].append((at, mc))
    there = {one.since: one for one in tx.known(DailyExtreme, sensor_id=sensor.id)}
    rows, runs, news = [], [], 0
    for told in stretches:
        since, until = _when(told[0][0]), _when(told[-1][0] + interval_s)
        low, high = min(mc for _, mc in told), max(mc for _, mc in told)
        old = there.get(since)
        if old is None:
            rows.append(DailyExtreme(sensor_id=sensor.id, since=since, until=until, low_mc=low, high_mc=high))
        elif old.until < until or low < old.low_mc or high > old.high_mc:
            both = {"low_mc": min(old.low_mc, low), "high_mc": max(old.high_mc, high)}
            tx.change(old, until=max(old.until, until), **both)
        else:
            continue
        news += len(told)
        runs.append(coldchain.Run(since, since, interval_s, low, high))
    tx.add_all(rows)
    _watched(tx, sensor, runs)
    if news:
        _asked_about(tx, sensor, _when(min(words)[0]))
    return news


def _asked_about(tx: Tx, sensor: Sensor, at: datetime) -> None:
    """Somebody finds out which word is true: one case as long as it is open, however often it is contradicted."""
    begins = f"Sensor {sensor.serial}: "
    open_ = col(Case.closed_at).is_(None)
    if not tx.known(Case, Case.kind == CaseKind.CONTRADICTION, open_, col(Case.title).startswith(begins)):
        open_case(tx, CaseKind.CONTRADICTION, f"{begins}two temperatures for one time, {at:%Y-%m-%d %H:%M} UTC")


def _watched(tx: Tx, sensor: Sensor, runs: Sequence[coldchain.Run]) -> None:
    """When it was never silent for long: runs that no gap divides become one. One that another has swallowed stays, and says no more."""
    if not runs:
        return
    reach = max(run.reach for run in runs)
    near = tx.known(
        Watch,
        Watch.sensor_id == sensor.id,
        col(Watch.since) <= runs[-1].until + reach,
        col(Watch.until) >= runs[0].since - reach,
    )
    there = [(row, coldchain.Run(row.since, row.until, row.interval_s, row.low_mc, row.high_mc)) for row in near]
    kept = dict.fromkeys(range(len(there)))
    rows = []
    for run in runs:
        at = next((n for n in kept if there[n][1].joins(run)), None)
        if at is None:
            rows.append(run)
            continue
        whole = there[at][1].with_(run)
        for n in [n for n in kept if n != at and there[n][1].joins(whole)]:
            whole = whole.with_(there[n][1])
            del kept[n]
        there[at] = there[at][0], whole
    for row, whole in (there[n] for n in kept):
        tx.change(
            row,
            since=whole.since,
            until=whole.until,
            interval_s=whole.interval_s,
            low_mc=whole.low_mc,
            high_mc=whole.high_mc,
        )
    tx.add_all(
        [
            Watch(
                sensor_id=sensor.id,
                since=run.since,
                until=run.until,
                interval_s=run.interval_s,
                low_mc=run.low_mc,
                high_mc=run.high_mc,
            )
            for run in rows
        ]
    )


def _told(file: LoggerFile, limits: coldchain.Limits | None, against: Sequence[Notice]) -> dict[str, Any]:
    """The judgement as it was made and is kept: whole numbers and times. Without limits nothing was above or below them."""
    told: dict[str, Any] = dict.fromkeys(("mean_mc", "mkt_mc", "seconds_above", "seconds_below"))
    if file.times:
        judged = coldchain.judge(file.times, file.values, limits, file.interval_s, file.steps)
        told |= {"min_mc": judged.min_mc, "max_mc": judged.max_mc, "mean_mc": judged.mean_mc, "mkt_mc": judged.mkt_mc}
        if limits:
            told |= {"seconds_above": judged.seconds_above, "seconds_below": judged.seconds_below}
        gaps = [[plain(a), plain(b)] for a, b in judged.gaps]
    else:  # of days the least and the most are known, and neither a mean nor for how long
        told |= {"min_mc": min(day.min_mc for day in file.days), "max_mc": max(day.max_mc for day in file.days)}
        gaps = []
    maker = file.maker
    return told | {
        "low_limit_mc": limits.low_mc if limits else None, "high_limit_mc": limits.high_mc if limits else None,
        "gaps": gaps, "days": len(file.days),
        "maker": {"min_mc": maker.min_mc, "max_mc": maker.max_mc, "mean_mc": maker.mean_mc, "mkt_mc": maker.mkt_mc},
        "warnings": warnings(file, against), "zone": file.zone, "understanding": plain(dict(file.understanding)),
    }  # fmt: skip


def warnings(read: LoggerFile, against: Sequence[Notice] = ()) -> list[Any]:
    """What the reader of the file noticed, what the record has otherwise, and that it measured too seldom to have watched anything."""
    told = [plain({"code": one.code, **one.values}) for one in (*read.warnings, *against)]
    if read.times and read.interval_s > (longest := coldchain.LONGEST_INTERVAL_S):
        seldom = Notice("logger_too_seldom", {"interval_s": read.interval_s, "longest_s": longest})
        told.append(plain({"code": seldom.code, **seldom.values}))
    return told


def add_calibration(tx: Tx, sensor: Sensor, certificate: str, valid_from: date, valid_until: date) -> None:
    if valid_until < valid_from:
        raise Refused("interval_empty")
    dates.paper("valid_from", valid_from, tx.at.date())
    dates.within("valid_until", valid_until, valid_from, valid_from + LONGEST_CALIBRATION)
    known = tx.known(Calibration, sensor_id=sensor.id)
    if not any(
        (one.valid_from, one.valid_until, one.certificate) == (valid_from, valid_until, certificate) for one in known
    ):
        row = Calibration(sensor_id=sensor.id, certificate=certificate, valid_from=valid_from, valid_until=valid_until)
        tx.add(row)


def of_serial(tx: Tx, serial: str, zone: str, interval_s: int) -> Sensor:
    """The organisation's own logger of this serial: made known where it came with a box for the first time."""
    found = tx.known(Sensor, Sensor.organisation_id == tx.actor.organisation_id, Sensor.serial == serial)
    if found:
        return found[0]
    return tx.add(Sensor(organisation_id=tx.actor.organisation_id, serial=serial, zone=zone, interval_s=interval_s))


def _in_time(tx: Tx, sensor: Sensor) -> None:
    """Where a sensor hung earlier is said by QA, and never so that a place loses what was read there."""
    last = max((one.until for one in tx.known(Watch, sensor_id=sensor.id)), default=None)
    if last is not None and tx.occurred < last:
        raise Refused("sensor_read_since", last=last)
    if tx.occurred < tx.at - AHEAD and not tx.actor.roles(tx.at) & DECIDES:
        raise Refused("sensor_late_by_quality", occurred=tx.occurred)


def _ours(tx: Tx, sensor_id: str) -> Sensor:
    sensor = tx.need(Sensor, sensor_id)
    if sensor.organisation_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="sensor")
    return sensor


def _meets(one: Assignment, first: datetime, last: datetime) -> bool:
    return one.since <= last and (one.until is None or one.until > first)


def _judged(tx: Tx, hung: Sequence[Assignment], first: datetime) -> list[str]:
    """The excursions that readings from then on tell of, where the sensor hung."""
    told = [excursions.settle(tx, one.place_id, max(one.since, first)) for one in hung]
    return list(dict.fromkeys(number for one in told for number in (*one.found, *one.ended)))


def _when(epoch_s: int) -> datetime:
    return coldchain.at_second(epoch_s)


# -------------------------------------------------------------------------------------------------------------- reads


def sensors(view: View) -> list[Sensor]:
    return view.all(Sensor, order=Sensor.serial)


@dataclass(frozen=True, slots=True)
class Detail:
    """One sensor: what it says now, where it hung, for which days it was calibrated, what it wrote; newest first."""

    said: Sensing
    hung: list[tuple[Assignment, Place]]
    calibrations: list[Calibration]
    files: list[SensorFile]


def by_giai(view: View, giai: str) -> Sensor | None:
    """The sensor in sight that its label names (8004)."""
    found = view.all(Sensor, Sensor.giai == giai)
    return found[0] if found else None


def detail(view: View, sensor_id: str) -> Detail:
    """Raises `NotFound`."""
    sensor = view.need(Sensor, sensor_id)
    (said,) = sensing(view, [sensor])
    hung = view.all(Assignment, Assignment.sensor_id == sensor.id, order=col(Assignment.since).desc())
    places = {one.id: one for one in view.all(Place, col(Place.id).in_([one.place_id for one in hung]))}
    return Detail(
        said=said,
        hung=[(one, places[one.place_id]) for one in hung if one.place_id in places],
        calibrations=view.all(
            Calibration, Calibration.sensor_id == sensor.id, order=col(Calibration.valid_until).desc()
        ),
        files=view.all(SensorFile, SensorFile.sensor_id == sensor.id, order=col(SensorFile.last).desc()),
    )
