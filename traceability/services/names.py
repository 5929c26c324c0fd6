"""Which vial a code names, and by which codes a vial is known: its maker's GTIN and serial, our over-label, BPOM's code (R3, R11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, select

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.identity import GIAI
from traceability.store import View
from traceability.store.tables import Alias, Vial
from traceability.store.tables.vials import SerialKind


def is_named(code: gs1.Identity) -> ColumnElement[bool] | None:
    """The condition under which a vial is the one that this code names; None: it names no single vial, whatever is on record.

    The own number of a vial that came without a serial is none of its maker's: it is never found under the GTIN.
    """
    if code.kind == "vial" and code.serial:
        theirs = col(Vial.serial_kind) == SerialKind.MAKER
        return and_(col(Vial.gtin) == code.gtin, col(Vial.serial) == code.serial, theirs)
    if code.other_name is None:
        return None
    scheme, text = code.other_name
    named = select(col(Alias.vial_id)).where(col(Alias.scheme) == scheme, col(Alias.code) == text)
    return col(Vial.id).in_(named)


def vial_of(view: View, code: gs1.Identity) -> Vial:
    """The vial that a code names, for an act; anything else is refused with what it is."""
    if code.kind == "vial" and code.serial is None:
        raise Refused("code_without_serial")
    named = is_named(code)
    found = [] if named is None else view.all(Vial, named)
    if found:
        return found[0]
    if named is None or (code.other_name and not view.known(Vial, named)):
        raise Refused("code_not_a_vial", kind=code.kind)
    raise Refused("serial_unknown", serial=code.serial or code.giai)


def vial_if_known(view: View, code: gs1.Identity) -> Vial | None:
    """The same, for what is told of a vial in somebody's hand; None where its number is not on record, and it is there all the same."""
    try:
        return vial_of(view, code)
    except Refused as unknown:
        if unknown.code != "serial_unknown":
            raise
        return None


def lot_on_label(view: View, identity: gs1.Identity) -> str | None:
    """The lot that a label names by its product and number; None: none is on record, or more than one could be meant."""
    lots = view.rows(
        "SELECT l.id, l.number FROM lot l JOIN product_version v ON v.id = l.product_version_id JOIN product p ON p.id = v.product_id"
        " WHERE p.gtin = :gtin AND upper(l.number) = :lot",
        {"gtin": identity.gtin, "lot": (identity.lot or "").upper()},
    )
    exact = [row for row in lots if row.number == identity.lot]
    return exact[0].id if exact else lots[0].id if len(lots) == 1 else None


def thing(scanned: gs1.Identity) -> tuple[str | None, ...]:
    """What makes a vial one thing: its number and serial, whatever else its code says; its lot where it has no serial."""
    if scanned.other_name:
        return scanned.other_name
    return (scanned.gtin, scanned.serial) if scanned.serial else (scanned.gtin, None, scanned.lot)


def of_vial(scanned: gs1.Identity) -> str:
    """The code of a vial as it is kept: only what names it. What else a label says may be a person's."""
    if scanned.other_name and scanned.other_name[0] != GIAI:
        return scanned.other_name[1]
    naming = ("8004",) if scanned.other_name else ("01", "10", "17", "21", "7003")
    return gs1.unambiguous([one for one in scanned.elements if one[0] in naming])


def label(gtin: str, lot: str, expires: date, serial: str, giai: str | None) -> gs1.Elements:
    """What stands in the code of the label that we print for a vial."""
    return (("8004", giai),) if giai else gs1.vial_elements(gtin, lot, expires, serial)


def giais(view: View, vial_ids: Iterable[str]) -> dict[str, str]:
    """The over-label's number of those of these vials that came without a serial."""
    kept = view.known(Alias, col(Alias.vial_id).in_(list(vial_ids)), scheme=GIAI)
    return {one.vial_id: one.code for one in kept}


def giais_of_lot(view: View, lot_id: str) -> dict[str, str]:
    of_it = select(col(Vial.id)).where(col(Vial.lot_id) == lot_id)
    return {one.vial_id: one.code for one in view.known(Alias, col(Alias.vial_id).in_(of_it), scheme=GIAI)}


def aliases(view: View, vial_id: str) -> list[Alias]:
    """Every other code of a vial, in the order in which they were kept."""
    return view.known(Alias, vial_id=vial_id)
