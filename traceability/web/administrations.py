"""Injections on record: what was already given, one injection with what stood against it, and the watch after it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, store
from traceability.domain.bedside import permit_asked
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.services import administrations, courses, signatures, subjects
from traceability.web import blueprint, forms, now, only, posting
from traceability.web.courses import doses_of
from traceability.web.posting import Trouble
from traceability.web.subjects import SEEN_BY
from traceability.words import act_words, sentence

RECORD = (
    "given_ul",
    "discarded_ul",
    "guidance",
    "approach",
    "needle",
    "skin_preparation",
    "aspirated_ul",
    "vas_before",
    "concomitant",
    "inspection",
)
LATE = (*RECORD, "vas_after", "laterality", "occurred_at", "reason", "dose_id")


def kept(trouble: Trouble) -> str | None:
    """The form was sent again with other words after its answer was lost: what was recorded the first time."""
    if trouble.code != "act_id_reused":
        return None
    try:
        done = store().answer(actor(), request.form.get("act_id", ""))
    except Refused:
        return None
    return str(done.answer["id"]) if done else None


def owed(given: dict[str, str]) -> dict[str, str]:
    """What a record of an injection cannot do without, all of it at once: three volumes that add up, two signatures."""
    volumes = {"withdrawn_ul": _("Withdrawn"), "given_ul": _("Given"), "discarded_ul": _("Discarded")}
    read = {key: _number(given[key]) for key in volumes}
    errors = {
        key: _("%(what)s: a number in mL, 0 where there was none.", what=volumes[key]) for key, one in read.items() if one is None
    }  # fmt: skip
    if not errors and read["withdrawn_ul"] != (read["given_ul"] or 0) + (read["discarded_ul"] or 0):
        errors = {"withdrawn_ul": _("Withdrawn is not given and discarded together. Measure again.")}
    signing = (*posting.SIGNING, "second_username")
    return errors | {key: _("Needed to sign.") for key in signing if not request.form.get(key)}


def _number(told_so: str) -> Decimal | None:
    try:
        made = Decimal(told_so.replace(",", "."))
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


@blueprint.route("/subjects/<subject_id>/given", methods=["GET", "POST"])
def subject_given(subject_id: str) -> ResponseReturnValue:
    """It was already given: recorded whatever rule it broke, with both times, by two people."""
    posting.permitted("dose.give")
    given, trouble = posting.form(*LATE, "withdrawn_ul", "codes"), None
    if request.method == "GET":
        given |= {"dose_id": request.args.get("dose_id", ""), "codes": request.args.get("code", "")}
    if request.method == "POST":
        asked: dict[str, Any] = {key: given[key] for key in LATE} | {"subject_id": subject_id, "source": "late"}
        asked |= {
            "codes": given["codes"].split("\n"),
            "occurred_at": forms.moment(given["occurred_at"]) if given["occurred_at"] else "",
        }
        asked["codes"] = [code.strip("\r ") for code in asked["codes"] if code.strip()]
        errors = owed(given) | {
            key: _("This is needed.") for key in ("occurred_at", "reason", "codes") if not given[key]
        }
        if given["laterality"] not in ("right", "left"):
            errors["laterality"] = _("Choose the knee.")
        found = Trouble(422, errors) if errors else posting.perform("dose.give", **asked)
        if not isinstance(found, Trouble):
            return redirect(url_for("web.administration", administration_id=found.id), 303)
        if done := kept(found):
            return redirect(url_for("web.administration", administration_id=done), 303)
        trouble = found
    with store().read(actor()) as view:
        plans = courses.progress(view, [subject_id])[subject_id]
        shown = render_template(
            "administrations/given.html", subject=subjects.subject(view, subject_id), given=given, trouble=trouble,
            rows=[(plan["course"], row) for plan in plans for row in doses_of(view, plan["course"].id)],
        )  # fmt: skip
    return shown, trouble.status if trouble else 200


@blueprint.get("/administrations/<administration_id>")
def administration(administration_id: str) -> ResponseReturnValue:
    return given_page(administration_id, {})


@blueprint.route("/administrations/<administration_id>/observe", methods=["GET", "POST"])
def administration_observe(administration_id: str) -> ResponseReturnValue:
    """The watch, as it was: from the injection to now, or between the times that are told."""
    posting.permitted("administration.observe")
    if request.method == "GET":
        return redirect(url_for("web.administration", administration_id=administration_id) + "#watch", 303)
    given = posting.form("vas_after", "reaction", "description", "began_at", "ended_at", "early")
    with store().read(actor()) as view:
        one = administrations.administration(view, administration_id)
    began = forms.moment(given["began_at"]) if given["began_at"] else one["administration"].given_at.isoformat()
    ended = forms.moment(given["ended_at"] or posting.kept_since()) or now().isoformat()
    planned = timedelta(minutes=one["protocol"].observation_min) if one["protocol"] else timedelta()
    early = not given["ended_at"] and now() - one["administration"].given_at < planned
    if early and given["reaction"] != "yes" and not given["early"]:
        why = _("The time is not over. Wait, or tick that the watch ended early.")
        return given_page(administration_id, given, Trouble(422, {"early": why}))
    told_so = {key: given[key] for key in ("vas_after", "reaction", "description")}
    found = posting.perform("administration.observe", administration_id, began_at=began, ended_at=ended, **told_so)
    if isinstance(found, Trouble) and not kept(found):
        return given_page(administration_id, given, found)
    flash(act_words("administration.observe").done)
    return redirect(url_for("web.administration", administration_id=administration_id), 303)


def given_page(administration_id: str, given: dict[str, str], trouble: Trouble | None = None) -> ResponseReturnValue:
    only(*SEEN_BY)
    with store().read(actor()) as view:
        one = administrations.administration(view, administration_id)
        watch = timedelta(minutes=one["protocol"].observation_min) if one["protocol"] else None
        row, signed = one["administration"], signatures.about(view, [administration_id]).get(administration_id, [])
        told = [each for each in signed if each.signature.meaning is Meaning.GIVEN]
        corrected = administrations.corrections(view, administration_id)
        since = max((each.at for each in corrected), default=None)
        outdated = {each.signature.act_id for each in signed if since and each.signature.signed_at < since}
        made = render_template(
            "administrations/administration.html", **one, given=given, trouble=trouble,
            watch_until=row.given_at + watch if watch else None,
            findings=[sentence(why["code"], why["values"], holds=why["holds"]) for why in row.findings],
            watched_short=[
                sentence(why["code"], why["values"], holds=why["holds"])
                for why in administrations.watched_short(one["observations"])
            ],
            signed=signed, corrections=corrected,
            permit_asked=bool(told) and permit_asked(row.mode, row.given_at, told[0].signature.signed_at),
            reasons=[one.reason for one in told[:1] if one.reason],
            outdated=outdated,
        )  # fmt: skip
    return made, trouble.status if trouble else 200
