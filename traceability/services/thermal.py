"""The thermal history of a vial, told: its stays as the verdict judged them, and beside it what it has left. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col

from traceability.domain import history, kinetic
from traceability.domain.checks import Purpose
from traceability.domain.coldchain import Limits
from traceability.domain.plots import Out, Plot
from traceability.domain.thermal import Clock, Decided, JudgedBy, Mkt, NoMkt, StayTold, Thermal, seconds_out
from traceability.services import plots, verdicts, watching
from traceability.services.plots import Window
from traceability.services.readings import extremes
from traceability.services.records.whereabouts import place_names
from traceability.services.vials import described, stays
from traceability.store import View
from traceability.store.hot import reader_of
from traceability.store.tables import Disposition, Excursion, ManualReading, Place, ProductVersion, Sensor, Stay, Vial


def of_vial(view: View, vial_id: str) -> tuple[Thermal, Plot]:
    """All that is told of a vial, with its drawing from first to last."""
    told = described(view, vial_id)
    vial, version = told["vial"], told["version"]
    (fact,) = verdicts.facts(view, [vial.id], Purpose.STOCK)
    limits, whole = Limits(version.low_mc, version.high_mc), plots.of_vial(view, vial.id, Window("all"))
    thermal = Thermal(
        serial=vial.serial, gtin=vial.gtin, lot=told["lot"].number, product=told["product"].name, version=version.version,
        custody=vial.state, limits=limits, budget_s=version.budget_s, used_s=fact.history.out_of_storage_s,
        bands=fact.history.bands, known=fact.history.known, unknown_since=fact.history.unknown_since,
        reasons=fact.history.reasons, warm_s=fact.history.warm_s,
        clock=Clock(since=fact.thawed_at, thaw_s=fact.thaw_s, in_use_s=fact.in_use_s) if fact.thawed_at else None,
        mkt=mkt(view, vial, version, whole, thawed=fact.thawed_at is not None or fact.history.warm_s > 0),
        stays=tuple(_stays(view, vial, limits, whole)), decided=_decided(view, vial), at=view.at,
    )  # fmt: skip
    return thermal, whole


def _stays(view: View, vial: Vial, limits: Limits, whole: Plot) -> list[StayTold]:
    """Each part of each stay as it was judged; what they were out of storage adds up to what the verdict counts."""
    reader = reader_of(view)
    found = stays(view, vial.id)
    places = watching.places(reader, {place.id for _, place in found})
    names = place_names(view, sorted({place.id for _, place in found}))
    made: list[StayTold] = []
    for stay, place in found:
        rows = view.known(Excursion, place_id=place.id)
        for part in places[place.id].watched(reader, plots.asked(stay, place), limits):
            ends = min(part.until or view.at, view.at)
            mine = [one for one in rows if one.since < ends and (one.until is None or part.since < one.until)]
            out = _out(part, mine, limits, ends)
            made.append(_told(view, names[place.id], place, part, mine, out, ends, whole))
    return made


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
    ends: datetime, whole: Plot,
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
        low_mc=low, high_mc=high, out_s=seconds_out(out, ends), unknown_s=span,
        reasons=tuple(dict.fromkeys(one.reason for one in silent)), excursions=tuple(one.number for one in excursions),
    )  # fmt: skip


def mkt(view: View, vial: Vial, version: ProductVersion, whole: Plot, *, thawed: bool) -> Mkt:
    """Over the window of its excursion, or the last; of several sensors the worst (R22)."""
    limits = Limits(version.low_mc, version.high_mc)
    out = whole.outs[-1] if whole.outs else None
    since, until = (out.since, out.until or view.at) if out else (whole.until, whole.until)
    begins, ends = kinetic.window(limits, since, until)
    drawn = plots.vial_between(view, vial.id, begins, ends, plots.EVERYTHING)
    times, values = [int(one.since.timestamp()) for one in drawn.worst], [one.high_mc for one in drawn.worst]
    made = kinetic.kinetic(
        times, values, limits, since, until, interval_s=_interval(view, vial), applies=version.mkt_applies, earlier=len(whole.outs) > 1
    )  # fmt: skip
    if thawed and made.why not in ("frozen", "product"):
        return Mkt(value_mc=None, why_not=NoMkt.THAWED)
    if made.why is not None:
        return Mkt(value_mc=None, why_not=NoMkt(made.why))
    return Mkt(value_mc=made.value_mc, why_not=None, since=begins, until=ends, supports=made.supports)


def _interval(view: View, vial: Vial) -> int:
    """The longest interval of what watched its places."""
    places = watching.places(reader_of(view), {stay.place_id for stay in view.known(Stay, vial_id=vial.id)})
    told = [watch.run.interval_s for place in places.values() for hung in place.hung for watch in hung.watches]
    return max(told, default=1)


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
