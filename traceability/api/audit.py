"""The audit trail by program: entries of one's own ledger, newest first."""

from __future__ import annotations

from typing import Any

from marshmallow import validate

from schemas.fields import Id, Whole
from schemas.outputs import EntryOut, page_of
from traceability.api import asked, blueprint
from traceability.api.lists import LIST, cut
from traceability.asking import actor, store
from traceability.services import entries as trail


class EntriesIn(asked.In):
    limit = Whole(load_default=50, validate=validate.Range(1, 200))
    after = Whole(validate=validate.Range(min=1), metadata={"description": "`next` of the page before."})
    about = Id(metadata={"description": "The id of a lot, vial, consignment, person … that the entries mention."})


@blueprint.route("/entries", tags=["entries"])
@blueprint.refuses(*LIST)
@blueprint.response(200, page_of(EntryOut))
@blueprint.arguments(EntriesIn, location="query")
def entries(told: dict[str, Any]) -> dict[str, Any]:
    """Entries of one's own organisation, newest first, done and refused."""
    limit = told["limit"]
    with store().read(actor()) as view:
        found = trail.entries(view, about=told.get("about"), limit=limit + 1, before=told.get("after"))
    return cut(found, limit, lambda one: one["number"])
