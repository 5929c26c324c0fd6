"""Labels of a lot: choose a layout, print the sheet, and scan every label back from the vial it was put on."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from traceability.asking import View, actor, store
from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.labels import LAYOUTS, PAPERS
from traceability.services import labels, lots
from traceability.web import blueprint, now, paper, posting, scanning
from traceability.web.lots import head

USUAL = "vial_38x21"


@blueprint.get("/lots/<lot_id>/labels")
def lot_labels(lot_id: str) -> ResponseReturnValue:
    return chosen(lot_id)


def chosen(lot_id: str, trouble: posting.Trouble | None = None) -> ResponseReturnValue:
    """How far the lot's labels are, and each layout as it would look."""
    with store().read(actor()) as view:
        above = head(view, lot_id, "labels")
        progress = labels.progress(view, lot_id)
        looks = _looks(view, lot_id) if progress.printed < progress.vials else {}
    page = render_template(
        "lots/labels.html", **above, progress=progress, looks=looks, layouts=LAYOUTS, trouble=trouble,
        papers=paper.papers(),
        given={
            "layout": request.form.get("layout") or _usual(looks), "start": request.form.get("start", "0"),
            "paper": request.values.get("paper") or PAPERS[0], "after": request.args.get("after", ""),
        },
    )  # fmt: skip
    return page, trouble.status if trouble else 200


def _looks(view: View, lot_id: str) -> dict[str, Markup | None]:
    """Pictures by layout; a lot whose words the font has not, or whose number no code can hold, has none."""
    found: dict[str, Markup | None] = {}
    for name in LAYOUTS:
        try:
            drawn = labels.preview(view, lot_id, name, domain=_domain())
        except Refused:
            drawn = None
        found[name] = paper.picture(drawn)
    return found


@blueprint.post("/lots/<lot_id>/labels")
def lot_labels_print(lot_id: str) -> ResponseReturnValue:
    """Draw first, so that nothing is noted as printed that does not fit; then the act; then the sheet."""
    posting.permitted("label.print")
    told: dict[str, Any] = posting.form("layout", "start", "paper")
    told["paper"] = told["paper"] or PAPERS[0]
    try:
        with store().read(actor()) as view:
            labels.sheet(
                view, lot_id, told["layout"], domain=_domain(), paper=told["paper"], start=paper.start_cell(told["start"]), unprinted=True
            )  # fmt: skip
    except Refused as refused:
        return chosen(lot_id, paper.at_field(posting.refusal(refused)))
    done = posting.perform("label.print", lot_id=lot_id, layout=told["layout"])
    if isinstance(done, posting.Trouble):
        return chosen(lot_id, done)
    return redirect(url_for("web.lot_labels_sheet", lot_id=lot_id, **told), 303)


@blueprint.get("/lots/<lot_id>/labels.pdf")
def lot_labels_sheet(lot_id: str) -> ResponseReturnValue:
    """The labels that were printed and wait to be scanned back, as PDF or as a file for the printer.

    Nothing is noted by it: a job that a jam or a closed window interrupted is fetched again from the vial that is next.
    """
    posting.permitted("label.print")
    asked = {name: request.args.get(name, "").strip() for name in ("layout", "paper", "start", "after")}
    asked["paper"] = asked["paper"] or PAPERS[0]
    try:
        with store().read(actor()) as view:
            file = labels.sheet(
                view, lot_id, asked["layout"] or labels.progress(view, lot_id).layout or "", domain=_domain(), paper=asked["paper"],
                start=paper.start_cell(asked["start"] or "0"), after=_serial(asked["after"]),
            )  # fmt: skip
    except Refused as refused:
        if "after" not in request.args:
            raise
        return chosen(lot_id, paper.at_field(posting.refusal(refused)))
    return paper.sent(file, asked["paper"], f"labels-{lot_id[-6:]}")


def _serial(typed: str) -> str:
    """The serial, typed or scanned from the last label that came out well."""
    try:
        return gs1.read(typed, now().date()).serial or typed
    except Refused:
        return typed


@blueprint.route("/lots/<lot_id>/scan_back", methods=["GET", "POST"])
def lot_scan_back(lot_id: str) -> ResponseReturnValue:
    """One box; every label read on its vial is one act. What was not accepted stays until it is acknowledged."""
    posting.permitted("label.scan_back")
    outcome, status = None, 200
    if request.method == "POST":
        code = request.form.get("code", "")
        done = posting.perform("label.scan_back", code=code)
        outcome = scanning.outcome(done, code, already={"label_scanned_already"}, word=_("Scanned back"))
        status = outcome.status
    with store().read(actor()) as view:
        above = head(view, lot_id, "labels")
        waiting = set(labels.waiting(view, lot_id))
        left = [one.serial for one in lots.vials(view, lot_id) if one.id in waiting]
        progress = labels.progress(view, lot_id)
    return render_template("lots/scan_back.html", **above, progress=progress, left=left, outcome=outcome), status


def _usual(looks: dict[str, Markup | None]) -> str:
    """The smallest layout that says all a label owes (R13), else the first that fits."""
    fits = [name for name, drawn in looks.items() if drawn]
    return USUAL if USUAL in fits else next(iter(fits), "")


def _domain() -> str:
    told: str = current_app.config["DIGITAL_LINK_DOMAIN"]
    return told
