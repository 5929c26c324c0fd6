"""The audit trail reviewed (R31, R55): who has read it up to where, signed; and what is new since.

The trail of a lot is what one ledger says of the lot, of its vials and of the consignments that carried them.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, func, or_, select, text
from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.merkle import leaf_hash
from traceability.services import Answer, performs
from traceability.services.audit_search import ENTRY, OF_LOT, sees_all
from traceability.store import Tx, View, ledger
from traceability.store.tables import AuditReview, Lot

LOOKS = ("audit.review", "audit.export", "document.issue", "evidence.make")
"""Acts that look at the record and change nothing in it: what they leave in the trail asks nobody for another review."""
TRIES = ("lot.release", "lot.release_named")
"""Acts before which the trail is reviewed: a try of theirs that was refused, a password mistyped, asks for no other review."""


@performs("audit.review")
def review(tx: Tx, through: int, lot_id: str | None = None) -> Answer:
    """Say that the trail was read up to an entry: of a lot, or of the whole ledger of one's house.

    Signed over what was there to read: of a lot the digest of numbers and leaves, of a ledger its Merkle root. Refused: beyond
    the last entry, where nothing is there to read, and where part of it is out of the signer's sight.
    """
    lot = tx.need(Lot, lot_id) if lot_id else None
    last = last_number(tx, tx.actor.organisation_id)
    if not 1 <= through <= last:
        raise Refused("review_ahead", through=through, last=last)
    count, digest = _trail(tx, through, lot.id if lot else None)
    if not count:
        raise Refused("nothing_to_review", through=through)
    tx.covers = digest
    row = tx.add(
        AuditReview(
            organisation_id=tx.actor.organisation_id, lot_id=lot.id if lot else None, person_id=tx.actor.person_id,
            through=through, entries=count, trail_sha256=digest, reviewed_at=tx.at,
        )
    )  # fmt: skip
    return {"id": row.id, "lot_id": row.lot_id, "through": through, "entries": count, "digest": digest}


def _trail(tx: Tx, through: int, lot_id: str | None) -> tuple[int, str]:
    """How many entries one's own ledger has of this trail up to a number, and the digest over them."""
    mine = tx.actor.organisation_id
    if not sees_all(tx, mine):
        raise Refused("trail_out_of_sight")
    if lot_id is None:
        return through, ledger.tree(tx.connection, mine, through).root().hex()
    query = text(OF_LOT.format("e.number, e.leaf, e.body") + " AND e.number <= :through ORDER BY e.number")
    count, told = 0, sha256()
    for number, leaf, body in tx.rows(query, {"lot": lot_id, "ledger": mine, "through": through}):
        if leaf_hash(str(body).encode()) != bytes(leaf):  # what was read is not what was entered
            raise Refused("ledger_differs", ledger=mine, first=number, last=number)
        told.update(f"{number}:{bytes(leaf).hex()}\n".encode())
        count += 1
    return count, told.hexdigest()


# -------------------------------------------------------------------------------------------------------------- reads


def reviewed_through(view: View, lot_id: str | None, *, of: str | None = None) -> int:
    """Up to which entry somebody has reviewed this lot's trail, or all of the ledger; 0: nobody has.

    In the ledger of the actor's house, or of another (`of`) whose reviews are in sight. For a release it is compared with
    `last_entry`, never with the last number of the ledger: other lots go on. None for the lot: reviews of all of it alone.
    """
    owner = of or view.actor.organisation_id
    theirs = AuditReview.organisation_id == owner
    these = or_(col(AuditReview.lot_id).is_(None), col(AuditReview.lot_id) == lot_id)
    (latest,) = view.all(AuditReview, theirs, these, order=col(AuditReview.through).desc(), limit=1) or (None,)
    return latest.through if latest else 0


def last_entry(view: View, lot_id: str, *, of: str | None = None) -> int:
    """The newest entry about this lot that is to be reviewed: what only looks at the record is left out."""
    (row,) = view.rows(_LAST, {"lot": lot_id, "ledger": of or view.actor.organisation_id, "looks": list(LOOKS)})
    return int(row[0])


def unreviewed(view: View, lot_id: str, *, of: str | None = None) -> list[int]:
    """The entries about this lot that nobody has reviewed yet: what is new since, without what only looks."""
    owner, through = of or view.actor.organisation_id, reviewed_through(view, lot_id, of=of)
    rows = view.rows(_SINCE, {"lot": lot_id, "ledger": owner, "looks": list(LOOKS), "through": through})
    return [row[0] for row in rows]


def reviews(view: View, lot_id: str | None = None, *, of: str | None = None, limit: int = 20) -> list[AuditReview]:
    """Who has reviewed this lot's trail, or any of the ledger, newest first."""
    where: list[Any] = [AuditReview.organisation_id == (of or view.actor.organisation_id)]
    if lot_id:
        where.append(or_(col(AuditReview.lot_id).is_(None), col(AuditReview.lot_id) == lot_id))
    return view.all(AuditReview, *where, order=(col(AuditReview.reviewed_at).desc(), AuditReview.id), limit=limit)


def last_number(view: View, owner: str) -> int:
    """The number of the newest entry of a ledger, whatever it is about; 0: it has none."""
    query = select(func.coalesce(func.max(ENTRY.c.number), 0)).where(ENTRY.c.ledger == owner)
    return int(view.connection.execute(query).scalar_one())


_CHANGED = (
    " AND e.act NOT IN :looks AND (e.refused IS NULL OR e.act NOT IN (" + ", ".join(f"'{one}'" for one in TRIES) + "))"
)
_LAST = text(OF_LOT.format("coalesce(max(e.number), 0)") + _CHANGED).bindparams(bindparam("looks", expanding=True))
_SINCE = text(OF_LOT.format("e.number") + _CHANGED + " AND e.number > :through ORDER BY e.number").bindparams(
    bindparam("looks", expanding=True)
)
