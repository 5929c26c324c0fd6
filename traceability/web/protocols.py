"""Protocols: those in force, with their visits and papers, and the form of a new version."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from traceability.asking import actor, store
from traceability.domain.visits import POINTS, usual
from traceability.problems import told
from traceability.services import products, protocols
from traceability.services.protocols import Protocol
from traceability.web import blueprint, posting
from traceability.web.posting import Trouble
from traceability.words import act_words

FIELDS = (
    "product_id", "name", "doses", "interval_d", "window_d", "volume_ul", "observation_min", "route", "ethics_number", "approval_number",
)  # fmt: skip
USUAL = {one.point: one for one in usual(doses=5, interval_d=7)}
"""What stands in the form before anybody typed: the visits of a course as it usually is."""


@blueprint.route("/protocols/issue", methods=["GET", "POST"])
def protocol_issue() -> ResponseReturnValue:
    given, trouble = posting.form(*FIELDS), None
    rows = [_visit(point, typed=request.method == "POST") for point in POINTS]
    if request.method == "POST":
        planned = [
            {"time_point": one["point"], "day": one["day"], "window_d": one["window"] or "0"}
            for one in rows
            if one["day"]
        ]
        done = posting.perform("protocol.issue", visits=planned or (), **given)
        if not isinstance(done, Trouble):
            flash(act_words("protocol.issue").done)
            return redirect(url_for("web.protocol_issue"), 303)
        trouble = done
    with store().read(actor()) as view:
        page = render_template(
            "protocols/issue.html", given=given, trouble=trouble, protocols=protocols.protocols(view), products=products.products(view),
            visits=rows, why_not=why_not,
        )  # fmt: skip
    return page, trouble.status if trouble else 200


def why_not(one: Protocol) -> list[str]:
    """The sentences of what keeps a protocol from being planned on today."""
    return [told(finding)["message"] for finding in one.missing]


def _visit(point: str, *, typed: bool) -> dict[str, str]:
    """A row of the form: as it was typed, else as it usually is; without a day there is no such visit."""
    if typed:
        said = posting.form(f"visit_{point}_d", f"visit_{point}_window_d")
        return {"point": point, "day": said[f"visit_{point}_d"], "window": said[f"visit_{point}_window_d"]}
    found = USUAL.get(point)
    return {"point": point, "day": str(found.day) if found else "", "window": str(found.window_d) if found else ""}
