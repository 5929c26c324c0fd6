"""Holds and recalls: rows that stop whatever they cover, in every organisation, until each of them is lifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from traceability.domain.casework import DECIDED_FIRST
from traceability.domain.errors import NotFound, Refused
from traceability.domain.recalling import CLASSES
from traceability.services import Answer, clocks, eyes, notices, performs
from traceability.services.cases import numbered
from traceability.services.covering import covered as covered
from traceability.services.covering import over_mine
from traceability.services.organisations import own, stands_for
from traceability.services.progress import recall_of as recall_of
from traceability.services.progress import told_of
from traceability.store import Tx, View
from traceability.store.sight import visible
from traceability.store.tables import (
    Case,
    CaseDisposition,
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
    Stay,
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
    cover(tx, kind, target_ids, since, until, hold_id=row.id)
    return {"id": row.id, "number": row.number}


@performs("hold.lift")
def lift(tx: Tx, hold_id: str) -> Answer:
    """Decided, signed, with its reason; any other hold over the same vials stands (MODEL.md, decision 2).

    The hold of a case is lifted by somebody who neither opened that case nor had a part in it.
    """
    hold = tx.need(Hold, hold_id)
    own(tx, hold.organisation_id)
    if hold.lifted_at is not None:
        raise Refused("already_ended", noun="hold")
    if hold.excursion_id is not None:  # decided vial by vial, so that a vial of which nobody knew yet stays held
        raise Refused("excursion_by_vial", number=hold.number)
    case = tx.find(Case, hold.case_id)
    if case is not None:
        eyes.frees(tx, case)
    if (
        case is not None
        and case.kind in DECIDED_FIRST
        and not tx.known(CaseDisposition, case_id=case.id, target_id=str(case.material_id))
    ):  # of single lots alone leaves those to come without a word
        raise Refused("hold_undecided", number=hold.number, case=case.number)
    tx.change(hold, lifted_at=tx.at)
    for scope in tx.known(Scope, Scope.hold_id == hold.id):
        tx.mention(scope.target_id)
    return {"id": hold.id, "number": hold.number}


@performs("recall.start")
def recall(
    tx: Tx,
    title: str,
    class_: int,
    mandatory: bool,
    kind: ScopeKind,
    target_ids: Sequence[str],
    *,
    hazard: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Answer:
    """Stops use in every organisation at once, acknowledged or not: whatever it names that is its caller's to stop (R35).

    Everybody who holds or held any of it is told. `hazard`: what it may do to whom, and what is to be done.
    """
    return begin(tx, title, class_, mandatory, hazard, kind, target_ids, since, until, mock=False)


def begin(
    tx: Tx, title: str, class_: int, mandatory: bool, hazard: str, kind: ScopeKind, target_ids: Sequence[str],
    since: datetime | None, until: datetime | None, *, mock: bool,
) -> Answer:  # fmt: skip
    """A recall, or a mock one, with its scope, the clocks of its class and a notice to each organisation concerned."""
    if class_ not in CLASSES:
        raise Refused("recall_class", value=class_)
    row = Recall(
        number=numbered(tx, Recall, "MR" if mock else "R"), organisation_id=tx.actor.organisation_id, class_=class_, mandatory=mandatory,
        title=title, hazard=hazard or None, started_at=tx.at, mock=mock, withdrawn_at=tx.at if mock else None,
        clocks=clocks.kept(tx, class_, mock=mock),
    )  # fmt: skip
    tx.add(row)
    cover(tx, kind, target_ids, since, until, recall_id=row.id)
    told = notices.send(tx, row)
    return {"id": row.id, "number": row.number, "notices": len(told)}


@performs("recall.withdraw")
def withdraw(tx: Tx, recall_id: str) -> Answer:
    recall = tx.need(Recall, recall_id)
    own(tx, recall.organisation_id)
    if recall.withdrawn_at is not None or recall.closed_at is not None:
        raise Refused("already_ended", noun="recall")
    tx.change(recall, withdrawn_at=tx.at)
    for scope in tx.known(Scope, Scope.recall_id == recall.id):
        tx.mention(scope.target_id)
    return {"id": recall.id, "number": recall.number}


def cover(
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
        if recall_id and isinstance(
            target, Place
        ):  # what is known to have lain there stays recalled, whatever is told late
            tx.add_all(
                [
                    Scope(recall_id=recall_id, kind=ScopeKind.VIAL, target_id=one)
                    for one in _lay_in(tx, target, since, until)
                ]
            )


def _lay_in(tx: Tx, place: Place, since: datetime | None, until: datetime | None) -> list[str]:
    """The vials that lay in a place at any moment of an interval, as it is known now."""
    stays = tx.known(Stay, Stay.place_id == place.id)
    return sorted(
        {
            one.vial_id
            for one in stays
            if (until is None or one.since < until) and (since is None or one.until is None or one.until > since)
        }
    )


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
    """Every recall there was, of every organisation, the newest first: those withdrawn too. Mock ones of which one was told."""
    return sorted(view.known(Recall, told_of(view)), key=lambda one: one.started_at, reverse=True)


def holds(view: View) -> list[Hold]:
    """The holds of this organisation and those over vials that it holds, lifted ones too, the newest first."""
    return sorted(view.known(Hold, seen(view)), key=lambda one: one.placed_at, reverse=True)


def hold_of(view: View, hold_id: str) -> tuple[Hold, Case | None]:
    """Of somebody else's hold over our vials: that it is there, not the case behind it."""
    found = view.known(Hold, seen(view), Hold.id == hold_id)
    if not found:
        raise NotFound("hold")
    return found[0], view.find(Case, found[0].case_id)


def seen(view: View) -> ColumnElement[bool]:
    """The holds that this reader may know of: those of the own organisation, and those over vials that it holds."""
    return or_(visible("hold", view.actor, view.at), col(Hold.id).in_(over_mine(view)))
