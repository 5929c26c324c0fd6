"""How a request becomes an act, the same for pages and API: shape by schema, signatures and times apart, then the door."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import current_app, g

from schemas.inputs import ActIn, schema_for
from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Signing
from traceability.services import PERFORMERS
from traceability.store import Call, Done, Source, Store, View, new_id

__all__ = [
    "BY_HAND",
    "Call",
    "Done",
    "Store",
    "View",
    "actor",
    "acts",
    "ask",
    "call_of",
    "new_id",
    "plural",
    "schema",
    "store",
    "target",
]

BY_HAND = frozenset(
    {
        "system.migrate",
        "person.enrol",
        "person.change_password",
        "person.reset_password",
        "consignment.attach_log",
        "lot.attach",
        "subject.enrol",
        "document.issue",
    }
)
"""Acts whose input is prepared before the door (hashed, read, sealed, drawn): they have views of their own."""


def store() -> Store:
    made: Store = current_app.extensions["store"]
    return made


def actor() -> Actor:
    made: Actor = g.actor
    return made


def acts() -> list[str]:
    return sorted(set(PERFORMERS) - BY_HAND)


def target(name: str) -> str | None:
    """The parameter that the path gives: `lot_id` of `lot.certify`; None for an act that makes something new."""
    first = list(inspect.signature(PERFORMERS[name].work).parameters)[1]
    return first if first == f"{PERFORMERS[name].act.noun}_id" else None


def plural(noun: str) -> str:
    return f"{noun}s"


@cache
def schema(name: str) -> type[ActIn]:
    given = target(name)
    return schema_for(name, PERFORMERS[name].work, given=[given] if given else [])


def ask(name: str, target_id: str | None, asked: Mapping[str, Any], act_id: str) -> Done:
    """Perform an act with input that its schema has loaded."""
    told = dict(asked)
    own = {"source": told.pop("source")} if "source" in told and _has_its_own_source(name) else {}
    if own and told.get("occurred_at"):
        told["source"] = "late"
    call = call_of(told, act_id)
    told |= own
    if given := target(name):
        told[given] = target_id
    return PERFORMERS[name](store(), actor(), call, **told)


def _has_its_own_source(name: str) -> bool:
    """Some facts have a source themselves: who says so (a score, an event). How the system knows when is then told by the time."""
    return "source" in inspect.signature(PERFORMERS[name].work).parameters


def call_of(told: dict[str, Any], act_id: str) -> Call:
    """Take what belongs to any act out of the input: time, source, reason, signatures."""
    signing = tuple(
        Signing(one["username"].lower(), one["password"], one["meaning"]) for one in told.pop("signatures", None) or ()
    )
    source = told.pop("source", None)
    occurred_at = told.pop("occurred_at", None)
    if source == "late" and occurred_at is None:
        raise Refused("occurred_missing")
    return Call(
        act_id=act_id,
        occurred_at=occurred_at,
        source=Source(source) if source else Source.LIVE,
        reason=told.pop("reason", None),
        signing=signing,
        demonstration=current_app.config["DEMONSTRATION"],
    )
