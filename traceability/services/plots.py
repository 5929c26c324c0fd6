"""What is drawn of a place, a sensor, a shipment's box, and a vial over all its stays: one `Plot` for every face. Reads only.

How a place was watched and when it was out of limits is asked where the verdict asks it (`watching`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from traceability.domain import coldchain, history
from traceability.domain.coldchain import Limits, Reading, Span
from traceability.domain.plots import Band, Mark, MarkKind, Out, Plot, Unknown, Watching, rows, unwatched
from traceability.services import readings, watching
from traceability.services.readings import Hanging
from traceability.services.watching import Place as Watched
from traceability.store import Reader, View
from traceability.store.hot import moment, reader_of
from traceability.store.tables import (
    Alarm,
    Assignment,
    Calibration,
    Consignment,
    Disposition,
    Excursion,
    Lot,
    ManualReading,
    Place,
    ProductVersion,
    Sensor,
    Site,
    Stay,
    Thaw,
    Vial,
    Watch,
)

MOST = 600
"""So many points or so: about one for each two pixels of a wide page."""
EVERYTHING = 400_000
"""For a table file: every reading of two years at three minutes."""
SPANS: Mapping[str, timedelta | None] = {
    "48h": timedelta(hours=48), "7d": timedelta(days=7), "30d": timedelta(days=30), "all": None
}  # fmt: skip
TOGETHER = timedelta(minutes=15)
"""Vials that come or leave within so long are one mark."""
NOT_YET = "not_read_yet"
"""Of the time since the last reading, while that is not too old: somebody may still read the logger."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part is drawn: so long, up to a moment (None: now); `most` points or so."""

    span: str = ""
    until: datetime | None = None
    most: int = MOST

    def of(self, began: datetime, now: datetime, default: str) -> tuple[datetime, datetime]:
        """Whole minutes, and never more than the minute that has begun; what is read at its very end is of it."""
        span = SPANS[self.span or default]
        told = min(self.until or now, now)
        until = _minute(told) + timedelta(minutes=told == now or told > _minute(told))
        since = _minute(min(began, until - timedelta(minutes=1))) if span is None else until - span
        return since, until


def month(year: int, month_: int, zone: ZoneInfo) -> Span:
    """From the first to the first of the next, where the place is."""
    following = (year + 1, 1) if month_ == 12 else (year, month_ + 1)
    return datetime(year, month_, 1, tzinfo=zone), datetime(*following, 1, tzinfo=zone)


def of_place(view: View, place_id: str, window: Window) -> Plot:
    """A place as it was watched, by everything that hung there and by hand."""
    place = view.need(Place, place_id)
    watched = watching.places(reader_of(view), [place.id])[place.id]
    ((first,),) = view.rows("SELECT min(since) FROM stay WHERE place_id = :place", {"place": place.id})
    told = (watched.began, moment(first), *[since for since, _ in watched.bands])
    began = min((one for one in told if one), default=view.at)
    since, until = window.of(began, view.at, "48h")
    return place_between(view, place, since, until, window.most)


def of_consignment(view: View, consignment_id: str, window: Window) -> Plot:
    """The box of a shipment, from the first vial that was packed to the last that was taken out."""
    box = view.need(Consignment, consignment_id)
    (place,) = view.known(Place, id=box.place_id)
    stays = [one for one in view.known(Stay, place_id=place.id) if one.consignment_id == box.id]
    began = min((one.since for one in stays), default=box.shipped_at)
    ended = max((one.until or view.at for one in stays), default=view.at)
    since, until = Window(window.span, window.until or ended, window.most).of(began, min(ended, view.at), "all")
    zone = view.need(Site, box.to_site_id).zone
    return place_between(view, place, since, until, window.most, zone=zone, ended=ended)


def place_between(
    view: View,
    place: Place,
    since: datetime,
    until: datetime,
    most: int = MOST,
    *,
    zone: str = "",
    ended: datetime | None = None,
) -> Plot:
    """One place in [since, until); nothing is said of what has not come yet, nor of a box after it was emptied."""
    reader, at = reader_of(view), min(until, view.at, ended or view.at)
    watched = watching.places(reader, [place.id])[place.id]
    kept_by = _limits(view, place.id, since, until)
    excursions = [one for one in view.known(Excursion, place_id=place.id) if _meets(one.since, one.until, since, until)]
    plot = _drawn(
        reader, since, until, zone or _zone(view, place), most, kept_by,
        hanging=hanging(watched, since, at),
        hand=view.known(ManualReading, ManualReading.place_id == place.id, col(ManualReading.at) >= since,
                        col(ManualReading.at) < until),
        outs=_outs(watched.out(reader, kept_by, since, at) if kept_by else [], excursions, since, until),
        marks=[*_moves(view, place.id, since, until), *_of_excursions(view, excursions, since, until)],
        unknown=_unknown(watched, since, at, place.longest_age_s, at=view.at),
        assumed=_assumed(watched, since, at),
    )  # fmt: skip
    return replace(plot, rows=tuple(row for row in plot.rows if row.since < view.at))


def of_sensor(view: View, sensor_id: str, window: Window) -> Plot:
    """A sensor by itself, wherever it hung; whoever does not own it sees what it measured where they may look."""
    sensor = view.need(Sensor, sensor_id)
    seen = view.all(Assignment, Assignment.sensor_id == sensor.id)
    reader = reader_of(view)
    watches = view.known(Watch, sensor_id=sensor.id)
    began = min([one.since for one in watches] + [one.since for one in seen], default=view.at)
    since, until = window.of(began, view.at, "7d")
    at = min(until, view.at)
    spans = [(since, at)]
    if sensor.organisation_id != view.actor.organisation_id:
        spans = [(max(one.since, since), min(one.until or at, at)) for one in seen]
    hung = [one for one in seen if _meets(one.since, one.until, since, until)]
    there = sorted({one.place_id for one in hung})
    kept_by = _limits(view, there[0], since, until) if len(there) == 1 else None
    excursions = [
        one for each in there for one in view.known(Excursion, place_id=each)
        if any(_meets(one.since, one.until, max(a.since, since), a.until or until) for a in hung if a.place_id == each)
    ]  # fmt: skip
    told = _joined(watches)
    names = _codes(view, there)
    marks = [Mark(one.since, MarkKind.CAME, names[one.place_id]) for one in hung if one.since >= since]
    marks += [Mark(one.until, MarkKind.LEFT, names[one.place_id]) for one in hung if one.until and one.until < until]
    return _drawn(
        reader, since, until, sensor.zone, window.most, kept_by,
        hanging=[Hanging(sensor.id, *span, _calibrated(view, sensor, *span)) for span in spans if span[0] < span[1]],
        hand=[],
        outs=_outs([], excursions, since, until),
        marks=[*marks, *_of_excursions(view, excursions, since, until)],
        unknown=[
            Unknown(*span, NOT_YET if told and span[0] >= told[-1][1] else "reading_gap" if told else "reading_none")
            for span in unwatched(max(since, began), at, [Watching(since, at, told)], [])
        ],
        assumed=[],
    )  # fmt: skip


def of_vial(view: View, vial_id: str, window: Window) -> Plot:
    """What a vial went through: each stay as its place was watched, and what nobody knows."""
    stays = _lain(view, view.need(Vial, vial_id).id)
    began = stays[0].since if stays else view.at
    ended = stays[-1].until or view.at if stays else view.at
    since, until = Window(window.span, window.until or ended, window.most).of(began, ended, "all")
    return vial_between(view, vial_id, since, until, window.most)


def vial_between(view: View, vial_id: str, since: datetime, until: datetime, most: int = MOST) -> Plot:
    vial = view.need(Vial, vial_id)
    version = view.need(ProductVersion, view.need(Lot, vial.lot_id).product_version_id)
    limits, reader, stays = Limits(version.low_mc, version.high_mc), reader_of(view), _lain(view, vial.id)
    at = min(until, view.at)
    places = watching.places(reader, {one.place_id for one in stays})
    rows_of = {one.id: one for one in view.known(Place, col(Place.id).in_(list(places)))} if stays else {}
    names = _codes(view, list(rows_of))
    told = _Told()
    parts = [
        part
        for stay in stays
        for part in places[stay.place_id].watched(reader, asked(stay, rows_of[stay.place_id]), limits)
    ]
    for part, earlier in history.assuming(parts, view.at):
        first, last = max(part.since, since), min(part.until or at, at)
        place = rows_of[part.place_id]
        told.of(places[place.id], part, first, last, place.longest_age_s, earlier, at=view.at)
    for stay in stays:
        begins, ends = max(stay.since, since), min(stay.until or at, at)
        if begins >= ends:
            continue
        watched = places[stay.place_id]
        told.hand += view.known(
            ManualReading, ManualReading.place_id == stay.place_id, col(ManualReading.at) >= begins,
            col(ManualReading.at) < ends,
        )  # fmt: skip
        mine = [
            one for one in view.known(Excursion, place_id=stay.place_id) if _meets(one.since, one.until, begins, ends)
        ]
        told.excursions += mine
        told.outs += _outs(
            watched.out(reader, limits, begins, ends), mine, begins, ends, place=names[stay.place_id], within=True
        )
    told.unknown += [Unknown(*span, "stay_none") for span in _nowhere(stays, since, at)]
    marks = [Mark(one.since, MarkKind.CAME, names[one.place_id]) for one in stays if since <= one.since < until]
    if stays and stays[-1].until and stays[-1].until < until:
        marks.append(Mark(stays[-1].until, MarkKind.LEFT, names[stays[-1].place_id]))
    marks += [Mark(one.at, MarkKind.THAW) for one in view.known(Thaw, vial_id=vial.id) if since <= one.at < until]
    marks += _of_excursions(view, told.excursions, since, until, vial_id=vial.id, alarms=False)
    zone = _zone(view, rows_of[stays[-1].place_id]) if stays else "UTC"
    return _drawn(
        reader, since, until, zone, most, limits, hanging=told.hanging, hand=told.hand, outs=told.outs,
        marks=marks, unknown=told.unknown, assumed=told.assumed,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- what all share


class _Told:
    """What the parts of a vial's stays add up to."""

    def __init__(self) -> None:
        self.hanging: list[Hanging] = []
        self.hand: list[ManualReading] = []
        self.outs: list[Out] = []
        self.unknown: list[Unknown] = []
        self.assumed: list[Band] = []
        self.excursions: list[Excursion] = []

    def of(
        self, watched: Watched, part: history.Stay, since: datetime, until: datetime, age_s: int | None,
        earlier: timedelta, *, at: datetime,
    ) -> None:  # fmt: skip
        if since >= until:
            return
        match part.monitoring:
            case history.Assumed(low, high, longest_s):
                self.assumed.append(Band(since, until, low, high))
                limit = part.since + max(timedelta(), timedelta(seconds=longest_s) - earlier)
                if until > limit:
                    self.unknown.append(Unknown(max(since, limit), until, "assumed_stay_too_long"))
            case history.Monitored():
                self.hanging += hanging(watched, since, until)
                self.unknown += _unknown(watched, since, until, age_s, at=at)
            case None:
                self.unknown.append(Unknown(since, until, "stay_unmonitored"))


def _drawn(
    reader: Reader, since: datetime, until: datetime, zone: str, most: int, limits: Limits | None, *,
    hanging: Sequence[Hanging], hand: Sequence[ManualReading], outs: Sequence[Out], marks: Sequence[Mark],
    unknown: Sequence[Unknown], assumed: Sequence[Band],
) -> Plot:  # fmt: skip
    made = readings.measured(reader, hanging, since, until, ZoneInfo(zone), most)
    read = sorted({_reading(one) for one in hand}, key=lambda one: one.at)
    gone = sorted({(one.since, one.until, one.reason) for one in unknown})
    silent = [Unknown(max(first, since), last, reason) for first, last, reason in gone if last > since]
    return Plot(
        since=since, until=until, zone=zone, bucket_s=made.bucket_s, limits=limits, worst=made.worst, traces=made.traces,
        by_hand=tuple(read), outs=tuple(sorted(outs, key=lambda one: one.since)),
        marks=tuple(sorted(marks, key=lambda one: (one.at, one.kind, one.about))), unknown=tuple(silent),
        assumed=tuple(sorted(assumed, key=lambda one: one.since)),
        rows=rows(made.edges, made.lines, read, limits, outs, silent, assumed),
    )  # fmt: skip


def _reading(one: ManualReading) -> Reading:
    return Reading(one.since or one.at, one.at, one.low_mc, one.now_mc, one.high_mc)


def hanging(watched: Watched, since: datetime, until: datetime) -> list[Hanging]:
    """Whatever hung there, calibrated or not: what it read is drawn."""
    made = []
    for one in watched.hung:
        begins, ends = max(one.since, since), min(one.until or until, until)
        if begins < ends:
            counts = any(_meets(first, last, begins, ends) for first, last in one.calibrated)
            made.append(Hanging(one.sensor_id, begins, ends, counts))
    return made


def _unknown(watched: Watched, since: datetime, until: datetime, age_s: int | None, *, at: datetime) -> list[Unknown]:
    """When nothing that counts watched this place, and why. A gap is drawn where it was, also where the verdict reaches over it."""
    if watched.bands and watched.began is not None:
        since = max(since, watched.began)
    if watched.bands and watched.began is None:
        return []
    sensors = [
        Watching(max(one.since, first), min(one.until or until, last), _joined(watch.run for watch in one.watches))
        for one in watched.hung if one.watches
        for first, last in one.calibrated if first < until and since < last
    ]  # fmt: skip
    hand = [(run.first, run.last) for run in watched.runs]
    spoke = [last for one in sensors for _, last in one.told] + [last for _, last in hand]
    last = max((min(one, until) for one in spoke), default=None)
    age = timedelta(seconds=age_s or watching.DEFAULT_AGE_S)
    blind = [
        (max(first, one.since), min(ends, one.until or ends))
        for one in watched.hung for first, ends in _joined(watch.run for watch in one.watches)
    ]  # fmt: skip

    def why(first: datetime, ends: datetime) -> str:
        if watched.began is None or first < watched.began:
            return "stay_unmonitored"
        if any(begins <= first < over for begins, over in blind) and not any(
            one.since <= first < one.until for one in sensors
        ):
            return "calibration_none"
        if last is None:
            return "reading_none"
        if ends == until and first >= last and until >= at:
            return "reading_too_old" if at - last > age else NOT_YET
        return "reading_gap"

    turns = {watched.began, last, *(at for span in blind for at in span)} - {None}
    made: list[Unknown] = []
    for first, ends in unwatched(since, until, sensors, hand) if since < until else []:
        cuts = [first, *sorted(one for one in turns if one and first < one < ends), ends]
        for begins, over in pairwise(cuts):
            reason = why(begins, over)
            if made and made[-1].until == begins and made[-1].reason == reason:
                begins = made.pop().since
            made.append(Unknown(begins, over, reason))
    return made


def _assumed(watched: Watched, since: datetime, until: datetime) -> list[Band]:
    """What was assumed of the place until anything first watched it."""
    ends = until if watched.began is None else min(until, watched.began)
    made = []
    for at, (decided, band) in enumerate(watched.bands):
        later = watched.bands[at + 1][0] if at + 1 < len(watched.bands) else ends
        first, last = max(since, decided) if at else since, min(later, ends)
        if first < last:
            made.append(Band(first, last, band.low_mc, band.high_mc))
    return made


def _joined(runs: Iterable[coldchain.Run | Watch]) -> tuple[Span, ...]:
    """When a sensor told of itself: it speaks for a little before its first reading and after its last, not over a gap."""
    made: list[coldchain.Run] = []
    told = [coldchain.Run(one.since, one.until, one.interval_s, one.low_mc, one.high_mc) for one in runs]
    for run in sorted(told, key=lambda one: one.since):
        if made and made[-1].joins(run):
            made.append(made.pop().with_(run))
        else:
            made.append(run)
    last = len(made) - 1
    return tuple(
        (one.since - one.reach if at == 0 else one.since, one.until + one.reach if at == last else one.until)
        for at, one in enumerate(made)
    )


def _outs(
    found: Sequence[coldchain.Excursion], excursions: Sequence[Excursion], since: datetime, until: datetime, *,
    place: str = "", within: bool = False,
) -> list[Out]:  # fmt: skip
    """What was measured out of limits, with the number of the excursion that tells of it; and excursions of other limits."""

    def cut(first: datetime, last: datetime | None) -> tuple[datetime, datetime | None]:
        if not within:
            return first, last
        return max(first, since), until if last is None else min(last, until)

    made, named = [], set()
    for one in found:
        if not _meets(one.since, one.until, since, until):
            continue
        row = next((row for row in excursions if _meets(row.since, row.until, one.since, one.until or until)), None)
        named |= {row.id} if row else set()
        made.append(Out(*cut(one.since, one.until), one.peak_mc, row.number if row else None, place))
    left = [row for row in excursions if row.id not in named]
    return made + [Out(*cut(row.since, row.until), row.peak_mc, row.number, place) for row in left]


def _calibrated(view: View, sensor: Sensor, since: datetime, until: datetime) -> bool:
    zone = ZoneInfo(sensor.zone)
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    return any(
        one.valid_from <= last and first <= one.valid_until for one in view.known(Calibration, sensor_id=sensor.id)
    )


def _moves(view: View, place_id: str, since: datetime, until: datetime) -> list[Mark]:
    """Vials that came and left, those of one round together."""
    here = Stay.place_id == place_id
    came = [one.since for one in view.known(Stay, here, col(Stay.since) >= since, col(Stay.since) < until)]
    left = view.known(Stay, here, col(Stay.until) >= since, col(Stay.until) < until)
    made = []
    for kind, moments in ((MarkKind.CAME, came), (MarkKind.LEFT, [one.until for one in left if one.until])):
        begun: list[tuple[datetime, int]] = []
        for at in sorted(moments):
            if begun and at - begun[-1][0] <= TOGETHER:
                begun[-1] = begun[-1][0], begun[-1][1] + 1
            else:
                begun.append((at, 1))
        made += [Mark(at, kind, "", count) for at, count in begun]
    return made


def _of_excursions(
    view: View, excursions: Sequence[Excursion], since: datetime, until: datetime, *, vial_id: str = "", alarms: bool = True
) -> list[Mark]:  # fmt: skip
    """Where each began, when its alarm was raised, and when QA decided; of one vial, what was decided of it."""
    numbers = {one.id: one.number for one in excursions}
    if not numbers:
        return []
    made = [Mark(one.since, MarkKind.EXCURSION, one.number) for one in {one.id: one for one in excursions}.values()]
    if alarms:
        raised = view.known(Alarm, col(Alarm.excursion_id).in_(list(numbers)))
        made += [Mark(one.raised_at, MarkKind.ALARM, one.number) for one in raised]
    decided = view.known(Disposition, col(Disposition.excursion_id).in_(list(numbers)))
    told = sorted((one.decided_at, one.excursion_id) for one in decided if vial_id in ("", one.vial_id))
    made += [
        Mark(at, MarkKind.DECIDED, numbers[id_], 0 if vial_id else len(list(group)))
        for (at, id_), group in groupby(told)
    ]
    return [one for one in made if since <= one.at < until]


def _limits(view: View, place_id: str, since: datetime, until: datetime) -> Limits | None:
    """The narrowest limits of what lay there in this time; of an empty place none."""
    there = select(col(Lot.product_version_id)).join(Vial, col(Vial.lot_id) == col(Lot.id))
    there = there.join(Stay, col(Stay.vial_id) == col(Vial.id)).where(
        col(Stay.place_id) == place_id, col(Stay.since) < until, (col(Stay.until).is_(None)) | (col(Stay.until) > since)
    )
    found = view.known(ProductVersion, col(ProductVersion.id).in_(there))
    return Limits(max(one.low_mc for one in found), min(one.high_mc for one in found)) if found else None


def _lain(view: View, vial_id: str) -> list[Stay]:
    return sorted(view.known(Stay, vial_id=vial_id), key=lambda one: (one.since, one.id))


def _nowhere(stays: Sequence[Stay], since: datetime, until: datetime) -> list[Span]:
    """Between its first stay and its last a vial that lay in no place."""
    made, reached = [], since
    for stay in stays:
        if reached < stay.since < until and stay is not stays[0]:
            made.append((reached, stay.since))
        reached = max(reached, stay.until or until, stay.since)
    return made


def asked(stay: Stay, place: Place) -> watching.Stay:
    """As the verdict asks of it: the zone, and whose it was, are the verdict's alone."""
    return watching.Stay(
        place.id,
        stay.since,
        stay.until,
        place.site_id,
        place.longest_age_s,
        "UTC",
        place.kind,
        stay.consignment_id,
        None,
    )


def _codes(view: View, place_ids: Sequence[str]) -> dict[str, str]:
    """A place in sight by its code, a box by the number of its consignment; of any other place, whose it is."""
    seen = {one.id for one in view.all(Place, col(Place.id).in_(place_ids))} if place_ids else set()
    found = view.known(Place, col(Place.id).in_(place_ids)) if place_ids else []
    sites = {one.id: one.name for one in view.known(Site, col(Site.id).in_({one.site_id for one in found}))}
    boxes = view.known(Consignment, col(Consignment.place_id).in_([one.id for one in found if one.kind == "shipper"]))
    named = {one.id: one.code if one.id in seen or one.kind == "shipper" else sites[one.site_id] for one in found}
    return named | {one.place_id: one.number for one in boxes}


def _zone(view: View, place: Place) -> str:
    return view.known(Site, id=place.site_id)[0].zone


def _meets(since: datetime, until: datetime | None, begins: datetime, ends: datetime) -> bool:
    """Half-open intervals that share a moment; two that begin together do."""
    return (since < ends or since == begins) and (until is None or begins < until or since == begins)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
