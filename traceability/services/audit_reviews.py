"""The audit trail reviewed (R31, R55): who has read it up to where, signed; and what is new since.

The trail of a lot is what one ledger says of the lot, of its vials and of the consignments that carried them. It grows at its
end, and backwards: a vial that turns up in a box brings all that was entered of that box before. A review is of what was there.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from sqlalchemy import String, bindparam, func, or_, select, text
from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.merkle import leaf_hash
from traceability.domain.plain import digest as digest_of
from traceability.services import Answer, performs
from traceability.services.audit_search import ENTRY, OF_LOT, OF_LOT_AND_BOXES, sees_all
from traceability.store import Tx, View, ledger
from traceability.store.tables import AuditReview, Lot

LOOKS = ("audit.review", "audit.export", "document.issue", "evidence.make", "study.export")
"""Acts that look at the record and change nothing in it: what they leave in the trail asks nobody for another review."""
TRIES = ("lot.release", "lot.release_named")
"""Acts before which the trail is reviewed: a try of theirs that was refused, a password mistyped, asks for no other review."""


@performs("audit.review")
def review(tx: Tx, through: int, lot_id: str | None = None, boxes_digest: str | None = None) -> Answer:
    """Say that the trail was read up to an entry: of a lot, or of the whole ledger of one's house.

    Signed over what was there to read: of a lot the digest of numbers and leaves, of a ledger its Merkle root. `boxes_digest` says
    which boxes the trail was of that was read (`boxes_read`): of a lot it is owed. Refused: beyond the last entry, where nothing is
    there to read, where another box has joined since it was read, and where part of it is out of the signer's sight.
    """
    lot = tx.need(Lot, lot_id) if lot_id else None
    last = last_number(tx, tx.actor.organisation_id)
    if not 1 <= through <= last:
        raise Refused("review_ahead", through=through, last=last)
    boxes = _boxes(tx, lot.id) if lot else []
    if lot and not boxes_digest:
        raise Refused("trail_boxes_missing", lot=lot.number)
    if lot and boxes_digest != digest_of(boxes):
        raise Refused("trail_has_grown", lot=lot.number)
    count, digest = _trail(tx, through, lot.id if lot else None, boxes)
    if not count:
        raise Refused("nothing_to_review", through=through)
    tx.covers = digest
    row = tx.add(
        AuditReview(
            organisation_id=tx.actor.organisation_id, lot_id=lot.id if lot else None, person_id=tx.actor.person_id,
            through=through, entries=count, trail_sha256=digest, boxes=boxes, reviewed_at=tx.at,
        )
    )  # fmt: skip
    return {"id": row.id, "lot_id": row.lot_id, "through": through, "entries": count, "digest": digest}


def _trail(tx: Tx, through: int, lot_id: str | None, boxes: list[str]) -> tuple[int, str]:
    """How many entries one's own ledger has of this trail up to a number, and the digest over them."""
    mine = tx.actor.organisation_id
    if not sees_all(tx, mine):
        raise Refused("trail_out_of_sight")
    if lot_id is None:
        return through, ledger.tree(tx.connection, mine, through).root().hex()
    read = []
    for number, leaf, body in tx.rows(_READ, {"lot": lot_id, "ledger": mine, "through": through, "boxes": boxes}):
        if leaf_hash(str(body).encode()) != bytes(leaf):  # what was read is not what was entered
            raise Refused("ledger_differs", ledger=mine, first=number, last=number)
        read.append((int(number), bytes(leaf)))
    return len(read), _over(read)


def _over(read: Iterable[tuple[int, bytes]]) -> str:
    """The digest of a lot's trail: a line for each entry, its number and its leaf."""
    told = sha256()
    for number, leaf in read:
        told.update(f"{number}:{leaf.hex()}\n".encode())
    return told.hexdigest()


def _boxes(view: View, lot_id: str) -> list[str]:
    """The consignments of which the lot's trail is now, sorted."""
    return sorted(row[0] for row in view.rows(_CARRIED, {"lot": lot_id}))


# -------------------------------------------------------------------------------------------------------------- reads


def reviewed_through(view: View, lot_id: str | None, *, of: str | None = None) -> int:
    """Up to which entry somebody has reviewed this lot's trail, or all of the ledger; 0: nobody has.

    In the ledger of the actor's house, or of another (`of`) whose reviews are in sight. It is what people say of a review, and not
    what a release asks: entries below it may have joined since (`unreviewed`). None for the lot: reviews of all of it alone.
    """
    owner = of or view.actor.organisation_id
    theirs = AuditReview.organisation_id == owner
    (latest,) = view.all(AuditReview, theirs, _of_this(lot_id), order=col(AuditReview.through).desc(), limit=1) or (
        None,
    )
    return latest.through if latest else 0


def last_entry(view: View, lot_id: str, *, of: str | None = None) -> int:
    """The newest entry about this lot that is to be reviewed: what only looks at the record is left out."""
    (row,) = view.rows(_LAST, {"lot": lot_id, "ledger": of or view.actor.organisation_id, "looks": list(LOOKS)})
    return int(row[0])


def unreviewed(view: View, lot_id: str, *, of: str | None = None) -> list[int]:
    """The entries about this lot that nobody has reviewed, without what only looks: new ones, and older ones that joined since.

    What a review covers is read anew and held against what was signed; where the two differ, the review covers nothing.
    """
    owner = of or view.actor.organisation_id
    made = view.all(AuditReview, AuditReview.organisation_id == owner, _of_this(lot_id))
    whole = max((one.through for one in made if one.lot_id is None), default=0)
    rows = view.rows(_SINCE, {"lot": lot_id, "ledger": owner, "looks": list(LOOKS), "through": whole})
    left = {int(row[0]) for row in rows}
    for one in _widest(one for one in made if one.lot_id is not None and one.through > whole):
        if not left:
            break
        values = {"lot": lot_id, "ledger": owner, "through": one.through, "boxes": one.boxes}
        read = [(int(number), bytes(leaf)) for number, leaf in view.rows(_SEEN, values)]
        if (len(read), _over(read)) == (one.entries, one.trail_sha256):
            left -= {number for number, _leaf in read}
    return sorted(left)


def _widest(made: Iterable[AuditReview]) -> list[AuditReview]:
    """Reviews without those that a wider one contains: up to no later an entry, of no other boxes."""
    kept: list[AuditReview] = []
    for one in sorted(made, key=lambda one: (one.through, len(one.boxes)), reverse=True):
        if not any(set(one.boxes) <= set(wider.boxes) for wider in kept):
            kept.append(one)
    return kept


def boxes_read(view: View, lot_id: str) -> str:
    """Of which boxes the lot's trail is now, as a digest: whoever reads it now gives this back with the review."""
    return digest_of(_boxes(view, view.need(Lot, lot_id).id))


def _of_this(lot_id: str | None) -> Any:
    return or_(col(AuditReview.lot_id).is_(None), col(AuditReview.lot_id) == lot_id)


def reviews(view: View, lot_id: str | None = None, *, of: str | None = None, limit: int = 20) -> list[AuditReview]:
    """Who has reviewed this lot's trail, or any of the ledger, newest first."""
    where: list[Any] = [AuditReview.organisation_id == (of or view.actor.organisation_id)]
    if lot_id:
        where.append(_of_this(lot_id))
    return view.all(AuditReview, *where, order=(col(AuditReview.reviewed_at).desc(), AuditReview.id), limit=limit)


def last_number(view: View, owner: str) -> int:
    """The number of the newest entry of a ledger, whatever it is about; 0: it has none."""
    query = select(func.coalesce(func.max(ENTRY.c.number), 0)).where(ENTRY.c.ledger == owner)
    return int(view.connection.execute(query).scalar_one())


_UP_TO = " AND e.number <= :through ORDER BY e.number"
_BOXES = bindparam("boxes", type_=String, expanding=True)
_READ = text(OF_LOT_AND_BOXES.format("e.number, e.leaf, e.body") + _UP_TO).bindparams(_BOXES)
_SEEN = text(OF_LOT_AND_BOXES.format("e.number, e.leaf") + _UP_TO).bindparams(_BOXES)
_CARRIED = text(
    "SELECT DISTINCT l.consignment_id FROM vial v JOIN consignment_line l ON l.vial_id = v.id WHERE v.lot_id = :lot"
)
_CHANGED = (
    " AND e.act NOT IN :looks AND (e.refused IS NULL OR e.act NOT IN (" + ", ".join(f"'{one}'" for one in TRIES) + "))"
)
_LAST = text(OF_LOT.format("coalesce(max(e.number), 0)") + _CHANGED).bindparams(bindparam("looks", expanding=True))
_SINCE = text(OF_LOT.format("e.number") + _CHANGED + " AND e.number > :through ORDER BY e.number").bindparams(
    bindparam("looks", expanding=True)
)
