"""A vial in the pharmacy: put away, moved, and the facts that befall it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.checks import Purpose, use
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import GONE, Custody
from traceability.services import Answer, performs
from traceability.services.cases import numbered, open_case
from traceability.services.courses import let_go
from traceability.services.labels import vial_of
from traceability.services.stays import appear, last_move, last_moves, lay_between, leave, place_all
from traceability.services.verdicts import facts
from traceability.store import AHEAD, Tx, View
from traceability.store.tables import (
    Case,
    Consignment,
    Hold,
    Line,
    Lot,
    Place,
    Product,
    ProductVersion,
    Scope,
    Site,
    Stay,
    Thaw,
    Vial,
)
from traceability.store.tables.consignments import Found
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import CaseKind, ScopeKind


@performs("vial.put_away")
def put_away(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """A vial that was counted whole goes to its shelf: quarantine until it is released, wherever the shelf is (R14)."""
    vial = tx.need(Vial, vial_id)
    counted, target = _counted(tx, vial), _shelf(tx, place_id)
    if vial.state in (Custody.MADE, Custody.IN_TRANSIT) and not counted & {Found.OK, Found.EXTRA}:
        raise Refused("not_counted", serial=vial.serial)
    if vial.state is Custody.BACK_IN_PHARMACY:
        _may_return(tx, vial)
    against = _placed(tx, [vial], target.id).against
    tx.move(vial, Custody.IN_STOCK, organisation_id=tx.actor.organisation_id)
    tx.mention(target.id)
    return {**_told(tx, vial, against.get(vial.id, ())), "place_id": target.id}


class Carried(NamedTuple):
    """What stands against what was told, vial by vial, and the excursions that it tells of."""

    against: dict[str, tuple[Finding, ...]]
    excursions: list[str]


def _placed(tx: Tx, vials: Sequence[Vial], place_id: str) -> Carried:
    """They lie there. Told late, that may make a history better than the record knew it: somebody looks before it counts."""
    if tx.occurred >= tx.at - AHEAD:
        return Carried({}, place_all(tx, vials, place_id))
    ids = [vial.id for vial in vials]
    before = [fact.history for fact in facts(tx, ids, Purpose.STOCK)]
    found = place_all(tx, vials, place_id)
    against: dict[str, tuple[Finding, ...]] = {}
    for vial, was, fact in zip(vials, before, facts(tx, ids, Purpose.STOCK), strict=True):
        now = fact.history
        if now.out_of_storage_s < was.out_of_storage_s or (now.known and not was.known):
            values = {"serial": vial.serial, "since": tx.occurred}
            against[vial.id] = (Finding("better_than_known", False, Severity.ASK, values),)
    return Carried(against, found)


def _may_return(tx: Tx, vial: Vial) -> None:
    """Back to stock is a decision with thermal evidence, and never open to a vial that began to thaw (MODEL.md, custody)."""
    if tx.known(Thaw, Thaw.vial_id == vial.id):
        raise Refused("thawed_goes_on", serial=vial.serial)
    if not (tx.call.reason or "").strip():
        raise Refused("reason_missing", act=tx.act.name)
    found = [
        one
        for one in use(facts(tx, [vial.id], Purpose.STOCK)[0])
        if one.code in ("temperature_unknown", "budget_spent", "thaw_spent", "refrozen")
    ]
    if found:
        raise Refused("vial_not_usable", findings=tuple(found), serial=vial.serial)


@performs("vial.move")
def move(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """It was carried somewhere else: a fact. One that is told after a later move takes its place before that move and asks.

    What contradicts the record is kept as it was told, and moves nothing.
    """
    vial, target = ours(tx, vial_id), tx.need(Place, place_id)
    against = carry(tx, [vial], target.id).against
    tx.mention(target.id)
    return {**_told(tx, vial, against.get(vial.id, ())), "place_id": target.id}


def carry(tx: Tx, vials: Sequence[Vial], place_id: str) -> Carried:
    """They were carried there; what is known of each already decides what that says."""
    against = {one.id: _contradicts(one) for one in vials if one.state in GONE or one.state is Custody.LOST}
    moves = last_moves(tx, [one for one in vials if one.id not in against])
    late = {one.id: told for one in vials if one.id not in against and (told := _too_late(tx, one, moves.get(one.id)))}
    between = lay_between(tx, [one for one in vials if one.id in late], place_id)
    laid = _placed(tx, [one for one in vials if one.id not in against and one.id not in late], place_id)
    return Carried(against | late | laid.against, list(dict.fromkeys(between + laid.excursions)))


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
    if "case" in answer:
        return answer
    case = open_case(tx, CaseKind.LOSS, f"Vial {answer['serial']} is missing", vial_id=vial_id)
    return {**answer, "case": case.number}


@performs("vial.report_found")
def report_found(tx: Tx, vial_id: str, place_id: str) -> Answer:
    """Found again: in a place, but what it went through meanwhile is unknown, and the verdict says so."""
    vial, shelf = ours(tx, vial_id), _shelf(tx, place_id)
    if not tx.act.moves_from("vial", vial.state, Custody.IN_STOCK):
        return _told(tx, vial, _contradicts(vial))
    against = _too_late(tx, vial, last_move(tx, vial), after=True)
    appear(tx, vial, shelf.id)
    tx.move(vial, Custody.IN_STOCK, organisation_id=tx.actor.organisation_id)
    return _told(tx, vial, against)


def _ends(tx: Tx, vial_id: str, custody: Custody) -> Answer:
    """It is gone, or lost; a vial that is so already, or was given, stays what it is, and somebody finds out which is true."""
    vial = ours(tx, vial_id)
    if not tx.act.moves_from("vial", vial.state, custody):
        return _told(tx, vial, _contradicts(vial))
    against = _too_late(tx, vial, last_move(tx, vial))
    leave(tx, vial, custody)
    let_go(tx, vial)
    return _told(tx, vial, against)


def _contradicts(vial: Vial) -> tuple[Finding, ...]:
    return (Finding("state_contradicts", False, Severity.ASK, {"serial": vial.serial, "state": vial.state}),)


def _too_late(tx: Tx, vial: Vial, last: datetime | None, *, after: bool = False) -> tuple[Finding, ...]:
    """What is told of before its last move: the record knows where it was later, and that is not undone. `after`: nor at
    that very moment, because in no time nothing was lost and found."""
    if last is None or last < tx.occurred or (last == tx.occurred and not after):
        return ()
    return (Finding("moved_since", False, Severity.ASK, {"serial": vial.serial, "since": last}),)


def _told(tx: Tx, vial: Vial, against: tuple[Finding, ...]) -> Answer:
    """The answer to a fact. One that contradicts the record opens a case, and holds the vial while it could be used."""
    answer = {"id": vial.id, "serial": vial.serial, "findings": [one.code for one in against]}
    if not against:
        return answer
    codes = [one.code for one in against]
    return answer | {
        "case": asked(tx, f"Vial {vial.serial}, {vial.state}: {tx.act.verb}, {', '.join(codes)}", codes, [vial]).number
    }


def asked(tx: Tx, title: str, codes: Sequence[str], vials: Sequence[Vial]) -> Case:
    """A case: somebody finds out which is true, and those of these vials that could be used are held until then."""
    only = vials[0] if len(vials) == 1 else None
    case = open_case(
        tx, CaseKind.CONTRADICTION, title, vial_id=only.id if only else None, lot_id=only.lot_id if only else None,
    )  # fmt: skip
    hold(tx, case, codes, vials)
    return case


def hold(tx: Tx, case: Case, codes: Sequence[str], vials: Sequence[Vial]) -> None:
    """Those of these vials that could be used are held until somebody has answered for the case."""
    if held := [one for one in vials if one.state not in GONE]:
        row = tx.add(
            Hold(
                number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, case_id=case.id,
                title=f"{case.number}: {', '.join(codes)}", placed_at=tx.at,
            )
        )  # fmt: skip
        tx.add_all([Scope(hold_id=row.id, kind=ScopeKind.VIAL, target_id=one.id) for one in held])


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
