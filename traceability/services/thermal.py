"""The thermal history of a vial, told: its stays as the verdict judged them, and beside it what it has left. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlmodel import col

from traceability.domain import history
from traceability.domain.checks import Purpose
from traceability.domain.coldchain import LONGEST_INTERVAL_S, Limits, mean_kinetic_temperature
from traceability.domain.plots import Out, Plot
from traceability.domain.thermal import Clock, Decided, JudgedBy, Mkt, NoMkt, StayTold, Thermal, used_by_band
from traceability.services import plots, verdicts, watching
from traceability.services.plots import Window
from traceability.services.readings import extremes
from traceability.services.records.whereabouts import place_names
from traceability.services.vials import described, stays
from traceability.store import View
from traceability.store.hot import reader_of
from traceability.store.tables import Disposition, Excursion, ManualReading, Place, ProductVersion, Sensor, Vial

COOL_MC = 8_000
COOL, ROOM = timedelta(hours=24), timedelta(days=30)
"""The window of a mean kinetic temperature: of what is kept cool, and of what is kept at room temperature (R22)."""
LONGEST = timedelta(seconds=LONGEST_INTERVAL_S)


def of_vial(view: View, vial_id: str) -> tuple[Thermal, Plot]:
    """All that is told of a vial, with its drawing from first to last."""
    told = described(view, vial_id)
    vial, version = told["vial"], told["version"]
    (fact,) = verdicts.facts(view, [vial.id], Purpose.STOCK)
    limits, whole = Limits(version.low_mc, version.high_mc), plots.of_vial(view, vial.id, Window("all"))
    lain, outs = _stays(view, vial, limits, whole)
    thermal = Thermal(
        serial=vial.serial, gtin=vial.gtin, lot=told["lot"].number, product=told["product"].name, version=version.version,
        custody=vial.state, limits=limits, budget_s=version.budget_s, used_s=fact.history.out_of_storage_s,
        bands=used_by_band(outs, limits, view.at), known=fact.history.known, unknown_since=fact.history.unknown_since,
        reasons=fact.history.reasons, warm_s=fact.history.warm_s,
        clock=Clock(since=fact.thawed_at, thaw_s=fact.thaw_s, in_use_s=fact.in_use_s) if fact.thawed_at else None,
        mkt=mkt(view, vial, version, whole, thawed=fact.thawed_at is not None or fact.history.warm_s > 0),
        stays=tuple(lain), decided=_decided(view, vial), at=view.at,
    )  # fmt: skip
    return thermal, whole


def _stays(view: View, vial: Vial, limits: Limits, whole: Plot) -> tuple[list[StayTold], list[Out]]:
    """Each part of each stay as it was judged, and every time out of storage: what they add up to is what the verdict counts."""
    reader = reader_of(view)
    found = stays(view, vial.id)
    places = watching.places(reader, {place.id for _, place in found})
    names = place_names(view, sorted({place.id for _, place in found}))
    made: list[StayTold] = []
    outs: list[Out] = []
    for stay, place in found:
        rows = view.known(Excursion, place_id=place.id)
        for part in places[place.id].watched(reader, plots.asked(stay, place), limits):
            ends = min(part.until or view.at, view.at)
            mine = [one for one in rows if one.since < ends and (one.until is None or part.since < one.until)]
            out = _out(part, mine, limits, ends)
            outs += out
            made.append(_told(view, names[place.id], place, part, mine, out, ends, limits, whole))
    return made, outs


def _out(part: history.Stay, excursions: Sequence[Excursion], limits: Limits, ends: datetime) -> list[Out]:
    """When it was out of storage in this part: by the band that is assumed, by what was measured, by what is an excursion."""
    spans: list[tuple[datetime, datetime | None, int]] = []
    match part.monitoring:
        case history.Assumed(low_mc, high_mc) if limits.side(low_mc) or limits.side(high_mc):
            spans.append((part.since, ends, limits.worst(low_mc, high_mc)))
        case history.Monitored(out=measured):
            spans += [(one.since, one.until, one.peak_mc) for one in measured]
    spans += [(one.since, one.until, one.peak_mc) for one in excursions if limits.side(one.peak_mc)]
    cut = [Out(max(since, part.since), min(until or ends, ends), peak) for since, until, peak in spans]
    return [one for one in cut if one.until is not None and one.since < one.until]


def _told(
    view: View, name: str, place: Place, part: history.Stay, excursions: Sequence[Excursion], out: Sequence[Out],
    ends: datetime, limits: Limits, whole: Plot,
) -> StayTold:  # fmt: skip
    by: list[JudgedBy] = []
    sensors: tuple[str, ...] = ()
    band = None
    low = high = None
    match part.monitoring:
        case history.Assumed(low_mc, high_mc, longest_s):
            by, band = [JudgedBy.ASSUMED], (low_mc, high_mc, longest_s)
        case history.Monitored():
            watched = watching.places(reader_of(view), [place.id])[place.id]
            hung = [one for one in watched.hung if one.since < ends and (one.until is None or part.since < one.until)]
            read = {one.sensor_id for one in hung if one.watches}
            sensors = tuple(sorted(one.serial for one in view.known(Sensor, col(Sensor.id).in_(read)))) if read else ()
            hand = view.known(
                ManualReading, ManualReading.place_id == place.id, col(ManualReading.at) >= part.since, col(ManualReading.at) <= ends
            )  # fmt: skip
            read_there = extremes(reader_of(view), plots.hanging(watched, part.since, ends))
            lows = [one.low_mc for one in hand] + ([read_there.low_mc] if read_there else [])
            highs = [one.high_mc for one in hand] + ([read_there.high_mc] if read_there else [])
            low, high = min(lows, default=None), max(highs, default=None)
            by = [*[JudgedBy.SENSOR] * bool(sensors), *[JudgedBy.BY_HAND] * bool(hand)]
    silent = [one for one in whole.unknown if one.since < ends and part.since < one.until]
    lost = [(max(one.since, part.since), min(one.until, ends)) for one in silent if one.reason != plots.NOT_YET]
    span = sum(int((until - since).total_seconds()) for since, until in lost)
    return StayTold(
        place=name, since=part.since, until=part.until, by=tuple(by) or (JudgedBy.NOTHING,), sensors=sensors, band=band,
        low_mc=low, high_mc=high, out_s=sum(one.used_s for one in used_by_band(out, limits, ends)), unknown_s=span,
        reasons=tuple(dict.fromkeys(one.reason for one in silent)), excursions=tuple(one.number for one in excursions),
    )  # fmt: skip


def mkt(view: View, vial: Vial, version: ProductVersion, whole: Plot, *, thawed: bool) -> Mkt:
    """Of what was measured throughout, in the window of its storage; with an excursion, one that has it in it (R22)."""
    window = COOL if version.high_mc <= COOL_MC else ROOM
    if version.high_mc <= 0:
        return Mkt(value_mc=None, why_not=NoMkt.FROZEN)
    if not version.mkt_applies:
        return Mkt(value_mc=None, why_not=NoMkt.NOT_FOR_IT)
    if thawed:
        return Mkt(value_mc=None, why_not=NoMkt.THAWED)
    if len(whole.outs) > 1:
        return Mkt(value_mc=None, why_not=NoMkt.EARLIER_EXCURSION)
    until = whole.until
    if whole.outs and whole.outs[0].since < until - window:
        until = whole.outs[0].since + window
    since = until - window
    drawn = plots.vial_between(view, vial.id, since, until, plots.EVERYTHING)
    silent = [one for one in drawn.unknown if one.reason != plots.NOT_YET]
    if silent or drawn.assumed or len(drawn.worst) < 2 or drawn.worst[0].since - since > LONGEST:
        return Mkt(value_mc=None, why_not=NoMkt.NOT_MEASURED, since=since, until=until)
    held = [int((b.since - a.since).total_seconds()) for a, b in pairwise(drawn.worst)]
    value = mean_kinetic_temperature([one.high_mc for one in drawn.worst], [*held, held[-1]])
    return Mkt(value_mc=value, why_not=None, since=since, until=until)


def _decided(view: View, vial: Vial) -> tuple[Decided, ...]:
    """The newest decision of each excursion."""
    found = {
        one.excursion_id: one
        for one in sorted(view.known(Disposition, vial_id=vial.id), key=lambda one: one.decided_at)
    }
    numbers = {one.id: one.number for one in view.known(Excursion, col(Excursion.id).in_(list(found)))} if found else {}
    return tuple(
        Decided(excursion=numbers[one.excursion_id], decision=one.decision, until=one.until, at=one.decided_at)
        for one in found.values()
    )
