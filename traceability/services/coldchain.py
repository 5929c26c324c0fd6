"""What came with a box and what was read by hand: the shipment's logger file, and a thermometer on the wall."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import col

from traceability.domain.coldchain import COLDEST_MC, WARMEST_MC
from traceability.domain.errors import Refused
from traceability.domain.people import DECIDES
from traceability.domain.states import GONE
from traceability.services import Answer, excursions, late, performs, sensors, watching
from traceability.services.cases import asked
from traceability.services.sensors import LogFile
from traceability.store import Tx, View
from traceability.store.tables import (
    Assignment,
    Consignment,
    ManualReading,
    Place,
    Sensor,
    SensorFile,
    Site,
    Stay,
    Vial,
)
from traceability.store.tables.organisations import PlaceKind


@performs("consignment.attach_log")
def attach_log(
    tx: Tx,
    consignment_id: str,
    log: LogFile,
    *,
    confirmed: str = "",
    serial: str = "",
    certificate: str = "",
    calibrated_from: date | None = None,
    calibrated_until: date | None = None,
) -> Answer:
    """The shipment's logger file: its logger lay in the box, and what it measured counts while vials lay there too.

    Out of the limits of any product in the box holds its vials. Without a calibration what was well is not known (R21, R27).
    """
    consignment = tx.need(Consignment, consignment_id)
    named = log.file.serial or serial.strip()
    if not named:
        raise Refused("logger_serial_missing", name=log.name)
    zone = tx.need(Site, consignment.to_site_id).zone
    sensor = sensors.of_serial(tx, named, zone, log.file.interval_s)
    sensors.check(tx, sensor.serial, log, confirmed)
    if calibrated_until is not None:
        first = calibrated_from or log.file.first.date()
        sensors.add_calibration(tx, sensor, certificate, first, calibrated_until)
    box = _in_the_box(tx, sensor, consignment)
    row = sensors.keep_file(tx, sensor, log, consignment.place_id, consignment.id)
    told = excursions.settle(tx, box.place_id, box.since)
    return {
        "id": consignment.id, "sensor_id": sensor.id, "file_id": row.id, "excursions": [*told.found, *told.ended],
        "warnings": row.judgement["warnings"],
    }  # fmt: skip


def _in_the_box(tx: Tx, sensor: Sensor, consignment: Consignment) -> Assignment:
    """The logger lay in the box for as long as vials did: where it was before and after, its file does not say."""
    stays = tx.known(Stay, place_id=consignment.place_id)
    since = min(stay.since for stay in stays)
    until = max(min(stay.until or tx.at, tx.at) for stay in stays)
    for one in tx.known(Assignment, sensor_id=sensor.id):
        if one.place_id == consignment.place_id:
            tx.change(one, since=min(since, one.since), until=max(until, one.until or until))
            return one
        if one.since < until and (one.until is None or one.until > since):
            raise Refused("sensor_elsewhere", since=one.since, until=one.until)
    return tx.add(
        Assignment(
            sensor_id=sensor.id, place_id=consignment.place_id, consignment_id=consignment.id, since=since, until=until
        )
    )


@performs("place.read")
def read(tx: Tx, place_id: str, now_mc: int, low_mc: int, high_mc: int, *, since: datetime | None = None) -> Answer:
    """A thermometer read by hand: now, and least and most since `since`, by default since the reading before it (R21).

    Beside a sensor, of a box on its way, of a place where vials are taken out to be worked with, only QA's reading makes
    anything known; anybody's counts where it was out. One that is told late, from paper, takes its place among the
    others; where it makes anything better, the vials are held until QA has looked.
    """
    place = tx.need(Place, place_id)
    if not COLDEST_MC <= low_mc <= now_mc <= high_mc <= WARMEST_MC:
        raise Refused("reading_impossible", low=low_mc, now=now_mc, high=high_mc)
    tx.alone(f"readings of {place.id}")
    here, at = ManualReading.place_id == place.id, col(ManualReading.at)
    earlier = tx.all(ManualReading, here, at <= tx.occurred, order=at.desc(), limit=1)
    begins = since or (earlier[0].at if earlier else tx.occurred)
    if begins > tx.occurred:
        raise Refused("interval_empty")
    by_qa = bool(tx.actor.roles(tx.at) & DECIDES)
    said = ManualReading(
        place_id=place.id, at=tx.occurred, since=begins, now_mc=now_mc, low_mc=low_mc, high_mc=high_mc,
        clears_since=begins if by_qa else _alone_since(tx, place, begins),
    )  # fmt: skip

    def told() -> list[str]:
        tx.add(said)
        return excursions.settle(tx, place.id, begins).found

    asks = late.is_late(tx) and said.clears_since is not None and not by_qa
    there = excursions.there(tx, place.id, begins, None) if asks else []
    vials = [one for one in tx.known(Vial, col(Vial.id).in_(there)) if one.state not in GONE] if there else []
    against, found = late.weighed(tx, vials, told, asks=bool(vials))
    answer: Answer = {"id": place.id, "excursions": found}
    if not against:
        return answer
    codes = sorted({one.code for each in against.values() for one in each})
    better = [one for one in vials if one.id in against]
    return {
        **answer,
        "findings": codes,
        "case": asked(tx, f"Vials of {place.code}: {codes[0]}", codes, better).number,
    }


def _alone_since(tx: Tx, place: Place, begins: datetime) -> datetime | None:
    """From when on nothing but the thermometer on the wall watched a place; None: something else does."""
    if place.kind in (PlaceKind.SHIPPER, *watching.HANDLED):
        return None
    ends = [one.until for one in tx.known(Assignment, place_id=place.id) if one.since <= tx.occurred]
    if any(until is None or until > tx.occurred for until in ends):
        return None
    return max([begins, *(until for until in ends if until is not None)])


# -------------------------------------------------------------------------------------------------------------- reads


def last_reading(view: View, place_id: str) -> ManualReading | None:
    found = view.all(ManualReading, ManualReading.place_id == place_id, order=col(ManualReading.at).desc(), limit=1)
    return found[0] if found else None


def files(view: View, consignment_id: str) -> list[SensorFile]:
    return view.all(SensorFile, SensorFile.consignment_id == consignment_id)


def mkt_applies(view: View, consignment_id: str) -> bool:
    """Whether a mean kinetic temperature says anything of what is in the box: of frozen products it does not (R22)."""
    rows = view.rows(
        "SELECT count(*) FROM consignment_line c JOIN vial v ON v.id = c.vial_id JOIN lot l ON l.id = v.lot_id"
        " JOIN product_version p ON p.id = l.product_version_id WHERE c.consignment_id = :id AND p.mkt_applies",
        {"id": view.need(Consignment, consignment_id).id},
    )
    return bool(rows[0][0])
