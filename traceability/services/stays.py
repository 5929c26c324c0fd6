"""Where a vial lies, and since when: one stay after another, and none that nobody recorded."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.states import Custody
from traceability.services.excursions import came
from traceability.store import Tx, View
from traceability.store.tables import Consignment, Stay, Vial


def place(tx: Tx, vial: Vial, place_id: str, *, consignment_id: str | None = None) -> None:
    """The vial lies there from now on: its open stay ends where the next begins (MODEL.md, decision 5)."""
    tx.still(vial)
    for stay in tx.known(Stay, vial_id=vial.id):
        if tx.occurred < (last := stay.until or stay.since):
            raise Refused("before_last_move", since=last)
        if stay.until is None:
            tx.change(stay, until=tx.occurred)
    tx.add(Stay(vial_id=vial.id, place_id=place_id, consignment_id=consignment_id, since=tx.occurred))
    came(tx, vial, place_id)


def leave(tx: Tx, vial: Vial, custody: Custody) -> None:
    """It lies nowhere any more. What is told of before its last move ends there: no stay ends before it began."""
    tx.still(vial)
    for stay in _open(tx, vial):
        tx.change(stay, until=max(tx.occurred, stay.since))
    tx.move(vial, custody)


def lay_between(tx: Tx, vial: Vial, place_id: str) -> None:
    """It lay there from then to its next move, of which the record knows: what it went through there counts.

    Of a time in which it lay in no place nothing becomes known by a late word.
    """
    tx.still(vial)
    for stay in tx.known(Stay, vial_id=vial.id):
        if stay.until is not None and stay.since <= tx.occurred < stay.until:
            left = stay.until
            tx.change(stay, until=tx.occurred)
            tx.add(Stay(vial_id=vial.id, place_id=place_id, since=tx.occurred, until=left))
            came(tx, vial, place_id)
            return


def appear(
    tx: Tx, vial: Vial, place_id: str, *, last_known: datetime | None = None, box: Consignment | None = None
) -> None:
    """It is there, wherever it was since `last_known`: what was open ends then, and between the two it lay nowhere."""
    tx.still(vial)
    for stay in _open(tx, vial):
        tx.change(stay, until=max(stay.since, min(last_known or tx.occurred, tx.occurred)))
    since = max(tx.occurred, last_move(tx, vial) or tx.occurred)
    tx.add(Stay(vial_id=vial.id, place_id=place_id, consignment_id=box.id if box else None, since=since))


def last_move(view: View, vial: Vial) -> datetime | None:
    """When the record last knows it to have come somewhere, or to have left."""
    return max((stay.until or stay.since for stay in view.known(Stay, vial_id=vial.id)), default=None)


def _open(tx: Tx, vial: Vial) -> list[Stay]:
    return tx.known(Stay, Stay.vial_id == vial.id, col(Stay.until).is_(None))
