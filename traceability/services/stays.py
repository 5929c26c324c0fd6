"""Where a vial lies, and since when: one stay after another, and none that nobody recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.states import Custody
from traceability.services.excursions import came
from traceability.store import Tx, View
from traceability.store.tables import Consignment, Stay, Vial


def place_all(tx: Tx, vials: Sequence[Vial], place_id: str, *, consignment_id: str | None = None) -> list[str]:
    """They lie there from now on: the open stay of each ends where the next begins (MODEL.md, decision 5). The excursions told of.

    Acts call `late.carried`, which asks where a late word makes a history better.
    """
    tx.still(*vials)
    stays = _of(tx, vials)
    if (last := max((stay.until or stay.since for stay in stays), default=tx.occurred)) > tx.occurred:
        raise Refused("before_last_move", since=last)
    tx.change_all([stay for stay in stays if stay.until is None], until=tx.occurred)
    tx.add_all(
        [Stay(vial_id=one.id, place_id=place_id, consignment_id=consignment_id, since=tx.occurred) for one in vials]
    )
    return came(tx, vials, place_id)


def leave(tx: Tx, vial: Vial, custody: Custody) -> None:
    """It lies nowhere any more. What is told of before its last move ends there: no stay ends before it began."""
    tx.still(vial)
    for stay in _open(tx, vial):
        tx.change(stay, until=max(tx.occurred, stay.since))
    tx.move(vial, custody)


def left_at(tx: Tx, vial: Vial, told: datetime, at: datetime) -> None:
    """It did not leave when it was told to have left, but then: where it lay last it lay until then, at least since it came."""
    stays = sorted(_of(tx, [vial]), key=lambda one: one.since)
    if stays and stays[-1].until == max(told, stays[-1].since):
        tx.change(stays[-1], until=max(at, stays[-1].since))


def lay_between(tx: Tx, vials: Sequence[Vial], place_id: str) -> list[str]:
    """They lay there from then to their next move, of which the record knows: what they went through there counts.

    Of a time in which one lay in no place nothing becomes known by a late word.
    """
    tx.still(*vials)
    cut = [stay for stay in _of(tx, vials) if stay.until is not None and stay.since <= tx.occurred < stay.until]
    made = [Stay(vial_id=one.vial_id, place_id=place_id, since=tx.occurred, until=one.until) for one in cut]
    tx.change_all(cut, until=tx.occurred)
    tx.add_all(made)
    laid = {one.vial_id for one in made}
    return came(tx, [one for one in vials if one.id in laid], place_id)


def appear(
    tx: Tx, vial: Vial, place_id: str, *, last_known: datetime | None = None, box: Consignment | None = None
) -> None:
    """It is there, wherever it was since `last_known`: what was open ends then, and between the two it lay nowhere."""
    tx.still(vial)
    for stay in _open(tx, vial):
        tx.change(stay, until=max(stay.since, min(last_known or tx.occurred, tx.occurred)))
    since = max(tx.occurred, last_move(tx, vial) or tx.occurred)
    tx.add(Stay(vial_id=vial.id, place_id=place_id, consignment_id=box.id if box else None, since=since))
    came(tx, [vial], place_id)


def last_move(view: View, vial: Vial) -> datetime | None:
    """When the record last knows it to have come somewhere, or to have left."""
    return last_moves(view, [vial]).get(vial.id)


def last_moves(view: View, vials: Sequence[Vial]) -> dict[str, datetime]:
    made: dict[str, datetime] = {}
    for stay in _of(view, vials):
        last = stay.until or stay.since
        made[stay.vial_id] = max(last, made.get(stay.vial_id, last))
    return made


def _open(tx: Tx, vial: Vial) -> list[Stay]:
    return tx.known(Stay, Stay.vial_id == vial.id, col(Stay.until).is_(None))


def _of(view: View, vials: Sequence[Vial]) -> list[Stay]:
    if len(vials) == 1:  # its statement is kept
        return view.known(Stay, vial_id=vials[0].id)
    return view.known(Stay, col(Stay.vial_id).in_([one.id for one in vials])) if vials else []
