"""A vial in the pharmacy: put away, moved, and the facts that befall it."""

from __future__ import annotations

from typing import Any

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.checks import Purpose, use
from traceability.domain.errors import Refused
from traceability.domain.states import GONE, Custody
from traceability.services import Answer, performs
from traceability.services.cases import open_case
from traceability.services.consignments import end_stay, place
from traceability.services.courses import let_go
from traceability.services.labels import vial_of
from traceability.services.verdicts import facts
from traceability.store import Tx, View
from traceability.store.tables import Consignment, Line, Lot, Place, Product, ProductVersion, Site, Stay, Thaw, Vial
from traceability.store.tables.consignments import Found
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import CaseKind


@performs("vial.put_away")
def put_away(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """A vial that was counted whole goes to its shelf: quarantine until it is released, wherever the shelf is (R14)."""
    vial, target = _ours(tx, vial_id), _shelf(tx, place_id)
    if vial.state in (Custody.MADE, Custody.IN_TRANSIT) and not _came(tx, vial, Found.OK, Found.EXTRA):
        raise Refused("not_counted", serial=vial.serial)
    if vial.state is Custody.BACK_IN_PHARMACY:
        _may_return(tx, vial)
    place(tx, vial, target.id)
    tx.move(vial, Custody.IN_STOCK, organisation_id=tx.actor.organisation_id)
    tx.mention(target.id)
    return {"id": vial.id, "serial": vial.serial, "place_id": target.id}


def _may_return(tx: Tx, vial: Vial) -> None:
    """Back to stock is a decision with thermal evidence, and never open to a vial that began to thaw (MODEL.md, custody)."""
    if tx.known(Thaw, Thaw.vial_id == vial.id):
        raise Refused("thawed_goes_on", serial=vial.serial)
    if not (tx.call.reason or "").strip():
        raise Refused("reason_missing", act=tx.act.name)
    found = [
        one
        for one in use(facts(tx, [vial.id], Purpose.STOCK)[0])
        if one.code in ("temperature_unknown", "budget_spent")
    ]
    if found:
        raise Refused("vial_not_usable", findings=tuple(found), serial=vial.serial)


@performs("vial.move")
def move(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """It was carried somewhere else: a fact, whatever its state; only a vial that is gone cannot have moved."""
    vial, target = _ours(tx, vial_id), tx.need(Place, place_id)
    if vial.state in GONE or vial.state is Custody.LOST:
        raise Refused("wrong_state", noun="vial", state=vial.state, needs=["in_stock"])
    place(tx, vial, target.id)
    return {"id": vial.id, "serial": vial.serial, "place_id": target.id}


@performs("vial.report_broken")
def report_broken(tx: Tx, vial_id: str) -> Answer:
    return _ends(tx, vial_id, Custody.DISCARDED)


@performs("vial.discard")
def discard(tx: Tx, vial_id: str) -> Answer:
    return _ends(tx, vial_id, Custody.DISCARDED)


@performs("vial.report_lost")
def report_lost(tx: Tx, vial_id: str) -> Answer:
    """Nobody knows where it is: a case is opened, and it counts as missing until it is found."""
    answer = _ends(tx, vial_id, Custody.LOST)
    open_case(tx, CaseKind.LOSS, f"Vial {answer['serial']} is missing", vial_id=vial_id)
    return answer


@performs("vial.report_found")
def report_found(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """Found again: in a place, but what it went through meanwhile is unknown, and the verdict says so."""
    vial = _ours(tx, vial_id)
    place(tx, vial, _shelf(tx, place_id).id)
    tx.move(vial, Custody.IN_STOCK, organisation_id=tx.actor.organisation_id)
    return {"id": vial.id, "serial": vial.serial}


def _ends(tx: Tx, vial_id: str, custody: Custody) -> Answer:
    vial = _ours(tx, vial_id)
    tx.move(vial, custody)
    end_stay(tx, vial)
    let_go(tx, vial)
    return {"id": vial.id, "serial": vial.serial}


def _ours(tx: Tx, vial_id: str) -> Vial:
    """A vial that this organisation holds, or that its sender put into a box to us: of another's vials others tell."""
    vial = tx.need(Vial, vial_id)
    if vial.organisation_id != tx.actor.organisation_id and not _came(tx, vial, *Found):
        raise Refused("not_yours", noun="vial")
    return vial


def _came(tx: Tx, vial: Vial, *found: Found) -> bool:
    """It is on the list of a box to us from whoever holds it, and the count says one of these of it."""
    lines = tx.known(Line, Line.vial_id == vial.id, col(Line.found).in_(found))
    boxes = [tx.find(Consignment, line.consignment_id) for line in lines]
    mine = tx.actor.organisation_id
    return any(box and box.consignee_id == mine and box.shipper_id == vial.organisation_id for box in boxes)


def _shelf(tx: Tx, place_id: str) -> Place:
    """A place of one's own organisation that is no shipper and no bedside."""
    target = tx.need(Place, place_id)
    if tx.need(Site, target.site_id).organisation_id != tx.actor.organisation_id:
        raise Refused("place_elsewhere")
    if target.kind in (PlaceKind.SHIPPER, PlaceKind.BEDSIDE):
        raise Refused("place_not_a_shelf", place=target.code)
    tx.at_site(target.site_id)
    return target


# -------------------------------------------------------------------------------------------------------------- reads


def by_code(view: View, raw: str) -> Vial:
    """The vial that a scanned code names, or a refusal."""
    return vial_of(view, gs1.read(raw, view.at.date()))


def described(view: View, vial_id: str) -> dict[str, Any]:
    """One vial with its lot, product and version, and the place where it lies now, if anywhere."""
    vial = view.need(Vial, vial_id)
    lot = view.need(Lot, vial.lot_id)
    version = view.need(ProductVersion, lot.product_version_id)
    here = view.known(Stay, Stay.vial_id == vial.id, col(Stay.until).is_(None))
    return {
        "vial": vial,
        "lot": lot,
        "version": version,
        "product": view.need(Product, version.product_id),
        "place": view.find(Place, here[0].place_id) if here else None,
    }


def stays(view: View, vial_id: str) -> list[tuple[Stay, Place]]:
    """Where it was, in order, each with its place."""
    view.need(Vial, vial_id)
    found = view.known(Stay, Stay.vial_id == vial_id)
    places = {place.id: place for place in view.known(Place, col(Place.id).in_([stay.place_id for stay in found]))}
    return [(stay, places[stay.place_id]) for stay in sorted(found, key=lambda stay: stay.since)]
