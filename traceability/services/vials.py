"""A vial in the pharmacy: put away, moved, and the facts that befall it."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.states import GONE, Custody
from traceability.services import Answer, performs
from traceability.services.cases import open_case
from traceability.services.consignments import end_stay, place
from traceability.services.labels import vial_of
from traceability.store import Tx, View
from traceability.store.tables import Consignment, Line, Place, Site, Stay, Vial
from traceability.store.tables.consignments import Found
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import CaseKind


@performs("vial.put_away")
def put_away(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """A vial that was counted whole goes to its shelf: quarantine until it is released, wherever the shelf is (R14)."""
    vial, target = tx.need(Vial, vial_id), _shelf(tx, place_id)
    if vial.state is Custody.IN_TRANSIT:
        arrived = [
            line
            for line in tx.known(Line, Line.vial_id == vial.id, col(Line.found).in_([Found.OK, Found.EXTRA]))
            if tx.need(Consignment, line.consignment_id).consignee_id == tx.actor.organisation_id
        ]
        if not arrived:
            raise Refused("not_counted", serial=vial.serial)
    place(tx, vial, target.id)
    tx.move(vial, Custody.IN_STOCK, organisation_id=tx.actor.organisation_id)
    tx.mention(target.id)
    return {"id": vial.id, "serial": vial.serial, "place_id": target.id}


@performs("vial.move")
def move(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """It was carried somewhere else: a fact, whatever its state; only a vial that is gone cannot have moved."""
    vial, target = tx.need(Vial, vial_id), tx.need(Place, place_id)
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
    vial = tx.need(Vial, vial_id)
    place(tx, vial, _shelf(tx, place_id).id)
    tx.move(vial, Custody.IN_STOCK)
    return {"id": vial.id, "serial": vial.serial}


def _ends(tx: Tx, vial_id: str, custody: Custody) -> Answer:
    vial = tx.need(Vial, vial_id)
    tx.move(vial, custody)
    end_stay(tx, vial)
    return {"id": vial.id, "serial": vial.serial}


def _shelf(tx: Tx, place_id: str) -> Place:
    """A place of one's own organisation that is no shipper and no bedside."""
    target = tx.need(Place, place_id)
    if tx.need(Site, target.site_id).organisation_id != tx.actor.organisation_id:
        raise Refused("place_elsewhere")
    if target.kind in (PlaceKind.SHIPPER, PlaceKind.BEDSIDE):
        raise Refused("place_not_a_shelf", place=target.code)
    return target


# -------------------------------------------------------------------------------------------------------------- reads


def by_code(view: View, raw: str) -> Vial:
    """The vial that a scanned code names, or a refusal."""
    return vial_of(view, gs1.read(raw, view.at.date()))


def stays(view: View, vial_id: str) -> list[tuple[Stay, Place]]:
    """Where it was, in order, each with its place."""
    view.need(Vial, vial_id)
    found = view.known(Stay, Stay.vial_id == vial_id)
    places = {place.id: place for place in view.known(Place, col(Place.id).in_([stay.place_id for stay in found]))}
    return [(stay, places[stay.place_id]) for stay in sorted(found, key=lambda stay: stay.since)]
