"""Signing in and out, one's own password, the language, and whether this server is alive."""

from __future__ import annotations

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, call_of, store
from traceability.domain.errors import Refused
from traceability.problems import problem
from traceability.services import people, sessions
from traceability.web import blueprint, kept, recognise, set_session, without_session
from traceability.web.language import change, local
from traceability.words import act_words


def speak(language: str) -> ResponseReturnValue:
    """Choose the language; on the sign-in page what was filled in before stays with it, sealed as it is."""
    response = change(language)
    if request.method == "POST" and (sealed := request.form.get("kept")):
        page = render_template("session/sign_in.html", next="", username="", kept=sealed)
        response.set_data(page)
        response.status_code = 200
        del response.headers["Location"]
    return response


blueprint.add_url_rule("/language/<language>", "language", speak, methods=["GET", "POST"])


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Who knows the password gets a session; who does not learns nothing about which half was wrong."""
    leads = local(request.values.get("next", ""))
    if request.method == "GET":
        if g.actor is not None:
            return redirect(leads, 303)
        return render_template("session/sign_in.html", next=leads, username="")
    username = request.form.get("username", "").strip().lower()
    try:
        signed_in = sessions.sign_in(
            store(), username, request.form.get("password", ""), "cookie", address=request.remote_addr or ""
        )
    except Refused as refused:
        told = problem(refused)
        sealed = request.form.get("kept", "")
        page = render_template("session/sign_in.html", next=leads, username=username, error=told["title"], kept=sealed)
        return page, told["status"]
    if g.actor is not None:
        sessions.sign_out(store(), g.token)
    if sealed := request.form.get("kept"):
        if form := kept.given_back(sealed, signed_in.actor.person_id):
            recognise(signed_in.token)
            page = render_template("session/kept.html", kept=form, section="")
            return set_session(make_response(page), signed_in.token)
        flash(_("What was filled in on this page is gone: it was somebody else’s, or more than a day old."), "ask")
    return set_session(redirect(leads, 303), signed_in.token)


@blueprint.post("/session")
def stay() -> ResponseReturnValue:
    """Somebody is still there: being asked is all that a session needs to go on."""
    return "", 204


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    sessions.sign_out(store(), g.token)
    return without_session(redirect(url_for("web.sign_in"), 303))


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """One's own password, by who knows the old one. It was set by somebody else: nothing else is open until then."""
    errors: dict[str, str] = {}
    general: list[str] = []
    status = 200
    if request.method == "POST":
        try:
            errors = _change(*(request.form.get(name, "") for name in ("old", "new", "again")))
        except Refused as refused:
            told = problem(refused)
            status, general = told["status"], [told["title"]]
        if not errors and not general:
            flash(act_words("person.change_password").done)
            return redirect(url_for("web.home"), 303)
    lent = None
    if g.must_change:
        with store().read(actor()) as view:
            lent = people.lent_by(view, actor().person_id)
    page = render_template("session/password.html", errors=errors, general=general, lent=lent, section="")
    return page, 422 if errors else status


def _change(old: str, new: str, again: str) -> dict[str, str]:
    """Change one's own password, or say at which field it is wrong."""
    if new != again:
        return {"again": _("The two are not the same.")}
    if old == new:
        return {"new": _("Choose another than the old one.")}
    if not people.is_own_password(store(), actor(), old):
        return {"old": _("Password not accepted.")}
    try:
        hashed = people.passwords.hash_password(new)
    except Refused as refused:
        return {"new": problem(refused)["title"]}
    call = call_of({}, request.form.get("act_id", ""))
    people.change_password(store(), actor(), call, hashed, keep=sessions.token_hash(g.token))
    return {}


@blueprint.get("/health")
def health() -> ResponseReturnValue:
    """For the machine that watches this one: the database answers, and takes acts."""
    store().answering()
    return {"status": "ok"}
