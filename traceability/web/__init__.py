"""The pages: one blueprint, one file a noun. Who asks, in which session and language, is settled here before any view."""

from __future__ import annotations

import hmac
from datetime import date, datetime
from hashlib import sha256
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from traceability import routes
from traceability.asking import actor, new_id, store
from traceability.domain.acts import ACTS, SETS_CLOCK
from traceability.domain.errors import Refused
from traceability.domain.people import CARE, Role
from traceability.services import organisations, sessions
from traceability.web import errors, filters, headers, kept, language
from traceability.words import role_word

blueprint = Blueprint("web", __name__)
errors.answer_for(blueprint)

MODULES = (
    "session",
    "scan",
    "batch",
    "stocktakes",
    "scanner",
    "lots",
    "releases",
    "results",
    "specifications",
    "papers",
    "labels",
    "consignments",
    "counting",
    "places",
    "moves",
    "sensors",
    "excursions",
    "cases",
    "shifts",
    "plots",
    "alarms",
    "documents",
    "audit",
    "audit_review",
    "evidence",
    "people",
    "devices",
    "subjects",
    "merging",
    "consents",
    "tags",
    "outcomes",
    "events",
    "images",
    "form_links",
    "comparisons",
    "study",
    "courses",
    "course_outcomes",
    "protocols",
    "calendar",
    "administrations",
    "correcting",
    "bedside",
    "trace",
    "recalls",
    "recalling",
    "clocks",
    "reconciliation",
    "home",
    "acts",
)  # fmt: skip
"""Acts come last, and home and people, which link to them: what has a page of its own above is not given a form there."""

NAV: tuple[tuple[str, Any, str], ...] = (
    # endpoint, word, icon; each is shown to whom `routes` lets in
    ("web.home", _("Work"), ""),
    ("web.scan", _("Scan"), "scan"),
    ("web.lots", _("Lots"), ""),
    ("web.consignments", _("Consignments"), ""),
    ("web.places", _("Stock"), ""),
    ("web.alarms", _("Alarms"), ""),
    ("web.subjects", _("Subjects"), ""),
    ("web.calendar", _("Calendar"), ""),
    ("web.bedside", _("Bedside"), ""),
    ("web.comparison", _("Outcomes"), ""),
    ("web.recalls", _("Recalls"), ""),
    ("web.cases", _("Cases"), ""),
    ("web.documents", _("Documents"), ""),
    ("web.audit", _("Audit"), ""),
    ("web.people", _("People"), ""),
)


def init_app(app: Flask) -> None:
    for module in MODULES:
        import_module(f"traceability.web.{module}")
    language.init_app(app)
    filters.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
    _remember(app)
    app.jinja_env.globals.update(csrf_token=csrf_token, act_id=new_id)
    app.context_processor(context)
    app.register_blueprint(blueprint)


def _remember(app: Flask) -> None:
    """What a page says after a redirect travels in a signed cookie of its own; nothing else is kept in it."""
    key = app.extensions["store"].keys.inputs
    app.secret_key = hmac.new(key, b"said", sha256).digest()
    secure = app.config["SECURE"]
    app.config.update(
        SESSION_COOKIE_NAME="__Host-said" if secure else "said",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",
    )


def cookie_name() -> str:
    """The prefix binds the cookie to this host and to HTTPS; the demonstration on loopback has neither."""
    return "__Host-session" if current_app.config["SECURE"] else "session"


def set_session(response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(), token, secure=current_app.config["SECURE"], httponly=True, samesite="Lax", path="/"
    )
    return response


def without_session(response: Response) -> Response:
    """The browser forgets its session with this answer; that it ended is the caller's."""
    response.delete_cookie(cookie_name(), path="/", secure=cookie_name().startswith("__Host-"), httponly=True)
    return response


@blueprint.before_request
def identify() -> ResponseReturnValue | None:
    """Find the session; ask for sign-in where there is none; refuse a form that was not ours."""
    recognise()
    if any("\0" in value for values in request.values.listvalues() for value in values):
        abort(400)  # no key types it, and a database keeps no text with it
    if request.method == "POST":
        _same_origin()
    if request.endpoint in routes.PUBLIC:
        return None
    if g.actor is None:
        if request.method == "POST" and (page := kept.ask_again(csrf_token())):
            return page
        back = language.here() if request.method == "GET" else "/"
        return redirect(url_for("web.sign_in", next=back), 303)
    if request.method == "POST" and not kept.same(request.form.get("csrf_token", ""), csrf_token()):
        earlier = sessions.earlier_sessions(store(), g.actor.person_id)
        if page := kept.of_earlier(csrf_of(hashed) for hashed in earlier):
            return page
        raise Refused("form_expired")
    if g.must_change and request.endpoint not in ("web.password", "web.sign_out"):
        return redirect(url_for("web.password"), 303)
    writes = request.method == "POST"
    routes.guard(
        str(request.endpoint),
        request.view_args or {},
        writes=writes,
        act_id=request.form.get("act_id", "") if writes else "",
    )
    return None


def recognise(token: str | None = None) -> None:
    """Whose session this is, until when, where they work, and whether somebody else has set their password."""
    g.token = request.cookies.get(cookie_name(), "") if token is None else token
    found = sessions.whose(store(), g.token, "cookie") if g.token else None
    g.actor, g.must_change, g.ends = (found.actor, found.must_change, found.ends_at) if found else (None, False, None)
    if g.actor is not None:
        with store().read(g.actor) as view:
            g.site = organisations.read_at(view)
            g.today = organisations.today(view)
            answers = ACTS[SETS_CLOCK].roles & g.actor.roles(view.at)
            g.written_ahead = organisations.written_ahead(view, g.actor.organisation_id) if answers else None
            g.zone = ZoneInfo(g.site.zone) if g.site else ZoneInfo("UTC")


def _same_origin() -> None:
    """A form posted from another site is none of ours, signed in or not."""
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    if origin not in (None, "null") and urlsplit(str(origin)).netloc != request.host:
        abort(403)


def csrf_token() -> str:
    """Bound to the session: nobody else's token fits, and signing out ends it."""
    return csrf_of(sessions.token_hash(g.get("token", "")))


def csrf_of(hashed: str) -> str:
    return hmac.new(store().keys.inputs, f"csrf|{hashed}".encode(), sha256).hexdigest()


def context() -> dict[str, Any]:
    """What every page shows: who is signed in, where, as of when."""
    signed_in = g.get("actor")
    made: dict[str, Any] = {
        "actor": signed_in,
        "demonstration": current_app.config["DEMONSTRATION"],
        "site": g.get("site"),
        "data_as_of": now(),
        "written_ahead": g.get("written_ahead"),
        "nav": [],
    }
    if signed_in is not None:
        held = roles()
        made["nav"] = [
            one for one in NAV if routes.ROUTES[one[0]].roles & held and (one[0] != "web.subjects" or held & CARE)
        ]
        made["session_ends"] = g.ends
        made["session_idle_s"] = int((sessions.IDLE - sessions.SEEN_EVERY).total_seconds())
        made["actor_role"] = ", ".join(role_word(role) for role in sorted(held))
    return made


def now() -> datetime:
    """The time of this request, read once."""
    if "now" not in g:
        g.now = store().clock()
    moment: datetime = g.now
    return moment


def today() -> date:
    """The day it is at the reader's house, as every rule of the services has it."""
    day: date = g.today
    return day


def roles() -> frozenset[Role]:
    """Every role held now, an inspector's elsewhere too: what may be looked at. Acts ask `Actor.roles`."""
    return frozenset(grant.role for grant in actor().grants if grant.holds(now()))


def only(*wanted: Role) -> None:
    """Refuse a page to who holds none of these roles, naming them."""
    if not roles() & set(wanted):
        raise Refused("not_permitted", act=request.endpoint or "", roles=sorted(wanted))
