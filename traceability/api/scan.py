"""May this vial be used? The verdict for a scanned code, by address or, for codes of people, by body only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, request
from marshmallow import fields

from schemas.fields import Code
from schemas.outputs import ScanOut
from traceability import problems
from traceability.api import admit, asked, blueprint
from traceability.asking import store
from traceability.domain import gs1
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.rules import Verdict
from traceability.services import scans
from traceability.services.verdicts import Scanned, outside, scan_in
from traceability.words import sentence

TAG = ["scan"]
PURPOSES = {str(purpose): purpose for purpose in Purpose}
NOT_JUDGED = {Purpose.BEDSIDE: ("subject_not_asked",)}
"""What a verdict for a purpose needs beside the vial, and a scan does not say."""
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ScanIn(asked.In):
    code = Code(required=True, metadata={"description": "As the scanner gave it: separators are characters, too."})
    purpose = fields.Enum(Purpose, by_value=True, load_default=Purpose.STOCK)


def documented(view: Any) -> Any:
    return blueprint.response(200, ScanOut)(blueprint.refuses(400, 401, 403, 422)(view))


@blueprint.route("/scan", methods=["POST"], tags=TAG, endpoint="scan_post")
@documented
@blueprint.refuses(413, 415)
@blueprint.doc(requestBody={"required": True, "content": {"application/json": {"schema": ScanIn}}})
def scan_post() -> Response:
    """Ask for the verdict on a code, whatever it names.

    The only way for codes of people: nothing of a body is logged.
    """
    return judged(lambda: asked.Parser().parse(ScanIn(), request, location="json"))


def scan() -> Response:
    """Ask for the verdict on a code.

    Every readable code has one; an unreadable one is a problem. A code of a person is refused here: it would stand in
    logs. Unknown codes and vials of others answer `ask_qa` and say nothing else; a vial of others that is recalled or
    expired answers `do_not_use`. A verdict for the bedside is of the vial alone: `not_judged` says what is left.
    """
    return judged(_question, people=False)


def _question() -> dict[str, Any]:
    """The usual question is read at a glance; the parser reads any other, or says what is wrong with it."""
    args = request.args.to_dict(flat=False)
    match args.get("code"), args.pop("purpose", ["stock"]):
        case [code], [purpose] if code and "\0" not in code and purpose in PURPOSES and len(args) == 1:
            return {"code": code, "purpose": PURPOSES[purpose]}
    told: dict[str, Any] = asked.Parser().parse(ScanIn(), request, location="query")
    return told


_QUERY = [
    {"in": "query", "name": "code", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 512}},
    {"in": "query", "name": "purpose", "schema": {"type": "string", "enum": list(PURPOSES), "default": "stock"}},
]
_described = documented(lambda: None)
scan._apidoc = _described._apidoc | {"manual_doc": {"operationId": "scan", "parameters": _QUERY}}  # type: ignore[attr-defined]
blueprint.add_url_rule("/scan", "scan", scan, methods=["GET"], tags=TAG)
# Described like the others, but without their wrappers: this is the address that is asked all day.


def judged(question: Callable[[], dict[str, Any]], *, people: bool = True) -> Response:
    """Who asks, what, and the answer, in one reading of the record."""
    kept = store()
    with kept.reading() as reader:
        actor = admit(reader)
        asked_for = question()
        found = scan_in(reader, kept, actor, asked_for["code"], asked_for["purpose"])
    if not people and found.identity.says_a_person:
        raise Refused("code_of_a_person")
    scans.log(kept, actor, found)
    return Response(_dump(told(found)), 200, content_type="application/json")


def told(found: Scanned) -> dict[str, Any]:
    """The answer; a foreign vial's is the one that an unknown code gets, but for the reason and a stop that is everybody's."""
    if found.facts is None or not found.in_sight:
        abroad = outside(found)
        return _answer(abroad.verdict, abroad.purpose, abroad.findings, None, None)
    facts, gtin, code = found.facts, found.facts.gtin, None
    if facts.expires is not None:
        elements = (("01", gtin), ("17", f"{facts.expires:%y%m%d}"), ("10", facts.lot_number), ("21", facts.serial))
        if facts.giai:
            elements = (("8004", facts.giai),)
        code = gs1.digital_link(current_app.config["DIGITAL_LINK_DOMAIN"], elements)
    vial = {"id": found.vial_id, "gtin": gtin, "serial": facts.serial, "state": facts.state.value, "code": code}
    lot = {
        "id": found.lot_id, "number": facts.lot_number, "state": facts.lot_state.value,
        "expires": facts.expires.isoformat() if facts.expires else None,
    }  # fmt: skip
    return _answer(found.verdict, found.purpose, found.findings, vial, lot)


def _answer(verdict: Verdict, purpose: Purpose, findings: Any, vial: Any, lot: Any) -> dict[str, Any]:
    words = [problems.told(finding) for finding in findings]
    said = [{"code": one["code"], "severity": one["severity"], "message": one["message"]} for one in words]
    left = [{"code": code, "message": sentence(code, {})} for code in NOT_JUDGED.get(purpose, ())]
    return {
        "verdict": verdict.value, "for": purpose.value, "findings": said, "not_judged": left, "vial": vial, "lot": lot,
    }  # fmt: skip
