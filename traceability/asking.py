"""How a request becomes an act, the same for pages and API: shape by schema, signatures and times apart, then the door."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any

from flask import Response, current_app, g, request, send_file

from schemas.inputs import ActIn, schema_for
from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Signing
from traceability.services import PERFORMERS, images, merging, subjects, viewings
from traceability.store import AHEAD, Call, Done, Reader, Source, Store, View, new_id

__all__ = [
    "AHEAD",
    "BY_HAND",
    "Call",
    "Done",
    "Reader",
    "Store",
    "View",
    "actor",
    "acts",
    "ask",
    "call_of",
    "new_id",
    "picture",
    "plural",
    "schema",
    "store",
    "target",
]

BY_HAND = frozenset(
    {
        "system.migrate",
        "scan_log.seal",
        "viewing_log.seal",
        "identity.rekey",
        "person.enrol",
        "person.change_password",
        "person.reset_password",
        "device.enrol",
        "consignment.attach_log",
        "sensor.import_log",
        "sensor.read",
        "result.import_file",
        "alarm.report_silent",
        "alarm.report_due",
        "alarm.report_done",
        "lot.attach",
        "case.attach",
        "image.attach",
        "form_link.issue",
        "form_link.answer",
        "subject.enrol",
        "subject.look_up",
        "consent_form.draft",
        "document.issue",
        "audit.export",
        "evidence.make",
        "study.export",
        "study.import_file",
    }
)
"""Acts whose input is prepared before the door (hashed, read, sealed, drawn): they have views of their own."""


OF_PICTURES = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Content-Security-Policy: whatever is in it, nothing of it runs or loads."""


def store() -> Store:
    made: Store = current_app.extensions["store"]
    return made


def actor() -> Actor:
    made: Actor = g.actor
    return made


def acts() -> list[str]:
    return sorted(set(PERFORMERS) - BY_HAND)


@cache
def target(name: str) -> str | None:
    """The parameter that the path gives: `lot_id` of `lot.certify`; None for an act that makes something new."""
    first = list(inspect.signature(PERFORMERS[name].work).parameters)[1]
    return first if first == f"{PERFORMERS[name].act.noun}_id" else None


def plural(noun: str) -> str:
    return "studies" if noun == "study" else f"{noun}s"


@cache
def schema(name: str) -> type[ActIn]:
    given = target(name)
    return schema_for(name, PERFORMERS[name].work, given=[given] if given else [])


def ask(name: str, target_id: str | None, asked: Mapping[str, Any], act_id: str) -> Done:
    """Perform an act with input that its schema has loaded."""
    told = dict(asked)
    call = call_of(told, act_id)
    told = {name: value for name, value in told.items() if value is not None}  # null is: not said
    if isinstance(band := told.get("wristband"), str):
        told["wristband"] = subjects.read_band(store(), band)  # before the door: a person's code goes through none
    if given := target(name):
        told[given] = target_id
    if name == "subject.merge":  # two identities are compared before the door, and go through none
        with store().read(actor()) as view:
            told["compared"] = merging.compared(store(), view, told["subject_id"], told["into_id"])
    return PERFORMERS[name](store(), actor(), call, **told)


def picture(image_id: str, *, inline: bool) -> Response:
    """The bytes of a picture or a paper of a subject; `inline`: a page may draw it, where a browser can."""
    found = images.file(store(), actor(), image_id)
    response = send_file(
        BytesIO(found.data), found.media_type, as_attachment=not (inline and found.drawn), conditional=False, etag=False,
        download_name=f"{image_id[:8]}.{found.ending}",  # it says nothing about anybody
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = OF_PICTURES
    return response


def looked(told: Mapping[str, Any]) -> None:
    """Keep what an inspector asks for, before it is answered: for pages and API alike, in this one place."""
    rule = str(request.url_rule.rule) if request.url_rule else request.path
    viewings.note(store(), actor(), rule, told, request.args.items(multi=True))


def turn_away(name: str, act_id: str, about: str | None) -> None:
    """Somebody asks for an act that is not theirs: the door says so and writes it down. What was done under this id
    before they lost the role is theirs to ask again: then nothing happens here.
    """
    try:
        if act_id and store().answer(actor(), act_id):
            return
    except Refused:
        act_id = new_id()
    call = Call(act_id=act_id or new_id(), demonstration=current_app.config["DEMONSTRATION"])
    store().perform(name, actor(), call, {"about": about} if about else {}, _unreached)


def _unreached(_: object) -> None:
    raise AssertionError("this act was not theirs to perform")


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
