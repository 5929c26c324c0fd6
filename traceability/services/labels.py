"""Labels: printed from the record, scanned back onto the vial, reprinted with a reason (R12, R13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.labels import LAYOUTS, VialLabel
from traceability.domain.states import GONE
from traceability.services import Answer, performs, printing
from traceability.services.lots import expiries
from traceability.services.organisations import stands_for
from traceability.store import Tx, View
from traceability.store.tables import LabelPrint, Lot, Organisation, Product, ProductVersion, Vial


@performs("label.print")
def print_(tx: Tx, lot_id: str, layout: str) -> Answer:
    """Print the first label of every vial of the lot that has none and is in one's own hands."""
    lot = tx.need(Lot, lot_id)
    rows = tx.rows(
        "SELECT v.id, v.organisation_id FROM vial v WHERE v.lot_id = :lot AND NOT EXISTS"
        " (SELECT 1 FROM label_print p WHERE p.vial_id = v.id) ORDER BY v.serial",
        {"lot": lot.id},
    )
    if not rows:
        raise Refused("labels_printed_already", lot=lot.number)
    mine = [row for row in rows if row.organisation_id == tx.actor.organisation_id]
    if not mine:
        stands_for(tx, rows[0].organisation_id)
    rows = mine or [row for row in rows if row.organisation_id == rows[0].organisation_id]
    tx.add_all([LabelPrint(vial_id=row[0], version=1, layout=layout, printed_at=tx.at) for row in rows])
    tx.about = {lot.id}
    return {"id": lot.id, "labels": len(rows)}


@performs("label.reprint")
def reprint(tx: Tx, vial_ids: Sequence[str], layout: str) -> Answer:
    """Print again, with a reason; the vials ask QA until the new label was scanned back."""
    vials = [_held(tx, tx.need(Vial, vial_id)) for vial_id in dict.fromkeys(vial_ids)]
    for vial in vials:
        _again(tx, vial, layout)
    if not vials:
        raise Refused("nothing_chosen")
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


def _again(tx: Tx, vial: Vial, layout: str) -> None:
    """One more label of this vial; what was printed before and never applied is spoiled by it."""
    _spoil(tx, _left(tx, vial))
    (last,) = tx.rows("SELECT coalesce(max(version), 0) FROM label_print WHERE vial_id = :id", {"id": vial.id})
    tx.add(LabelPrint(vial_id=vial.id, version=last[0] + 1, layout=layout, printed_at=tx.at))


def _left(tx: Tx, vial: Vial) -> list[LabelPrint]:
    printed = tx.all(LabelPrint, LabelPrint.vial_id == vial.id, order=LabelPrint.version)
    return [one for one in printed if one.scanned_back_at is None and one.spoiled_at is None]


def _spoil(tx: Tx, labels: Sequence[LabelPrint]) -> None:
    for one in labels:
        tx.change(one, spoiled_at=tx.occurred)


@performs("label.scan_back")
def scan_back(tx: Tx, code: str) -> Answer:
    """The printed label was read on its vial: what it says is what the record says, or nothing is noted."""
    scanned = gs1.read(code, tx.at.date())
    vial = _held(tx, vial_of(tx, scanned))
    lot = tx.need(Lot, vial.lot_id)
    expires = expiries(tx, lot.id)[-1].expires
    if (scanned.lot, scanned.expires) != (lot.number, expires):
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


def _held(tx: Tx, vial: Vial) -> Vial:
    """A vial that one holds, or that lies at a maker who never signs in: nobody labels what is in another's hands."""
    stands_for(tx, vial.organisation_id)
    return vial


def vial_of(view: View, code: gs1.Identity) -> Vial:
    """The vial that a code names, for an act; anything else is refused with what it is."""
    if code.kind != "vial" or code.gtin is None:
        raise Refused("code_not_a_vial", kind=code.kind)
    if code.serial is None:
        raise Refused("code_without_serial")
    found = view.all(Vial, Vial.gtin == code.gtin, Vial.serial == code.serial)
    if not found:
        raise Refused("serial_unknown", serial=code.serial)
    return found[0]


def labels(view: View, lot_id: str, domain: str, vials: Iterable[tuple[str, str]]) -> Iterator[VialLabel]:
    """What stands on the labels of these vials of a lot, given as (GTIN, serial), one after the other."""
    lot = view.need(Lot, lot_id)
    version = view.need(ProductVersion, lot.product_version_id)
    product = view.need(Product, version.product_id)
    maker = view.need(Organisation, lot.maker_id)
    expires = expiries(view, lot.id)[-1].expires
    for gtin, serial in vials:
        yield VialLabel(
            name=product.name, volume_ul=version.volume_ul, lot=lot.number, expires=expires, serial=serial, gtin=gtin,
            storage=f"{_celsius(version.low_mc)} to {_celsius(version.high_mc)} °C", maker=maker.name,
            route=ROUTE[lot.route], strength=version.strength or None, demonstration=lot.demonstration, domain=domain,
        )  # fmt: skip


_NEVER = (
    "SELECT v.id, v.gtin, v.serial FROM vial v WHERE v.lot_id = :lot AND NOT EXISTS"
    " (SELECT 1 FROM label_print p WHERE p.vial_id = v.id) ORDER BY v.serial"
)
_WAIT = (
    "SELECT v.id, v.gtin, v.serial FROM vial v WHERE v.lot_id = :lot AND EXISTS (SELECT 1 FROM label_print p"
    " WHERE p.vial_id = v.id AND p.scanned_back_at IS NULL AND p.spoiled_at IS NULL) ORDER BY v.serial"
)


def waiting(view: View, lot_id: str) -> list[str]:
    """Vials whose newest label was printed and not yet scanned back: what a sheet holds."""
    return [row.id for row in view.rows(_WAIT, {"lot": lot_id})]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many vials of a lot there are, have a label printed, and wait for it; the last layout used.

    And of all labels that were ever printed for them: applied + spoiled + left.
    """

    vials: int
    printed: int
    waiting: int
    layout: str | None
    applied: int
    spoiled: int
    left: int

    @property
    def back(self) -> int:
        return self.printed - self.waiting

    @property
    def labels(self) -> int:
        return self.applied + self.spoiled + self.left


def progress(view: View, lot_id: str) -> Progress:
    view.need(Lot, lot_id)
    ((vials, printed),) = view.rows(
        "SELECT count(DISTINCT v.id), count(DISTINCT p.vial_id) FROM vial v"
        " LEFT JOIN label_print p ON p.vial_id = v.id WHERE v.lot_id = :lot", {"lot": lot_id},
    )  # fmt: skip
    ((labels, applied, spoiled),) = view.rows(
        "SELECT count(*), count(p.scanned_back_at), count(p.spoiled_at) FROM label_print p"
        " JOIN vial v ON v.id = p.vial_id WHERE v.lot_id = :lot", {"lot": lot_id},
    )  # fmt: skip
    last = view.rows(
        "SELECT p.layout FROM label_print p JOIN vial v ON v.id = p.vial_id WHERE v.lot_id = :lot"
        " ORDER BY p.printed_at DESC, p.id DESC LIMIT 1", {"lot": lot_id},
    )  # fmt: skip
    return Progress(
        vials, printed, len(waiting(view, lot_id)), last[0][0] if last else None, applied, spoiled, labels - applied - spoiled
    )  # fmt: skip


def sheet(
    view: View, lot_id: str, layout: str, *, domain: str, paper: str = "A4", start: int = 0, after: str = "",
    unprinted: bool = False,
) -> bytes:  # fmt: skip
    """The labels of a lot that wait to be scanned back, on this paper; `unprinted`: those of vials that have none yet.

    A PDF, or a file for a Zebra printer. `after`: the last serial that came out well where a job was interrupted; it goes on
    with the next. Refuses what does not fit, naming the smallest layout that does. A label that was scanned back is printed
    again only by `label.reprint`, with its reason.
    """
    if layout not in LAYOUTS:
        raise Refused("label_layout_unknown", layout=layout)
    told = labels(view, lot_id, domain, _chosen(view, lot_id, _NEVER if unprinted else _WAIT, after))
    return printing.printed(told, layout, paper=paper, start=start)


def _chosen(view: View, lot_id: str, statement: str, after: str) -> Sequence[tuple[str, str]]:
    """GTIN and serial of these vials, in the order in which they are printed; those behind `after`."""
    found = view.rows(statement, {"lot": lot_id})
    if after:
        serials = [row.serial for row in found]
        if after not in serials:
            raise Refused("label_not_waiting", serial=after)
        found = found[serials.index(after) + 1 :]
    if not found:
        raise Refused("nothing_chosen")
    return [(row.gtin, row.serial) for row in found]


def preview(view: View, lot_id: str, layout: str, *, domain: str) -> str | None:
    """The label as SVG, with a serial that no vial has, so that a screen is never scanned back; None: it does not fit."""
    ((gtin, serial),) = view.rows(
        "SELECT gtin, serial FROM vial WHERE lot_id = :lot ORDER BY serial LIMIT 1", {"lot": lot_id}
    )
    (sample,) = labels(view, lot_id, domain, [(gtin, "SAMPLE"[: len(serial)])])
    return printing.look(sample, layout)


ROUTE = {
    "marketed": "",
    "trial": "for clinical trial use only",
    "service": "for research-based service only",
}
"""What a full label says of the legal route (R13, R16); a marketed product shows its number instead."""


def _celsius(mc: int) -> str:
    return f"{mc / 1000:g}".replace("-", "−")
