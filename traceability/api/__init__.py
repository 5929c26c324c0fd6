"""The machine's face at /api/v1: flask-smorest, OpenAPI 3.1, bearer tokens, RFC 9457 problems.

Who asks is settled here before any view; what an act is, is settled by the acts themselves (`acts.py`).
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask, Request, Response, current_app, g, json, render_template, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

from traceability import routes
from traceability.api import described, trouble
from traceability.asking import Reader, store
from traceability.domain.errors import Refused
from traceability.domain.people import Actor
from traceability.services.devices import admit as known_device
from traceability.services.sessions import whose_in

PREFIX = "/api/v1"
ADMITTING = frozenset({"api.scan", "api.scan_post"})
"""These ask who it is in the same reading in which they look up the vial; tests walk every address without a token."""
UNCHANGED = frozenset({"api.change_password", "api.sign_out", "api.myself"})
"""All that may be done with a password that somebody else chose."""
MODULES = (
    "sessions",
    "acts",
    "scan",
    "people",
    "trainings",
    "devices",
    "lots",
    "results",
    "sensors",
    "consignments",
    "stocktakes",
    "plots",
    "lists",
    "recalls",
    "alarms",
    "cases",
    "events",
    "instruments",
    "images",
    "form_links",
    "subjects",
    "consents",
    "tags",
    "traces",
    "comparisons",
    "documents",
    "audit",
    "evidence",
    "protocols",
    "study",
    "calendar",
    "feeds",
)
ANYBODY = {"security": []}

blueprint = described.Blueprint("api", __name__, url_prefix=PREFIX)


class Sessions(SecureCookieSessionInterface):
    """The signed cookie of the pages is neither read nor written here: a program's session is its token."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if request.path.startswith(PREFIX) else super().open_session(app, request)


def init_app(app: Flask) -> None:
    app.session_interface = Sessions()
    app.url_map.converters["record"] = described.RecordConverter
    for module in MODULES:
        import_module(f"traceability.api.{module}")
    app.register_blueprint(blueprint)
    trouble.init_app(app)


@blueprint.before_request
def identify() -> ResponseReturnValue | None:
    """Whose token it is, with the grants of this moment, and whether this address is theirs to ask."""
    if request.endpoint in routes.PUBLIC or request.endpoint in ADMITTING:
        return None
    with store().reading() as reader:
        if routes.gate(str(request.endpoint), request.view_args or {}).credential is routes.Credential.DEVICE:
            admit_device(reader)
        else:
            admit(reader)
    told = request.headers.get("Idempotency-Key", "").strip().strip('"')
    routes.guard(str(request.endpoint), request.view_args or {}, writes=request.method == "POST", act_id=told)
    return None


def admit(reader: Reader) -> Actor:
    """The person whose token came with this request, or a refusal."""
    token = _bearer()
    found = whose_in(reader, store(), token, "bearer") if token else None
    if found is None:
        raise Refused("sign_in_needed")
    g.token = token
    g.actor = found.actor
    g.must_change = found.must_change
    if found.must_change and request.endpoint not in UNCHANGED:
        raise Refused("password_must_change")
    return found.actor


def admit_device(reader: Reader) -> None:
    """The device whose key came with this request: on its own addresses, where nobody else's token counts."""
    about = next(iter((request.view_args or {}).values()), "")
    feed = request.endpoint in routes.FEEDS
    key = _bearer() or (_password() if feed else "")
    g.actor = known_device(reader, store(), key, about, request.remote_addr or "", calendar=feed)
    g.must_change = False


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _password() -> str:
    """The password of HTTP Basic: what calendar programs can send. The user name says nothing."""
    told = request.authorization
    return (told.password or "") if told is not None and told.type == "basic" else ""


def openapi() -> Response:
    """This description, made when it is first asked for."""
    kept: bytes | None = current_app.extensions.get("openapi")
    if kept is None:
        kept = json.dumps(described.describe(current_app, blueprint), sort_keys=False).encode()
        current_app.extensions["openapi"] = kept
    return Response(kept, content_type="application/json")


def docs() -> str:
    """The description as a page."""
    return render_template("api_docs.html", spec_url=url_for("api.openapi"))


# Plain routes: the description does not describe itself.
blueprint.record(lambda state: state.add_url_rule("/openapi.json", "openapi", openapi))
blueprint.record(lambda state: state.add_url_rule("/docs", "docs", docs))
