"""A lot's evidence package: made before the door, entered with its digest, handed out to who asked for it (R61)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col

from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import INSTALLATION, Actor, Role, system_for
from traceability.domain.plain import digest
from traceability.domain.scopes import Scope
from traceability.services import Answer, audit, evidence_zip, performs, scopes
from traceability.services.audit_search import sees_all
from traceability.services.cases import numbered
from traceability.store import Call, Done, Store, Tx, View
from traceability.store.tables import Evidence, Lot

MAKERS = frozenset({Role.QUALITY, Role.MAKER_QA, Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class Made:
    """A package that lies in its folder already."""

    sha256: str
    size: int
    entries: int
    documents: int

    @property
    def digest(self) -> str:
        """What the act was asked with."""
        return digest([self.sha256, self.size])


@performs("evidence.make")
def enter(tx: Tx, lot_id: str, asked_by: str, made: Made) -> Answer:
    """Enter a package that was made: who asked for it, and the digest of its bytes."""
    lot = tx.need(Lot, lot_id)
    row = tx.add(
        Evidence(
            number=numbered(tx, Evidence, "EV"), organisation_id=tx.actor.organisation_id, lot_id=lot.id, asked_by=asked_by,
            sha256=made.sha256, size=made.size, entries=made.entries, documents=made.documents, made_at=tx.at,
        )
    )  # fmt: skip
    return {"id": row.id, "number": row.number, "lot_id": lot.id, "asked_by": asked_by, "sha256": made.sha256}


def make(store: Store, actor: Actor, call: Call, lot_id: str) -> Done:
    """Make a lot's package of what this actor may see, and enter it, once for an act id.

    In their own house's ledger; for a guest, who only reads, by the system in the ledger of the house that let them in.
    """
    with store.read(actor) as view:
        lot = view.need(Lot, lot_id)
        owners = [one.id for one in audit.ledgers(view)]
        if not owners:
            raise NotFound("ledger")
        who = actor if actor.roles(view.at) & MAKERS else system_for(owners[0])
        if done := store.answer(who, call.act_id):
            return done
        built = evidence_zip.build(store, view, lot, _owners(view))
    return enter(store, who, call, lot.id, actor.person_id, Made(*built))


# -------------------------------------------------------------------------------------------------------------- reads


def packages(view: View, lot_id: str, limit: int = 20) -> list[Evidence]:
    """The packages of a lot that this reader may be handed, newest first."""
    found = view.all(Evidence, Evidence.lot_id == lot_id, order=col(Evidence.id).desc(), limit=limit)
    return [one for one in found if _theirs(view, one)]


def sights(view: View, lot_id: str) -> list[Scope]:
    """How much of each ledger a package would hold that this reader makes now."""
    lot = view.need(Lot, lot_id)
    return [scopes.scope(view, one, lot=lot) for one in _owners(view)]


def _owners(view: View) -> list[str]:
    """Of which ledgers this reader's package is."""
    mine, owners = view.actor.organisation_id, [one.id for one in audit.ledgers(view)]
    if mine in owners and mine != INSTALLATION:
        return [mine]  # what a colleague elsewhere let them see is theirs to hand out
    return owners


def kept(store: Store, view: View, evidence_id: str) -> tuple[Evidence, Path]:
    """A package and where its bytes lie. Raises `NotFound`, also for one that was made of more than this reader sees."""
    one = view.need(Evidence, evidence_id)
    if not _theirs(view, one):
        raise NotFound("evidence")
    path = store.documents / f"{one.sha256}.zip"
    if evidence_zip.digest_of(path) != one.sha256:
        raise Refused("evidence_bytes_differ", number=one.number)
    return one, path


def _theirs(view: View, one: Evidence) -> bool:
    try:
        return one.asked_by == view.actor.person_id or sees_all(view, one.organisation_id)
    except NotFound:
        return False
