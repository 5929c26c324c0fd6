"""Several results of a lot reviewed by one signature over all of them: each row stays bound to it (R30, R58)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col

from traceability.domain.acts import ACTS
from traceability.domain.errors import Refused
from traceability.domain.plain import digest
from traceability.services import Answer, performs
from traceability.services.results import entered_by, entered_for, to_review
from traceability.store import Tx, View
from traceability.store.tables import Attachment, Lot, Result, Specification


@performs("lot.review_results")
def review_results(tx: Tx, lot_id: str, result_ids: Sequence[str]) -> Answer:
    """Somebody of the house that entered them looked at each of these and its source. All of them, or none.

    The signature covers the digest of every result; a row's own act leads to it.
    """
    lot = tx.need(Lot, lot_id)
    chosen = [tx.need(Result, one) for one in sorted(set(result_ids))]
    if not chosen:
        raise Refused("nothing_chosen")
    if any(one.lot_id != lot.id for one in chosen):
        raise Refused("results_of_other_lot")
    for one in chosen:
        to_review(tx, one)
    tx.covers = {"lot": lot.number, "results": digests(tx, chosen)}
    tx.change_all(chosen, reviewer_id=tx.actor.person_id, reviewed_at=tx.at)
    tx.mention(*(one.id for one in chosen))
    return {"id": lot.id, "results": len(chosen)}


def digests(view: View, chosen: Sequence[Result]) -> dict[str, str]:
    """SHA-256 of each result as it was entered: value, day, who, against which version, and the file that it came in."""
    files = {
        one.id: one.sha256
        for one in view.known(
            Attachment, col(Attachment.id).in_({row.attachment_id for row in chosen if row.attachment_id})
        )
    }
    return {
        one.id: digest(
            {
                "specification": one.specification_id, "version": one.version, "value": one.value, "analyst": one.analyst_id,
                "tested_on": one.tested_on, "file": files.get(one.attachment_id or ""),
            }
        )
        for one in chosen
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- reads


def reviewable(view: View, lot_id: str) -> list[Result]:
    """Results of the lot that wait for a review by this very reader, test by test."""
    waiting = view.all(Result, Result.lot_id == lot_id, col(Result.reviewed_at).is_(None))
    tests = {one.id: one.test for one in view.all(Specification)}
    houses = entered_by(view, waiting)
    me = view.mine(ACTS["result.review"].roles)
    mine = [one for one in waiting if houses[one.id] == view.actor.organisation_id and not me & entered_for(view, one)]
    return sorted(mine, key=lambda one: (tests[one.specification_id], one.version))
