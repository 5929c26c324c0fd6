"""Vials go on from a hospital: to a site of its own, or to another hospital. A release does not travel (R18, R29)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import col

from traceability.domain.checks import Purpose, use
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.services import Answer, naming, performs
from traceability.services.consignments import boxed
from traceability.services.organisations import own
from traceability.services.verdicts import facts
from traceability.store import Tx
from traceability.store.hot import reader_of
from traceability.store.tables import Lot, Organisation, Place, Site, Stay, Vial
from traceability.store.tables.organisations import OrganisationKind


@performs("consignment.transfer")
def transfer(
    tx: Tx,
    sscc: str,
    from_site_id: str,
    to_site_id: str,
    vial_ids: Sequence[str],
    *,
    shipper_name: str = "",
    due_on: date | None = None,
) -> Answer:
    """Vials in stock leave in a box for a second site, or for another hospital, which then sees their lots.

    It arrives, is counted and judged like any box. At the own second site the release stands on; another hospital's QA releases
    for itself. What may not be used, is held, or is asked about in a grave case stays where it is.
    """
    origin, target = tx.need(Site, from_site_id), tx.need(Site, to_site_id)
    own(tx, origin.organisation_id)
    if tx.need(Organisation, target.organisation_id).kind is not OrganisationKind.HOSPITAL:
        raise Refused("not_a_hospital", name=target.name)
    if origin.id == target.id:
        raise Refused("place_elsewhere")
    vials = [tx.need(Vial, vial_id) for vial_id in sorted(set(vial_ids))]
    if away := [one.serial for one in vials if _site(tx, one) != origin.id]:
        raise Refused("not_at_site", serials=sorted(away), site=origin.name)
    stays = _stays(tx, vials)
    if stays:
        raise Refused("transfer_refused", findings=stays)
    return boxed(tx, sscc, origin, target, vial_ids, shipper_name, due_on)


def _stays(tx: Tx, vials: Sequence[Vial]) -> tuple[Finding, ...]:
    """Every reason, once each, for which one of these stays where it is."""
    found: dict[str, Finding] = {}
    for fact in facts(tx, [one.id for one in vials], Purpose.STOCK):
        for one in use(fact):
            if one.severity is Severity.STOP or one.code == "held":
                found.setdefault(f"{one.code} {sorted(map(str, one.values.values()))}", one)
    reader, ids = reader_of(tx), {one.lot_id for one in vials}
    makers = {one.id: one.maker_id for one in tx.known(Lot, col(Lot.id).in_(ids))}
    named, had = naming.named(reader, ids), naming.had(reader, [one.id for one in vials])
    cases = [
        number
        for one in vials
        for number in naming.undecided(
            named[one.lot_id], one.id, (tx.actor.organisation_id, makers[one.lot_id]), had[one.id]
        )
    ]
    if cases:
        found["case_undecided"] = Finding("case_undecided", False, Severity.ASK, {"cases": list(dict.fromkeys(cases))})
    return tuple(found.values())


def _site(tx: Tx, vial: Vial) -> str | None:
    stays = tx.known(Stay, Stay.vial_id == vial.id, col(Stay.until).is_(None))
    place = tx.known(Place, Place.id == stays[0].place_id) if stays else []
    return place[0].site_id if place else None
