"""Evidence packages by program: made, listed, and handed out as they were made."""

from __future__ import annotations

from typing import Any

from flask import Response, send_file
from marshmallow import fields

from schemas.fields import Id
from schemas.outputs import At, RowOut
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lists import ONE
from traceability.asking import Done, actor, call_of, store
from traceability.services import evidence_packages

TAG = ["evidences"]


class EvidencePackageOut(RowOut):
    number = fields.String(required=True)
    lot_id = fields.String(required=True)
    organisation_id = fields.String(required=True, metadata={"description": "In whose ledger it is entered."})
    asked_by = fields.String(required=True)
    made_at = At(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of the ZIP."})
    size = fields.Integer(required=True)
    entries = fields.Integer(required=True)
    documents = fields.Integer(required=True)


class EvidencePackagesOut(asked.In):
    items = fields.List(fields.Nested(EvidencePackageOut), required=True)


class EvidenceOfLotIn(asked.In):
    lot_id = Id(required=True)


@act("evidence.make", EvidenceOfLotIn)
def make_evidence(told: dict[str, Any]) -> Done:
    """Make a lot's evidence package of what you may see: records, tables, the audit extract with proofs, and a program
    that checks all of it with Python's standard library alone.
    """
    return evidence_packages.make(store(), actor(), call_of({}, asked.act_id()), told["lot_id"])


@blueprint.route("/evidences", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.response(200, EvidencePackagesOut)
@blueprint.arguments(EvidenceOfLotIn, location="query")
def evidences(told: dict[str, Any]) -> dict[str, Any]:
    """The evidence packages of a lot that are yours to have, newest first."""
    with store().read(actor()) as view:
        return {"items": [one.model_dump() for one in evidence_packages.packages(view, told["lot_id"])]}


@blueprint.route("/evidences/<record:evidence_id>.zip", tags=TAG)
@blueprint.refuses(*ONE, 409)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
def evidence_zip(evidence_id: str) -> Response:
    """The package as it was made; a changed or missing file is `evidence_bytes_differ`."""
    with store().read(actor()) as view:
        _one, path = evidence_packages.kept(store(), view, evidence_id)
    return send_file(path, "application/zip")
