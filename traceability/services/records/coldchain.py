"""Cold-chain records: a shipment, a place over a month, a vial: what was measured by which sensor, and what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain import coldchain
from traceability.domain.coldchain import Limits
from traceability.domain.errors import Refused
from traceability.domain.plots import Plot
from traceability.domain.records import (
    CalibrationPart,
    ColdChainRecord,
    ConcernedPart,
    ConsignmentPart,
    LainPart,
    RecordKind,
    SensorPart,
    VialRecord,
)
from traceability.services import excursions as judged
from traceability.services import plots, readings, thermal, watching
from traceability.services.plots import Window
from traceability.services.readings import Hanging
from traceability.services.records import parts, trace, whereabouts
from traceability.store import View
from traceability.store.hot import reader_of
from traceability.store.tables import (
    Calibration,
    Consignment,
    Excursion,
    Line,
    Lot,
    Place,
    Product,
    ProductVersion,
    Sensor,
    SensorFile,
    Site,
    Stay,
    Vial,
)

POINTS = 400
"""As many as paper shows apart; the record says no more than is drawn, and every extreme."""


def shipment(view: View, consignment_id: str, number: str, version: int) -> ColdChainRecord:
    box = view.need(Consignment, consignment_id)
    (place,) = view.known(Place, id=box.place_id)
    plot = plots.of_consignment(view, box.id, Window("all", None, POINTS))
    ids = [line.vial_id for line in view.known(Line, consignment_id=box.id) if line.vial_id]
    told = next(one for one in trace.consignments(view, ids) if one.number == box.number)
    signed = {box.id: box.number}
    return _of_place(
        view, place, plot, RecordKind.SHIPMENT, number, version, name=box.number, period="", vials=ids, signed=signed,
        consignment=told, demonstration=box.demonstration,
    )  # fmt: skip


def month(view: View, place_id: str, number: str, version: int, period: str) -> ColdChainRecord:
    """A calendar month where the place is; of the month that is not over, what is known so far."""
    place = view.need(Place, place_id)
    zone = view.known(Site, id=place.site_id)[0].zone
    since, until = plots.month(int(period[:4]), int(period[5:]), ZoneInfo(zone))
    if since > view.at:
        raise Refused("document_period", period=period)
    plot = plots.place_between(view, place, since, until, POINTS)
    there = [
        stay
        for stay in view.known(Stay, Stay.place_id == place.id, col(Stay.since) < until)
        if stay.until is None or stay.until > since
    ]
    return _of_place(
        view, place, plot, RecordKind.PLACE, number, version, name=whereabouts.place_names(view, [place.id])[place.id],
        period=period, vials=sorted({stay.vial_id for stay in there}), signed={}, consignment=None,
        demonstration=place.demonstration,
    )  # fmt: skip


def _of_place(
    view: View, place: Place, plot: Plot, kind: RecordKind, number: str, version: int, *, name: str, period: str,
    vials: Sequence[str], signed: Mapping[str, str], consignment: ConsignmentPart | None, demonstration: bool,
) -> ColdChainRecord:  # fmt: skip
    found = [
        one for one in view.known(Excursion, place_id=place.id)
        if one.since < plot.until and (one.until is None or plot.since < one.until)
    ]  # fmt: skip
    versions = _versions(view, vials)
    applies = bool(versions) and all(one.mkt_applies for one in versions)
    watched = watching.places(reader_of(view), [place.id])[place.id]
    hanging = plots.hanging(watched, plot.since, min(plot.until, view.at))
    return ColdChainRecord(
        head=parts.head(view, kind, number, version, demonstration=demonstration),
        name=name, place_kind=place.kind, period=period, consignment=consignment, plot=plot, mkt_applies=applies,
        sensors=sensors(view, hanging, plot.limits, applies=applies, place_ids=[place.id]),
        excursions=_concerned(view, found), disposed=whereabouts.disposed(view, found), vials=_lain(view, vials),
        signatures=parts.signatures(view, {**signed, **{one.id: one.number for one in found}}),
    )  # fmt: skip


def vial(view: View, vial_id: str, number: str, version: int) -> VialRecord:
    told, _whole = thermal.of_vial(view, vial_id)
    plot = plots.of_vial(view, vial_id, Window("all", None, POINTS))
    numbers = {out.number for out in plot.outs if out.number}
    found = view.known(Excursion, col(Excursion.number).in_(numbers)) if numbers else []
    names = whereabouts.place_names(view, sorted({one.place_id for one in found}))
    row = view.need(Vial, vial_id)
    lain = view.known(Stay, vial_id=vial_id)
    places = watching.places(reader_of(view), {one.place_id for one in lain})
    hanging = [
        each for stay in lain
        for each in plots.hanging(places[stay.place_id], stay.since, min(stay.until or view.at, view.at))
    ]  # fmt: skip
    return VialRecord(
        head=parts.head(view, RecordKind.VIAL, number, version, demonstration=row.demonstration), thermal=told, plot=plot,
        excursions=whereabouts.excursions(view, found, names), disposed=whereabouts.disposed(view, found, only=frozenset([vial_id])),
        sensors=sensors(
            view, hanging, told.limits, applies=told.mkt.value_mc is not None, place_ids=[one.place_id for one in lain]
        ),
        signatures=parts.signatures(view, {one.id: one.number for one in found}),
    )  # fmt: skip


def lot_of_vial(view: View, vial_id: str) -> str | None:
    return view.need(Vial, vial_id).lot_id


def lot_of_shipment(view: View, consignment_id: str) -> str | None:
    """Where all of its vials are of one lot, that."""
    ids = [line.vial_id for line in view.known(Line, consignment_id=view.need(Consignment, consignment_id).id)]
    lots = {one.lot_id for one in view.known(Vial, col(Vial.id).in_([one for one in ids if one]))}
    return lots.pop() if len(lots) == 1 else None


def sensors(
    view: View, hanging: Sequence[Hanging], limits: Limits | None, *, applies: bool, place_ids: Iterable[str]
) -> tuple[SensorPart, ...]:
    """Each sensor with what it measured in these times, its certificates, and the files that tell of them."""
    by_sensor: dict[str, list[Hanging]] = defaultdict(list)
    for one in hanging:
        by_sensor[one.sensor_id].append(one)
    rows = {one.id: one for one in view.known(Sensor, col(Sensor.id).in_(list(by_sensor)))} if by_sensor else {}
    of_these = col(SensorFile.sensor_id).in_(list(by_sensor))
    files = view.known(SensorFile, of_these, col(SensorFile.place_id).in_(list(place_ids))) if by_sensor else []
    made = []
    for sensor_id, asked in sorted(by_sensor.items(), key=lambda one: rows[one[0]].serial):
        row = rows[sensor_id]
        told = [
            f
            for f in files
            if f.sensor_id == sensor_id and any(f.first < one.until and one.since <= f.last for one in asked)
        ]
        made.append(_sensor(view, row, asked, told, limits, applies=applies))
    return tuple(made)


def _sensor(
    view: View, row: Sensor, asked: Sequence[Hanging], files: Sequence[SensorFile], limits: Limits | None, *, applies: bool
) -> SensorPart:  # fmt: skip
    times, values = readings.raw(reader_of(view), asked)
    interval_s = max([row.interval_s, *(file.interval_s for file in files)])
    one = coldchain.judge(times, values, limits, interval_s) if times else None
    certificates = sorted(view.known(Calibration, sensor_id=row.id), key=lambda told: told.valid_from)
    return SensorPart(
        serial=row.serial, maker=row.maker or None, interval_s=interval_s,
        calibrations=tuple(
            CalibrationPart(certificate=told.certificate, valid_from=told.valid_from, valid_until=told.valid_until)
            for told in certificates
        ),
        files=tuple(whereabouts.logger(file) for file in sorted(files, key=lambda file: file.first)),
        readings=one.n if one else 0, min_mc=one.min_mc if one else None, max_mc=one.max_mc if one else None,
        mean_mc=one.mean_mc if one else None, mkt_mc=one.mkt_mc if one and applies else None,
        seconds_above=one.seconds_above if one and limits else None, seconds_below=one.seconds_below if one and limits else None,
        gaps=len(one.gaps) if one else 0,
        gap_s=sum(int((until - since).total_seconds()) for since, until in one.gaps) if one else 0,
    )  # fmt: skip


def _concerned(view: View, found: Sequence[Excursion]) -> tuple[ConcernedPart, ...]:
    """The vials that were there, by serial, and those of which nothing is decided yet."""
    names = whereabouts.place_names(view, sorted({one.place_id for one in found}))
    told = {one.number: one for one in whereabouts.excursions(view, found, names)}
    made = []
    for row in sorted(found, key=lambda one: one.since):
        there = judged.there(view, row.place_id, row.since, row.until)
        left = set(judged.undecided(view, row))
        serials = {one.id: one.serial for one in view.known(Vial, col(Vial.id).in_(there))} if there else {}
        made.append(
            ConcernedPart(
                excursion=told[row.number], serials=tuple(sorted(serials.values())),
                left=tuple(sorted(serials[one] for one in left)),
            )
        )  # fmt: skip
    return tuple(made)


def _versions(view: View, vial_ids: Sequence[str]) -> list[ProductVersion]:
    lots = {one.lot_id for one in view.known(Vial, col(Vial.id).in_(vial_ids))} if vial_ids else set()
    ids = {one.product_version_id for one in view.known(Lot, col(Lot.id).in_(lots))} if lots else set()
    return view.known(ProductVersion, col(ProductVersion.id).in_(ids)) if ids else []


def _lain(view: View, vial_ids: Sequence[str]) -> tuple[LainPart, ...]:
    """The vials, by lot."""
    found = view.known(Vial, col(Vial.id).in_(vial_ids)) if vial_ids else []
    lots = {one.id: one for one in view.known(Lot, col(Lot.id).in_({one.lot_id for one in found}))} if found else {}
    versions = {one.id: one.product_id for one in view.known(ProductVersion)}
    products = {one.id: one.name for one in view.known(Product)}
    serials: dict[str, list[str]] = defaultdict(list)
    for one in found:
        serials[one.lot_id].append(one.serial)
    return tuple(
        LainPart(
            lot=lots[lot_id].number, product=products[versions[lots[lot_id].product_version_id]], serials=tuple(sorted(told))
        )
        for lot_id, told in sorted(serials.items(), key=lambda one: lots[one[0]].number)
    )  # fmt: skip
