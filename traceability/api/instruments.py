"""Instruments by program: what is known of each, and the versions that are scored here."""

from __future__ import annotations

from typing import Any

from schemas.instruments import InstrumentsOut
from traceability.api import blueprint
from traceability.api.lists import LIST
from traceability.domain.instruments import INSTRUMENTS
from traceability.domain.scoring import VERSIONS


@blueprint.route("/instruments", tags=["scores"], endpoint="instruments")
@blueprint.refuses(*LIST)
@blueprint.response(200, InstrumentsOut)
def all_instruments() -> dict[str, Any]:
    """Each with its range, which end is good, its units, its versions with what may be missing, and where that is written."""
    items = []
    for one in INSTRUMENTS.values():
        told = {
            name: getattr(one, name) for name in ("name", "title", "best", "low", "high", "whole", "units", "source")
        }
        items.append(told | {"versions": [version for version in VERSIONS.values() if version.instrument == one.name]})
    return {"items": items}
