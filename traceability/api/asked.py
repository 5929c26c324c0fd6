"""What a request brings: strict JSON, a query without strangers, its idempotency key, a file. Refused here, it costs nothing."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError, validate
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from schemas.fields import Flag, Id, Scaled, Whole, Words
from traceability.domain.errors import Refused

MOST_JSON = 2 * 1024 * 1024
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "A UUID of the caller's making, the act's id. The same key again gives the same answer and does nothing.",
    "schema": {"type": "string", "format": "uuid"},
}


class Parser(FlaskParser):
    """Bodies are one JSON object without strangers; a query names each of its parameters once."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "json": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        body = read_json(req, getattr(schema, "most_bytes", MOST_JSON))
        strict(schema, body)
        return body

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002
        twice = {name: ["field_given_twice"] for name, values in req.args.lists() if len(values) > 1}
        if twice:
            raise ValidationError(twice)
        return req.args.to_dict()

    def _on_validation_error(self, error: ValidationError, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise error


class In(Schema):
    """What is not named here is refused, never taken over."""

    class Meta:
        unknown = RAISE


class PageIn(In):
    """Which part of a list."""

    limit = Whole(load_default=50, validate=validate.Range(1, 200))
    after = Words(most=64, metadata={"description": "`next` of the page before."})


def cursor(after: str | None) -> str | None:
    """The `after` of a list that goes by ids."""
    if after is None:
        return None
    try:
        return str(Id().deserialize(after, "after"))
    except ValidationError as error:
        raise ValidationError({"after": error.messages}) from None


def read_json(req: Request, most: int = MOST_JSON) -> dict[str, Any]:
    """The body, if it is one JSON object in UTF-8 in which no name stands twice and no number is none."""
    req.max_content_length = most
    if req.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        made = json.loads(req.get_data().decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(made, dict):
        raise ValidationError({"_schema": ["field_not_an_object"]})
    return made


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _no_number(_: str) -> NoReturn:
    raise ValueError("not a number")


def strict(schema: Schema, body: dict[str, Any]) -> None:
    """Forms write numbers as text and in larger units; a program that does so has mistaken something."""
    for name, field in schema.fields.items():
        value = body.get(name)
        if isinstance(field, (Whole, Scaled)) and isinstance(value, str):
            raise ValidationError({name: ["field_not_whole"]})
        if isinstance(field, Flag) and value is not None and not isinstance(value, bool):
            raise ValidationError({name: ["field_not_a_flag"]})


def act_id() -> str:
    """The act's id from the header; whether it is a UUID is said by the door."""
    told = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if not told:
        raise Refused("act_id_missing")
    if not told.isascii() or len(told) > 64:
        raise Refused("act_id_malformed")
    return told


def upload() -> FileStorage:
    """The one file of a multipart body, and no other."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    if set(request.files) != {"file"} or len(request.files.getlist("file")) != 1:
        raise ValidationError({"file": ["field_one_file"]})
    return request.files["file"]


def form(schema: type[Schema]) -> dict[str, Any]:
    """The other fields of a multipart body."""
    made: dict[str, Any] = schema().load(request.form.to_dict())
    return made


class FileNameIn(In):
    name = Words(most=200, required=True)


def name_of(file: FileStorage) -> str:
    """Its last part: a path of the sender's machine says nothing here."""
    told = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    made: dict[str, str] = FileNameIn().load({"name": told})
    return made["name"]
