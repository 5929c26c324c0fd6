"""The batch trace: what a lot was made of and where each of its vials is, as far as its reader may see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.records import (
    ConsignmentPart,
    EventPart,
    InjectionPart,
    MaterialPart,
    OutcomePart,
    RecordKind,
    TraceRecord,
    VialPart,
)
from traceability.domain.states import Custody, reconcile
from traceability.services import lots, releases, trace, trace_graph
from traceability.services.records import parts, whereabouts
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import (
    Ancestry,
    Consignment,
    Handover,
    LabelPrint,
    Line,
    Lot,
    LotAncestor,
    Material,
    Organisation,
    Stay,
    Vial,
)
from traceability.store.tables.consignments import Found
from traceability.store.tables.lots import MaterialKind
from traceability.store.tables.vials import SerialKind


def build(view: View, lot_id: str, number: str, version: int) -> TraceRecord:
    lot = view.need(Lot, lot_id)
    vials = lots.vials(view, lot.id)
    ids = [vial.id for vial in vials]
    where = whereabouts.whereabouts(view, ids)
    given = releases.releases(view, lot.id)
    traced = trace.of_lot(view, lot.id)
    known = dict(zip(ids, facts(view, ids, Purpose.STOCK), strict=True))
    return TraceRecord(
        head=parts.head(view, RecordKind.TRACE, number, version, demonstration=lot.demonstration),
        product=parts.product(view, lot),
        lot=parts.lot_part(view, lot),
        maker=parts.maker(view, lot),
        certified=parts.certified(view, lot),
        materials=materials(view, lot),
        consignments=consignments(view, ids),
        custody=where.stays,
        vials=matrix(view, lot, vials, where.raw),
        buckets=reconcile(dict(Counter(Custody(vial.state) for vial in vials))),
        injections=injections(traced),
        outcomes=outcomes(traced),
        events=events(traced),
        releases=tuple(parts.release_part(view, one) for one in given),
        excursions=where.excursions,
        stops=whereabouts.stops(view, lot, ids, where),
        cases=whereabouts.cases(view, lot, ids),
        changes=parts.changes(view, lot),
        signatures=parts.signatures(view, {lot.id: "", **{one.id: one.number for one in given}}),
        budgets=whereabouts.budgets(list(known.values())),
        disposed=where.disposed,
        graph=trace_graph.of_lot(view, traced, known).unlinked(),
    )


def injections(traced: Mapping[str, Any]) -> tuple[InjectionPart, ...]:
    """Who had which vial when; findings are counted, and not known of another hospital's subjects."""
    return tuple(
        InjectionPart(
            at=row["given_at"], pseudonym=row["pseudonym"], organisation=row["organisation"], dose=row["k"], joint="knee",
            laterality=row["laterality"], serial=row["serial"], given_ul=row["given_ul"], mode=row["mode"],
            findings=None if row["findings"] is None else len(row["findings"]), demonstration=bool(row["demonstration"]),
            void=row["void_at"] is not None,
        )
        for row in traced["given"]
    )  # fmt: skip


def outcomes(traced: Mapping[str, Any]) -> tuple[OutcomePart, ...]:
    named = _named(traced)
    return tuple(
        OutcomePart(
            pseudonym=named[subject_id], instrument=row["instrument"], time_point=row["time_point"], raw=row["raw"],
            low=row["low"], high=row["high"], on=row["observed_on"], source=row["source"],
            adjudicated=row["adjudicated"], demonstration=bool(row["demonstration"]),
        )
        for subject_id, told in traced["outcomes"].items()
        for row in told["scores"]
    )  # fmt: skip


def events(traced: Mapping[str, Any]) -> tuple[EventPart, ...]:
    named = _named(traced)
    return tuple(
        EventPart(pseudonym=named[subject_id], asked=row["asked"], description=row["description"] or None)
        for subject_id, told in traced["outcomes"].items()
        for row in told["events"]
    )


def _named(traced: Mapping[str, Any]) -> dict[str, str]:
    return {row["subject_id"]: row["pseudonym"] for row in traced["given"] if row["subject_id"]}


def materials(view: View, lot: Lot) -> tuple[MaterialPart, ...]:
    """Every ancestor, the donor first, each with the codes it was made from."""
    ids = [one.material_id for one in view.all(LotAncestor, LotAncestor.lot_id == lot.id)]
    found = {one.id: one for one in view.all(Material, col(Material.id).in_(ids))}
    above: dict[str, list[str]] = defaultdict(list)
    for link in view.all(Ancestry, col(Ancestry.child_id).in_(ids)):
        above[link.child_id].append(found[link.parent_id].code)
    order = list(MaterialKind)
    return tuple(
        MaterialPart(
            kind=one.kind, code=one.code, description=one.description or "", parents=tuple(sorted(above[one.id])),
            demonstration=one.demonstration,
        )
        for one in sorted(found.values(), key=lambda one: (order.index(one.kind), one.code))
    )  # fmt: skip


def consignments(view: View, vial_ids: Sequence[str]) -> tuple[ConsignmentPart, ...]:
    """Boxes in sight that held any of these vials, counted for these vials alone."""
    boxes = view.all(Consignment, col(Consignment.id).in_(parts.consignment_ids(view, vial_ids)))
    names = {one.id: one.name for one in view.all(Organisation)}
    doors = {one.consignment_id: one for one in view.all(Handover)}
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for line in view.all(Line, col(Line.vial_id).in_(vial_ids)):
        counted[line.consignment_id][str(line.found)] += 1
    made = []
    for one in sorted(boxes, key=lambda one: one.shipped_at):
        door = doors.get(one.id)
        made.append(
            ConsignmentPart(
                number=one.number, sscc=one.sscc, sender=names[one.shipper_id], receiver=names[one.consignee_id],
                state=one.state, shipped_at=one.shipped_at, arrived_at=door.at if door else None,
                carrier=door.carrier if door else None, seal=door.seal if door else None,
                seal_whole=door.seal_whole if door else None, condition=door.condition if door else None,
                temperature_mc=door.temperature_mc if door else None, found=_in_order(counted[one.id]),
                demonstration=one.demonstration,
            )
        )  # fmt: skip
    return tuple(made)


def _in_order(counted: Mapping[str, int]) -> dict[str, int]:
    return {str(word): counted[word] for word in Found if word in counted}


def matrix(view: View, lot: Lot, vials: Sequence[Vial], stays: Sequence[Stay]) -> tuple[VialPart, ...]:
    """Every vial: its custody, where it lies, or since when it lies nowhere, and the release that it stands under."""
    names = whereabouts.place_names(view, sorted({stay.place_id for stay in stays}))
    last: dict[str, Stay] = {}
    for stay in sorted(stays, key=lambda one: (one.since, one.id)):
        last[stay.vial_id] = stay
    labels = Counter(one.vial_id for one in view.all(LabelPrint, col(LabelPrint.vial_id).in_([v.id for v in vials])))
    standing = {
        vial_id: release.number
        for release in releases.releases(view, lot.id)
        if release.void_at is None
        for vial_id in parts.released_vials(view, release.id)
    }
    made = []
    for vial in vials:
        lies = last.get(vial.id)
        open_stay = lies is not None and lies.until is None
        made.append(
            VialPart(
                serial=vial.serial, internal=vial.serial_kind is SerialKind.INTERNAL, custody=vial.state,
                place=names[lies.place_id] if lies and open_stay else None,
                since=(lies.since if open_stay else lies.until) if lies else None,
                release=standing.get(vial.id), labels=labels[vial.id], demonstration=vial.demonstration,
            )
        )  # fmt: skip
    return tuple(made)
