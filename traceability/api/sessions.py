"""Signing in and out by program: a token for a name and a password."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from schemas.fields import Secret, Words
from schemas.outputs import SessionOut
from traceability.api import ANYBODY, asked, blueprint
from traceability.asking import store
from traceability.services import sessions

TAG = ["sessions"]


class SignInIn(asked.In):
    username = Words(most=64, required=True)
    password = Secret(required=True)


@blueprint.route("/sessions", methods=["POST"], tags=TAG)
@blueprint.doc(**ANYBODY)
@blueprint.arguments(SignInIn)
@blueprint.response(201, SessionOut)
@blueprint.refuses(400, 401, 413, 415, 422, 429)
def sign_in(told: dict[str, Any]) -> dict[str, Any]:
    """Sign in.

    The token is told once; it ends after twelve hours or with `DELETE /api/v1/sessions`.
    """
    made = sessions.sign_in(store(), told["username"], told["password"], "bearer", address=request.remote_addr or "")
    found = sessions.whose(store(), made.token, "bearer")
    return {
        "token": made.token,
        "ends_at": made.ends_at,
        "person": person(made.actor, bool(found and found.must_change)),
    }


@blueprint.route("/sessions", tags=TAG)
@blueprint.response(200, SessionOut.Whose)
@blueprint.refuses(401)
def myself() -> dict[str, Any]:
    """Who is signed in."""
    return person(g.actor, g.must_change)


@blueprint.route("/sessions", methods=["DELETE"], tags=TAG)
@blueprint.response(204)
@blueprint.refuses(401)
def sign_out() -> Response:
    """End this session at once."""
    sessions.sign_out(store(), g.token)
    return Response(status=204)


def person(actor: Any, must_change: bool) -> dict[str, Any]:
    return {
        "id": actor.person_id,
        "name": actor.name,
        "organisation_id": actor.organisation_id,
        "roles": sorted(actor.roles(store().clock())),
        "must_change_password": must_change,
    }
