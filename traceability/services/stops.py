"""Holds and recalls: rows that stop whatever they cover, in every organisation, until each of them is lifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.services import Answer, performs
from traceability.services.cases import numbered
from traceability.store import Tx, View
from traceability.store.tables import (
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


@dataclass(frozen=True, slots=True)
class Covers:
    """One thing that a hold or recall is to cover; a place from a time to a time."""

    kind: ScopeKind
    target_id: str
    since: datetime | None = None
    until: datetime | None = None

    @property
    def digest(self) -> str:
        from traceability.domain.plain import digest

        return digest([self.kind, self.target_id, self.since, self.until])


@performs("hold.place")
def hold(tx: Tx, title: str, scope: Sequence[Covers]) -> Answer:
    """Something is undecided: whatever this covers asks QA from now on."""
    row = Hold(number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, title=title, placed_at=tx.at)
    tx.add(row)
    _cover(tx, scope, hold_id=row.id)
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
def recall(tx: Tx, title: str, class_: int, mandatory: bool, scope: Sequence[Covers]) -> Answer:
    """Stops use in every organisation at once, acknowledged or not; a maker's recall covers its own lots (R35)."""
    if class_ not in (1, 2, 3):
        raise Refused("recall_class", value=class_)
    row = Recall(
        number=numbered(tx, Recall, "R"), organisation_id=tx.actor.organisation_id, class_=class_, mandatory=mandatory,
        title=title, started_at=tx.at,
    )  # fmt: skip
    tx.add(row)
    _cover(tx, scope, recall_id=row.id)
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


def _cover(tx: Tx, scope: Sequence[Covers], *, hold_id: str | None = None, recall_id: str | None = None) -> None:
    """Write down what is covered; everything named must be there and in sight."""
    if not scope:
        raise Refused("nothing_chosen")
    for one in scope:
        target = tx.need(NOUN[one.kind], one.target_id)
        if one.kind is ScopeKind.PLACE and one.since is None:
            raise Refused("interval_empty")
        if one.since and one.until and one.until <= one.since:
            raise Refused("interval_empty")
        tx.add(
            Scope(
                hold_id=hold_id,
                recall_id=recall_id,
                kind=one.kind,
                target_id=target.id,
                since=one.since,
                until=one.until,
            )
        )
        tx.mention(target.id)


def open_holds(view: View) -> list[Hold]:
    return view.all(Hold, col(Hold.lifted_at).is_(None), order=Hold.placed_at)


def open_recalls(view: View) -> list[Recall]:
    """Recalls of every organisation: they stop use everywhere, so everybody may know of them."""
    return view.known(Recall, col(Recall.withdrawn_at).is_(None))


def scopes(view: View, *, hold_id: str | None = None, recall_id: str | None = None) -> list[Scope]:
    column, value = (Scope.hold_id, hold_id) if hold_id else (Scope.recall_id, recall_id)
    return view.known(Scope, column == value)
