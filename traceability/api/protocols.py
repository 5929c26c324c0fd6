"""Protocols by program: how courses go, which visits follow, and whether one may be planned today."""

from __future__ import annotations

from typing import Any

from schemas.planning import ProtocolsOut
from traceability.api import blueprint
from traceability.api.lists import LIST
from traceability.asking import actor, store
from traceability.problems import told
from traceability.services import protocols


@blueprint.route("/protocols", tags=["courses"], endpoint="protocols")
@blueprint.refuses(*LIST)
@blueprint.response(200, ProtocolsOut)
def all_protocols() -> dict[str, Any]:
    """Protocols of one's own organisation, every version, the newest of each name first. `findings`: why none may be planned on it."""
    with store().read(actor()) as view:
        return {
            "items": [
                one.version.model_dump()
                | {"product": one.product.name, "visits": one.visits, "findings": [told(each) for each in one.missing]}
                for one in protocols.protocols(view)
            ]
        }
