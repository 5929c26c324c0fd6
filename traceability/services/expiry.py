"""Until when a lot may be used, stated anew by a document of its maker, and the vials whose labels say otherwise since (R3)."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from traceability.domain.errors import Refused
from traceability.domain.states import GONE, LotState
from traceability.services import Answer, dates, performs
from traceability.services.lots import expiries
from traceability.services.organisations import stands_for, stood_for, zone_of
from traceability.store import Tx, View
from traceability.store.tables import Attachment, ExpiryStatement, Lot


@performs("lot.restate_expiry")
def restate(tx: Tx, lot_id: str, expires: date, attachment_id: str) -> Answer:
    """A new date, earlier or later, by the maker's QA, on a document that is attached to the lot. Labels of before ask QA from now on."""
    lot = tx.need(Lot, lot_id)
    if lot.maker_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="lot")
    return _state(tx, lot, expires, attachment_id, transcribed=False)


@performs("lot.transcribe_expiry")
def transcribe(tx: Tx, lot_id: str, expires: date, attachment_id: str) -> Answer:
    """The same, copied in by the hospital with a second person, from the document of a maker that never signs in (R58)."""
    lot = tx.need(Lot, lot_id)
    stands_for(tx, lot.maker_id)
    return _state(tx, lot, expires, attachment_id, transcribed=True)


def _state(tx: Tx, lot: Lot, expires: date, attachment_id: str, *, transcribed: bool) -> Answer:
    """One version more. What is over is not made young again: an expired lot, and one that was declined, get no later date."""
    tx.alone(f"expiry of {lot.id}")
    if tx.need(Attachment, attachment_id).lot_id != lot.id:
        raise Refused("document_of_another_lot")
    stated = expiries(tx, lot.id)
    now = stated[-1]
    if expires == now.expires:
        raise Refused("expiry_same", expires=expires)
    dates.within("expires", expires, lot.made_on, lot.made_on + dates.LONGEST)
    longer = expires > now.expires
    today = tx.at.astimezone(zone_of(tx, lot.maker_id)).date()
    if longer and (now.expires < today or lot.state is LotState.DECLINED):
        raise Refused("expiry_over", expires=now.expires)
    tx.covers = {"lot": lot.id, "from": now.expires, "to": expires, "document": attachment_id}
    row = tx.add(
        ExpiryStatement(
            lot_id=lot.id, version=now.version + 1, expires=expires, stated_at=tx.at, transcribed=transcribed,
            attachment_id=attachment_id,
        )
    )  # fmt: skip
    return {"id": row.id, "lot_id": lot.id, "version": row.version, "longer": longer}


# -------------------------------------------------------------------------------------------------------------- reads


class Superseded(NamedTuple):
    """A vial in one's own hands whose newest label was printed under a date that counts no more."""

    id: str
    gtin: str
    serial: str
    layout: str


_GONE = ", ".join(f"'{state}'" for state in sorted(GONE))
SUPERSEDED = (
    " FROM vial v JOIN lot l ON l.id = v.lot_id JOIN label_print p ON p.vial_id = v.id"
    " JOIN expiry_statement e ON e.lot_id = l.id AND e.version = (SELECT max(x.version) FROM expiry_statement x WHERE x.lot_id = l.id)"
    " WHERE v.state NOT IN ({gone}) AND e.version > 1 AND p.printed_at < e.stated_at"
    " AND p.version = (SELECT max(y.version) FROM label_print y WHERE y.vial_id = v.id)"
).replace("{gone}", _GONE)
"""Whichever label was printed last of each vial, where that was before its lot's date was stated anew."""


def superseded(view: View, lot_id: str) -> list[Superseded]:
    """Vials of a lot that one holds, or holds for a maker who never signs in, and that need a new label."""
    owners = stood_for(view)
    rows: Any = view.rows(
        "SELECT v.id, v.gtin, v.serial, p.layout, v.organisation_id"
        + SUPERSEDED
        + " AND l.id = :lot ORDER BY v.serial",
        {"lot": lot_id},
    )
    return [Superseded(row.id, row.gtin, row.serial, row.layout) for row in rows if row.organisation_id in owners]
