"""Who acts by a scanned code is told what the label says against the record: lot and expiry, by the rules of the verdict (R3)."""

from __future__ import annotations

from typing import NamedTuple

from traceability.domain import gs1
from traceability.domain.acts import Kind
from traceability.domain.checks import Purpose, use
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding
from traceability.services.names import vial_of
from traceability.services.verdicts import facts
from traceability.store import Tx, View
from traceability.store.tables import Vial


class Label(NamedTuple):
    """What is on the label and was never so contradicts; an expiry that was stated once is outdated, and asks for a new label."""

    contradicts: tuple[Finding, ...] = ()
    outdated: tuple[Finding, ...] = ()

    @property
    def codes(self) -> list[str]:
        return [one.code for one in (*self.contradicts, *self.outdated)]


UNREAD = Label()
"""No label was read, or nothing on it is against the record."""


def said(view: View, vial: Vial, scanned: gs1.Identity | None) -> Label:
    """What the label of this vial says against its record."""
    if scanned is None:
        return UNREAD
    found = use(facts(view, [vial.id], Purpose.STOCK, scanned=scanned)[0])
    return Label(
        tuple(one for one in found if one.code == "label_contradicts"),
        tuple(one for one in found if one.code == "label_superseded"),
    )


def compared(tx: Tx, vial: Vial, scanned: gs1.Identity | None) -> Label:
    """The same for an act: a permission is refused by a contradiction; a fact is kept, and asked about."""
    label = said(tx, vial, scanned)
    if label.contradicts and tx.act.kind is Kind.PERMISSION:
        raise Refused("vial_not_usable", findings=label.contradicts, serial=vial.serial)
    return label


def scanned_of(view: View, vial: Vial, code: str) -> gs1.Identity | None:
    """What was scanned for an act on this vial, where it was; the code of another vial is refused."""
    if not code:
        return None
    scanned = gs1.read(code, view.at.date())
    if vial_of(view, scanned).id != vial.id:
        raise Refused("label_of_another", serial=vial.serial)
    return scanned
