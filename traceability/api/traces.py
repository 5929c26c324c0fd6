"""Traces by program (R46): lot → every patient, patient → every lot, material → every lot, in one call each."""

from __future__ import annotations

from typing import Any

from schemas.clinic import LotTraceOut, MaterialTraceOut, SubjectTraceOut
from traceability.api import blueprint
from traceability.api.lists import ONE
from traceability.asking import actor, store
from traceability.services import trace, trace_graph

TAG = ["traces"]


@blueprint.route("/lots/<record:lot_id>/trace", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.response(200, LotTraceOut)
def lot_trace(lot_id: str) -> dict[str, Any]:
    """Every vial of a lot, where it was, who had it and what became of it; subjects only where they are one's own."""
    with store().read(actor()) as view:
        found = trace.of_lot(view, lot_id)
        found["graph"] = trace_graph.of_lot(view, found)
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
        found["graph"] = trace_graph.of_subject(view, found)
    return found | {"subject_id": found["subject"].id, "pseudonym": found["subject"].pseudonym}


@blueprint.route("/materials/<record:material_id>/trace", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.response(200, MaterialTraceOut)
def material_trace(material_id: str) -> dict[str, Any]:
    """Every lot made of a donor, bank, harvest or reagent, however far down, and what came of their vials."""
    with store().read(actor()) as view:
        found = trace_graph.of_material(view, material_id)
    material = found["material"]
    return {
        "material_id": material.id, "kind": material.kind, "code": material.code, "graph": found["graph"],
        "lots": [lot.number for lot in found["lots"]],
    }  # fmt: skip
