"""Everything that goes wrong under /api/, as a problem with a stable code (RFC 9457). The pages have their own handlers."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from flask import Flask, current_app, json, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from traceability import problems
from traceability.api import wrongs
from traceability.domain.errors import Refused
from traceability.routes import FEEDS

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
CODES = {
    400: "request_malformed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timed_out",
    413: "body_too_large",
    414: "address_too_long",
    415: "media_type_unsupported",
    422: "input_malformed",
    431: "header_too_large",
}
"""What the framework itself refuses, before any of our code is asked."""
MOST_ERRORS, LONGEST = 50, 120


def init_app(app: Flask) -> None:
    """Answer for every path under /api/; what is raised elsewhere goes the way it would have gone."""
    for kind in (Refused, ValidationError, HTTPException, Exception):
        app.register_error_handler(kind, _if_ours)


def _if_ours(error: Exception) -> ResponseReturnValue:
    if request.path.startswith(PREFIX):
        return respond(error)
    if isinstance(error, HTTPException):
        return error
    raise error


def respond(error: Exception) -> Response:
    """The one place where an error becomes an answer of the API."""
    if isinstance(error, ValidationError):
        error = Refused("input_malformed", errors=told(error.messages))
    if isinstance(error, Refused):
        return refusal(error)
    if isinstance(error, HTTPException) and (error.code or 500) < 500:
        return _of_framework(error)
    if problems.away(error):
        current_app.logger.warning("database away: %s %s (%s)", request.method, request.endpoint, type(error).__name__)
        return refusal(Refused("database_away"))
    return _failure(error)


def refusal(refused: Refused) -> Response:
    made = answer(problems.problem(refused))
    if made.status_code == 401:
        # a calendar program asks its user for a password only where it is told so
        made.headers["WWW-Authenticate"] = (
            'Basic realm="calendar", charset="UTF-8"' if request.endpoint in FEEDS else 'Bearer realm="api"'
        )
    if made.status_code in (429, 503):
        made.headers["Retry-After"] = str(refused.values.get("wait_s", 1))
    return made


def answer(problem: Mapping[str, Any]) -> Response:
    return Response(json.dumps(problem), problem["status"], content_type=MEDIA_TYPE)


def _of_framework(error: HTTPException) -> Response:
    """Its status, and those of its headers that say how to do better (`Allow`, `Retry-After`)."""
    status = error.code or 500
    if status < 400:
        redirect: Response = error.get_response()  # type: ignore[assignment]
        return redirect
    refused = Refused(CODES.get(status, "request_refused"))
    made = answer(problems.problem(refused) | {"status": status})
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            made.headers[name] = value
    return made


def _failure(error: Exception) -> Response:
    """A mistake of ours: an id for whoever reads the log; the log has its way through the code, and no value of it (R47)."""
    made = uuid4()
    trace = "".join(traceback.format_tb(error.__traceback__))
    kind = type(error).__name__
    current_app.logger.error("request failed: %s %s %s %s\n%s", made, request.method, request.endpoint, kind, trace)
    return answer(problems.problem(Refused("failed")) | {"status": 500, "instance": f"urn:uuid:{made}"})


def told(messages: Any) -> dict[str, list[dict[str, str]]]:
    """What is wrong by the path of the field: {"signatures.0.meaning": [{"code": "field_missing", "message": "…"}]}."""
    found: dict[str, list[dict[str, str]]] = {}
    for path, message in _flat(messages, ""):
        if path in found or len(found) < MOST_ERRORS:
            found.setdefault(path, []).append(wrongs.told(message))
    return found


def _flat(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    """A name that the request invented is cut, and made writable."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            named = str(name)[:LONGEST].encode("utf-8", "replace").decode()
            yield from _flat(inner, f"{path}.{named}" if path else named)
    elif isinstance(messages, list):
        for one in messages:
            yield from _flat(one, path)
    else:
        yield path, str(messages)
