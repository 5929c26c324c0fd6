"""The vials kept for a dose, whether together they hold what it takes, and letting them go (R40)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain.states import Custody
from traceability.store import Tx, View
from traceability.store.tables import Reservation, Thaw, Vial
from traceability.store.tables.row import Utc


@dataclass(frozen=True, slots=True)
class Kept:
    """A vial that is kept for a dose now, where it is, and what its lot's version of the product puts into one, in µl."""

    vial_id: str
    serial: str
    state: Custody
    volume_ul: int
    since: datetime


def let_go(tx: Tx, vial: Vial) -> None:
    """The vial is kept for nobody any more, whoever it was kept for."""
    for kept in tx.known(Reservation, Reservation.vial_id == vial.id, col(Reservation.until).is_(None)):
        tx.change(kept, until=tx.at)


def back(tx: Tx, dose_ids: Iterable[str]) -> dict[str, list[str]]:
    """Of the vials kept for these doses those that wait in the freezer go back to stock. One that thaws or was handed out has no
    way back and stays with its dose. Both by serial, under the names that an answer has for them.
    """
    kept = tx.all(Reservation, col(Reservation.dose_id).in_(sorted(dose_ids)), col(Reservation.until).is_(None))
    vials = {one.id: one for one in tx.known(Vial, col(Vial.id).in_(sorted(one.vial_id for one in kept)))}
    thawed = {one.vial_id for one in tx.known(Thaw, col(Thaw.vial_id).in_(sorted(vials)))}
    waits = {one for one, vial in vials.items() if vial.state is Custody.RESERVED and one not in thawed}
    for vial_id in sorted(waits):
        tx.move(vials[vial_id], Custody.IN_STOCK)
        let_go(tx, vials[vial_id])
    return {
        "back_in_stock": sorted(vials[one].serial for one in waits),
        "still_out": sorted(vials[one].serial for one in vials.keys() - waits),
    }


# -------------------------------------------------------------------------------------------------------------- reads

_KEPT = text(
    "SELECT r.dose_id, r.vial_id, v.serial, v.state, p.volume_ul, r.since FROM reservation r JOIN vial v ON v.id = r.vial_id"
    " JOIN lot l ON l.id = v.lot_id JOIN product_version p ON p.id = l.product_version_id"
    " WHERE r.until IS NULL AND r.dose_id IN :ids"
).bindparams(bindparam("ids", expanding=True)).columns(since=Utc)  # fmt: skip


def kept(view: View, dose_ids: Iterable[str]) -> dict[str, tuple[Kept, ...]]:
    """Of each of these doses every vial kept for it, in the order in which they were chosen; none where none is."""
    ids = sorted(dose_ids)
    found: dict[str, list[Kept]] = defaultdict(list)
    for row in view.connection.execute(_KEPT, {"ids": ids}) if ids else ():
        found[row.dose_id].append(Kept(row.vial_id, row.serial, Custody(row.state), row.volume_ul, row.since))
    return {one: tuple(sorted(vials, key=lambda each: (each.since, each.serial))) for one, vials in found.items()}


def lacks_ul(takes_ul: int, vials: Iterable[Kept]) -> int:
    """What these vials lack of what a dose takes; 0 where they hold it."""
    return max(0, takes_ul - sum(one.volume_ul for one in vials))


def turn(vials: Sequence[Kept], thawed: Collection[str] = ()) -> Kept | None:
    """The vial of a dose whose turn it is: the first to be handed out, then the first to thaw, then the first."""
    waits = [one for one in vials if one.state is Custody.RESERVED]
    frozen = [one for one in vials if one.vial_id not in thawed]
    return next(iter([*waits, *frozen, *vials]), None)
