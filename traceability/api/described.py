"""How the API is described (OpenAPI 3.1): our own fields as they really read, problems as they are really sent."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest.utils import prepare_response
from marshmallow import fields, validate
from werkzeug.routing import BaseConverter

from schemas.fields import LARGEST, Code, Id, Scaled, Whole, Words
from schemas.outputs import ProblemOut
from traceability.api.asked import Parser
from traceability.api.trouble import MEDIA_TYPE

AN_ID = r"^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$"
CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
INFO = {
    "description": (
        "From the maker's lot to the injection. `POST /api/v1/sessions` gives a token, sent as `Authorization: Bearer …`. "
        "An act is `POST /api/v1/<nouns>/<id>/<verb>` with an `Idempotency-Key`; every refusal is a problem (RFC 9457) "
        "with a stable `code`. Times are UTC, temperatures thousandths of °C (`_mc`), volumes µl (`_ul`), durations "
        "seconds (`_s`)."
    )
}


class RecordConverter(BaseConverter):
    """The id of a record in a path; anything else is an address that is not there."""

    regex = AN_ID[1:-1]

    def to_python(self, value: str) -> str:
        return value.replace("-", "").lower()


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = Parser()

    def refuses(self, *statuses: int) -> Callable[[Any], Any]:
        """Say with which statuses a view may answer by a problem."""

        def describe(view: Any) -> Any:
            # As `alt_response` keeps it, which for each status wraps the view and copies all that is known of it.
            kept = vars(view).setdefault("_apidoc", {}).setdefault("response", {}).setdefault("responses", {})
            for status in statuses:
                kept.setdefault(status, []).append(HTTPStatus(status).name)
            return view

        return describe


class Described(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest without its error handlers and its pages: errors are `trouble`'s, the page is ours."""

    ERROR_SCHEMA = ProblemOut
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= 400:
                response: dict[str, Any] = {"description": status.phrase, "schema": self.ERROR_SCHEMA}
                prepare_response(response, self.spec, MEDIA_TYPE)
                self.spec.components.response(status.name, response, lazy=True)


def describe(app: Flask, blueprint: Blueprint) -> dict[str, Any]:
    """The whole description. It takes half a second, so that no start waits for it."""
    made = Described(
        config_prefix="described",
        spec_kwargs={"title": "Secretome trace", "version": "v1", "openapi_version": "3.1.0", "info": INFO, "marshmallow_plugin": plugin()},
    )  # fmt: skip
    made.register_converter(RecordConverter, lambda _: {"type": "string", "pattern": AN_ID})
    made.init_app(app)
    made.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    made.spec.components.security_scheme(
        "device", {"type": "http", "scheme": "bearer", "description": "The key of a device."}
    )
    made.spec.components.security_scheme(
        "calendar",
        {"type": "http", "scheme": "basic", "description": "The key of a calendar's device as the password."},
    )
    made.spec.options["security"] = [{"bearer": []}]
    blueprint.register_views_in_doc(made, app, made.spec, name=blueprint.name, parameters=None)
    told: dict[str, Any] = made.spec.to_dict()
    return told


def plugin() -> MarshmallowPlugin:
    made = MarshmallowPlugin()

    def as_read(self: Any, field: fields.Field[Any], **kwargs: Any) -> dict[str, Any]:  # noqa: ARG001
        return shape(field)

    plugin_init = made.init_spec

    def init_spec(spec: Any) -> None:
        plugin_init(spec)
        made.converter.add_attribute_function(as_read)

    made.init_spec = init_spec
    return made


def shape(field: fields.Field[Any]) -> dict[str, Any]:
    """What JSON schema cannot know of a field of ours."""
    made: dict[str, Any] = {}
    match field:
        case Id():
            made = {"type": "string", "pattern": AN_ID}
        case Words():
            made = {"pattern": _words(_least(field))}
        case Code():
            made = {"pattern": r"^[^\x00]*$"}
        case Scaled():
            made = {"type": "integer", "minimum": field.least, "maximum": field.most, "x-unit": field.unit}
        case Whole():
            made = {"minimum": -LARGEST, "maximum": LARGEST} | _bounds(field)
    if "type" in made and field.allow_none:
        made["type"] = [made["type"], "null"]
    return made


def _least(field: fields.Field[Any]) -> int:
    return next((one.min or 0 for one in field.validators if isinstance(one, validate.Length)), 0)


def _bounds(field: fields.Field[Any]) -> dict[str, int]:
    made = {}
    for one in field.validators:
        if isinstance(one, validate.Range):
            made |= {name: told for name, told in (("minimum", one.min), ("maximum", one.max)) if told is not None}
    return made


def _words(least: int) -> str:
    """No control character but line ends; if it may not be empty, something that is no space in it."""
    some = f"[^{CONTROL}]*"
    sign = rf"[^{CONTROL}\s]"
    if least == 0:
        return f"^{some}$"
    return f"^{some}{sign}{some}$" if least == 1 else f"^{sign}{some}{sign}$"
