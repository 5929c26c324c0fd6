"""Where vials were, what was measured there, and what stood against them: stays, excursions, holds, recalls, cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col

from traceability.domain.checks import VialFacts
from traceability.domain.records import (
    BudgetPart,
    CasePart,
    DisposedPart,
    ExcursionPart,
    LoggerPart,
    StayPart,
    StopPart,
)
from traceability.domain.states import GONE
from traceability.services import plots, readings, watching
from traceability.services.records import parts
from traceability.store import View
from traceability.store.hot import reader_of
from traceability.store.tables import (
    AssumedBand,
    Attachment,
    Case,
    Disposition,
    Excursion,
    Hold,
    Lot,
    LotAncestor,
    ManualReading,
    Organisation,
    Place,
    Recall,
    Scope,
    Sensor,
    SensorFile,
    Site,
    Stay,
    Vial,
)
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import ScopeKind


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Stays of some vials gathered by place and journey, in the order of the first arrival, and what happened there."""

    stays: tuple[StayPart, ...]
    excursions: tuple[ExcursionPart, ...]
    disposed: tuple[DisposedPart, ...]
    raw: tuple[Stay, ...]


def whereabouts(view: View, vial_ids: Sequence[str]) -> Whereabouts:
    stays = view.known(Stay, col(Stay.vial_id).in_(vial_ids))
    places = sorted({stay.place_id for stay in stays})
    names = place_names(view, places)
    files, by_hand = view.known(SensorFile, col(SensorFile.place_id).in_(places)), _readings(view, places)
    watched_by = watching.places(reader_of(view), places)
    serials = {one.id: one.serial for one in view.known(Sensor)}
    bands = {band.place_id: band for band in view.known(AssumedBand, col(AssumedBand.place_id).in_(places))}
    out = view.known(Excursion, col(Excursion.place_id).in_(places))
    gathered: dict[tuple[str, str | None], list[Stay]] = defaultdict(list)
    for stay in sorted(stays, key=lambda one: (one.since, one.id)):
        gathered[stay.place_id, stay.consignment_id].append(stay)
    made: list[StayPart] = []
    touched: dict[str, Excursion] = {}
    for (place_id, _), group in gathered.items():
        since = group[0].since
        until = None if any(one.until is None for one in group) else max(one.until for one in group if one.until)
        here = [one for one in out if one.place_id == place_id and any(_meet(one, stay) for stay in group)]
        touched |= {one.id: one for one in here}
        watched = [r for r in by_hand[place_id] if r.at > since and (until is None or (r.since or r.at) < until)]
        band = bands.get(place_id)
        hanging = plots.hanging(watched_by[place_id], since, until or view.at)
        seen = readings.extremes(reader_of(view), hanging)
        made.append(
            StayPart(
                place=names[place_id], since=since, until=until, vials=len({stay.vial_id for stay in group}),
                loggers=tuple(
                    logger(f) for f in files if f.place_id == place_id and f.last > since and (until is None or f.first < until)
                ),
                read=(len(watched), min(r.low_mc for r in watched), max(r.high_mc for r in watched)) if watched else None,
                assumed=(band.low_mc, band.high_mc, band.longest_s) if band else None,
                excursions=tuple(one.number for one in here),
                sensors=tuple(sorted({serials[one.sensor_id] for one in hanging})),
                measured=(seen.low_mc, seen.high_mc) if seen else None,
            )
        )  # fmt: skip
    found = list(touched.values())
    told = tuple(one for one in disposed(view, found, only=frozenset(vial_ids)))
    return Whereabouts(tuple(made), excursions(view, found, names), told, tuple(stays))


def _meet(one: Excursion | Scope, stay: Stay) -> bool:
    """Half-open intervals that share a moment; no beginning or end: for ever."""
    begun = one.since is None or stay.until is None or stay.until > one.since
    return begun and (one.until is None or stay.since < one.until)


def _readings(view: View, places: Sequence[str]) -> dict[str, list[ManualReading]]:
    made: dict[str, list[ManualReading]] = defaultdict(list)
    for one in view.known(ManualReading, col(ManualReading.place_id).in_(places)):
        made[one.place_id].append(one)
    return made


def logger(file: SensorFile) -> LoggerPart:
    """A file and its judgement as it was made and is kept."""
    judged: Mapping[str, Any] = file.judgement
    gaps = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in judged["gaps"]]
    return LoggerPart(
        serial=file.serial, sha256=file.sha256, readings=file.readings, first=file.first, last=file.last,
        min_mc=judged["min_mc"], max_mc=judged["max_mc"], mean_mc=judged["mean_mc"], mkt_mc=judged["mkt_mc"],
        gaps=len(gaps), gap_s=sum(int((b - a).total_seconds()) for a, b in gaps),
    )  # fmt: skip


def place_names(view: View, place_ids: Sequence[str]) -> dict[str, str]:
    """A place in sight, or a box, by its name; any other by whose site it is."""
    seen = {place.id for place in view.all(Place, col(Place.id).in_(place_ids))}
    found = view.known(Place, col(Place.id).in_(place_ids))
    sites = {site.id: site for site in view.known(Site, col(Site.id).in_({place.site_id for place in found}))}
    owners = {one.id: one.name for one in view.known(Organisation)}
    named = {}
    for place in found:
        site = sites[place.site_id]
        named[place.id] = f"{owners[site.organisation_id]}, {site.name}"
        if place.id in seen or place.kind is PlaceKind.SHIPPER:
            named[place.id] = place.name if place.code in place.name else f"{place.name} ({place.code})"
    return named


def excursions(view: View, found: Sequence[Excursion], names: Mapping[str, str]) -> tuple[ExcursionPart, ...]:
    holds = {
        hold.excursion_id: hold for hold in view.known(Hold, col(Hold.excursion_id).in_([one.id for one in found]))
    }
    ends = parts.endings(view, [hold.act_id for hold in holds.values() if hold.lifted_at])
    made = []
    for one in sorted(found, key=lambda one: one.since):
        hold = holds.get(one.id)
        lifted = hold.lifted_at if hold else None
        who, why = ends.get(hold.act_id, (None, None)) if hold and lifted else (None, None)
        made.append(
            ExcursionPart(
                number=one.number, place=names[one.place_id], since=one.since, until=one.until, peak_mc=one.peak_mc,
                low_limit_mc=one.low_limit_mc, high_limit_mc=one.high_limit_mc, hold=hold.number if hold else None,
                lifted_at=lifted, lifted_by=who, reason=why,
            )
        )  # fmt: skip
    return tuple(made)


def disposed(view: View, found: Sequence[Excursion], only: frozenset[str] | None = None) -> tuple[DisposedPart, ...]:
    """What QA decided after these excursions, the vials of one act together; of one vial, what was decided of it."""
    numbers = {one.id: one.number for one in found}
    told = view.known(Disposition, col(Disposition.excursion_id).in_(list(numbers))) if numbers else []
    mine = [one for one in told if only is None or one.vial_id in only]
    serials = {one.id: one.serial for one in view.known(Vial, col(Vial.id).in_({one.vial_id for one in mine}))}
    files = {one.attachment_id for one in mine if one.attachment_id}
    statements = {one.id: one.name or one.sha256 for one in view.known(Attachment, col(Attachment.id).in_(files))}
    why = parts.reasons(view, sorted({one.act_id for one in mine}))
    groups: dict[tuple[datetime, str], list[Disposition]] = defaultdict(list)
    for one in mine:
        groups[one.decided_at, one.act_id].append(one)
    return tuple(
        DisposedPart(
            excursion=numbers[group[0].excursion_id], decision=group[0].decision, until=group[0].until, at=at,
            serials=tuple(sorted(serials[one.vial_id] for one in group)),
            statement=statements.get(group[0].attachment_id or ""), reason=why.get(act_id),
        )
        for (at, act_id), group in sorted(groups.items())
    )  # fmt: skip


def budgets(told: Sequence[VialFacts]) -> tuple[BudgetPart, ...]:
    """Vials of which the verdict knows the same, together: what is left of them as of now. Those that are gone need none."""
    groups: dict[tuple[datetime | None, tuple[str, ...], int, int], list[str]] = defaultdict(list)
    for one in told:
        if one.state not in GONE:
            known = one.history
            through = one.at if known.known else known.unknown_since
            groups[through, known.reasons, known.out_of_storage_s, one.budget_s].append(one.serial)
    return tuple(
        BudgetPart(
            serials=tuple(sorted(serials)), cleared_through=through, reasons=why, used_s=used, left_s=max(0, allowed - used)
        )
        for (through, why, used, allowed), serials in sorted(groups.items(), key=lambda one: (-one[0][2], min(one[1])))
    )  # fmt: skip


def stops(view: View, lot: Lot, vials: Sequence[str], where: Whereabouts) -> tuple[StopPart, ...]:
    """Holds and recalls of every organisation that cover, or covered, any of these vials; excursions have their own."""
    boxes = parts.consignment_ids(view, vials)
    places = {stay.place_id for stay in where.raw}
    site_of_place = {one.id: one.site_id for one in view.known(Place, col(Place.id).in_(places))}
    targets = {lot.id, lot.maker_id, *vials, *boxes, *places, *site_of_place.values()}
    targets |= {one.material_id for one in view.known(LotAncestor, LotAncestor.lot_id == lot.id)}
    covers: dict[tuple[str | None, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for scope in view.known(Scope, col(Scope.target_id).in_(targets)):
        if scope.kind in (ScopeKind.PLACE, ScopeKind.SITE):
            there = [s for s in where.raw if scope.target_id in (s.place_id, site_of_place[s.place_id])]
            if not any(_meet(scope, stay) for stay in there):
                continue
        covers[scope.hold_id, scope.recall_id][str(scope.kind)] += 1
    holds = view.known(Hold, col(Hold.id).in_([hold for hold, _ in covers if hold]), col(Hold.excursion_id).is_(None))
    found = view.known(Recall, col(Recall.id).in_([recall for _, recall in covers if recall]))
    recalls = [one for one in found if not one.mock]  # which stopped nothing
    ends = parts.endings(view, [one.act_id for one in (*holds, *recalls)])
    told = [(h.number, None, h.title, h.placed_at, h.lifted_at, h.act_id, dict(covers[h.id, None])) for h in holds]
    told += [
        (r.number, r.class_, r.title, r.started_at, r.withdrawn_at, r.act_id, dict(covers[None, r.id]))  # type: ignore[misc]
        for r in recalls
    ]
    made = []
    for number, class_, title, started, ended, act_id, covered in sorted(told, key=lambda one: (one[3], one[0])):
        who, why = ends.get(act_id, (None, None)) if ended else (None, None)
        made.append(
            StopPart(
                number=number, recall_class=class_, title=title or "", covers=covered, started_at=started, ended_at=ended,
                ended_by=who, reason=why,
            )
        )  # fmt: skip
    return tuple(made)


def cases(view: View, lot: Lot, vials: Sequence[str]) -> tuple[CasePart, ...]:
    boxes = parts.consignment_ids(view, vials)
    about = (col(Case.lot_id) == lot.id) | col(Case.vial_id).in_(vials) | col(Case.consignment_id).in_(boxes)
    found = view.all(Case, about, order=Case.opened_at)
    ends = parts.endings(view, [one.act_id for one in found if one.closed_at])
    made = []
    for one in found:
        who, why = ends.get(one.act_id, (None, None)) if one.closed_at else (None, None)
        made.append(
            CasePart(
                number=one.number, kind=one.kind, title=one.title or "", opened_at=one.opened_at, closed_at=one.closed_at,
                closed_by=who, reason=why,
            )
        )  # fmt: skip
    return tuple(made)
