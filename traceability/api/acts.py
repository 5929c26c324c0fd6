"""Every act of the table as `POST /api/v1/<nouns>/<id>/<verb>`, its body made from its service; and what became of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, json
from marshmallow import Schema

from schemas.outputs import DoneOut, OutcomeOut
from traceability import asking, problems
from traceability.api import asked, blueprint
from traceability.asking import Done, actor, store
from traceability.domain.errors import NotFound, Refused
from traceability.services import PERFORMERS

STATUSES = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)


def address(name: str, given: str | None, last: str | None = None) -> str:
    """The path of an act; `given` is what of its input the path gives, `last` what stands there instead of its verb."""
    noun, _, verb = name.partition(".")
    return f"/{asking.plural(noun)}/" + (f"<record:{given}>/" if given else "") + (last or verb)


def act(
    name: str, *schema: type[Schema], given: str | None = None, last: str | None = None, **doc: Any
) -> Callable[[Callable[..., Done]], Callable[..., Any]]:
    """Make a view that performs this act an address of the API, described as every act is."""
    made = PERFORMERS[name].act

    def register(view: Callable[..., Done]) -> Callable[..., Any]:
        def perform(*args: Any, **kwargs: Any) -> Response:
            return answered(view(*args, **kwargs))

        perform.__name__ = view.__name__
        perform.__doc__ = _told(name, view.__doc__)
        told: dict[str, Any] = {
            "operationId": name,
            "x-act": {"kind": str(made.kind), "roles": sorted(made.roles), "signatures": list(made.signatures)},
        }
        done: Any = blueprint.doc(**told, **doc)(perform)
        done = blueprint.response(201, DoneOut)(done)
        done = blueprint.alt_response(200, schema=DoneOut, description="It had been done before", success=True)(done)
        done = blueprint.refuses(*STATUSES)(done)
        for one in schema:
            done = blueprint.arguments(one())(done)
        blueprint.add_url_rule(
            address(name, given or asking.target(name), last), view.__name__, done, methods=["POST"], tags=[asking.plural(made.noun)],
            parameters=[dict(asked.IDEMPOTENCY_KEY)],
        )  # fmt: skip
        return done

    return register


def _told(name: str, doc: str | None) -> str:
    """The first sentence as the summary, the rest below it."""
    made = PERFORMERS[name]
    needs = [f"Roles: {', '.join(sorted(made.act.roles))}."]
    if made.act.signatures:
        needs.append(f"Signed: {', '.join(made.act.signatures)}.")
    if made.act.reason:
        needs.append("A reason is owed.")
    return f"{name}\n\n{(doc or '').strip()}\n\n{' '.join(needs)}"


def answered(done: Done) -> Response:
    made = {
        "act_id": done.act_id, "ledger": done.ledger, "number": done.number,
        "repeated": done.repeated, "answer": dict(done.answer),
    }  # fmt: skip
    return Response(json.dumps(made), 200 if done.repeated else 201, content_type="application/json")


def _generic(name: str) -> None:
    given = asking.target(name)

    def view(told: dict[str, Any], **path: str) -> Done:
        return asking.ask(name, path.get(given) if given else None, told, asked.act_id())

    view.__name__ = name.replace(".", "_")
    view.__doc__ = PERFORMERS[name].__doc__
    act(name, asking.schema(name))(view)


for _name in asking.acts():
    _generic(_name)


@blueprint.route("/acts/<record:act_id>", tags=["acts"])
@blueprint.response(200, OutcomeOut)
@blueprint.refuses(401, 403, 404)
def act_outcome(act_id: str) -> dict[str, Any]:
    """What became of an act.

    After a lost answer: ask by its id, never repeat it under a new one. `not_found` means that it is not in the
    ledger, so nothing was done, or that it is somebody else's.
    """
    try:
        done = store().answer(actor(), act_id)
    except Refused as refused:
        if "entry" not in refused.values:
            raise NotFound("act") from None
        told = problems.problem(refused)
        return {
            "act_id": act_id,
            "outcome": "refused",
            "number": refused.values["entry"],
            "answer": None,
            "refusal": told,
        }
    if done is None:
        raise NotFound("act")
    return {"act_id": act_id, "outcome": "done", "number": done.number, "answer": done.answer, "refusal": None}
