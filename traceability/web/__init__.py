"""The pages: one blueprint, one file a noun. Who asks, in which session and language, is settled here before any view."""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from traceability.asking import actor, new_id, store
from traceability.domain.errors import Refused
from traceability.domain.people import Role
from traceability.services import organisations
from traceability.services import people as accounts
from traceability.web import errors, filters, headers, language
from traceability.words import role_word

blueprint = Blueprint("web", __name__)
errors.answer_for(blueprint)

PUBLIC = frozenset({"web.sign_in", "web.language", "web.health", "web.document_status", "static"})
"""Pages without sign-in: nothing of them says anything about a person (tests walk every route)."""

MODULES = (
    "session",
    "scan",
    "lots",
    "releases",
    "labels",
    "consignments",
    "counting",
    "places",
    "documents",
    "audit",
    "people",
    "subjects",
    "outcomes",
    "courses",
    "administrations",
    "bedside",
    "trace",
    "recalls",
    "home",
    "acts",
)  # fmt: skip
"""Acts come last, and home and people, which link to them: what has a page of its own above is not given a form there."""

CARE = frozenset({Role.PHYSICIAN, Role.NURSE, Role.WITNESS, Role.PHARMACIST})
"""Who treats: subjects and bedside are theirs. QA and inspectors come to a subject by a trace or a recall."""

NAV: tuple[tuple[str, Any, str, frozenset[Role]], ...] = (
    # endpoint, word, icon, who sees it (nobody named: everybody)
    ("web.home", _("Work"), "", frozenset()),
    ("web.scan", _("Scan"), "scan", frozenset()),
    ("web.lots", _("Lots"), "", frozenset()),
    ("web.consignments", _("Consignments"), "", frozenset()),
    ("web.places", _("Stock"), "", frozenset()),
    ("web.subjects", _("Subjects"), "", CARE),
    ("web.bedside", _("Bedside"), "", CARE),
    ("web.recalls", _("Recalls"), "", frozenset()),
    ("web.documents", _("Documents"), "", frozenset()),
    ("web.audit", _("Audit"), "", frozenset({Role.QUALITY, Role.INSPECTOR, Role.MAKER_QA, Role.ADMINISTRATOR})),
    ("web.people", _("People"), "", frozenset({Role.ADMINISTRATOR, Role.QUALITY, Role.INSPECTOR})),
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


@blueprint.before_request
def identify() -> ResponseReturnValue | None:
    """Find the session; ask for sign-in where there is none; refuse a form that was not ours."""
    recognise()
    if request.method == "POST":
        _same_origin()
    if request.endpoint in PUBLIC:
        return None
    if g.actor is None:
        back = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("web.sign_in", next=back), 303)
    given = request.form.get("csrf_token", "") if request.method == "POST" else csrf_token()
    if not hmac.compare_digest(given.encode(), csrf_token().encode()):
        raise Refused("form_expired")
    if g.must_change and request.endpoint not in ("web.password", "web.sign_out"):
        return redirect(url_for("web.password"), 303)
    return None


def recognise() -> None:
    """Whose session this is, where they work, and whether somebody else has set their password."""
    token = request.cookies.get(cookie_name(), "")
    g.token = token
    found = accounts.whose(store(), token, "cookie") if token else None
    g.actor, g.must_change = (found.actor, found.must_change) if found else (None, False)
    if g.actor is not None:
        with store().read(g.actor) as view:
            g.site = organisations.site_of(view, g.actor.organisation_id)
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
    return hmac.new(store().keys.inputs, f"csrf|{g.get('token', '')}".encode(), sha256).hexdigest()


def context() -> dict[str, Any]:
    """What every page shows: who is signed in, where, as of when."""
    signed_in = g.get("actor")
    made: dict[str, Any] = {
        "actor": signed_in,
        "demonstration": current_app.config["DEMONSTRATION"],
        "site": g.get("site"),
        "data_as_of": now(),
        "nav": [],
    }
    if signed_in is not None:
        held = roles()
        made["nav"] = [(endpoint, word, icon) for endpoint, word, icon, who in NAV if not who or who & held]
        made["actor_role"] = ", ".join(role_word(role) for role in sorted(held))
    return made


def now() -> datetime:
    """The time of this request, read once."""
    if "now" not in g:
        g.now = store().clock()
    moment: datetime = g.now
    return moment


def roles() -> frozenset[Role]:
    """Every role held now, an inspector's elsewhere too: what may be looked at. Acts ask `Actor.roles`."""
    return frozenset(grant.role for grant in actor().grants if grant.holds(now()))


def only(*wanted: Role) -> None:
    """Refuse a page to who holds none of these roles, naming them."""
    if not roles() & set(wanted):
        raise Refused("not_permitted", act=request.endpoint or "", roles=sorted(wanted))
