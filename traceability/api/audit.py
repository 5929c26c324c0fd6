"""The audit trail by program: entries of a ledger that one may read, newest first."""

from __future__ import annotations

from typing import Any

from marshmallow import validate

from schemas.fields import Id, Whole
from schemas.outputs import EntryOut, GrowthOut, ProofOut, page_of
from traceability.api import asked, blueprint
from traceability.api.lists import ONE, cut
from traceability.asking import actor, store
from traceability.services import audit as trail
from traceability.services import proofs

EMPTY = {"role": None, "answer": None, "refusal": None, "about": [], "changes": []}
"""What a body leaves out: an act done has no refusal, a refusal no answer."""


class EntriesIn(asked.In):
    limit = Whole(load_default=50, validate=validate.Range(1, 200))
    after = Whole(validate=validate.Range(min=1), metadata={"description": "`next` of the page before."})
    about = Id(metadata={"description": "The id of a lot, vial, consignment, person … that the entries mention."})
    ledger = Id(
        metadata={"description": "The organisation whose ledger it is: by default one's own, for a guest the first."}
    )


@blueprint.route("/entries", tags=["entries"])
@blueprint.refuses(*ONE)
@blueprint.response(200, page_of(EntryOut))
@blueprint.arguments(EntriesIn, location="query")
def entries(told: dict[str, Any]) -> dict[str, Any]:
    """Entries of one organisation, newest first, done and refused."""
    limit = told["limit"]
    with store().read(actor()) as view:
        ledger = told.get("ledger") or next((one.id for one in trail.ledgers(view)), actor().organisation_id)
        asked_for = trail.Asked(ledger, about=told.get("about") or "")
        found = trail.page(view, asked_for, before=told.get("after"), limit=limit + 1).entries
    return cut([shown(one) for one in found], limit, lambda one: one["number"])


class SinceIn(asked.In):
    since = Whole(validate=validate.Range(min=0), metadata={"description": "The size of a checkpoint that was kept."})


@blueprint.route("/entries/<record:ledger>/<int:number>/proof", tags=["entries"])
@blueprint.refuses(*ONE, 409)
@blueprint.response(200, ProofOut)
def entry_proof(ledger: str, number: int) -> dict[str, Any]:
    """The proof that an entry stands in its ledger, under a checkpoint that is signed now."""
    with store().read(actor()) as view:
        return proofs.of_entry(store(), view, ledger, number)


@blueprint.route("/entries/<record:ledger>/checkpoint", tags=["entries"])
@blueprint.refuses(*ONE, 409)
@blueprint.response(200, GrowthOut)
@blueprint.arguments(SinceIn, location="query")
def ledger_checkpoint(told: dict[str, Any], ledger: str) -> dict[str, Any]:
    """A checkpoint of a ledger, signed now; with `since` the proof that it goes on from the one that was kept."""
    with store().read(actor()) as view:
        return proofs.of_growth(store(), view, ledger, told.get("since"))


def shown(one: trail.Told) -> dict[str, Any]:
    """An entry as it was hashed, with its number, its leaf and who signed it."""
    return {
        **EMPTY, **one.body, "number": one.number, "leaf": one.leaf, "outcome": "refused" if one.refused else "done",
        "occurred_at": one.occurred_at, "recorded_at": one.recorded_at, "signatures": one.signatures,
    }  # fmt: skip
