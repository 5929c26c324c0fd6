"""One box, one code, one answer: may this vial be used. A box, a place, a sensor leads to its page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from traceability import problems
from traceability.asking import View, actor, store
from traceability.domain import gs1
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import Role
from traceability.domain.rules import Verdict
from traceability.services import consignments, names, organisations, scans, sensors, shifts, vials
from traceability.services.verdicts import Scanned, outside, scan
from traceability.web import blueprint, scanning
from traceability.words import sentence

MODES = ((Purpose.STOCK, _("Check")), (Purpose.ISSUE, _("Issue")), (Purpose.BEDSIDE, _("Bedside")))


@blueprint.route("/scan", methods=["GET", "POST"], endpoint="scan")
def box() -> ResponseReturnValue:
    """Codes of people come here too: they are posted and never stand in an address."""
    mode = request.values.get("mode", "")
    purpose = Purpose(mode) if mode in set(Purpose) else Purpose.STOCK
    return shown(purpose) if request.method == "GET" else answer(None, purpose)


@blueprint.get("/01/<path:rest>")
def digital_link(rest: str) -> ResponseReturnValue:  # noqa: ARG001 - the address is read as it was sent
    """The address in a label's QR code, opened here: the same verdict."""
    sent = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI")
    query = request.query_string.decode("ascii", "replace")
    path = sent if sent and sent.startswith("/") else quote(request.path, safe="/") + (f"?{query}" if query else "")
    return answer(f"https://{request.host}{path}", Purpose.STOCK)


def answer(raw: str | None, purpose: Purpose) -> ResponseReturnValue:
    """Any readable code has an answer; an unreadable one is told at the box, without what was read: it may be a person’s number.

    None: the code that was posted.
    """
    with store().read(actor()) as view:
        try:
            if raw is None:
                raw, instead = scanning.heard(view, acts=False)
                if instead is not None and instead.kind == "part":
                    return shown(purpose, part=instead)
                if instead is not None:
                    return shown(purpose, error=instead.why[0], unread=instead.unread), instead.status
            if place := organisations.place_of(view, raw):
                return scanning.onward(url_for("web.place", place_id=place.id))
            scanned = scan(view, raw, purpose)
        except Refused as refused:
            error, unread = scanning.why_not(refused)
            return shown(purpose, error=error, unread=unread), problems.status_of(refused.code)
        code = scanned.identity
        if code.kind == "shipper" and code.sscc and (consignment := consignments.by_sscc(view, code.sscc)):
            return scanning.onward(url_for("web.consignment", consignment_id=consignment.id))
        if code.kind == "asset" and code.giai and (sensor := sensors.by_giai(view, code.giai)):
            return scanning.onward(url_for("web.sensor", sensor_id=sensor.id))
        made = answered(view, scanned)
        if made["answer"] is Verdict.ASK_QA and made["kind"] == "vial":
            made["called"] = shifts.on_call(view, Role.QUALITY)
    scans.log(store(), actor(), scanned)
    return shown(purpose, **made)


def answered(view: View, scanned: Scanned) -> dict[str, Any]:
    """The verdict, and the facts of this vial where it is the asker's to see; of a foreign one the question, or the stop."""
    # an over-label or BPOM's code that names a vial is its code
    kind = "vial" if scanned.vial_id else scanned.identity.kind
    told: dict[str, Any] = {"kind": kind, "serial": scanned.identity.serial, "value": written(scanned.identity)}
    if kind == "vial" and scanned.purpose == Purpose.BEDSIDE:
        told["not_judged"] = sentence("subject_not_asked", {})
    if kind != "vial":
        return told | {"answer": Verdict.ASK_QA, "findings": []}
    if scanned.facts is None or scanned.vial_id is None or not scanned.in_sight:
        abroad = outside(scanned)
        return told | {"answer": abroad.verdict, "findings": [problems.told(one) for one in abroad.findings]}
    if scanned.verdict is Verdict.USE:
        told["value"] = ""  # the box is free for the next one
    return told | {
        "answer": scanned.verdict,
        "findings": [problems.told(one) for one in scanned.findings],
        "facts": scanned.facts,
        "vial": vials.described(view, scanned.vial_id),
        "own": "" if scanned.identity.kind == "alias" else names.of_vial(scanned.identity),
    }


def written(code: gs1.Identity) -> str:
    """What was read, as people read it; a person's number is not repeated, nor what else stands beside a vial's."""
    if code.kind == "person":
        return ""
    if code.says_a_person or code.kind == "vial":
        return scanning.naming(code)
    return " ".join(f"({ai}){value}" if ai.isdigit() else f"{ai} {value}" for ai, value in code.elements)


def shown(purpose: Purpose = Purpose.STOCK, **told: Any) -> str:
    return render_template("scan/scan.html", modes=MODES, purpose=purpose, **{"answer": "rest"} | told)
