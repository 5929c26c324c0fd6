"""A lot from its announcement to the word given for it: by its maker, or transcribed by the hospital and saying so."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain import gs1, tags
from traceability.domain.errors import Refused
from traceability.domain.gs1 import CSET_82, reads_as_element
from traceability.domain.identity import GIAI
from traceability.domain.papers import FileKind
from traceability.domain.states import Custody, LotState, reconcile
from traceability.services import Answer, dates, performs
from traceability.services.cases import open_case
from traceability.services.organisations import stands_for, stood_for, zone_of
from traceability.store import Tx, View
from traceability.store.tables import (
    AdministrationVial,
    Alias,
    Ancestry,
    Attachment,
    Certification,
    Consignee,
    ExpiryStatement,
    Lot,
    LotAncestor,
    Material,
    Organisation,
    Place,
    Product,
    ProductVersion,
    Sensor,
    Site,
    Stay,
    Vial,
)
from traceability.store.tables.lots import MaterialKind, Route
from traceability.store.tables.organisations import OrganisationKind
from traceability.store.tables.quality import CaseKind
from traceability.store.tables.vials import SerialKind

MOST_VIALS = 5_000
ROUTES = tuple(Route)
READABLE = "ABCDEFGHJKMNPQRTUVWXYZ2346789"
"""Codes that people write avoid I, L, O, S, 0, 1, 5 (R13)."""


@performs("lot.announce")
def announce(
    tx: Tx,
    product_version_id: str,
    number: str,
    made_on: date,
    expires: date,
    place_id: str,
    route: Route,
    *,
    serials: Sequence[str] = (),
    count: int | None = None,
    overlabelled: bool = False,
    route_number: str = "",
    material_ids: Sequence[str] = (),
    consignee_ids: Sequence[str] = (),
) -> Answer:
    """A lot and its vials: serials as the maker gave them, or `count` of our own; each lies in a place from now on (R3).

    `overlabelled`: the maker gives none. The hospital that transcribes for it numbers them: each is known by its over-label.
    """
    version = tx.need(ProductVersion, product_version_id)
    product = tx.need(Product, version.product_id)
    place = tx.need(Place, place_id)
    site = tx.need(Site, place.site_id)
    if site.organisation_id != product.organisation_id:
        raise Refused("place_elsewhere")
    stands_for(tx, product.organisation_id)
    gln = _overlabelling(tx, product, serials) if overlabelled else ""
    tx.alone(announcing(product.gtin))
    _check_number("10", number)
    if expires <= made_on:
        raise Refused("interval_empty")
    today = tx.at.astimezone(ZoneInfo(site.zone)).date()
    dates.within("made_on", made_on, today - dates.LONGEST, today)
    dates.within("expires", expires, made_on, made_on + dates.LONGEST)
    if tx.known(Lot, Lot.maker_id == product.organisation_id, Lot.number == number):
        raise Refused("already_there", noun="lot", key=number)
    serials = list(serials) or _serials(count or 0)
    if not 0 < len(serials) <= MOST_VIALS:
        raise Refused("count_impossible", least=1, most=MOST_VIALS)
    if len(set(serials)) != len(serials):
        raise Refused("serial_twice", serial=next(s for s in serials if serials.count(s) > 1))
    for serial in serials:
        _check_number("21", serial)
        gs1.vial_elements(product.gtin, number, expires, serial)  # what no label could say is no number
    taken = tx.known(Vial, Vial.gtin == product.gtin, col(Vial.serial).in_(serials))
    if taken:
        raise Refused("serial_twice", serial=taken[0].serial)
    lot = tx.add(
        Lot(
            maker_id=product.organisation_id, product_version_id=version.id, number=number, made_on=made_on,
            filled=len(serials), route=route, route_number=route_number, state=LotState.ANNOUNCED,
        )
    )  # fmt: skip
    tx.add(ExpiryStatement(lot_id=lot.id, version=1, expires=expires, stated_at=tx.at))
    for organisation_id in sorted({*consignee_ids, tx.actor.organisation_id} - {lot.maker_id}):
        tx.add(Consignee(lot_id=lot.id, organisation_id=tx.need(Organisation, organisation_id).id))
    tx.add_all([LotAncestor(lot_id=lot.id, material_id=one) for one in _ancestors(tx, material_ids)])
    vials = [
        Vial(
            lot_id=lot.id,
            gtin=product.gtin,
            serial=serial,
            serial_kind=SerialKind.INTERNAL if overlabelled else SerialKind.MAKER,
            state=Custody.MADE,
            organisation_id=lot.maker_id,
        )
        for serial in serials
    ]
    tx.add_all(vials)
    if overlabelled:
        _name(tx, gln, vials)
    tx.add_all([Stay(vial_id=vial.id, place_id=place.id, since=tx.occurred) for vial in vials])
    tx.about = {lot.id}
    answer = {"id": lot.id, "vials": len(vials)}
    if told := _given_before(tx, lot, product.gtin, vials):
        title = f"Lot {number}: given before it was announced: {', '.join(sorted(told))}"
        answer["case"] = open_case(tx, CaseKind.CONTRADICTION, title[:240], lot_id=lot.id).number
    return answer


def _overlabelling(tx: Tx, product: Product, serials: Sequence[str]) -> str:
    """The GLN with whose body the over-labels begin: of a site of this house at which one may do this, the first that has one."""
    house = tx.need(Organisation, tx.actor.organisation_id)
    if house.kind is not OrganisationKind.HOSPITAL or house.id == product.organisation_id:
        raise Refused("overlabel_by_maker")
    if serials:
        raise Refused("overlabel_with_serials")
    mine = tx.actor.sites(tx.act.roles, tx.at)
    for site in tx.known(Site, organisation_id=tx.actor.organisation_id):
        if site.gln and (None in mine or site.id in mine):
            return site.gln
    raise Refused("overlabel_without_gln")


def _name(tx: Tx, gln: str, vials: Sequence[Vial]) -> None:
    """Each by a GIAI that nothing else of this house has: no other vial, no sensor."""
    named = {tags.giai(gln, vial.serial): vial for vial in vials}
    taken = [one.code for one in tx.known(Alias, col(Alias.code).in_(named), scheme=GIAI)]
    taken += [str(one.giai) for one in tx.known(Sensor, col(Sensor.giai).in_(named))]
    if taken:
        raise Refused("serial_twice", serial=taken[0])
    tx.add_all([Alias(vial_id=vial.id, scheme=GIAI, code=giai) for giai, vial in named.items()])


def announcing(gtin: str) -> str:
    """The name under which lots of a product are announced, and vials told of that no lot has yet."""
    return f"announcing {gtin}"


def _given_before(tx: Tx, lot: Lot, gtin: str, vials: Sequence[Vial]) -> list[str]:
    """What was given in a downtime, before the lot was on record, is of this lot from now on: found by its code (R45, R46)."""
    serial = {vial.serial: vial for vial in vials if vial.serial_kind is SerialKind.MAKER}
    exact, alike, found = serial, {told.upper(): vial for told, vial in serial.items()}, []
    for part in tx.known(AdministrationVial, col(AdministrationVial.vial_id).is_(None)):
        read = gs1.read(part.code, tx.at.date())
        vial = exact.get(read.serial or "") or alike.get((read.serial or "").upper())
        ours = part.lot_id is None and (read.lot or "").upper() == lot.number.upper()
        if read.gtin != gtin or not (vial or ours):
            continue
        tx.change(part, vial_id=vial.id if vial else None, lot_id=lot.id, label_lot_id=part.lot_id)
        found.append(vial.serial if vial else part.code)
    return found


@performs("lot.certify")
def certify(tx: Tx, lot_id: str, certified_on: date, statement: str, *, attachment_id: str | None = None) -> Answer:
    """The maker's own word for the lot, signed by the maker's QA (R30)."""
    lot = tx.need(Lot, lot_id)
    if lot.maker_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="lot")
    return _certify(tx, lot, certified_on, statement, attachment_id, transcribed=False)


@performs("lot.transcribe")
def transcribe(tx: Tx, lot_id: str, certified_on: date, statement: str, attachment_id: str) -> Answer:
    """The maker's certificate, copied in by the hospital with a second person; it says so for ever (R58)."""
    lot = tx.need(Lot, lot_id)
    return _certify(tx, lot, certified_on, statement, attachment_id, transcribed=True)


@performs("lot.decline")
def decline(tx: Tx, lot_id: str) -> Answer:
    """Not to be used, by nobody. Of a certified lot it withdraws the word given for it: who gave it does, and nobody else."""
    lot = tx.need(Lot, lot_id)
    if lot.state is LotState.CERTIFIED:
        given = certifications(tx, lot.id)[-1].act_id
        if tx.actor.organisation_id not in {row[0] for row in tx.rows(_GIVEN_BY, {"act": given})}:
            raise Refused("not_yours", noun="certification")
    tx.move(lot, LotState.DECLINED)
    return {"id": lot_id}


_GIVEN_BY = "SELECT ledger FROM entry WHERE act_id = :act"
"""In whose ledger a word was given."""


@performs("lot.attach")
def attach(
    tx: Tx,
    sha256: str,
    name: str,
    media_type: str,
    size: int,
    *,
    lot_id: str | None = None,
    kind: FileKind = FileKind.OTHER,
) -> Answer:
    """Link a file that was kept before the act began: a certificate of analysis, a scanned licence."""
    if lot_id is not None:
        tx.need(Lot, lot_id)
    row = Attachment(
        sha256=sha256, name=name[:200], media_type=media_type, size=size,
        organisation_id=tx.actor.organisation_id, lot_id=lot_id, kind=kind,
    )  # fmt: skip
    return {"id": tx.add(row).id}


def _certify(
    tx: Tx, lot: Lot, certified_on: date, statement: str, attachment_id: str | None, *, transcribed: bool
) -> Answer:
    if certified_on < lot.made_on or certified_on > tx.at.astimezone(zone_of(tx, lot.maker_id)).date():
        raise Refused("date_impossible", date=certified_on)
    if attachment_id is not None:
        tx.need(Attachment, attachment_id)
    tx.covers = {"lot": lot.id, "on": certified_on}  # the statement is sealed in what was changed
    tx.move(lot, LotState.CERTIFIED)
    row = Certification(
        lot_id=lot.id,
        transcribed=transcribed,
        statement=statement,
        attachment_id=attachment_id,
        certified_on=certified_on,
    )
    tx.add(row)
    return {"id": lot.id}


def _check_number(ai: str, told: str) -> None:
    """At most 20 characters of GS1 CSET 82 (R2), which can be typed: `A(21)B` would name another vial."""
    if not 0 < len(told) <= 20 or set(told) - CSET_82:
        raise Refused("code_character", ai=ai, value=told)
    if reads_as_element(told):
        raise Refused("number_reads_as_element", value=told)


def _serials(count: int) -> list[str]:
    """New serials: eight letters that nobody mistakes for another, 29^8 of them."""
    made: set[str] = set()
    while len(made) < min(count, MOST_VIALS):
        made.add("".join(secrets.choice(READABLE) for _ in range(8)))
    return sorted(made) if count <= MOST_VIALS else []


def _ancestors(tx: Tx, material_ids: Sequence[str]) -> list[str]:
    """These materials and all they came from, each once."""
    found: dict[str, None] = {}
    todo = list(material_ids)
    while todo:
        material = tx.need(Material, todo.pop())
        if material.id not in found:
            found[material.id] = None
            todo += [
                row[0] for row in tx.rows("SELECT parent_id FROM ancestry WHERE child_id = :id", {"id": material.id})
            ]
    return sorted(found)


# -------------------------------------------------------------------------------------------------------------- reads

_CUSTODIES = "SELECT lot_id, state, count(*) FROM vial GROUP BY lot_id, state"


def lots(view: View, *, limit: int = 100, after: str | None = None) -> list[dict[str, Any]]:
    """Lots in sight, newest first, each with its product, expiry and vials by custody."""
    where = [col(Lot.id) < after] if after else []
    found = view.all(Lot, *where, order=col(Lot.id).desc(), limit=limit)
    return [summary(view, lot) for lot in found]


def summary(view: View, lot: Lot) -> dict[str, Any]:
    version = view.need(ProductVersion, lot.product_version_id)
    product = view.need(Product, version.product_id)
    counted = {
        Custody(state): count
        for state, count in view.rows(
            "SELECT state, count(*) FROM vial WHERE lot_id = :lot GROUP BY state", {"lot": lot.id}
        )
    }
    return {
        "lot": lot,
        "product": product,
        "version": version,
        "maker": view.need(Organisation, lot.maker_id),
        "expires": expiries(view, lot.id)[-1].expires,
        "custody": counted,
        "buckets": reconcile(counted),
        "released": view.rows(
            "SELECT count(DISTINCT v.vial_id) FROM released_vial v JOIN release r ON r.id = v.release_id"
            " WHERE r.lot_id = :lot AND r.void_at IS NULL", {"lot": lot.id},
        )[0][0],
    }  # fmt: skip


def expiries(view: View, lot_id: str) -> list[ExpiryStatement]:
    """Every statement of the lot's expiry, the current one last."""
    return sorted(view.known(ExpiryStatement, lot_id=lot_id), key=lambda one: one.version)


def vials(view: View, lot_id: str) -> list[Vial]:
    return view.all(Vial, Vial.lot_id == lot_id, order=Vial.serial)


def certifications(view: View, lot_id: str) -> list[Certification]:
    return view.all(Certification, Certification.lot_id == lot_id)


def lot(view: View, lot_id: str) -> dict[str, Any]:
    return summary(view, view.need(Lot, lot_id))


def attachments(view: View, lot_id: str) -> list[Attachment]:
    return view.all(Attachment, Attachment.lot_id == lot_id)


def lineage(view: View, lot_id: str) -> list[tuple[Material, list[str]]]:
    """Every material in the lot, donors first, each with the codes of what it was made from."""
    found = [one.material_id for one in view.all(LotAncestor, LotAncestor.lot_id == lot_id)]
    materials = {one.id: one for one in view.all(Material, col(Material.id).in_(found))}
    parents: dict[str, list[str]] = {}
    for link in view.all(Ancestry, col(Ancestry.child_id).in_(found)):
        if link.parent_id in materials:
            parents.setdefault(link.child_id, []).append(materials[link.parent_id].code)
    order = list(MaterialKind)
    ordered = sorted(materials.values(), key=lambda one: (order.index(one.kind), one.code))
    return [(one, sorted(parents.get(one.id, []))) for one in ordered]


def placed(view: View, lot_id: str) -> dict[str, Place]:
    """Vial id → the place in sight where it lies now; a vial in somebody else's place has none."""
    lying = view.rows(
        "SELECT s.vial_id, s.place_id FROM stay s JOIN vial v ON v.id = s.vial_id"
        " WHERE v.lot_id = :lot AND s.until IS NULL", {"lot": lot_id},
    )  # fmt: skip
    places = {one.id: one for one in view.all(Place, col(Place.id).in_({row.place_id for row in lying}))}
    return {row.vial_id: places[row.place_id] for row in lying if row.place_id in places}


def stopped(view: View, lot_id: str) -> list[tuple[str, str, bool]]:
    """Number and title of each open hold or recall (True) that covers the lot or any vial of it, whoever placed it."""
    return [(row.number, row.title, bool(row.recall)) for row in view.rows(_STOPPED, {"lot": lot_id})]


_STOPPED = """
WITH mine AS (SELECT id FROM vial WHERE lot_id = :lot),
stops AS (
  SELECT h.number, h.title, 0 AS recall, s.kind, s.target_id, s.since, s.until, h.organisation_id AS placed_by FROM hold h
    JOIN scope s ON s.hold_id = h.id WHERE h.lifted_at IS NULL
  UNION ALL
  SELECT r.number, r.title, 1, s.kind, s.target_id, s.since, s.until, r.organisation_id FROM recall r
    JOIN scope s ON s.recall_id = r.id WHERE r.withdrawn_at IS NULL)
SELECT DISTINCT x.number, x.title, x.recall FROM stops x WHERE (x.kind = 'lot' AND x.target_id = :lot)
 OR (x.kind = 'vial' AND x.target_id IN (SELECT id FROM mine))
 OR (x.kind = 'maker' AND x.target_id = (SELECT maker_id FROM lot WHERE id = :lot) AND (x.placed_by = x.target_id
   OR x.placed_by IN (SELECT organisation_id FROM vial WHERE lot_id = :lot)))
 OR (x.kind = 'material' AND x.target_id IN (SELECT material_id FROM lot_ancestor WHERE lot_id = :lot) AND (x.placed_by IN
   (SELECT maker_id FROM lot WHERE id = :lot UNION SELECT organisation_id FROM material WHERE id = x.target_id)
   OR x.placed_by IN (SELECT organisation_id FROM vial WHERE lot_id = :lot)))
 OR (x.kind = 'consignment' AND x.target_id IN
   (SELECT l.consignment_id FROM consignment_line l WHERE l.vial_id IN (SELECT id FROM mine)))
 OR (x.kind IN ('place', 'site') AND EXISTS
   (SELECT 1 FROM stay t JOIN place p ON p.id = t.place_id WHERE t.vial_id IN (SELECT id FROM mine)
     AND x.target_id = CASE x.kind WHEN 'place' THEN p.id ELSE p.site_id END
     AND (x.until IS NULL OR t.since < x.until) AND (x.since IS NULL OR t.until IS NULL OR t.until > x.since)))
ORDER BY x.recall DESC, x.number"""


def announceable(view: View) -> list[tuple[Product, ProductVersion]]:
    """What a lot can be made of here: the newest version of each product of one's own, or of a maker that never signs in."""
    found = []
    for product in view.all(Product, col(Product.organisation_id).in_(stood_for(view)), order=Product.name):
        versions = view.all(ProductVersion, ProductVersion.product_id == product.id, order=ProductVersion.version)
        found += [(product, versions[-1])] if versions else []
    return found


def materials(view: View) -> list[Material]:
    return view.all(Material, col(Material.organisation_id).in_(stood_for(view)), order=(Material.kind, Material.code))
