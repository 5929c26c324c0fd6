"""A box that did not arrive by its day: given up as lost in transit by two people, and what follows where it comes after all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.domain.shipping import LONGEST_D, latest_arrival, overdue
from traceability.domain.states import ConsignmentState, Custody
from traceability.services import Answer, dates, performs
from traceability.services.cases import hold, open_case
from traceability.services.stays import appear, leave
from traceability.store import Tx
from traceability.store.tables import Case, Consignment, Line, Site, Vial
from traceability.store.tables.quality import CaseKind

OVERDUE = "consignment.state = 'expected' AND consignment.due_at < :now"
"""`shipping.overdue`, for queries that ask for boxes."""


@performs("consignment.give_up")
def give_up(tx: Tx, consignment_id: str) -> Answer:
    """QA of who sent it or of who waits for it, and a second person who looked for it: its vials are missing from now on.

    What is known to have befallen single vials on the way is told of them, at any time. Raises `box_not_overdue` before its day.
    """
    box = tx.need(Consignment, consignment_id)
    if tx.actor.organisation_id not in (box.shipper_id, box.consignee_id):
        raise Refused("not_yours", noun="consignment")
    late = overdue(box.state, box.due_at, tx.at)
    tx.move(box, ConsignmentState.GIVEN_UP, given_up_at=tx.at)
    if not late:
        raise Refused("box_not_overdue", due=box.due_at)
    gone = _vials(tx, box, Custody.IN_TRANSIT)
    for vial in gone:
        leave(tx, vial, Custody.LOST)
    title = f"{box.number}: box_overdue, {' '.join(vial.serial for vial in gone)}"
    case = open_case(tx, CaseKind.LOSS, title[:240], consignment_id=box.id)
    tx.covers = {"box": box.sscc, "serials": [vial.serial for vial in gone]}
    return {"id": box.id, "number": box.number, "vials": len(gone), "case": case.number}


def found_again(tx: Tx, box: Consignment) -> Answer:
    """It was given up and stands at the door: its missing vials lie in it again, to be counted, and are held until QA has looked.

    Where they were since it was given up nobody knows: of that time they lie in no place.
    """
    found = _vials(tx, box, Custody.LOST)
    for vial in found:
        appear(tx, vial, box.place_id, box=box)
        tx.move(vial, Custody.IN_TRANSIT)
    against = Finding("box_given_up", False, Severity.ASK)
    lost = tx.known(Case, Case.consignment_id == box.id, Case.kind == CaseKind.LOSS)
    title = f"{box.number}: {', '.join([against.code, *sorted(one.number for one in lost)])}"
    case = open_case(tx, CaseKind.CONTRADICTION, title[:240], consignment_id=box.id)
    hold(tx, case, [against.code], found)
    return {"findings": [against.code], "case": case.number}


def due_at(tx: Tx, target: Site, due_on: date | None) -> datetime:
    """By when the box that leaves now is there. Raises `field_date_outside`."""
    zone = ZoneInfo(target.zone)
    shipped = tx.occurred.astimezone(zone).date()
    if due_on is not None:
        dates.within("due_on", due_on, shipped, shipped + timedelta(days=LONGEST_D))
    return latest_arrival(shipped, due_on, zone)


def _vials(tx: Tx, box: Consignment, custody: Custody) -> list[Vial]:
    """Those of its list that are in this custody, by serial."""
    lines = tx.all(Line, Line.consignment_id == box.id, col(Line.vial_id).is_not(None))
    found = [tx.need(Vial, str(line.vial_id)) for line in lines]
    return sorted((vial for vial in found if vial.state is custody), key=lambda vial: vial.serial)
