"""One box, scan by scan: counted whole or broken, the count finished with its differences named, vials put away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, store
from traceability.services import organisations
from traceability.web import batch, blueprint, posting, scanning
from traceability.web.consignments import head
from traceability.words import sentence


@blueprint.route("/consignments/<consignment_id>/count", methods=["GET", "POST"])
def count(consignment_id: str) -> ResponseReturnValue:
    """Every scan is one act. What was not accepted holds the box until it is acknowledged."""
    posting.permitted("consignment.count")
    outcome, mode = None, request.form.get("mode", "ok")
    if request.method == "POST":
        code, outcome = scanning.listen()
        if outcome is None:
            outcome = _counted(consignment_id, code, broken=mode == "broken")
    with store().read(actor()) as view:
        above = head(view, consignment_id)
    lines = sorted(above["lines"], key=_newest_first)
    page = render_template(
        "consignments/count.html",
        **above | {"lines": lines},
        outcome=outcome,
        mode=mode,
        refused=scanning.refusals(outcome),
    )
    return page, outcome.status if outcome else 200


def _counted(consignment_id: str, code: str, *, broken: bool) -> scanning.Outcome:
    done = posting.perform("consignment.count", consignment_id, code=code, broken="yes" if broken else "no")
    outcome = scanning.outcome(done, code, already={"counted_already"}, word=_("Counted"))
    if not isinstance(done, posting.Trouble) and done.answer["found"] != "ok":
        words = {
            "broken": _("Broken, noted"),
            "extra": _("Extra: it stands on no list"),
            "extra_broken": _("Extra and broken, noted"),
        }
        outcome = scanning.outcome(done, code, already=set(), word=words[str(done.answer["found"])], kind="warn")
        if done.answer["vial_id"] is None:
            why = sentence("serial_unknown", {"serial": done.answer["serial"]})
            outcome = replace(outcome, kind="stop", word=_("Counted, and not on record"), why=(why,))
    if not isinstance(done, posting.Trouble) and done.answer["vial_id"] and (found := done.answer.get("findings")):
        serial = str(done.answer["serial"])
        number = done.answer.get("case")
        case = _("It differs from what was on record: case %(number)s is open.", number=number) if number else ""
        why = (serial, *(sentence(one, {"serial": serial}) for one in found), case)
        outcome = replace(outcome, kind="warn", why=why)
    return outcome


def _newest_first(pair: tuple[Any, Any]) -> tuple[bool, float, str]:
    """What was just counted on top, what is still to be scanned below it."""
    line, vial = pair
    counted = line.counted_at
    return counted is None, -counted.timestamp() if counted else 0.0, vial.serial if vial else ""


@blueprint.route("/consignments/<consignment_id>/check_in", methods=["GET", "POST"])
def check_in(consignment_id: str) -> ResponseReturnValue:
    """The differences are named before the count is finished."""
    posting.permitted("consignment.check_in")
    trouble = None
    if request.method == "POST":
        done = posting.perform("consignment.check_in", consignment_id)
        if not isinstance(done, posting.Trouble):
            return redirect(url_for("web.put_away", consignment_id=consignment_id), 303)
        trouble = done
    with store().read(actor()) as view:
        above = head(view, consignment_id)
    found = {
        word: [
            vial.serial if vial else line.code
            for line, vial in above["lines"]
            if line.found == word and (vial or line.code)
        ]
        for word in above["tally"]
    }
    page = render_template("consignments/check_in.html", **above, found=found, trouble=trouble)
    return page, trouble.status if trouble else 200


@blueprint.route("/consignments/<consignment_id>/put_away", methods=["GET", "POST"])
def put_away(consignment_id: str) -> ResponseReturnValue:
    """The place once, then vial after vial, heard as where vials of any box are put away; here with what is still in this one."""
    posting.permitted("vial.put_away")
    outcome, given = None, posting.form("place_id", "place_how", "dose_id", "reason")
    given["place_id"] = given["place_id"] or request.args.get("place_id", "")
    if request.method == "POST":
        outcome, given = batch.heard("put_away", given)
    with store().read(actor()) as view:
        above = head(view, consignment_id)
        shelves = organisations.shelves(view)
    page = render_template(
        "consignments/put_away.html", **above, shelves=shelves, outcome=outcome, refused=scanning.refusals(outcome), given=given,
        chosen=next((one for one in shelves if one.id == given["place_id"]), None),
    )  # fmt: skip
    return page, outcome.status if outcome else 200
