"""What a page says when it cannot be shown: a refusal with all its reasons, or a mistake of ours with an id and no text."""

from __future__ import annotations

import traceback
import uuid
from http import HTTPStatus

from flask import Blueprint, Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from traceability.domain.errors import Refused, Unconfirmed
from traceability.problems import away, problem

OUTSIDE = (400, 404, 405, 413, 414, 431)
"""What is refused before any page is found; the API's paths answer for themselves."""


def answer_for(blueprint: Blueprint) -> None:
    blueprint.register_error_handler(Refused, refused)
    blueprint.register_error_handler(HTTPException, turned_away)
    blueprint.register_error_handler(Exception, broken)


def init_app(app: Flask) -> None:
    for status in OUTSIDE:
        app.register_error_handler(status, outside)


def refused(refusal: Refused) -> ResponseReturnValue:
    """No page of its own: the sentence of the code and every finding."""
    told = problem(refusal)
    findings = [finding["message"] for finding in told.get("findings", [])]
    kind = "ask" if isinstance(refusal, Unconfirmed) else "stop"
    titles = {
        "not_confirmed": _("Not yet confirmed"),
        "not_kept": _("Nothing was kept"),
        "act_left_open": _("Nothing can be kept now"),
    }
    return page(told["status"], told["title"], findings=findings, kind=kind, title=titles.get(refusal.code))


def turned_away(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    sentences = {
        403: _("This request did not come from a page of this system. Open the page again and repeat it there."),
        404: _("There is nothing at this address, or it is not yours to see."),
        405: _("This address does not take that kind of request."),
        413: _("What was sent is larger than this system takes."),
        429: _("Too many tries. Wait a little."),
    }
    return page(error.code, sentences.get(error.code, _("The request could not be read.")))


def broken(error: Exception) -> ResponseReturnValue:
    """A mistake of ours: the log has its way through the code and no value of it, the page only the id to name."""
    from structlog import get_logger  # not at the start: it brings all that it can print with

    reference = uuid.uuid4().hex[:12]
    trace = "".join(traceback.format_tb(error.__traceback__))
    get_logger().error(
        "page_broken", reference=reference, endpoint=request.endpoint, kind=type(error).__name__, trace=trace
    )
    if away(error):
        asked = _("Nothing was asked of it but this page. Load it again in a minute.")
        told = _("What you did may or may not be kept: look it up before you do it again.")
        return page(503, asked if request.method == "GET" else told, reference=reference, kind="ask")
    return page(500, _("Something is wrong with this page. What you did may or may not be kept."), reference=reference)


def outside(error: HTTPException) -> ResponseReturnValue:
    from traceability.web import recognise

    if request.path.startswith("/api/"):
        theirs = current_app.error_handler_spec[None][None].get(HTTPException)
        return theirs(error) if theirs else error.get_response()
    if "actor" not in g:
        recognise()
    return turned_away(error)


def page(
    status: int,
    sentence: str,
    *,
    findings: list[str] | None = None,
    kind: str = "stop",
    reference: str = "",
    title: str | None = None,
) -> ResponseReturnValue:
    titles = {
        400: _("Not read"),
        401: _("Sign in again"),
        403: _("Not yours to do"),
        404: _("Not found"),
        405: _("Not possible here"),
        413: _("Too large"),
        429: _("Wait a little"),
        500: _("This page is broken"),
        503: _("The database does not answer"),
    }
    title = title or titles.get(status, _("Refused"))
    told = {"title": title, "sentence": sentence, "findings": findings or [], "kind": kind, "reference": reference}
    return render_template("error.html", **told), status
