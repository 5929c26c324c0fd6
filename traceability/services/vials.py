"""A vial in the pharmacy: put away, moved, and the facts that befall it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col

from traceability.domain import bpom, gs1
from traceability.domain.checks import Purpose, use
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import GONE, Custody
from traceability.services import Answer, names, performs
from traceability.services.by_label import compared, scanned_of
from traceability.services.cases import open_case
from traceability.services.late import (
    Against,
    Carried,
    answered,
    carried,
    is_late,
    together,
    weighed,
    without_knowing,
)
from traceability.services.missing import said_by_one
from traceability.services.names import vial_of
from traceability.services.stays import appear, last_move, last_moves, lay_between, leave
from traceability.services.supply import let_go
from traceability.services.verdicts import facts
from traceability.store import Tx, View
from traceability.store.tables import (
    Alias,
    Consignment,
    Line,
    Lot,
    Place,
    Product,
    ProductVersion,
    Site,
    Stay,
    Thaw,
    Vial,
)
from traceability.store.tables.consignments import Found
from traceability.store.tables.lots import Route
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import CaseKind


@performs("vial.put_away")
def put_away(tx: Tx, vial_id: str, place_id: str, *, code: str = "") -> Answer:
    """A vial that was counted whole goes to its shelf: quarantine until it is released, wherever the shelf is (R14)."""
    vial = tx.need(Vial, vial_id)
    counted, target = _counted(tx, vial), shelf(tx, place_id)
    if vial.state in (Custody.MADE, Custody.IN_TRANSIT) and not counted & {Found.OK, Found.EXTRA}:
        raise Refused("not_counted", serial=vial.serial)
    if vial.state is Custody.BACK_IN_PHARMACY:
        _may_return(tx, vial)
    label = compared(tx, vial, scanned_of(tx, vial, code))
    against = carried(tx, [vial], target.id).against
    tx.move(vial, Custody.IN_STOCK, organisation_id=tx.actor.organisation_id)
    tx.mention(target.id)
    return {**answered(tx, vial, against, label), "place_id": target.id}


def _may_return(tx: Tx, vial: Vial) -> None:
    """Back to stock is a decision with thermal evidence, and never open to a vial that began to thaw (MODEL.md, custody)."""
    if tx.known(Thaw, Thaw.vial_id == vial.id):
        raise Refused("thawed_goes_on", serial=vial.serial)
    if not (tx.call.reason or "").strip():
        raise Refused("reason_missing", act=tx.act.name)
    found = [
        one
        for one in use(facts(tx, [vial.id], Purpose.STOCK)[0])
        if one.code in ("temperature_unknown", "budget_spent", "thaw_spent", "refrozen", "held")
    ]
    if found:
        raise Refused("vial_not_usable", findings=tuple(found), serial=vial.serial)


@performs("vial.move")
def move(tx: Tx, vial_id: str, place_id: str, *, code: str = "") -> Answer:
    """It was carried somewhere else: a fact. One that is told after a later move takes its place before that move and asks.

    What contradicts the record is kept as it was told, and moves nothing.
    """
    vial, target = ours(tx, vial_id), tx.need(Place, place_id)
    label = compared(tx, vial, scanned_of(tx, vial, code))
    against = carry(tx, [vial], target.id).against
    tx.mention(target.id)
    return {**answered(tx, vial, against, label), "place_id": target.id}


def carry(tx: Tx, vials: Sequence[Vial], place_id: str) -> Carried:
    """They were carried there; what is known of each already decides what that says."""
    against: Against = {one.id: contradicts(one) for one in vials if one.state in GONE or one.state is Custody.LOST}
    moves = last_moves(tx, [one for one in vials if one.id not in against])
    late = {one.id: told for one in vials if one.id not in against and (told := _too_late(tx, one, moves.get(one.id)))}
    between = [one for one in vials if one.id in late]
    decided = without_knowing(tx, between, place_id)
    found = lay_between(tx, between, place_id)
    laid = carried(tx, [one for one in vials if one.id not in against and one.id not in late], place_id)
    return Carried(together(against, late, decided, laid.against), list(dict.fromkeys(found + laid.excursions)))


@performs("vial.add_alias")
def add_alias(tx: Tx, vial_id: str, code: str, alias: str) -> Answer:
    """BPOM's code beside the vial's own, both scanned from it: from now on a scan of either finds the vial (R11).

    Its lot and expiry are compared as those of any label. A marketing number alone is of a product and names no vial.
    """
    vial = ours(tx, vial_id)
    own, other = gs1.read(code, tx.at.date()), gs1.read(alias, tx.at.date())
    if own.kind == "alias":
        raise Refused("code_not_a_vial", kind=own.kind)
    compared(tx, vial, scanned_of(tx, vial, code))
    if other.kind != "alias":
        raise Refused("alias_not_bpom", kind=other.kind)
    if other.other_name is None:
        raise Refused("alias_of_product")
    scheme, text = other.other_name
    gs1.bracketed(other.elements)  # what is kept is read again
    tx.alone(f"alias {text}")
    for kept in tx.known(Alias, scheme=scheme, code=text):
        raise Refused("alias_kept_already" if kept.vial_id == vial.id else "alias_of_another", serial=vial.serial)
    label, said = compared(tx, vial, other), dict(other.elements)[bpom.NUMBER]
    lot = tx.need(Lot, vial.lot_id)
    if lot.route is Route.MARKETED and lot.route_number and lot.route_number != said:
        raise Refused("alias_of_other_number", said=said, record=lot.route_number)
    tx.add(Alias(vial_id=vial.id, scheme=scheme, code=text))
    return answered(tx, vial, {}, label)


@performs("vial.report_broken")
def report_broken(tx: Tx, vial_id: str) -> Answer:
    """It broke. Of one that was missing that takes two people: until a second one says so too it stays in the count."""
    return _ends(tx, vial_id, Custody.DISCARDED)


@performs("vial.discard")
def discard(tx: Tx, vial_id: str) -> Answer:
    return _ends(tx, vial_id, Custody.DISCARDED)


@performs("vial.report_lost")
def report_lost(tx: Tx, vial_id: str) -> Answer:
    """Nobody knows where it is: a case is opened, and it counts as missing until it is found."""
    answer = _ends(tx, vial_id, Custody.LOST)
    if "case" in answer:
        return answer
    case = open_case(tx, CaseKind.LOSS, f"Vial {answer['serial']} is missing", vial_id=vial_id)
    return {**answer, "case": case.number}


@performs("vial.report_found")
def report_found(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """Found again: in a place, but what it went through meanwhile is unknown, and the verdict says so."""
    vial, place = ours(tx, vial_id), shelf(tx, place_id)
    if not tx.act.moves_from("vial", vial.state, Custody.IN_STOCK):
        return answered(tx, vial, {vial.id: contradicts(vial)})
    return answered(tx, vial, reappear(tx, vial, place.id))


def reappear(tx: Tx, vial: Vial, place_id: str) -> Against:
    """A vial that was lost lies there again: what a late word makes better asks first."""
    against = together(
        {vial.id: _too_late(tx, vial, last_move(tx, vial), after=True)}, without_knowing(tx, [vial], place_id)
    )
    improved, _ = weighed(tx, [vial], lambda: appear(tx, vial, place_id), asks=is_late(tx))
    tx.move(vial, Custody.IN_STOCK, organisation_id=tx.actor.organisation_id)
    return together(against, improved)


def _ends(tx: Tx, vial_id: str, custody: Custody) -> Answer:
    vial = ours(tx, vial_id)
    return answered(tx, vial, end(tx, vial, custody))


def end(tx: Tx, vial: Vial, custody: Custody) -> Against:
    """It is gone, or lost; a vial that is so already, or was given, stays what it is, and somebody finds out which is true.

    So does one that was missing and of which one voice alone has spoken since: it stays in the count, and is asked about.
    """
    if not tx.act.moves_from("vial", vial.state, custody):
        return {vial.id: contradicts(vial)}
    if custody in GONE and said_by_one(tx, vial):
        return {vial.id: (Finding("lost_and_broken", False, Severity.ASK, {"serial": vial.serial}),)}
    against: Against = {vial.id: _too_late(tx, vial, last_move(tx, vial))}
    # one that is lost may be found again, and then what it went through counts
    comes_back = custody is Custody.LOST and is_late(tx)
    improved, _ = weighed(tx, [vial], lambda: leave(tx, vial, custody), asks=comes_back)
    let_go(tx, vial)
    return together(against, improved)


def contradicts(vial: Vial) -> tuple[Finding, ...]:
    return (Finding("state_contradicts", False, Severity.ASK, {"serial": vial.serial, "state": vial.state}),)


def _too_late(tx: Tx, vial: Vial, last: datetime | None, *, after: bool = False) -> tuple[Finding, ...]:
    """What is told of before its last move: the record knows where it was later, and that is not undone. `after`: nor at
    that very moment, because in no time nothing was lost and found."""
    if last is None or last < tx.occurred or (last == tx.occurred and not after):
        return ()
    return (Finding("moved_since", False, Severity.ASK, {"serial": vial.serial, "since": last}),)


def ours(tx: Tx, vial_id: str) -> Vial:
    """A vial that this organisation holds, or that its sender put into a box to us: of another's vials others tell."""
    vial = tx.need(Vial, vial_id)
    if vial.organisation_id != tx.actor.organisation_id:
        _counted(tx, vial)
    return vial


def _counted(tx: Tx, vial: Vial) -> frozenset[Found]:
    """What counts say of it in boxes to us from whoever holds it; another's vial that was in none is not ours to tell of."""
    holder, mine = vial.organisation_id, tx.actor.organisation_id
    boxes = [(line.found, tx.find(Consignment, line.consignment_id)) for line in tx.known(Line, vial_id=vial.id)]
    counted = [found for found, box in boxes if box and (box.consignee_id, box.shipper_id) == (mine, holder)]
    if holder != mine and not counted:
        raise Refused("not_yours", noun="vial")
    return frozenset(counted)


def shelf(tx: Tx, place_id: str) -> Place:
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
        "aliases": names.aliases(view, vial.id),
    }


def stays(view: View, vial_id: str) -> list[tuple[Stay, Place]]:
    """Where it was, in order, each with its place."""
    view.need(Vial, vial_id)
    found = view.known(Stay, Stay.vial_id == vial_id)
    places = {place.id: place for place in view.known(Place, col(Place.id).in_([stay.place_id for stay in found]))}
    return [(stay, places[stay.place_id]) for stay in sorted(found, key=lambda stay: stay.since)]
