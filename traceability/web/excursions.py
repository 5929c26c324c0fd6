"""Excursions: all of them, one with the vials that were there, and QA's decision on them, signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import problems
from traceability.asking import actor, store
from traceability.services import deciding
from traceability.web import blueprint, posting, roles
from traceability.web.posting import Trouble
from traceability.web.recalls import had, unnamed
from traceability.web.subjects import SEEN_BY
from traceability.words import act_words, meaning_sentence


@blueprint.get("/excursions", endpoint="excursions")
def list_() -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = deciding.listed(view)
    return render_template("excursions/list.html", found=found)


@blueprint.get("/excursions/<excursion_id>")
def excursion(excursion_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = deciding.detail(view, excursion_id)
        others = unnamed(view, found.exposed)
    return render_template(
        "excursions/excursion.html", found=found, one=found.listed.excursion, place=found.listed.place, why=why,
        chart_until=(found.listed.excursion.until or view.at) + timedelta(hours=12),
        had=had(found.exposed), unnamed=others, opens=bool(roles() & set(SEEN_BY)),
    )  # fmt: skip


def why(there: deciding.There) -> list[str]:
    return [problems.told(finding)["message"] for finding in there.findings]


GIVEN = ("decision", "until", "statement_id", "reason")


@blueprint.route("/excursions/<excursion_id>/dispose", methods=["GET", "POST"])
def dispose(excursion_id: str) -> ResponseReturnValue:
    """QA ticks vials, one by one or all of one history, and signs what becomes of them."""
    posting.permitted("excursion.dispose")
    with store().read(actor()) as view:
        found = deciding.detail(view, excursion_id)
    given: dict[str, Any] = posting.form(*GIVEN)
    given |= {"groups": request.values.getlist("group"), "vial_ids": request.form.getlist("vial_ids")}
    trouble = None
    if posting.posted():
        chosen, errors = ticked(found, given)
        done = (
            Trouble(422, errors) if errors else
            posting.perform("excursion.dispose", excursion_id, vial_ids=chosen, **{name: given[name] for name in GIVEN})
        )  # fmt: skip
        if not isinstance(done, Trouble):
            flash(act_words("excursion.dispose").done)
            return redirect(url_for("web.excursion", excursion_id=excursion_id), 303)
        trouble = done
    page = render_template(
        "excursions/dispose.html", found=found, one=found.listed.excursion, place=found.listed.place, given=given,
        trouble=trouble, meaning=meaning_sentence("decided"), why=why,
    )  # fmt: skip
    return page, trouble.status if trouble else 200


def ticked(found: deciding.Detail, given: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """The vials that were ticked; a group whose vials are no more the ones that were shown is none that anybody has seen."""
    groups = {one.key: one for one in found.groups}
    if gone := [key for key in given["groups"] if key not in groups]:
        given["groups"] = [key for key in given["groups"] if key not in gone]
        return [], {"vial_ids": _("What is known of these vials has changed meanwhile. Look again, then tick them.")}
    chosen = {one.vial.id for key in given["groups"] for one in groups[key].vials if one.waits} | set(given["vial_ids"])
    return (sorted(chosen), {}) if chosen else ([], {"vial_ids": _("Choose the vials that you decide on.")})
