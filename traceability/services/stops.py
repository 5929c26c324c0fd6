"""Holds and recalls: rows that stop whatever they cover, in every organisation, until each of them is lifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text
from sqlmodel import col

from traceability.domain.errors import NotFound, Refused
from traceability.services import Answer, performs
from traceability.services.cases import numbered
from traceability.services.organisations import own, stands_for
from traceability.store import Tx, View
from traceability.store.sight import visible
from traceability.store.tables import (
    Case,
    Consignment,
    Hold,
    Lot,
    LotAncestor,
    Material,
    Organisation,
    Place,
    Recall,
    Row,
    Scope,
    Site,
    Vial,
)
from traceability.store.tables.organisations import OrganisationKind, PlaceKind
from traceability.store.tables.quality import ScopeKind

NOUN: dict[ScopeKind, type[Row]] = {
    ScopeKind.VIAL: Vial, ScopeKind.LOT: Lot, ScopeKind.CONSIGNMENT: Consignment, ScopeKind.PLACE: Place,
    ScopeKind.MATERIAL: Material, ScopeKind.MAKER: Organisation, ScopeKind.SITE: Site,
}  # fmt: skip


@performs("hold.place")
def hold(
    tx: Tx,
    title: str,
    kind: ScopeKind,
    target_ids: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Answer:
    """Something is undecided: whatever this covers asks QA from now on. A place is covered for an interval."""
    row = Hold(number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, title=title, placed_at=tx.at)
    tx.add(row)
    _cover(tx, kind, target_ids, since, until, hold_id=row.id)
    return {"id": row.id, "number": row.number}


@performs("hold.lift")
def lift(tx: Tx, hold_id: str) -> Answer:
    """Decided, signed, with its reason; any other hold over the same vials stands (MODEL.md, decision 2)."""
    hold = tx.need(Hold, hold_id)
    own(tx, hold.organisation_id)
    if hold.lifted_at is not None:
        raise Refused("already_ended", noun="hold")
    if hold.excursion_id is not None:  # decided vial by vial, so that a vial of which nobody knew yet stays held
        raise Refused("excursion_by_vial", number=hold.number)
    tx.change(hold, lifted_at=tx.at)
    for scope in tx.known(Scope, Scope.hold_id == hold.id):
        tx.mention(scope.target_id)
    return {"id": hold.id, "number": hold.number}


@performs("recall.start")
def recall(tx: Tx, title: str, class_: int, mandatory: bool, kind: ScopeKind, target_ids: Sequence[str]) -> Answer:
    """Stops use in every organisation at once, acknowledged or not: whatever it names that is its caller's to stop (R35)."""
    if class_ not in (1, 2, 3):
        raise Refused("recall_class", value=class_)
    if kind is ScopeKind.PLACE:
        raise Refused("recall_of_a_place")
    row = Recall(
        number=numbered(tx, Recall, "R"), organisation_id=tx.actor.organisation_id, class_=class_, mandatory=mandatory,
        title=title, started_at=tx.at,
    )  # fmt: skip
    tx.add(row)
    _cover(tx, kind, target_ids, None, None, recall_id=row.id)
    return {"id": row.id, "number": row.number}


@performs("recall.withdraw")
def withdraw(tx: Tx, recall_id: str) -> Answer:
    recall = tx.need(Recall, recall_id)
    own(tx, recall.organisation_id)
    if recall.withdrawn_at is not None:
        raise Refused("already_ended", noun="recall")
    tx.change(recall, withdrawn_at=tx.at)
    for scope in tx.known(Scope, Scope.recall_id == recall.id):
        tx.mention(scope.target_id)
    return {"id": recall.id, "number": recall.number}


def _cover(
    tx: Tx,
    kind: ScopeKind,
    target_ids: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    *,
    hold_id: str | None = None,
    recall_id: str | None = None,
) -> None:
    """Write down what is covered; everything named must be there, in sight, and theirs to stop."""
    if not target_ids:
        raise Refused("nothing_chosen")
    if (kind is ScopeKind.PLACE and since is None) or (since and until and until <= since):
        raise Refused("interval_empty")
    for target_id in sorted(set(target_ids)):
        target = tx.need(NOUN[kind], target_id)
        _theirs(tx, target)
        tx.add(Scope(hold_id=hold_id, recall_id=recall_id, kind=kind, target_id=target.id, since=since, until=until))
        tx.mention(target.id)


def _theirs(tx: Tx, target: Row) -> None:
    """Lots, vials and boxes in sight are stopped by whoever finds something wrong with them. A site or a place is stopped
    by its own people; a maker or a material by its owner, or by who has lots of it, and then for their own stock alone.
    """
    mine = tx.actor.organisation_id
    match target:
        case Site():
            own(tx, target.organisation_id)
        case Place() if target.kind is not PlaceKind.SHIPPER:
            stands_for(tx, tx.need(Site, target.site_id).organisation_id)
        case Organisation():
            if target.kind is not OrganisationKind.MAKER:
                raise Refused("not_a_maker", name=target.name)
            if target.id != mine and not tx.all(Lot, Lot.maker_id == target.id, limit=1):
                raise Refused("not_yours", noun="organisation")
        case Material() if target.organisation_id != mine:
            made_of_it = select(col(LotAncestor.lot_id)).where(col(LotAncestor.material_id) == target.id)
            if not tx.all(Lot, col(Lot.id).in_(made_of_it), limit=1):
                raise Refused("not_yours", noun="material")


def open_holds(view: View) -> list[Hold]:
    """The holds of this organisation that stand: those it may lift."""
    return view.all(Hold, col(Hold.lifted_at).is_(None), order=Hold.placed_at)


def open_recalls(view: View) -> list[Recall]:
    """Recalls of every organisation: they stop use everywhere, so everybody may know of them."""
    return view.known(Recall, col(Recall.withdrawn_at).is_(None))


def scopes(view: View, *, hold_id: str | None = None, recall_id: str | None = None) -> list[Scope]:
    column, value = (Scope.hold_id, hold_id) if hold_id else (Scope.recall_id, recall_id)
    return view.known(Scope, column == value)


def recalls(view: View) -> list[Recall]:
    """Every recall there was, of every organisation, the newest first: those withdrawn too."""
    return sorted(view.known(Recall), key=lambda one: one.started_at, reverse=True)


def recall_of(view: View, recall_id: str) -> Recall:
    """Anybody's recall: what it covers is another matter."""
    found = view.known(Recall, Recall.id == recall_id)
    if not found:
        raise NotFound("recall")
    return found[0]


def holds(view: View) -> list[Hold]:
    """The holds of this organisation and those over vials that it holds, lifted ones too, the newest first."""
    return sorted(view.known(Hold, seen(view)), key=lambda one: one.placed_at, reverse=True)


def hold_of(view: View, hold_id: str) -> tuple[Hold, Case | None]:
    """Of somebody else's hold over our vials: that it is there, not the case behind it."""
    found = view.known(Hold, seen(view), Hold.id == hold_id)
    if not found:
        raise NotFound("hold")
    return found[0], view.find(Case, found[0].case_id)


_COVERS = (
    "((c.kind = 'vial' AND c.target_id = v.id) OR (c.kind = 'lot' AND c.target_id = v.lot_id)"
    " OR (c.kind = 'maker' AND c.target_id = l.maker_id AND x.organisation_id IN (l.maker_id, v.organisation_id))"
    " OR (c.kind = 'material' AND EXISTS (SELECT 1 FROM lot_ancestor a JOIN material m ON m.id = a.material_id WHERE a.lot_id = l.id"
    " AND a.material_id = c.target_id AND x.organisation_id IN (l.maker_id, v.organisation_id, m.organisation_id)))"
    " OR (c.kind = 'consignment' AND EXISTS (SELECT 1 FROM consignment_line n WHERE n.vial_id = v.id AND n.consignment_id = c.target_id))"
    " OR (c.kind IN ('place', 'site') AND EXISTS (SELECT 1 FROM stay t JOIN place q ON q.id = t.place_id WHERE t.vial_id = v.id"
    " AND c.target_id = CASE c.kind WHEN 'place' THEN t.place_id ELSE q.site_id END"
    " AND (c.until IS NULL OR t.since < c.until) AND (c.since IS NULL OR t.until IS NULL OR t.until > c.since))))"
)
"""A scope c of a hold or recall x covers a vial v of a lot l: as the verdict has it (`verdicts.py`)."""
_COVERED = text(
    "SELECT v.id, v.serial, v.state, v.lot_id, l.number AS lot, v.organisation_id, o.name AS holder, p.code AS place"  # noqa: S608 - from the words above alone
    " FROM vial v JOIN lot l ON l.id = v.lot_id JOIN organisation o ON o.id = v.organisation_id"
    " LEFT JOIN stay s ON s.vial_id = v.id AND s.until IS NULL LEFT JOIN place p ON p.id = s.place_id"
    " WHERE EXISTS (SELECT 1 FROM scope c JOIN (SELECT id, organisation_id FROM hold UNION ALL"
    " SELECT id, organisation_id FROM recall) x ON x.id = coalesce(c.hold_id, c.recall_id)"
    f" WHERE (c.recall_id = :one OR c.hold_id = :one) AND {_COVERS}) ORDER BY l.number, v.serial"
)
_OVER_MINE = (
    "SELECT DISTINCT x.id FROM hold x JOIN scope c ON c.hold_id = x.id WHERE x.organisation_id <> :mine AND EXISTS"  # noqa: S608
    f" (SELECT 1 FROM vial v JOIN lot l ON l.id = v.lot_id WHERE v.organisation_id = :mine AND {_COVERS})"
)
"""Holds of others over vials that we hold: whoever is stopped sees by what and by whom, and who could lift it."""


def over_mine(view: View) -> list[str]:
    return [row[0] for row in view.rows(_OVER_MINE, {"mine": view.actor.organisation_id})]


def seen(view: View) -> ColumnElement[bool]:
    """The holds that this reader may know of: those of the own organisation, and those over vials that it holds."""
    return or_(visible("hold", view.actor, view.at), col(Hold.id).in_(over_mine(view)))


def covered(view: View, stop_id: str) -> list[dict[str, Any]]:
    """Every vial under one hold or recall, as the verdict sees it, and where it is now; of lots in the reader's sight.

    A place is told of one's own organisation only; of another, who holds the vial.
    """
    rows = [dict(row) for row in view.connection.execute(_COVERED, {"one": stop_id}).mappings()]
    seen = {lot.id for lot in view.all(Lot, col(Lot.id).in_({row["lot_id"] for row in rows}))}
    mine = view.actor.organisation_id
    return [
        row if row["organisation_id"] == mine else row | {"place": None} for row in rows if row["lot_id"] in seen
    ]  # fmt: skip
