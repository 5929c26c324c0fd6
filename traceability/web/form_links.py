"""A questionnaire for the patient's own phone or the clinic's tablet: making the way in, and the screens behind it, an item each.

The screens keep nothing on the server before the last one is sent, read nothing back, and name nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from traceability.asking import actor, store
from traceability.domain.errors import Refused
from traceability.domain.scoring import VERSIONS
from traceability.services import courses, form_links, outcomes, sessions, subjects
from traceability.web import blueprint, g, posting, qr, without_session
from traceability.web.form_items import fits, items_of
from traceability.web.language import LANGUAGES
from traceability.web.posting import Trouble
from traceability.words.questions import knee

ASKED = ("time_point", "laterality", "course_id", "language", "valid_h")


@blueprint.route("/form_links/issue", methods=["GET", "POST"])
def form_link_issue() -> ResponseReturnValue:
    """The address is in this one answer and nowhere else; on the clinic's own tablet the session ends before the form opens."""
    posting.permitted("form_link.issue")
    subject_id = request.values.get("subject_id", "")
    given, forms = posting.form(*ASKED), request.form.getlist("forms")
    kiosk, trouble = request.form.get("how") == "kiosk", None
    if posting.posted():
        act_id = request.form.get("act_id", "")
        made = _issued(act_id, subject_id, given, forms, kiosk=kiosk)
        if not isinstance(made, Trouble):
            if kiosk and made:
                return _handed_over(made)
            address = url_for("web.patient_form", token=made, _external=True) if made else ""
            base = str(current_app.config.get("EXTERNAL_URL") or "")
            if made and base:
                address = base.rstrip("/") + url_for("web.patient_form", token=made)
            return render_template(
                "form_links/link.html", subject_id=subject_id, address=address, code=qr.drawn(address) if address else None,
                section="web.subjects",
            )  # fmt: skip
        trouble = made
    with store().read(actor()) as view:
        page = render_template(
            "form_links/issue.html", subject=subjects.subject(view, subject_id), given=given, forms=forms, trouble=trouble,
            versions=VERSIONS, points=tuple(outcomes.TimePoint), plans=courses.progress(view, [subject_id])[subject_id],
            section="web.subjects",
        )  # fmt: skip
    return page, trouble.status if trouble else 200


def _issued(
    act_id: str, subject_id: str, given: dict[str, str], forms: Sequence[str], *, kiosk: bool
) -> str | Trouble | None:
    """The token, None where it was told before, or what is to be put right."""
    try:
        token, hashed = form_links.new_token(store(), actor(), act_id)
    except Refused as refused:
        return posting.refusal(refused)
    told = given | {"valid_h": given["valid_h"] or "24", "language": given["language"] or "id"}
    done = posting.perform(
        "form_link.issue", subject_id=subject_id, forms=list(forms), kiosk=kiosk, token_hash=hashed, **told
    )
    return done if isinstance(done, Trouble) else token


def _handed_over(token: str) -> ResponseReturnValue:
    """Whoever gets the tablet gets no session with it: after the form it asks for a password."""
    sessions.sign_out(store(), g.token)
    return without_session(redirect(url_for("web.patient_form", token=token), 303))


# ------------------------------------------------------------------------------------------------- the patient's screens


@blueprint.route("/f/<token>", methods=["GET", "POST"])
def patient_form(token: str) -> ResponseReturnValue:
    try:
        found = form_links.opened(store(), token, request.remote_addr or "")
    except Refused as refused:
        code = refused.code if refused.code in ("link_used", "link_over", "too_many_tries") else "link_over"
        spoken = request.form.get("language", request.accept_languages.best_match(LANGUAGES, "en"))
        return _screen("over", spoken, posting.problems.status_of(code) if code == "too_many_tries" else 410, code=code)
    spoken = request.values.get("language", "")
    spoken = spoken if spoken in LANGUAGES else found.language
    with force_locale(spoken):
        items, of = items_of(found, spoken), knee(found.laterality)
    said = [request.form.get(f"a{n}", "").strip()[:16] for n in range(len(items))]
    if request.method == "GET":
        return _screen("begin", spoken, kiosk=found.kiosk, items=items, knee=of)
    at = int(told) if (told := request.form.get("at", "")).isdecimal() and len(told) < 4 else 0
    at = min(max(at, 0), len(items))
    wrong = at < len(items) and not fits(items[at], said[at])
    match request.form.get("go"):
        case "next":
            at += not wrong
        case "back":
            at, wrong = max(at - 1, 0), False
        case "skip" if at < len(items):
            said[at], at, wrong = "", at + 1, False
        case "send" if any(said) and all(map(fits, items, said)):
            try:
                form_links.answered(store(), found, said, demonstration=current_app.config["DEMONSTRATION"])
            except Refused as refused:
                return _screen("over", spoken, 410, code=refused.code if refused.code == "link_used" else "link_over")
            return _screen("thanks", spoken, kiosk=found.kiosk)
        case _:
            wrong = False
    name = "item" if at < len(items) else "send"
    return _screen(
        name, spoken, 422 if wrong else 200, at=at, items=items, said=said, wrong=wrong, kiosk=found.kiosk, knee=of
    )


def _screen(name: str, spoken: str | None, status: int = 200, **told: object) -> ResponseReturnValue:
    spoken = spoken if spoken in LANGUAGES else "en"
    with force_locale(spoken):
        page = render_template(f"form_links/{name}.html", spoken=spoken, languages=LANGUAGES, **told)
    response = make_response(page, status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
