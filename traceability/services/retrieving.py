"""Vials of a recall, one by one: scanned and put aside, or vouched for in writing. In a mock recall nothing is moved (R35, R36)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.recalling import Retrieved
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import GONE, Custody
from traceability.services import Answer, performs
from traceability.services.by_label import Label, compared
from traceability.services.cases import open_case
from traceability.services.covering import covers
from traceability.services.late import Against, answered, together
from traceability.services.names import of_vial, vial_if_known
from traceability.services.notices import noticed
from traceability.services.organisations import sites
from traceability.services.progress import recall_of
from traceability.services.supply import let_go
from traceability.services.vials import carry, contradicts, reappear, shelf
from traceability.store import Tx
from traceability.store.tables import Case, Consignment, Line, Place, Recall, Retrieval, Stay, Vial
from traceability.store.tables.quality import CaseKind


@performs("recall.retrieve")
def retrieve(tx: Tx, recall_id: str, code: str, place_id: str | None = None) -> Answer:
    """A vial of the recall is in somebody's hand: it goes to a quarantine place, and counts as found.

    In a mock recall it counts as found and stays what and where it was. What contradicts the record is asked about.
    """
    recall = _open(tx, recall_id)
    scanned = gs1.read(code, tx.at.date())
    vial = vial_if_known(tx, scanned)
    if vial is None:
        return _unknown(tx, recall, scanned)
    if not covers(tx, recall.id, vial.id):
        raise Refused("vial_not_in_recall", serial=vial.serial, number=recall.number)
    tx.alone(f"retrieval of {vial.id}")
    lines = tx.known(Retrieval, Retrieval.recall_id == recall.id, Retrieval.vial_id == vial.id)
    if lines and lines[0].how is Retrieved.SCANNED:
        raise Refused("retrieved_already", serial=vial.serial, number=recall.number)
    label = compared(tx, vial, scanned)
    was, strange = vial.state, not _is_here(tx, vial)
    against: Against = {vial.id: _strange(vial, strange)}
    place = None
    if not recall.mock and not strange and vial.state not in GONE:
        place, found = _put_aside(tx, vial, place_id)
        against = together(against, found)
    mine, put = tx.actor.organisation_id, place.id if place else None
    if lines:
        tx.change(lines[0], organisation_id=mine, how=Retrieved.SCANNED, custody=was, place_id=put, at=tx.occurred)
    else:
        tx.add(
            Retrieval(
                recall_id=recall.id, vial_id=vial.id, organisation_id=mine, how=Retrieved.SCANNED, custody=was,
                place_id=put, at=tx.occurred,
            )
        )  # fmt: skip
    answer = (
        _asked_without_effect(tx, recall, vial, against, label) if recall.mock else answered(tx, vial, against, label)
    )
    return {**answer, "id": recall.id, "vial_id": vial.id, "place_id": put, "mock": recall.mock}


@performs("recall.document")
def document(tx: Tx, recall_id: str, vial_ids: Sequence[str]) -> Answer:
    """QA vouches for vials that nobody here can scan, with its evidence as the reason. One that is missing is not vouched for."""
    recall = _open(tx, recall_id)
    if not vial_ids:
        raise Refused("nothing_chosen")
    made = []
    for vial_id in sorted(set(vial_ids)):
        vial = tx.need(Vial, vial_id)
        if not _is_here(tx, vial):
            raise Refused("not_yours", noun="vial")
        if not covers(tx, recall.id, vial.id):
            raise Refused("vial_not_in_recall", serial=vial.serial, number=recall.number)
        if vial.state is Custody.LOST:
            raise Refused("vial_is_missing", serial=vial.serial)
        tx.alone(f"retrieval of {vial.id}")
        if tx.known(Retrieval, Retrieval.recall_id == recall.id, Retrieval.vial_id == vial.id):
            raise Refused("retrieved_already", serial=vial.serial, number=recall.number)
        made.append(
            Retrieval(
                recall_id=recall.id, vial_id=vial.id, organisation_id=tx.actor.organisation_id, how=Retrieved.DOCUMENTED,
                custody=vial.state, at=tx.occurred,
            )
        )  # fmt: skip
    tx.add_all(made)
    return {"id": recall.id, "number": recall.number, "vials": len(made)}


def _open(tx: Tx, recall_id: str) -> Recall:
    """One that this organisation was told of. A vial that is found after the closure is put aside too; a mock recall is over."""
    recall = recall_of(tx, recall_id)
    noticed(tx, recall, tx.actor.organisation_id)
    if recall.closed_at is not None if recall.mock else recall.withdrawn_at is not None:
        raise Refused("already_ended", noun="recall")
    return recall


def _is_here(tx: Tx, vial: Vial) -> bool:
    """Whether the record has it with this organisation, or in a box to it or from it."""
    if vial.organisation_id == tx.actor.organisation_id:
        return True
    boxes = [line.consignment_id for line in tx.known(Line, vial_id=vial.id)]
    return any(
        box.consignee_id == tx.actor.organisation_id for box in tx.known(Consignment, col(Consignment.id).in_(boxes))
    )


def _strange(vial: Vial, elsewhere: bool) -> tuple[Finding, ...]:
    """Why a vial in this hand is not what the record says."""
    if elsewhere:
        return (Finding("other_organisation", False, Severity.ASK, {"serial": vial.serial}),)
    if vial.state in GONE:
        return contradicts(vial)
    return ()


def _put_aside(tx: Tx, vial: Vial, place_id: str | None) -> tuple[Place | None, Against]:
    """Into quarantine, and kept for nobody any more. In a box on its way it stays there: who receives the box puts it away."""
    if vial.state is Custody.IN_TRANSIT:
        return None, {}
    place = shelf(tx, place_id) if place_id else _quarantine(tx, vial)
    if place is not None and place_id and not place.quarantine:
        raise Refused("place_not_quarantine", place=place.code)
    if vial.state is Custody.LOST:
        if place is None:
            raise Refused("quarantine_missing")
        return place, reappear(tx, vial, place.id)
    found: Against = {}
    if place is not None and _lies_in(tx, vial) != place.id:
        found = carry(tx, [vial], place.id).against
    let_go(tx, vial)
    if vial.state is Custody.RESERVED:
        tx.move(vial, Custody.IN_STOCK)
    elif vial.state is Custody.ISSUED:
        tx.move(vial, Custody.BACK_IN_PHARMACY)
    if place is not None:
        tx.mention(place.id)
    return place, found


def _quarantine(tx: Tx, vial: Vial) -> Place | None:
    """This organisation's quarantine place, where it has several that of the site where the vial lies."""
    mine = [site.id for site, _ in sites(tx)]
    found = tx.known(Place, col(Place.site_id).in_(mine), col(Place.quarantine).is_(True))
    here = tx.find(Place, _lies_in(tx, vial))
    found.sort(key=lambda one: (here is None or one.site_id != here.site_id, one.code))
    return found[0] if found else None


def _lies_in(tx: Tx, vial: Vial) -> str | None:
    open_ = [one for one in tx.known(Stay, vial_id=vial.id) if one.until is None]
    return open_[0].place_id if open_ else None


def _asked_without_effect(tx: Tx, recall: Recall, vial: Vial, against: Against, label: Label) -> Answer:
    """A mock recall finds what is wrong and says so, in a case: it holds no vial."""
    codes = [one.code for one in (*against[vial.id], *label.contradicts)]
    if vial.state is Custody.LOST:
        codes.append("state_contradicts")
    answer: Answer = {"serial": vial.serial, "findings": [*codes, *(one.code for one in label.outdated)]}
    if not codes:
        return answer
    title = f"{recall.number}: {vial.serial} {', '.join(codes)}"
    return {
        **answer,
        "case": open_case(tx, CaseKind.CONTRADICTION, title[:240], vial_id=vial.id, lot_id=vial.lot_id).number,
    }


def _unknown(tx: Tx, recall: Recall, scanned: gs1.Identity) -> Answer:
    """A code of no vial on record: somebody finds out whose it is. Told once."""
    title = f"{recall.number}: {of_vial(scanned)}, not on record"[:240]
    serial = scanned.serial or scanned.giai
    mine = tx.actor.organisation_id
    tx.alone(f"unknown of {recall.id}")
    if tx.known(Case, Case.title == title, Case.organisation_id == mine, col(Case.closed_at).is_(None)):
        raise Refused("retrieved_already", serial=serial, number=recall.number)
    case = open_case(tx, CaseKind.CONTRADICTION, title)
    return {
        "id": recall.id, "vial_id": None, "serial": serial, "findings": ["serial_unknown"], "case": case.number,
        "place_id": None, "mock": recall.mock,
    }  # fmt: skip
