"""What patients sign: the forms by version and language, who signed which, and when it was withdrawn."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import asking
from traceability.asking import actor, store
from traceability.services import consents, subjects
from traceability.web import blueprint, files, forms, posting, today
from traceability.web.posting import Trouble
from traceability.words import act_words

FORM = ("kind", "version", "language", "valid_from", "renew")


@blueprint.route("/consent_forms", methods=["GET"], endpoint="consent_forms")
def listed(trouble: Trouble | None = None) -> ResponseReturnValue:
    """Every form of the house: issued, in force today or not, and drafts that QA has not issued yet."""
    with store().read(actor()) as view:
        found, now = consents.forms(view), consents.to_sign(view)
    page = render_template(
        "consents/forms.html",
        found=found,
        now=now,
        today=today(),
        trouble=trouble,
        given=posting.form(*FORM),
    )
    return page, trouble.status if trouble else 200


@blueprint.route("/consent_forms/draft", methods=["GET", "POST"])
def consent_form_draft() -> ResponseReturnValue:
    """The PDF is kept byte for byte before the act that names its hash. Its form stands below the list."""
    posting.permitted("consent_form.draft")
    if request.method == "GET":
        return listed()
    told = files.attached()
    if isinstance(told, Trouble):
        return listed(told)
    given: dict[str, Any] = posting.form(*FORM)
    done = posting.perform("consent_form.draft", **told, **given | {"renew": given["renew"] or "no"})
    if isinstance(done, Trouble):
        return listed(done)
    flash(act_words("consent_form.draft").done)
    return redirect(url_for("web.consent_forms"), 303)


@blueprint.get("/consent_forms/<consent_form_id>/file")
def consent_form_file(consent_form_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        one = consents.form(view, consent_form_id)
        return files.as_it_came([file for _form, file in consents.forms(view)], one.attachment_id)


GIVEN = ("form", "kind", "version", "signed_at", "representative", "relation")


@blueprint.route("/consents/record", methods=["GET", "POST"])
def consent_record() -> ResponseReturnValue:
    """What was signed, told by one person and witnessed by another: one of the forms in force, or as it stands on the paper."""
    with store().read(actor()) as view:
        now = consents.to_sign(view, subjects.subject(view, request.values.get("subject_id", "")).id)
    given = posting.form(*GIVEN)
    kind, _bar, version = given["form"].partition("|")
    chosen = {"kind": kind, "version": version} if version else {key: given[key] for key in ("kind", "version")}
    told = chosen | {key: given[key] for key in ("signed_at", "representative", "relation")}
    return _about(
        request.values.get("subject_id", ""), "consent.record", "consents/record.html", told, given=given, now=now
    )


@blueprint.route("/consents/<consent_id>/withdraw", methods=["GET", "POST"])
def consent_withdraw(consent_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        consent = subjects.consent(view, consent_id)
    told = posting.form("occurred_at")
    return _about(consent.subject_id, "consent.withdraw", "consents/withdraw.html", told, given=told, consent=consent)


def _about(subject_id: str, name: str, template: str, asked: dict[str, str], **shown: Any) -> ResponseReturnValue:
    """An act about one subject: its form, and back to the subject's page when it is done."""
    with store().read(actor()) as view:
        one = subjects.subject(view, subject_id)
    trouble = None
    if request.method == "POST":
        told: dict[str, Any] = {
            key: forms.moment(value) if key.endswith("_at") else value for key, value in asked.items()
        }
        if asking.target(name) is None:
            told["subject_id"] = subject_id
        if told.get("occurred_at"):
            told["source"] = "late"
        target = shown["consent"].id if "consent" in shown else None
        done = posting.perform(name, target, **told)
        if not isinstance(done, Trouble):
            flash(act_words(name).done)
            if done.answer.get("findings"):
                flash(_("Kept as it was told. The subject’s page says what asks about the form."), "info")
            return redirect(url_for("web.subject", subject_id=subject_id), 303)
        trouble = done
    page = render_template(template, subject=one, trouble=trouble, name=name, **shown)
    return page, trouble.status if trouble else 200
