"""Boxes on their way by program: reads, and the logger's file that came with one."""

from __future__ import annotations

from typing import Any

from flask import Response

from schemas.coldchain import BoxLogIn
from schemas.outputs import ConsignmentOut, ConsignmentWholeOut, page_of
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lists import LIST, ONE, cut
from traceability.api.lots import (
    LabelsIn,
    LabelsOut,
    ZplIn,
    expiry,
    labels_pdf,
    labels_told,
    labels_zpl,
    uploading,
    vial_told,
)
from traceability.api.sensors import ANSWERED, imported
from traceability.asking import Done, actor, store
from traceability.services import coldchain, consignments, importing, labelling, names

TAG = ["consignments"]
OF_LOGGER: dict[str, Any] = {name: {"type": "string"} for name in ("serial", "certificate")}
OF_LOGGER |= {name: {"type": "string", "format": "date"} for name in ("calibrated_from", "calibrated_until")}


def box_told(found: dict[str, Any]) -> dict[str, Any]:
    return found["consignment"].model_dump() | {"tally": found["tally"]}


@blueprint.route("/consignments", tags=TAG, endpoint="consignments")
@blueprint.refuses(*LIST)
@blueprint.response(200, page_of(ConsignmentOut))
@blueprint.arguments(asked.PageIn, location="query")
def all_consignments(told: dict[str, Any]) -> dict[str, Any]:
    """Consignments in sight, newest first, with their tally."""
    limit = told["limit"]
    with store().read(actor()) as view:
        found = consignments.consignments(view, limit=limit + 1, after=asked.cursor(told.get("after")))
    return cut([box_told(one) for one in found], limit, lambda one: one["id"])


@blueprint.route("/consignments/<record:consignment_id>", tags=TAG, endpoint="consignment")
@blueprint.refuses(*ONE)
@blueprint.response(200, ConsignmentWholeOut)
def one_consignment(consignment_id: str) -> dict[str, Any]:
    """One consignment: every vial and how it was found, who took it over, what its logger measured."""
    with store().read(actor()) as view:
        found = consignments.consignment(view, consignment_id)
        expiries = {lot_id: expiry(view, lot_id) for lot_id in found["lots"]}
        over = names.giais(view, [vial.id for _line, vial in found["lines"] if vial])
        lines = [
            line.model_dump()
            | {
                "vial": vial
                and vial_told(vial, found["lots"][vial.lot_id].number, expiries[vial.lot_id], over.get(vial.id))
            }
            for line, vial in found["lines"]
        ]
        files = coldchain.files(view, consignment_id)
    return box_told(found) | {"lines": lines, "handovers": found["handovers"], "files": files}


@blueprint.route("/consignments/<record:consignment_id>/labels", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.response(200, LabelsOut)
def consignment_labels(consignment_id: str) -> dict[str, Any]:
    """How far the labels are of the vials that came whole, of whatever lots: as of a lot."""
    return labels_told(labelling.Job("consignment", consignment_id))


@blueprint.route("/consignments/<record:consignment_id>/labels.pdf", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.refuses(409)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
@blueprint.arguments(LabelsIn, location="query")
def consignment_labels_pdf(told: dict[str, Any], consignment_id: str) -> Response:
    """The labels of one printing for them that wait to be scanned back, lot by lot. Nothing is noted by it."""
    return labels_pdf(labelling.Job("consignment", consignment_id), **told)


@blueprint.route("/consignments/<record:consignment_id>/labels.zpl", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.refuses(409)
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
@blueprint.arguments(ZplIn, location="query")
def consignment_labels_zpl(told: dict[str, Any], consignment_id: str) -> Response:
    """The same for a Zebra printer, to be sent to it as it is."""
    return labels_zpl(labelling.Job("consignment", consignment_id), **told)


@act("consignment.attach_log", **uploading(ANSWERED, OF_LOGGER))
def attach_log(consignment_id: str) -> Done:
    """The shipment's logger file, judged against the limits of every product in the box; out of limits holds its vials.

    What a file leaves open is refused with the `question`; what has to be looked at first, with its `understanding`.
    """
    with store().read(actor()) as view:
        mission = importing.of_box(view, consignment_id)
    return imported(mission, BoxLogIn)
