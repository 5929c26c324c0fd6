"""Boxes on their way: the list, one box with its story, shipping, arrival by two people, and what was measured in it.

Counting and putting away, scan by scan, are in `counting.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from schemas.coldchain import BoxLogIn
from traceability.asking import View, actor, store
from traceability.domain import gs1
from traceability.domain.coldchain import covers
from traceability.domain.errors import Refused
from traceability.services import PERFORMERS, coldchain, consignments, importing, organisations, plots
from traceability.services import excursions as judged
from traceability.web import blueprint, forms, logs, now, posting
from traceability.web.plots import asked
from traceability.words import meaning_sentence, sentence

PAGE = 50


@blueprint.get("/consignments", endpoint="consignments")
def list_() -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = consignments.consignments(view, limit=PAGE + 1, after=request.args.get("after"))
        named = {site.id: (site, owner) for site, owner in organisations.sites(view, everywhere=True)}
    following = url_for("web.consignments", after=found[PAGE - 1]["consignment"].id) if len(found) > PAGE else None
    return render_template("consignments/list.html", found=found[:PAGE], named=named, following=following)


def head(view: View, consignment_id: str) -> dict[str, Any]:
    """What stands above every page of one box."""
    told = consignments.consignment(view, consignment_id)
    one = told["consignment"]
    places = consignments.lying(view, [vial.id for _line, vial in told["lines"] if vial is not None])
    arrived = [(line, vial) for line, vial in told["lines"] if vial is not None and line.found in ("ok", "extra")]
    return told | {
        "is_ours": one.consignee_id == view.actor.organisation_id,
        "places": places,
        "arrived": arrived,
        "in_box": [vial for _line, vial in arrived if vial.id in places and places[vial.id].id == one.place_id],
        "named": {site.id: (site, owner) for site, owner in organisations.sites(view, everywhere=True)},
    }


@blueprint.get("/consignments/<consignment_id>")
def consignment(consignment_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        above = head(view, consignment_id)
        files = [(file, _watched(above, file)) for file in coldchain.files(view, consignment_id)]
        excursions = judged.excursions(view, above["consignment"].place_id)
        plot = plots.of_consignment(view, consignment_id, asked())
        return render_template(
            "consignments/detail.html", **above, files=files, excursions=excursions, plot=plot,
            signatures=consignments.signed(view, consignment_id), mkt=coldchain.mkt_applies(view, consignment_id),
            told=lambda code, values: sentence(code, values), moment=datetime.fromisoformat,
        )  # fmt: skip


def _watched(above: dict[str, Any], file: Any) -> bool | None:
    """Whether a file watched the way from door to door: True, not at all (False), or in part (None)."""
    began, arrived = above["consignment"].shipped_at, [one.at for one in above["handovers"]]
    journey = (began, max([began, *arrived]))
    return covers(journey, file.first, file.last, (), file.interval_s)


@blueprint.route("/consignments/ship", methods=["GET", "POST"])
def ship() -> ResponseReturnValue:
    """Vials of one lot or of several into one box. Its SSCC is scanned or typed, never suggested."""
    posting.permitted("consignment.ship")
    given: dict[str, Any] = posting.form("sscc", "from_site_id", "to_site_id", "shipper_name", "due_on")
    given["vial_ids"] = request.form.getlist("vial_ids")
    trouble = None
    if request.method == "POST":
        done = posting.perform("consignment.ship", **given | {"sscc": _sscc(given["sscc"])})
        if not isinstance(done, posting.Trouble):
            flash(
                _("Shipped as %(number)s, %(count)s vials.", number=done.answer["number"], count=done.answer["vials"])
            )
            return redirect(url_for("web.consignment", consignment_id=done.id), 303)
        trouble = _about_sscc(done)
    chosen = request.values.getlist("lot_id")
    with store().read(actor()) as view:
        lots = consignments.shippable(view)
        taken = consignments.made(view, chosen)
        sites = organisations.sites(view, everywhere=True)
    makers = {lot.maker_id for lot, _vials in taken}
    page = render_template(
        "consignments/ship.html", given=given, trouble=trouble, lots=lots, taken=taken, posted=request.method == "POST",
        origins=[(site, owner) for site, owner in sites if owner.id in makers],
        targets=[(site, owner) for site, owner in sites if owner.id not in makers and owner.kind == "hospital"],
    )  # fmt: skip
    return page, trouble.status if trouble else 200


def _sscc(typed: str) -> str:
    """The eighteen digits, also from what a scanner sends for the box: ]C100…, (00)…; else as it came, to be refused."""
    try:
        return gs1.read(typed, now().date()).sscc or typed
    except Refused:
        return typed.replace(" ", "")


def _about_sscc(trouble: posting.Trouble) -> posting.Trouble:
    """A wrong or used number is told at its field."""
    if trouble.general and (trouble.code.startswith("code_") or trouble.code == "already_there"):
        return posting.Trouble(trouble.status, {"sscc": trouble.general[0]}, [], trouble.code)
    return trouble


ARRIVAL = ("carrier", "seal", "seal_whole", "condition", "temperature_mc")


@blueprint.route("/consignments/<consignment_id>/arrive", methods=["GET", "POST"])
def arrive(consignment_id: str) -> ResponseReturnValue:
    """Two people take the box over and sign for it."""
    posting.permitted("consignment.arrive")
    given = posting.form(*ARRIVAL, "occurred_at", "second_username")
    trouble = None
    if request.method == "POST":
        told: dict[str, Any] = {name: given[name] for name in ARRIVAL}
        if given["occurred_at"]:
            told |= {"occurred_at": forms.moment(given["occurred_at"]), "source": "late"}
        done = posting.perform("consignment.arrive", consignment_id, **told)
        if not isinstance(done, posting.Trouble):
            flash(_("The arrival is recorded. Now count what is in the box."))
            return redirect(url_for("web.count", consignment_id=consignment_id), 303)
        trouble = done
    with store().read(actor()) as view:
        above = head(view, consignment_id)
    meanings = [meaning_sentence(one) for one in PERFORMERS["consignment.arrive"].act.signatures]
    page = render_template("consignments/arrive.html", **above, given=given, trouble=trouble, meanings=meanings)
    return page, trouble.status if trouble else 200


@blueprint.route("/consignments/<consignment_id>/attach_log", methods=["GET", "POST"])
def attach_log(consignment_id: str) -> ResponseReturnValue:
    """The shipment's logger file: shown as it was understood, confirmed, kept byte for byte, then judged."""
    posting.permitted("consignment.attach_log")
    with store().read(actor()) as view:
        above, mission = head(view, consignment_id), importing.of_box(view, consignment_id)
    step = logs.step(mission, BoxLogIn, OF_LOGGER) if posting.posted() else logs.Step()
    if step.done is not None:
        found = ", ".join(step.done.answer["excursions"]) or _("inside the limits while the vials were in the box")
        flash(_("The file is read and judged: %(found)s.", found=found))
        return redirect(url_for("web.consignment", consignment_id=consignment_id, _anchor="logger"), 303)
    page = render_template(
        "consignments/attach_log.html",
        **above,
        mission=mission,
        step=step,
        carried=logs.answered(step.given),
        told=sentence,
    )
    return page, step.status


OF_LOGGER = ("serial", "certificate", "calibrated_from", "calibrated_until")
"""What is told of a logger that is perhaps on no record yet."""
