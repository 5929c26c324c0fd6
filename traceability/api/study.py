"""Study data by program: scores as one long table or the domains of SDTM taken out; a table of scores read in."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from marshmallow import Schema, ValidationError, fields, validate

from schemas.fields import Words
from traceability import asking
from traceability.api import asked, blueprint
from traceability.api.acts import STATUSES, act
from traceability.api.lots import uploading
from traceability.api.plots import SHEET
from traceability.api.results import CONFIRMED
from traceability.asking import Done, actor, call_of, store
from traceability.domain import study_files
from traceability.domain.errors import Refused
from traceability.domain.study_files import Reading
from traceability.services import study_export, study_import
from traceability.services.study_import import StudyFile
from traceability.words import sentence


class StudyExportIn(asked.In):
    format = fields.String(load_default="sdtm", metadata={"enum": sorted(study_export.FORMATS)})


@blueprint.route("/studies/export", methods=["POST"], tags=["studies"], parameters=[dict(asked.IDEMPOTENCY_KEY)])
@blueprint.doc(operationId="study.export", **SHEET)
@blueprint.refuses(*STATUSES)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
@blueprint.arguments(StudyExportIn)
def export_study(told: dict[str, Any]) -> Response:
    """What was given, scored and asked, of whoever consented to the use of their data: `csv` or `sdtm` (ZIP). It is entered."""
    file, _done = study_export.take(store(), actor(), call_of({}, asked.act_id()), told["format"])
    return Response(file, content_type=study_export.FORMATS[told["format"]])


class ReadingIn(Schema):
    """How a table is to be read: see the names of columns in the description of `reading`."""

    columns = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    constants = fields.Dict(
        keys=fields.String(validate=validate.OneOf(tuple(study_files.StudyColumn))), values=fields.String()
    )
    ranges = fields.Dict(keys=fields.String(), values=fields.Tuple((fields.String(), fields.String())))
    date_order = fields.String(validate=validate.OneOf(study_files.DATE_ORDERS))
    decimal = fields.String(validate=validate.OneOf(("", *study_files.DECIMALS)))


READING = {
    "reading": {
        "type": "string",
        "description": "JSON: `columns` (heading → name of a column, `VAS||baseline` for a value of a wide table, or nothing),"
        " `constants`, `ranges` (instrument → [from, to]), `date_order` (iso, dmy, mdy), `decimal` (point, comma; left"
        " out, a number with three digits after its only mark is refused). Left out, headings are guessed.",
    },
    "encoding": {"type": "string", "enum": list(study_files.ENCODINGS)},
    "separator": {"type": "string", "enum": list(study_files.SEPARATORS)},
}


class StudyImportIn(asked.In):
    confirmed = Words(most=64, least=64, load_default="")
    reading = fields.String(load_default="")
    encoding = fields.String(load_default="", validate=validate.OneOf(("", *study_files.ENCODINGS)))
    separator = fields.String(load_default="", validate=validate.OneOf(("", *study_files.SEPARATORS)))


@act("study.import_file", **uploading(CONFIRMED, READING))
def import_study() -> Done:
    """A CSV of scores, long or wide: all of its values that are not on record yet, or none.

    Sent without `confirmed` it is refused with its `understanding` and the `digest` of that; sent again with the digest it is
    entered. Values that cannot be read are named in `errors`. The file is not kept.
    """
    sent, told = asked.upload(), asked.form(StudyImportIn)
    act_id, data = asked.act_id(), sent.stream.read(study_files.MOST_BYTES + 1)
    table = study_files.read(data, told["encoding"], told["separator"])
    file = StudyFile(table, _reading(told["reading"]) if told["reading"] else study_files.guessed(table))
    if store().answer(actor(), act_id) is None:  # asked for again it is answered again, whatever came on record by it
        with store().read(actor()) as view:
            found = study_import.understood(view, file)
        if found.refused:
            wrong = [one | {"message": sentence(one["code"], one["values"])} for one in study_import.errors(found)]
            errors = [{name: one[name] for name in ("line", "heading", "code", "message")} for one in wrong]
            raise Refused("study_refused", count=len(wrong), errors=errors)
        if told["confirmed"] != found.digest:
            raise Refused("study_unconfirmed", digest=found.digest, understanding=study_import.understanding(found))
    return asking.ask("study.import_file", None, {"file": file}, act_id)


def _reading(told: str) -> Reading:
    try:
        return Reading(**ReadingIn().load(json.loads(told)))
    except (ValueError, RecursionError, ValidationError):
        raise Refused("input_malformed") from None
