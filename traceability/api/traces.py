"""Both traces by program (R46): lot → every patient, and patient → every lot, in one call each."""

from __future__ import annotations

from typing import Any

from schemas.clinic import LotTraceOut, SubjectTraceOut
from traceability.api import blueprint
from traceability.api.lists import ONE
from traceability.asking import actor, store
from traceability.services import trace

TAG = ["traces"]


@blueprint.route("/lots/<record:lot_id>/trace", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.response(200, LotTraceOut)
def lot_trace(lot_id: str) -> dict[str, Any]:
    """Every vial of a lot, where it was, who had it and what became of it; subjects only where they are one's own."""
    with store().read(actor()) as view:
        found = trace.of_lot(view, lot_id)
    lot = found["lot"]
    return found | {
        "lot_id": lot.id, "number": lot.number, "filled": lot.filled,
        "maker": found["maker"].name, "gtin": found["product"].gtin,
    }  # fmt: skip


@blueprint.route("/subjects/<record:subject_id>/trace", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.response(200, SubjectTraceOut)
def subject_trace(subject_id: str) -> dict[str, Any]:
    """Every vial that a subject got, with its lot, what that was made of, and by whom."""
    with store().read(actor()) as view:
        found = trace.of_subject(view, subject_id)
    return found | {"subject_id": found["subject"].id, "pseudonym": found["subject"].pseudonym}
