"""What was found out about a case, and to which other lots it was extended: suggested by what they share, each with its ground."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, bindparam, text
from sqlmodel import col

from traceability.domain.casework import CaseKind, Ground
from traceability.domain.errors import Refused
from traceability.domain.papers import FileKind
from traceability.services import Answer, eyes, performs
from traceability.services.cases import at_work, hold_things
from traceability.services.excursions import there
from traceability.services.materials import lots_made_of
from traceability.store import Tx, View
from traceability.store.tables import (
    Attachment,
    Case,
    CaseFile,
    CaseLot,
    Excursion,
    Investigation,
    Line,
    Lot,
    Place,
    Scope,
    Vial,
)
from traceability.store.tables.quality import Hold, ScopeKind


@performs("case.investigate")
def investigate(tx: Tx, case_id: str, findings: str, *, root_cause: str = "") -> Answer:
    """What was found, and what is taken to be its cause. Each entry stands; a later one may say otherwise."""
    case = at_work(tx, case_id)
    row = Investigation(
        case_id=case.id, findings=findings.strip(), root_cause=root_cause.strip() or None, person_id=tx.actor.person_id,
        investigated_at=tx.at,
    )  # fmt: skip
    tx.add(row)
    tx.mention(case.id)
    return {"id": case.id, "number": case.number, "investigation_id": row.id}


@performs("case.attach")
def attach(tx: Tx, case_id: str, sha256: str, name: str, media_type: str, size: int) -> Answer:
    """Link a file that was kept before the act began: what was seen, or what shows that an action was done."""
    case = at_work(tx, case_id)
    row = tx.add(
        Attachment(
            sha256=sha256,
            name=name[:200],
            media_type=media_type,
            size=size,
            organisation_id=tx.actor.organisation_id,
            kind=FileKind.OTHER,
        )
    )
    tx.add(CaseFile(case_id=case.id, attachment_id=row.id))
    tx.mention(case.id)
    return {"id": case.id, "number": case.number, "attachment_id": row.id}


@performs("case.extend_to")
def extend_to(tx: Tx, case_id: str, lot_ids: Sequence[str], chosen: bool, *, place_hold: bool = False) -> Answer:
    """Other lots are concerned, or are not, with the reason; those taken in can be held until the case is answered.

    To leave out one that was taken in frees it: signed, by somebody who neither opened the case nor had a part in it.
    """
    case = at_work(tx, case_id)
    lots = [tx.need(Lot, one) for one in sorted(set(lot_ids))]
    if not lots:
        raise Refused("nothing_chosen")
    if place_hold and not chosen:
        raise Refused("hold_of_what_is_left_out")
    inside = {one for one, told in taken_in(tx, case).items() if told.chosen}
    if not chosen and inside & {lot.id for lot in lots}:
        eyes.frees(tx, case)
    tx.covers = {"case": case.number, "lots": [lot.id for lot in lots], "chosen": chosen}
    grounds = {one.lot.id: one.grounds for one in suggestions(tx, case)}
    tx.add_all(
        [
            CaseLot(
                case_id=case.id, lot_id=lot.id, chosen=chosen, grounds=[one.plain() for one in grounds.get(lot.id, ())],
                person_id=tx.actor.person_id, decided_at=tx.at,
            ) for lot in lots
        ]
    )  # fmt: skip
    held = hold_things(tx, case, {lot.id: ScopeKind.LOT for lot in lots}, case.number) if place_hold else None
    tx.mention(*(lot.id for lot in lots))
    return {"id": case.id, "number": case.number, "hold": held.number if held else None}


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Shared:
    """One ground: by what another lot is near, and the codes of it."""

    ground: Ground
    names: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        return {"ground": str(self.ground), "names": list(self.names)}


@dataclass(frozen=True, slots=True)
class Suggestion:
    lot: Lot
    grounds: tuple[Shared, ...]
    decided: CaseLot | None


def files(view: View, case_id: str) -> list[Attachment]:
    """The files of a case that the reader may see, oldest first."""
    linked = [one.attachment_id for one in view.all(CaseFile, CaseFile.case_id == case_id)]
    return view.all(Attachment, col(Attachment.id).in_(linked), order=Attachment.id) if linked else []


def taken_in(view: View, case: Case) -> dict[str, CaseLot]:
    """What was decided last of each other lot."""
    return {one.lot_id: one for one in view.all(CaseLot, CaseLot.case_id == case.id, order=CaseLot.id)}


def lots_of(view: View, case: Case) -> list[str]:
    """The lots that a case is about: its own, those of what it holds or came with its box, and those taken in."""
    found = {one for one in (case.lot_id,) if one}
    things = held_things(view, case)
    vials = [one for one, kind in things.items() if kind is ScopeKind.VIAL] + ([case.vial_id] if case.vial_id else [])
    if case.consignment_id and not found:
        vials += [one.vial_id for one in view.all(Line, Line.consignment_id == case.consignment_id) if one.vial_id]
    if excursion := view.find(Excursion, case.excursion_id):
        vials += there(view, excursion.place_id, excursion.since, excursion.until)
    found |= {one.lot_id for one in view.all(Vial, col(Vial.id).in_(vials))} if vials else set()
    found |= {one for one, kind in things.items() if kind is ScopeKind.LOT}
    materials = [one for one, kind in things.items() if kind is ScopeKind.MATERIAL]
    found |= {one.id for one in lots_made_of(view, materials)} if materials else set()
    found |= {one for one, told in taken_in(view, case).items() if told.chosen}
    return sorted(found)


def held_things(view: View, case: Case) -> dict[str, ScopeKind]:
    """What the holds of a case cover, lifted or not."""
    holds = [one.id for one in view.known(Hold, Hold.case_id == case.id)]
    return {one.target_id: one.kind for one in view.known(Scope, col(Scope.hold_id).in_(holds))} if holds else {}


def suggestions(view: View, case: Case) -> list[Suggestion]:
    """Other lots in sight that share an ancestor, a place at one time, a shipment or the day of making; and what was decided of each."""
    mine = lots_of(view, case)
    decided = taken_in(view, case)
    # what was taken in is about the case now; whether it is near is asked of what the case began with
    begun = [one for one in mine if one not in decided] or mine
    shared: dict[str, dict[Ground, set[str]]] = defaultdict(lambda: defaultdict(set))
    if begun and case.kind is not CaseKind.DONOR_RESULT:  # who descends from it is known and held
        asked = {"lots": begun}
        places = list(view.connection.execute(_PLACES, asked))
        codes = {one.id: one.code for one in view.all(Place, col(Place.id).in_({row.name for row in places}))}
        for row in places:
            if row.name in codes:
                shared[row.lot_id][Ground.PLACE].add(codes[row.name])
        for ground, query in ((Ground.ANCESTOR, _ANCESTORS), (Ground.SHIPMENT, _SHIPMENTS), (Ground.DAY, _DAYS)):
            for row in view.connection.execute(query, asked):
                shared[row.lot_id][ground].add(str(row.name))
    near = {*shared, *decided} - set(begun)
    return [
        Suggestion(
            lot, tuple(Shared(one, tuple(sorted(names))) for one, names in sorted(shared[lot.id].items())), decided.get(lot.id)
        )
        for lot in view.all(Lot, col(Lot.id).in_(near), order=Lot.number)
    ]  # fmt: skip


def _asked(query: str) -> Any:
    return text(query).bindparams(bindparam("lots", type_=String, expanding=True))


_ANCESTORS = _asked(
    "SELECT DISTINCT b.lot_id, m.code AS name FROM lot_ancestor a JOIN lot_ancestor b ON b.material_id = a.material_id"
    " JOIN material m ON m.id = a.material_id WHERE a.lot_id IN :lots AND b.lot_id NOT IN :lots"
)
_SHIPMENTS = _asked(
    "SELECT DISTINCT w.lot_id, c.number AS name FROM vial v JOIN consignment_line l ON l.vial_id = v.id"
    " JOIN consignment_line n ON n.consignment_id = l.consignment_id JOIN vial w ON w.id = n.vial_id"
    " JOIN consignment c ON c.id = l.consignment_id WHERE v.lot_id IN :lots AND w.lot_id NOT IN :lots"
)
_DAYS = _asked(
    "SELECT DISTINCT b.id AS lot_id, b.made_on AS name FROM lot a JOIN lot b ON b.maker_id = a.maker_id AND b.made_on = a.made_on"
    " WHERE a.id IN :lots AND b.id NOT IN :lots"
)
# By the time from the first vial of each lot to the last: five hundred vials beside five hundred are one row.
_LAY = (
    "SELECT v.lot_id, s.place_id, min(s.since) AS since, max(s.until) AS until, max(CASE WHEN s.until IS NULL THEN 1 ELSE 0 END) AS still"
    " FROM stay s JOIN vial v ON v.id = s.vial_id JOIN place p ON p.id = s.place_id WHERE p.kind <> 'shipper'"
)
_PLACES = _asked(
    f"WITH mine AS ({_LAY} AND v.lot_id IN :lots GROUP BY v.lot_id, s.place_id),"  # noqa: S608 - from the words above alone
    f" others AS ({_LAY} AND v.lot_id NOT IN :lots AND s.place_id IN (SELECT place_id FROM mine) GROUP BY v.lot_id, s.place_id)"
    " SELECT DISTINCT o.lot_id, o.place_id AS name FROM mine m JOIN others o ON o.place_id = m.place_id"
    " AND (m.still = 1 OR o.since < m.until) AND (o.still = 1 OR m.since < o.until)"
)
