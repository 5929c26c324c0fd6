"""Labels: printed from the record, scanned back onto the vial, reprinted with a reason (R12, R13). Whose, on what paper: `labelling`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.labels import PAPERS
from traceability.domain.states import GONE
from traceability.services import Answer, labelling, performs
from traceability.services.lots import expiries
from traceability.services.names import vial_of
from traceability.services.organisations import stands_for
from traceability.store import Tx, View
from traceability.store.tables import LabelPrint, Lot, Vial

_DOMAIN = "https://id.gs1.org"
"""As long as a usual one: an act does not know what the installation prints in its links; its files are checked with that."""


@performs("label.print")
def print_(tx: Tx, layout: str, lot_id: str | None = None, consignment_id: str | None = None) -> Answer:
    """Print the first label of every vial of a lot or a consignment that has none and is in one's own hands.

    Of a consignment with vials of both kinds those that this layout is for: with a serial of the maker's, or without.
    """
    job = labelling.of_one(lot_id, consignment_id)
    named = job.need(tx)
    rows = labelling.bare(tx, job)
    if not rows:
        if job.noun == "lot":
            raise Refused("labels_printed_already", lot=named.number)
        raise Refused("labels_printed_already", consignment=named.number)
    rows = labelling.of_kind(rows, layout)
    mine = [row for row in rows if row.organisation_id == tx.actor.organisation_id]
    if not mine:
        stands_for(tx, rows[0].organisation_id)
    rows = mine or [row for row in rows if row.organisation_id == rows[0].organisation_id]
    _fit(tx, rows, layout)
    tx.add_all([LabelPrint(vial_id=row.id, version=1, layout=layout, printed_at=tx.at) for row in rows])
    tx.about = {job.id}
    return {"id": job.id, "labels": len(rows)}


@performs("label.reprint")
def reprint(tx: Tx, vial_ids: Sequence[str], layout: str) -> Answer:
    """Print again, with a reason; the vials ask QA until the new label was scanned back."""
    vials = [_held(tx, tx.need(Vial, vial_id)) for vial_id in dict.fromkeys(vial_ids)]
    if not vials:
        raise Refused("nothing_chosen")
    for vial in vials:
        _not_gone(vial)
    _fit(tx, vials, layout)
    for vial in vials:
        _again(tx, vial, layout)
    return {"id": vials[0].id, "lot_id": vials[0].lot_id, "labels": len(vials)}


@performs("label.spoil")
def spoil(tx: Tx, vial_ids: Sequence[str]) -> Answer:
    """Labels that were printed and never came onto their vials are destroyed, with a reason; each is printed again.

    Of a vial that is gone none is printed again. So every label is applied, spoiled or left, and nothing else.
    """
    vials = [_held(tx, tx.need(Vial, vial_id)) for vial_id in dict.fromkeys(vial_ids)]
    if not vials:
        raise Refused("nothing_chosen")
    again = 0
    for vial in vials:
        left = _left(tx, vial)
        if not left:
            raise Refused("label_none_left", serial=vial.serial)
        if vial.state in GONE:
            _spoil(tx, left)
        else:
            _again(tx, vial, left[-1].layout)
            again += 1
    return {"id": vials[0].id, "lot_id": vials[0].lot_id, "spoiled": len(vials), "labels": again}


@performs("label.scan_back")
def scan_back(tx: Tx, code: str) -> Answer:
    """The printed label was read on its vial: what it says is what the record says, or nothing is noted."""
    scanned = gs1.read(code, tx.at.date())
    vial = _held(tx, vial_of(tx, scanned))
    _not_gone(vial)
    lot = tx.need(Lot, vial.lot_id)
    expires = expiries(tx, lot.id)[-1].expires
    if scanned.kind == "alias":  # it is on the vial, and says nothing of the label that was printed here
        raise Refused("code_not_a_vial", kind=scanned.kind)
    if scanned.other_name is None and (scanned.lot, scanned.expires) != (lot.number, expires):
        raise Refused("label_contradicts", label=[scanned.lot, scanned.expires], record=[lot.number, expires])
    printed = tx.all(LabelPrint, LabelPrint.vial_id == vial.id, order=LabelPrint.version)
    if not printed:
        raise Refused("label_not_printed", serial=vial.serial)
    waiting = _left(tx, vial)
    if not waiting:
        raise Refused("label_scanned_already", serial=vial.serial)
    for one in waiting:
        tx.change(one, scanned_back_at=tx.occurred)
    left = tx.rows(
        "SELECT count(DISTINCT p.vial_id) FROM label_print p JOIN vial v ON v.id = p.vial_id"
        " WHERE v.lot_id = :lot AND p.scanned_back_at IS NULL AND p.spoiled_at IS NULL",
        {"lot": lot.id},
    )
    return {"id": vial.id, "serial": vial.serial, "left": left[0][0]}


def _again(tx: Tx, vial: Vial, layout: str) -> None:
    """One more label of this vial; what was printed before and never applied is spoiled by it."""
    _spoil(tx, _left(tx, vial))
    (last,) = tx.rows("SELECT coalesce(max(version), 0) FROM label_print WHERE vial_id = :id", {"id": vial.id})
    tx.add(LabelPrint(vial_id=vial.id, version=last[0] + 1, layout=layout, printed_at=tx.at))


def _fit(view: View, vials: Sequence[Any], layout: str) -> None:
    """What is noted as printed can be drawn; on the paper that is used the file itself is looked at once more."""
    labelling.checked(view, vials, layout, _DOMAIN, PAPERS[0], 0)


def _not_gone(vial: Vial) -> None:
    """A label of a vial that was used up or destroyed names nothing that it could lie on."""
    if vial.state in GONE:
        raise Refused("label_of_gone", serial=vial.serial, state=vial.state)


def _left(tx: Tx, vial: Vial) -> list[LabelPrint]:
    printed = tx.all(LabelPrint, LabelPrint.vial_id == vial.id, order=LabelPrint.version)
    return [one for one in printed if one.scanned_back_at is None and one.spoiled_at is None]


def _spoil(tx: Tx, labels: Sequence[LabelPrint]) -> None:
    for one in labels:
        tx.change(one, spoiled_at=tx.occurred)


def _held(tx: Tx, vial: Vial) -> Vial:
    """A vial that one holds, or that lies at a maker who never signs in: nobody labels what is in another's hands."""
    stands_for(tx, vial.organisation_id)
    return vial
