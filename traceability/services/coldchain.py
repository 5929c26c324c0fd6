"""What was measured: a logger's file judged against the product's limits, a thermometer read by hand, excursions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability import loggers
from traceability.domain import coldchain
from traceability.domain.blocks import blocks
from traceability.domain.errors import Refused
from traceability.domain.plain import moment, plain
from traceability.loggers import Notice
from traceability.services import Answer, performs
from traceability.services.cases import numbered
from traceability.store import AHEAD, Tx, View
from traceability.store.hot import Hot, known, reader_of
from traceability.store.tables import (
    Attachment,
    Block,
    Consignment,
    Excursion,
    Hold,
    Line,
    Lot,
    ManualReading,
    Place,
    ProductVersion,
    Scope,
    SensorFile,
    Stay,
    Vial,
)
from traceability.store.tables.quality import ScopeKind

COLDEST_MC, WARMEST_MC = -273_150, 200_000


@dataclass(frozen=True, slots=True)
class LogFile:
    """A logger's file, read before the act begins; its digest is what the act was asked with."""

    name: str
    data: bytes
    file: loggers.LoggerFile

    @property
    def digest(self) -> str:
        return sha256(self.data).hexdigest()


def read_log(name: str, data: bytes, zone: ZoneInfo) -> LogFile:
    """Raises Refused with the reader's reason; nothing half read."""
    file = loggers.read(name, data, loggers.Told(zone=zone))
    if not file.times:
        raise Refused("logger_days_only", name=name)
    return LogFile(name, data, file)


@performs("consignment.attach_log")
def attach_log(tx: Tx, consignment_id: str, log: LogFile) -> Answer:
    """The shipment's logger file, judged against the limits of every product in the box; out of limits holds its vials."""
    consignment = tx.need(Consignment, consignment_id)
    if tx.known(SensorFile, SensorFile.sha256 == log.digest):
        raise Refused("logger_imported_already", name=log.name)
    read = log.file
    if read.interval_s <= 0:
        raise Refused("logger_no_interval", name=log.name)
    if read.last > tx.at + AHEAD:
        raise Refused("logger_clock_ahead", last=read.last, now=tx.at)
    limits = _limits_of(tx, consignment.id)
    seen = _seen(tx, consignment.place_id)
    judged = coldchain.judge(read.times, read.values, limits, read.interval_s)
    attachment = tx.add(
        Attachment(
            sha256=log.digest, name=log.name[:200], media_type="application/octet-stream", size=len(log.data),
            organisation_id=tx.actor.organisation_id, kind="logger",
        )
    )  # fmt: skip
    row = SensorFile(
        sha256=log.digest, attachment_id=attachment.id, consignment_id=consignment.id, place_id=consignment.place_id,
        format=read.format, serial=read.serial, interval_s=read.interval_s, readings=judged.n,
        first=judged.first, last=judged.last, judgement=_told(judged, limits, read),
    )  # fmt: skip
    tx.add(row)
    tx.add_all(
        [
            Block(sensor_file_id=row.id, day=b.day, n=b.n, low_mc=b.low_mc, high_mc=b.high_mc, packed=b.packed)
            for b in blocks(read.times, read.values)
        ]
    )
    found = [
        _excursion(
            tx, consignment.place_id, one, limits, consignment.id, ends=seen is None or (one.until or seen) >= seen
        )
        for one in _while_there(tx, consignment, judged)
    ]
    return {
        "id": consignment.id, "file_id": row.id, "excursions": list(dict.fromkeys(one.number for one in found)),
        "warnings": _warnings(read),
    }  # fmt: skip


@performs("place.read")
def read(tx: Tx, place_id: str, now_mc: int, low_mc: int, high_mc: int, *, since: datetime | None = None) -> Answer:
    """A thermometer read by hand: now, and least and most since `since`, by default since the reading before it (R21).

    One that is told late, from paper, takes its place among the others.
    """
    place = tx.need(Place, place_id)
    if not COLDEST_MC <= low_mc <= now_mc <= high_mc <= WARMEST_MC:
        raise Refused("reading_impossible", low=low_mc, now=now_mc, high=high_mc)
    tx.alone(f"readings of {place.id}")
    here, at = ManualReading.place_id == place.id, col(ManualReading.at)
    earlier = tx.all(ManualReading, here, at <= tx.occurred, order=at.desc(), limit=1)
    later = tx.all(ManualReading, here, at > tx.occurred, order=at)
    begins = since or (earlier[0].at if earlier else tx.occurred)
    if begins > tx.occurred:
        raise Refused("interval_empty")
    tx.add(
        ManualReading(place_id=place.id, at=tx.occurred, since=begins, now_mc=now_mc, low_mc=low_mc, high_mc=high_mc)
    )
    limits = _limits_at(tx, place.id, begins)
    told = coldchain.Reading(begins, tx.occurred, low_mc, now_mc, high_mc)
    ends = not later and (_seen(tx, place.id) or tx.occurred) <= tx.occurred
    found = []
    if limits is not None and limits.side(limits.worst(low_mc, high_mc)):
        # What was out goes on to the first reading that says otherwise, also to one that was told before this one.
        after = [coldchain.Reading(one.since or one.at, one.at, one.low_mc, one.now_mc, one.high_mc) for one in later]
        found = [_excursion(tx, place.id, coldchain.by_hand([told, *after], limits)[0], limits, ends=ends)]
    if ends and not (limits and limits.side(now_mc)):
        _back_in_limits(tx, place.id, now_mc)
    return {"id": place.id, "excursions": [one.number for one in found]}


def came(tx: Tx, vial: Vial, place_id: str, until: datetime | None = None) -> None:
    """A vial was put where it was measured out of its limits, last or since: its excursion begins with its stay (R26).

    `until`: when it left again, where that is known already.
    """
    bound = {"place": place_id, "came": _bound(tx, tx.occurred)}
    rows = _SINCE(reader_of(tx).driver, **bound)
    if not rows:
        return
    limits = coldchain.Limits(*tx.rows(_LIMITS, {"lot": vial.lot_id})[0])
    told = [reading(row) for row in rows]
    if told[0].at <= tx.occurred:  # of the one before it came, what was then counts, and not what had been
        told[0] = replace(told[0], low_mc=told[0].now_mc, high_mc=told[0].now_mc)
    for one in coldchain.by_hand(told, limits):
        if (one.until is None or one.until > tx.occurred) and (until is None or one.since < until):
            _excursion(tx, place_id, replace(one, since=max(one.since, tx.occurred)), limits, ends=False)


_LIMITS = (
    "SELECT p.low_mc, p.high_mc FROM lot l JOIN product_version p ON p.id = l.product_version_id WHERE l.id = :lot"
)
_SINCE = Hot(
    "SELECT place_id, since, at, low_mc, now_mc, high_mc FROM manual_reading WHERE place_id = :place AND at >= coalesce("
    "(SELECT max(at) FROM manual_reading WHERE place_id = :place AND at <= :came), :came) ORDER BY at"
)


def reading(row: Any) -> coldchain.Reading:
    """A row of place, since, at, least, now and most; one that says no `since` speaks of its moment."""
    _, since, at, low_mc, now_mc, high_mc = row
    return coldchain.Reading(known(since or at), known(at), low_mc, now_mc, high_mc)


def _seen(tx: Tx, place_id: str) -> datetime | None:
    """Up to when loggers saw this place: what ends earlier by one of them has not ended by all."""
    return max((file.last for file in tx.known(SensorFile, place_id=place_id)), default=None)


def _excursion(
    tx: Tx,
    place_id: str,
    found: coldchain.Excursion,
    limits: coldchain.Limits,
    consignment_id: str | None = None,
    *,
    ends: bool,
) -> Excursion:
    """The excursion and its hold over exactly the vials that were there (R26).

    It belongs to one that it touches and whose hold stands: that one grows, and ends only where this says its end.
    Anything else is one of its own: what QA has judged was not this.
    """
    for going, hold in _standing(tx, place_id):
        if going.until is None and (found.until is None or found.until >= going.since):
            since, until = min(going.since, found.since), found.until if ends else None
        elif found.until and going.until and going.since <= found.since and found.until <= going.until:
            since, until = going.since, going.until
        else:
            continue
        both = limits.within(coldchain.Limits(going.low_limit_mc, going.high_limit_mc))
        tx.change(
            going, since=since, until=until, peak_mc=both.worst(going.peak_mc, found.peak_mc),
            low_limit_mc=both.low_mc, high_limit_mc=both.high_mc,
        )  # fmt: skip
        _follow(tx, going, hold)
        return going
    row = tx.add(
        Excursion(
            number=numbered(tx, Excursion, "EX"), place_id=place_id, consignment_id=consignment_id, since=found.since,
            until=found.until, peak_mc=found.peak_mc, low_limit_mc=limits.low_mc, high_limit_mc=limits.high_mc,
        )
    )  # fmt: skip
    hold = tx.add(
        Hold(
            number=numbered(tx, Hold, "H"),
            organisation_id=tx.actor.organisation_id,
            excursion_id=row.id,
            title=row.number,
            placed_at=tx.at,
        )
    )
    tx.add(Scope(hold_id=hold.id, kind=ScopeKind.PLACE, target_id=place_id, since=found.since, until=found.until))
    tx.about.update(there(tx, place_id, found.since, found.until))  # they may lie elsewhere by now
    return row


def _standing(tx: Tx, place_id: str) -> list[tuple[Excursion, Hold]]:
    """Excursions of a place whose hold nobody lifted, those that go on first."""
    rows = {row.id: row for row in tx.known(Excursion, place_id=place_id)}
    holds = tx.known(Hold, col(Hold.excursion_id).in_(rows), col(Hold.lifted_at).is_(None)) if rows else []
    found = [(rows[hold.excursion_id], hold) for hold in holds if hold.excursion_id]
    return sorted(found, key=lambda pair: pair[0].until is not None)


def _back_in_limits(tx: Tx, place_id: str, now_mc: int) -> None:
    """The first reading back in ends what went on, judged or not."""
    for row in tx.known(Excursion, Excursion.place_id == place_id, col(Excursion.until).is_(None)):
        if row.since <= tx.occurred and not coldchain.Limits(row.low_limit_mc, row.high_limit_mc).side(now_mc):
            tx.change(row, until=tx.occurred)
            for hold in tx.known(Hold, Hold.excursion_id == row.id):
                _follow(tx, row, hold)


def _follow(tx: Tx, row: Excursion, hold: Hold) -> None:
    """A hold covers as long as its excursion was."""
    for scope in tx.known(Scope, Scope.hold_id == hold.id):
        tx.change(scope, since=row.since, until=row.until)
    tx.about.update(there(tx, row.place_id, row.since, row.until))


def _while_there(tx: Tx, consignment: Consignment, judged: coldchain.Judgement) -> list[coldchain.Excursion]:
    """Excursions of the file that touch the time in which a vial lay in the box."""
    stays = tx.known(Stay, place_id=consignment.place_id)
    begin = min(stay.since for stay in stays)
    end = max((stay.until or tx.at) for stay in stays)
    # An excursion without end is known up to the file's last reading, and no further.
    return [one for one in judged.excursions if one.since < end and (one.until or judged.last) > begin]


def _limits_of(tx: Tx, consignment_id: str) -> coldchain.Limits:
    """The narrowest limits of the products in the box."""
    lines = tx.all(Line, Line.consignment_id == consignment_id)
    lots = {vial.lot_id for vial in tx.all(Vial, col(Vial.id).in_([line.vial_id for line in lines if line.vial_id]))}
    versions = [tx.need(ProductVersion, tx.need(Lot, lot_id).product_version_id) for lot_id in sorted(lots)]
    return coldchain.Limits(max(v.low_mc for v in versions), min(v.high_mc for v in versions))


def _limits_at(tx: Tx, place_id: str, since: datetime) -> coldchain.Limits | None:
    """The narrowest limits of what lay there since; None when nothing did."""
    lots = {row[0] for row in tx.rows(_LOTS_THERE, {"place": place_id, "since": _bound(tx, since)})}
    versions = [tx.need(ProductVersion, tx.need(Lot, lot_id).product_version_id) for lot_id in sorted(lots)]
    if not versions:
        return None
    return coldchain.Limits(max(v.low_mc for v in versions), min(v.high_mc for v in versions))


_LOTS_THERE = (
    "SELECT DISTINCT v.lot_id FROM stay s JOIN vial v ON v.id = s.vial_id"
    " WHERE s.place_id = :place AND (s.until IS NULL OR s.until > :since)"
)


def there(view: View, place_id: str, since: datetime, until: datetime | None) -> list[str]:
    """Ids of the vials that lay in a place at some moment of a half-open interval."""
    stays = view.known(Stay, Stay.place_id == place_id)
    return [
        stay.vial_id
        for stay in stays
        if (until is None or stay.since < until) and (stay.until is None or stay.until > since)
    ]


def _bound(view: View, at: datetime) -> Any:
    return moment(at) if view.connection.dialect.name == "sqlite" else at


def _told(judged: coldchain.Judgement, limits: coldchain.Limits, read: loggers.LoggerFile) -> dict[str, Any]:
    """The judgement as it was made and is kept: whole numbers and times."""
    return {
        "min_mc": judged.min_mc, "max_mc": judged.max_mc, "mean_mc": judged.mean_mc, "mkt_mc": judged.mkt_mc,
        "low_limit_mc": limits.low_mc, "high_limit_mc": limits.high_mc,
        "seconds_above": judged.seconds_above, "seconds_below": judged.seconds_below,
        "gaps": [[plain(a), plain(b)] for a, b in judged.gaps],
        "maker": {"min_mc": read.maker.min_mc, "max_mc": read.maker.max_mc, "mean_mc": read.maker.mean_mc, "mkt_mc": read.maker.mkt_mc},
        "warnings": _warnings(read),
        "zone": read.zone,
    }  # fmt: skip


def _warnings(read: loggers.LoggerFile) -> list[Any]:
    """What the reader of the file noticed, and that it measured too seldom to have watched anything."""
    told = [plain({"code": one.code, **one.values}) for one in read.warnings]
    if read.interval_s > (longest := coldchain.LONGEST_INTERVAL_S):
        seldom = Notice("logger_too_seldom", {"interval_s": read.interval_s, "longest_s": longest})
        told.append(plain({"code": seldom.code, **seldom.values}))
    return told


# -------------------------------------------------------------------------------------------------------------- reads


def last_reading(view: View, place_id: str) -> ManualReading | None:
    found = view.all(ManualReading, ManualReading.place_id == place_id, order=col(ManualReading.at).desc(), limit=1)
    return found[0] if found else None


def files(view: View, consignment_id: str) -> list[SensorFile]:
    return view.all(SensorFile, SensorFile.consignment_id == consignment_id)


def excursions(view: View, place_id: str | None = None) -> list[Excursion]:
    where = [Excursion.place_id == place_id] if place_id else []
    return view.all(Excursion, *where, order=col(Excursion.since).desc())


def mkt_applies(view: View, consignment_id: str) -> bool:
    """Whether a mean kinetic temperature says anything of what is in the box: of frozen products it does not (R22)."""
    rows = view.rows(
        "SELECT count(*) FROM consignment_line c JOIN vial v ON v.id = c.vial_id JOIN lot l ON l.id = v.lot_id"
        " JOIN product_version p ON p.id = l.product_version_id WHERE c.consignment_id = :id AND p.mkt_applies",
        {"id": view.need(Consignment, consignment_id).id},
    )
    return bool(rows[0][0])
