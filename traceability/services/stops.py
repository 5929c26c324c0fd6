"""Holds and recalls: rows that stop whatever they cover, in every organisation, until each of them is lifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import col

from traceability.domain.errors import NotFound, Refused
from traceability.services import Answer, performs
from traceability.services.cases import numbered
from traceability.store import Tx, View
from traceability.store.tables import (
    Case,
    Consignment,
    Hold,
    Lot,
    Material,
    Organisation,
    Place,
    Recall,
    Row,
    Scope,
    Site,
    Vial,
)
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
    if hold.lifted_at is not None:
        raise Refused("already_ended", noun="hold")
    tx.change(hold, lifted_at=tx.at)
    for scope in tx.known(Scope, Scope.hold_id == hold.id):
        tx.mention(scope.target_id)
    return {"id": hold.id, "number": hold.number}


@performs("recall.start")
def recall(tx: Tx, title: str, class_: int, mandatory: bool, kind: ScopeKind, target_ids: Sequence[str]) -> Answer:
    """Stops use in every organisation at once, acknowledged or not: whatever it names that its caller may see (R35)."""
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
    """Write down what is covered; everything named must be there and in sight."""
    if not target_ids:
        raise Refused("nothing_chosen")
    if (kind is ScopeKind.PLACE and since is None) or (since and until and until <= since):
        raise Refused("interval_empty")
    for target_id in sorted(set(target_ids)):
        target = tx.need(NOUN[kind], target_id)
        tx.add(Scope(hold_id=hold_id, recall_id=recall_id, kind=kind, target_id=target.id, since=since, until=until))
        tx.mention(target.id)


def open_holds(view: View) -> list[Hold]:
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
    """The holds of this organisation, lifted ones too, the newest first."""
    return view.all(Hold, order=col(Hold.placed_at).desc())


def hold_of(view: View, hold_id: str) -> tuple[Hold, Case | None]:
    hold = view.need(Hold, hold_id)
    return hold, view.find(Case, hold.case_id)


_COVERED = text(
    "SELECT v.id, v.serial, v.state, v.lot_id, l.number AS lot, v.organisation_id, o.name AS holder, p.code AS place"
    " FROM vial v JOIN lot l ON l.id = v.lot_id JOIN organisation o ON o.id = v.organisation_id"
    " LEFT JOIN stay s ON s.vial_id = v.id AND s.until IS NULL LEFT JOIN place p ON p.id = s.place_id"
    " WHERE EXISTS (SELECT 1 FROM scope c WHERE (c.recall_id = :one OR c.hold_id = :one) AND ("
    " (c.kind = 'vial' AND c.target_id = v.id) OR (c.kind = 'lot' AND c.target_id = v.lot_id)"
    " OR (c.kind = 'maker' AND c.target_id = l.maker_id)"
    " OR (c.kind = 'material' AND EXISTS (SELECT 1 FROM lot_ancestor a WHERE a.lot_id = l.id AND a.material_id = c.target_id))"
    " OR (c.kind = 'consignment' AND EXISTS (SELECT 1 FROM consignment_line n WHERE n.vial_id = v.id AND n.consignment_id = c.target_id))"
    " OR (c.kind IN ('place', 'site') AND EXISTS (SELECT 1 FROM stay t JOIN place q ON q.id = t.place_id WHERE t.vial_id = v.id"
    " AND c.target_id = CASE c.kind WHEN 'place' THEN t.place_id ELSE q.site_id END"
    " AND (c.until IS NULL OR t.since < c.until) AND (c.since IS NULL OR t.until IS NULL OR t.until > c.since)))))"
    " ORDER BY l.number, v.serial"
)


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
