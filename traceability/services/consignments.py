"""A box from the maker's door to the pharmacy's shelf: shipped, arrived, counted, checked in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.domain.shipping import overdue
from traceability.domain.states import GONE, ConsignmentState, Custody
from traceability.services import Answer, performs
from traceability.services.by_label import compared
from traceability.services.cases import asked, numbered, open_case
from traceability.services.late import carried
from traceability.services.lost_boxes import due_at, found_again
from traceability.services.names import of_vial, thing, vial_if_known
from traceability.services.organisations import own, stands_for
from traceability.services.stays import appear, leave
from traceability.services.vials import end
from traceability.store import Tx, View
from traceability.store.tables import (
    Case,
    Consignee,
    Consignment,
    Handover,
    Line,
    Lot,
    Place,
    Signature,
    Site,
    Stay,
    Vial,
)
from traceability.store.tables.consignments import UNLISTED, Found
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import CaseKind


@performs("consignment.ship")
def ship(
    tx: Tx,
    sscc: str,
    from_site_id: str,
    to_site_id: str,
    vial_ids: Sequence[str],
    *,
    shipper_name: str = "",
    due_on: date | None = None,
) -> Answer:
    """Vials leave their maker in a box with its SSCC; the box is a place, and they lie in it from now on (R8, R17).

    `due_on`: the latest arrival, a day at the site that receives it.
    """
    origin, target = tx.need(Site, from_site_id), tx.need(Site, to_site_id)
    if origin.organisation_id == target.organisation_id:
        raise Refused("place_elsewhere")
    if tx.actor.organisation_id != target.organisation_id:
        own(tx, origin.organisation_id)
    else:
        stands_for(tx, origin.organisation_id)
    return boxed(tx, sscc, origin, target, vial_ids, shipper_name, due_on)


def boxed(
    tx: Tx,
    sscc: str,
    origin: Site,
    target: Site,
    vial_ids: Sequence[str],
    shipper_name: str,
    due_on: date | None,
) -> Answer:
    """A box of these vials on its way between two sites. Who receives it sees the lots in it from now on."""
    code = gs1.read(f"(00){sscc}", tx.at.date())
    if tx.known(Consignment, Consignment.sscc == code.sscc):
        raise Refused("already_there", noun="consignment", key=sscc)
    vials = [tx.need(Vial, vial_id) for vial_id in sorted(set(vial_ids))]
    if not vials:
        raise Refused("nothing_chosen")
    if any(vial.organisation_id != origin.organisation_id for vial in vials):
        raise Refused("not_yours", noun="vial")
    box = tx.add(Place(site_id=target.id, kind=PlaceKind.SHIPPER, name=shipper_name or f"Shipper {sscc}", code=sscc))
    number = numbered(tx, Consignment, "C")
    row = Consignment(
        number=number, sscc=sscc, shipper_id=origin.organisation_id, consignee_id=target.organisation_id,
        from_site_id=origin.id, to_site_id=target.id, place_id=box.id, shipped_at=tx.occurred,
        due_at=due_at(tx, target, due_on), state=ConsignmentState.EXPECTED,
    )  # fmt: skip
    tx.add(row)
    for lot_id in sorted({vial.lot_id for vial in vials}) if origin.organisation_id != target.organisation_id else ():
        if not tx.known(Consignee, Consignee.lot_id == lot_id, Consignee.organisation_id == target.organisation_id):
            tx.add(Consignee(lot_id=lot_id, organisation_id=target.organisation_id))
    tx.add_all([Line(consignment_id=row.id, vial_id=vial.id, found=Found.SHIPPED) for vial in vials])
    against = carried(tx, vials, box.id, consignment_id=row.id).against
    for vial in vials:
        tx.move(vial, Custody.IN_TRANSIT)
    tx.about = {row.id, *(vial.lot_id for vial in vials)}
    codes = sorted({one.code for told in against.values() for one in told})
    answer: Answer = {"id": row.id, "number": number, "vials": len(vials), "findings": codes}
    if not codes:
        return answer
    doubted = [vial for vial in vials if vial.id in against]
    return {**answer, "case": asked(tx, f"Vials of {number}: {', '.join(codes)}", codes, doubted).number}


@performs("consignment.arrive")
def arrive(
    tx: Tx,
    consignment_id: str,
    *,
    carrier: str,
    seal: str,
    seal_whole: bool,
    condition: str,
    temperature_mc: int | None = None,
) -> Answer:
    """Two people take the box over: carrier, seal, condition (R18). Arrival is quarantine: nothing is released by it (R14).

    One that was given up as lost in transit may come after all: a case, and its vials are held.
    """
    consignment = _ours(tx, consignment_id)
    if tx.occurred < consignment.shipped_at:
        raise Refused("before_shipping", shipped=consignment.shipped_at)
    given_up = consignment.state is ConsignmentState.GIVEN_UP
    tx.move(consignment, ConsignmentState.ARRIVED)
    tx.add(
        Handover(
            consignment_id=consignment.id, carrier=carrier, seal=seal, seal_whole=seal_whole,
            condition=condition, temperature_mc=temperature_mc, at=tx.occurred,
        )
    )  # fmt: skip
    answer: Answer = {"id": consignment.id}
    return {**answer, **found_again(tx, consignment)} if given_up else answer


@performs("consignment.count")
def count(tx: Tx, consignment_id: str, code: str, *, broken: bool = False) -> Answer:
    """One vial of the box was scanned: whole, broken, or one that is on no list. The list itself is never edited (R17).

    In shards it is discarded at once. One that the record does not know was in the box all the same: a line with its code, and a case.
    Whole, while the record has it on a shelf or in use: held, whoever receives the box, and moved by nothing.
    """
    consignment = _ours(tx, consignment_id)
    if consignment.state is not ConsignmentState.ARRIVED:
        raise Refused("wrong_state", noun="consignment", state=consignment.state, needs=[ConsignmentState.ARRIVED])
    scanned = gs1.read(code, tx.at.date())
    vial = vial_if_known(tx, scanned)
    if vial is None:
        return _unknown(tx, consignment, scanned, broken=broken)
    lines = tx.all(Line, Line.consignment_id == consignment.id, Line.vial_id == vial.id)
    before = lines[0].found if lines else None
    found, label = _found(before, broken=broken), compared(tx, vial, scanned)
    whole_again = before in IN_SHARDS and not broken
    # it was given, or thrown away, or is at hand elsewhere, and lies in the box: one of the two was another vial
    elsewhere = vial.state in AT_HAND and found in WHOLE and before is not found
    contradicts = vial.state in GONE or whole_again or elsewhere
    codes = ["state_contradicts"] * contradicts + [one.code for one in label.contradicts]
    told = f"{consignment.number}: {vial.serial} counted, {vial.state} on record"
    # counted twice asks where another vial must have had this name: a label that contradicts, or whole after shards
    if before is found and (not (label.contradicts or whole_again) or _is_asked(tx, vial, _titled(told, codes))):
        raise Refused("counted_already", serial=vial.serial)
    if not lines:
        tx.add(Line(consignment_id=consignment.id, vial_id=vial.id, found=found, counted_at=tx.occurred))
        if vial.state in (Custody.MADE, Custody.IN_TRANSIT):  # from when the box left until it is counted, nobody knows
            appear(tx, vial, consignment.place_id, last_known=consignment.shipped_at, box=consignment)
    elif before is not found:
        tx.change(lines[0], found=found, counted_at=tx.occurred)
    if before is not found and found in IN_SHARDS:
        codes = list(dict.fromkeys([*codes, *_broke(tx, consignment, vial)]))
    answer = {
        "id": consignment.id,
        "vial_id": vial.id,
        "serial": vial.serial,
        "found": found,
        **_tally(tx, consignment.id),
    }
    if codes:
        answer |= {"case": asked(tx, _titled(told, codes), codes, [vial]).number}
    if codes or label.outdated:
        answer |= {"findings": codes + [one.code for one in label.outdated]}
    return answer


IN_SHARDS = frozenset({Found.BROKEN, Found.EXTRA_BROKEN})
WHOLE = frozenset({Found.OK, Found.EXTRA})
AT_HAND = frozenset({Custody.IN_STOCK, Custody.RESERVED, Custody.ISSUED, Custody.BACK_IN_PHARMACY})
"""Custody that puts a vial on a shelf or in somebody's hands: it is in no box that was not yet counted."""


def _found(before: Found | None, *, broken: bool) -> Found:
    """What a line says after this count. Broken is a fact that only goes on: whoever scans it whole afterwards changes nothing."""
    if before in (None, Found.EXTRA):
        return Found.EXTRA_BROKEN if broken else Found.EXTRA
    if before in IN_SHARDS:
        return before
    return Found.BROKEN if broken else Found.OK


def _broke(tx: Tx, consignment: Consignment, vial: Vial) -> list[str]:
    """It is gone from this moment, wherever the record had it; what stands against that, by its codes. Of who has no part in the
    box nothing is thrown away by the word of another house: that asks.
    """
    if vial.organisation_id not in (consignment.shipper_id, consignment.consignee_id):
        return ["other_organisation"]
    return [one.code for one in end(tx, vial, Custody.DISCARDED).get(vial.id, ())]


def _titled(told: str, codes: Sequence[str]) -> str:
    return f"{told}: {', '.join(codes)}"[:240]


def _is_asked(tx: Tx, vial: Vial, title: str) -> bool:
    """Whether somebody has to answer for it already."""
    return bool(tx.known(Case, Case.vial_id == vial.id, Case.title == title, col(Case.closed_at).is_(None)))


def _unknown(tx: Tx, consignment: Consignment, scanned: gs1.Identity, *, broken: bool) -> Answer:
    """A code of no vial on record lay in the box: somebody finds out whose it is. It is nobody's to put away."""
    code = of_vial(scanned)
    unknown = [line for line in tx.all(Line, Line.consignment_id == consignment.id) if line.code]
    same = [one for one in unknown if thing(gs1.read(one.code or "", tx.at.date())) == thing(scanned)]
    before = same[0].found if same else None
    found = _found(before, broken=broken)
    if before is found:
        raise Refused("counted_already", serial=scanned.serial or scanned.giai)
    if same:
        tx.change(same[0], found=found, counted_at=tx.occurred)
    else:
        tx.add(Line(consignment_id=consignment.id, code=code, found=found, counted_at=tx.occurred))
    state = " broken" if broken else ""
    title = f"{consignment.number}: {code}{state}, not on record"
    case = open_case(tx, CaseKind.COUNT_DIFFERS, title[:240], consignment_id=consignment.id)
    return {
        "id": consignment.id,
        "vial_id": None,
        "serial": scanned.serial or scanned.giai,
        "found": found,
        "findings": ["serial_unknown"],
        "case": case.number,
        **_tally(tx, consignment.id),
    }


@performs("consignment.check_in")
def check_in(tx: Tx, consignment_id: str) -> Answer:
    """The count is finished: what was not scanned is absent; a difference opens a case. What is broken is wasted since it was counted."""
    consignment = _ours(tx, consignment_id)
    lines = tx.all(Line, Line.consignment_id == consignment.id)
    if not any(line.counted_at for line in lines):
        raise Refused("nothing_counted")
    differs = []
    for line in lines:
        if line.vial_id is None:
            differs.append(f"{line.code} {_in_words(line.found)}, not on record")
            continue
        vial = tx.need(Vial, line.vial_id)
        if line.found is Found.SHIPPED:
            tx.change(line, found=Found.ABSENT)
            if vial.state is Custody.IN_TRANSIT:
                leave(tx, vial, Custody.LOST)
        if line.found is not Found.OK:
            differs.append(f"{vial.serial} {_in_words(line.found)}")
    if differs:
        title = f"{consignment.number}: {', '.join(sorted(differs))}"
        open_case(tx, CaseKind.COUNT_DIFFERS, title[:240], consignment_id=consignment.id)
    tx.move(consignment, ConsignmentState.CHECKED_IN)
    return {"id": consignment.id, **_tally(tx, consignment.id)}


def _in_words(found: Found) -> str:
    return found.replace("_", " and ")


@performs("consignment.turn_away")
def turn_away(tx: Tx, consignment_id: str) -> Answer:
    """The box is not accepted and goes back, with everything in it."""
    consignment = _ours(tx, consignment_id)
    for line in tx.all(Line, Line.consignment_id == consignment.id, col(Line.vial_id).is_not(None)):
        vial = tx.need(Vial, line.vial_id)
        if vial.state is Custody.IN_TRANSIT:
            leave(tx, vial, Custody.SENT_BACK)
    tx.move(consignment, ConsignmentState.TURNED_AWAY)
    return {"id": consignment.id}


@performs("consignment.close")
def close(tx: Tx, consignment_id: str) -> Answer:
    """Everything that arrived whole was put away."""
    consignment = _ours(tx, consignment_id)
    waiting = tx.rows(
        "SELECT count(*) FROM stay WHERE place_id = :box AND until IS NULL", {"box": consignment.place_id}
    )
    if waiting[0][0]:
        raise Refused("still_in_the_box", vials=waiting[0][0])
    tx.move(consignment, ConsignmentState.CLOSED)
    return {"id": consignment.id}


def _ours(tx: Tx, consignment_id: str) -> Consignment:
    consignment = tx.need(Consignment, consignment_id)
    if consignment.consignee_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="consignment")
    return consignment


class Tally(dict[str, int]):
    """How many vials of a box were found how, every word of `Found` named."""

    @property
    def shipped_in_all(self) -> int:
        """What its list names, whatever became of it."""
        return sum(count for found, count in self.items() if found not in UNLISTED)

    @property
    def all_broken(self) -> int:
        """On its list or not."""
        return self[Found.BROKEN] + self[Found.EXTRA_BROKEN]


def _tally(view: View, consignment_id: str) -> Tally:
    counted = view.rows(
        "SELECT found, count(*) FROM consignment_line WHERE consignment_id = :id GROUP BY found", {"id": consignment_id}
    )
    return Tally({str(word): 0 for word in Found} | {row[0]: row[1] for row in counted})


# -------------------------------------------------------------------------------------------------------------- reads


def consignments(view: View, *, limit: int = 100, after: str | None = None) -> list[dict[str, Any]]:
    where = [col(Consignment.id) < after] if after else []
    found = view.all(Consignment, *where, order=col(Consignment.id).desc(), limit=limit)
    return [
        {"consignment": one, "tally": _tally(view, one.id), "overdue": overdue(one.state, one.due_at, view.at)}
        for one in found
    ]


def of_lot(view: View, lot_id: str) -> list[tuple[Consignment, Handover | None]]:
    """The boxes in which vials of a lot travelled, oldest first, each with its arrival."""
    rows = view.rows(
        "SELECT DISTINCT l.consignment_id FROM consignment_line l JOIN vial v ON v.id = l.vial_id WHERE v.lot_id = :lot",
        {"lot": lot_id},
    )
    found = view.all(Consignment, col(Consignment.id).in_([row[0] for row in rows]))
    arrived = {
        one.consignment_id: one for one in view.all(Handover, col(Handover.consignment_id).in_([c.id for c in found]))
    }
    return [(one, arrived.get(one.id)) for one in found]


def shippable(view: View, *, limit: int = 100) -> list[tuple[Lot, int]]:
    """Lots in sight with vials that have not left their maker, newest first, each with how many."""
    rows = view.rows("SELECT lot_id, count(*) FROM vial WHERE state = 'made' GROUP BY lot_id ORDER BY lot_id DESC")
    left = {row[0]: row[1] for row in rows}
    found = view.all(Lot, col(Lot.id).in_(left), order=col(Lot.id).desc(), limit=limit)
    return [(lot, left[lot.id]) for lot in found]


def made(view: View, lot_ids: Sequence[str]) -> list[tuple[Lot, list[Vial]]]:
    """The vials of these lots that can still be shipped."""
    lots = view.all(Lot, col(Lot.id).in_(list(lot_ids)))
    return [(one, view.all(Vial, Vial.lot_id == one.id, Vial.state == Custody.MADE, order=Vial.serial)) for one in lots]


def lying(view: View, vial_ids: Sequence[str]) -> dict[str, Place]:
    """Vial id → the place in sight where it lies now."""
    stays = view.all(Stay, col(Stay.vial_id).in_(list(vial_ids)), col(Stay.until).is_(None))
    places = {one.id: one for one in view.all(Place, col(Place.id).in_({stay.place_id for stay in stays}))}
    return {stay.vial_id: places[stay.place_id] for stay in stays if stay.place_id in places}


def signed(view: View, consignment_id: str) -> list[Signature]:
    """Who signed for the box, in order: of those who signed together, who received before who witnessed."""
    one = view.need(Consignment, consignment_id)
    order = [str(meaning) for meaning in Meaning]
    found = view.known(Signature, Signature.noun_id == one.id)
    return sorted(found, key=lambda signature: (signature.signed_at, order.index(str(signature.meaning))))


def by_code(view: View, raw: str) -> Consignment:
    """The consignment whose box a scanned code names, or a refusal."""
    code = gs1.read(raw, view.at.date())
    found = by_sscc(view, code.sscc) if code.sscc else None
    if found is None:
        raise Refused("box_unknown") if code.sscc else Refused("code_not_a_box", kind=code.kind)
    return found


def by_sscc(view: View, sscc: str) -> Consignment | None:
    found = view.all(Consignment, Consignment.sscc == sscc)
    return found[0] if found else None


def consignment(view: View, consignment_id: str) -> dict[str, Any]:
    """One consignment with its lines, handovers and lots."""
    one = view.need(Consignment, consignment_id)
    lines = view.all(Line, Line.consignment_id == one.id)
    vials = {
        vial.id: vial for vial in view.all(Vial, col(Vial.id).in_([line.vial_id for line in lines if line.vial_id]))
    }
    lots = {lot.id: lot for lot in view.all(Lot, col(Lot.id).in_({vial.lot_id for vial in vials.values()}))}
    return {
        "consignment": one,
        "tally": _tally(view, one.id),
        "overdue": overdue(one.state, one.due_at, view.at),
        "lines": sorted(
            ((line, vials.get(line.vial_id or "")) for line in lines),
            key=lambda pair: pair[1].serial if pair[1] else "",
        ),
        "lots": lots,
        "handovers": view.all(Handover, Handover.consignment_id == one.id),
        "from": view.need(Site, one.from_site_id),
        "to": view.need(Site, one.to_site_id),
    }
