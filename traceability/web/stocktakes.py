"""The count of a place: begun by its code, vial after vial, then finished with its differences named."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, store
from traceability.services import organisations, stocktakes
from traceability.web import blueprint, posting, scanning
from traceability.web.posting import Trouble
from traceability.words import choice_word, sentence


@blueprint.route("/scan/count", methods=["GET", "POST"], endpoint="scan_count")
def begin() -> ResponseReturnValue:
    """The place's code, or its name from the list; where a count goes on, that one is gone on with."""
    posting.permitted("stocktake.begin")
    outcome = None
    if posting.posted():
        code, place_id = request.form.get("code", ""), request.form.get("place_id", "")
        with store().read(actor()) as view:
            place = organisations.place_of(view, code) if code else None
            known = {one.id for one in organisations.shelves(view)}
            place_id = place.id if place else place_id
            going_on = stocktakes.open_in(view, place_id) if place_id in known else None
        if going_on is not None:
            return scanning.onward(url_for("web.stocktake", stocktake_id=going_on.id))
        if place_id in known:
            done = posting.perform("stocktake.begin", place_id=place_id)
            if not isinstance(done, Trouble):
                return scanning.onward(url_for("web.stocktake", stocktake_id=done.id))
            outcome = scanning.outcome(done, code, already=set(), word="")
        else:
            outcome = scanning.Outcome("stop", "", (_("No place of yours has this number."),), "", 422)
    with store().read(actor()) as view:
        places = [(one, stocktakes.open_in(view, one.id)) for one in organisations.shelves(view)]
    return render_template(
        "scan/count.html", outcome=outcome, places=places, chosen=request.values.get("place_id", "")
    ), outcome.status if outcome else 200


@blueprint.get("/stocktakes/<stocktake_id>", endpoint="stocktake")
def counted(stocktake_id: str) -> ResponseReturnValue:
    return _shown(stocktake_id, None)


@blueprint.post("/stocktakes/<stocktake_id>", endpoint="stocktake_note")
def note(stocktake_id: str) -> ResponseReturnValue:
    """One vial of the place."""
    code, instead = scanning.listen()
    if instead is not None:
        return _shown(stocktake_id, instead)
    done = posting.perform("stocktake.note", stocktake_id, code=code)
    outcome = scanning.outcome(done, code, already={"counted_already"}, word=_("Counted"))
    if not isinstance(done, Trouble) and not done.repeated and done.answer["findings"]:
        serial = str(done.answer["serial"])
        with store().read(actor()) as view:
            line = next(
                (
                    one
                    for one in stocktakes.stocktake(view, stocktake_id).lines
                    if one.vial and one.vial.serial == serial
                ),
                None,
            )
        where = [_("It is in %(place)s.", place=line.place.code)] if line and line.place else []
        told = ("serial_unknown", "label_contradicts", "label_superseded")
        found = [sentence(one, {"serial": serial}) for one in told if one in done.answer["findings"]]
        number = done.answer.get("case")
        case = _("Kept, and asked of QA: case %(number)s. Nothing is moved.", number=number) if number else ""
        why = tuple(filter(None, (serial, *found, *where, case)))
        kind = "stop" if done.answer["vial_id"] is None or done.answer["seen"] == "out_of_stock" else "warn"
        outcome = scanning.Outcome(kind, choice_word("Seen", str(done.answer["seen"])), why, code)
    return _shown(stocktake_id, outcome)


@blueprint.route("/stocktakes/<stocktake_id>/finish", methods=["GET", "POST"], endpoint="stocktake_finish")
def finish(stocktake_id: str) -> ResponseReturnValue:
    """What was not scanned is named before it counts as missing."""
    posting.permitted("stocktake.finish")
    trouble = None
    if posting.posted():
        done = posting.perform("stocktake.finish", stocktake_id, empty="yes" if "empty" in request.form else "no")
        if not isinstance(done, Trouble):
            return redirect(url_for("web.stocktake", stocktake_id=stocktake_id), 303)
        trouble = done
    with store().read(actor()) as view:
        found = stocktakes.stocktake(view, stocktake_id)
    page = render_template("scan/counted.html", found=found, trouble=trouble)
    return page, trouble.status if trouble else 200


def _shown(stocktake_id: str, outcome: scanning.Outcome | None) -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = stocktakes.stocktake(view, stocktake_id)
    mine = found.count.organisation_id == actor().organisation_id
    page = render_template("scan/stocktake.html", found=found, outcome=outcome, mine=mine)
    return page, outcome.status if outcome else 200
