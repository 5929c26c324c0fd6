"""Every part of the shell once, with sample data: for looking at, not shipped. `python -m tests.web.gallery` serves it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from flask import Blueprint, Flask, flash, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader

from traceability.web import filters, headers, language

PACKAGE = Path(headers.__file__).parent
HERE = Path(__file__).parent
NOW = datetime(2026, 4, 14, 3, 4, tzinfo=UTC)
NAV = [
    ("web.home", "Work", "list"),
    ("web.scan", "Scan", "scan"),
    ("web.lots", "Lots", "vial"),
    ("web.consignments", "Consignments", "move"),
    ("web.places", "Places and stock", "temp"),
    ("web.subjects", "Subjects", "user"),
    ("web.bedside", "Bedside", "pen"),
    ("web.trace", "Trace", "tree"),
    ("web.documents", "Documents", "doc"),
    ("web.audit", "Audit", "eye"),
    ("web.people", "People", "user"),
]
PAGES = {
    "web.home": "/",
    "web.sign_in": "/sign-in",
    "web.sign_out": "/sign-out",
    **{endpoint: f"/{endpoint.removeprefix('web.')}" for endpoint, _, _ in NAV[1:]},
}
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Secretome trace", "version": "1"},
    "paths": {"/lots": {"get": {"summary": "Lots", "responses": {"200": {"description": "items"}}}}},
}


def gallery() -> Flask:
    app = Flask("gallery", static_folder=str(PACKAGE / "static"), template_folder=str(PACKAGE / "templates"))
    app.jinja_loader = ChoiceLoader([FileSystemLoader(PACKAGE / "templates"), FileSystemLoader(HERE / "templates")])
    app.config.update(SECRET_KEY="gallery", TESTING=True, ZONE="Asia/Jakarta")
    headers.init_app(app)
    language.init_app(app)
    filters.init_app(app)
    app.jinja_env.globals["csrf_token"] = lambda: "a-token"
    web = Blueprint("web", __name__)
    web.add_url_rule("/language/<language>", "language", language.change)
    for endpoint, path in PAGES.items():
        if endpoint != "web.sign_in":
            web.add_url_rule(
                path,
                endpoint.removeprefix("web."),
                lambda: page("gallery/parts.html"),
                methods=["GET", "POST"],
            )

    @web.get("/sign-in")
    def sign_in() -> str:
        return render_template(
            "session/sign_in.html",
            actor=None,
            demonstration=True,
            username="handayani" if "error" in request.args else "",
            error="Username or password not accepted. 4 tries left." if "error" in request.args else None,
        )

    @web.get("/verdict/<answer>")
    def verdict(answer: str) -> str:
        return page("gallery/verdict.html", answer=answer, section="web.scan", few="few" in request.args)

    @web.get("/forms")
    def forms() -> str:
        return page("gallery/forms.html", section="web.lots")

    @web.get("/bedside-parts")
    def bedside_parts() -> str:
        return page("gallery/bedside.html", section="web.bedside")

    @web.get("/problem")
    def problem() -> str:
        return page(
            "error.html",
            title="The lot was not released",
            kind="stop",
            reference="01J8-7KQ2",
            sentence="3 of 14 rules do not hold. Nothing was written but this refusal.",
            findings=[
                {
                    "message": "Osmolality has no result.",
                    "detail": "Specification version 4 asks for it. D. Wulandari answers.",
                },
                "DEV-7 is open.",
            ],
        )

    @web.get("/api")
    def api() -> str:
        return render_template("api_docs.html", spec_url="/openapi.json")

    @web.get("/openapi.json")
    def spec() -> tuple[str, dict[str, str]]:
        return json.dumps(SPEC), {"Content-Type": "application/json"}

    @web.get("/toast")
    def toast() -> str:
        flash("12 vials put into F-01, shelf 2")
        flash("The label printer did not answer.", "ask")
        return page("gallery/parts.html")

    app.register_blueprint(web)
    return app


def page(template: str, **context: object) -> str:
    nav = NAV[:4] if "few" in request.args else NAV
    return render_template(
        template,
        **{
            "actor": SimpleNamespace(name="S. Handayani"),
            "actor_role": "Pharmacist",
            "nav": nav,
            "now": NOW,
            "timedelta": timedelta,
            "day": date(2027, 8, 31),
            "site": SimpleNamespace(name="RSUD Dr. Moewardi", zone="Asia/Jakarta"),
            "demonstration": True,
            "data_as_of": NOW,
            "ledger_number": 48211,
            **context,
        },
    )


if __name__ == "__main__":
    gallery().run(port=8099)
