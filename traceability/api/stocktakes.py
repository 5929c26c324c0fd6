"""Counts of places by program: one count with its lines. Its acts are at the addresses that every act has."""

from __future__ import annotations

from typing import Any

from schemas.outputs import StocktakeOut
from traceability.api import blueprint
from traceability.api.lists import ONE
from traceability.asking import actor, store
from traceability.services import stocktakes


@blueprint.route("/stocktakes/<record:stocktake_id>", tags=["stocktakes"], endpoint="stocktake")
@blueprint.refuses(*ONE)
@blueprint.response(200, StocktakeOut)
def one_stocktake(stocktake_id: str) -> dict[str, Any]:
    """One count of a place: how each vial was seen, where the record had it, and what was not scanned yet."""
    with store().read(actor()) as view:
        found = stocktakes.stocktake(view, stocktake_id)
    lines = [
        {
            "vial_id": line.vial and line.vial.id, "serial": line.vial and line.vial.serial, "code": line.code,
            "seen": line.seen, "place_id": line.place and line.place.id, "at": line.at,
        }
        for line in found.lines
    ]  # fmt: skip
    return found.count.model_dump() | {"tally": found.tally, "lines": lines, "left": [vial.id for vial in found.left]}
