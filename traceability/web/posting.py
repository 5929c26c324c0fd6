"""A posted form becomes an act; what stands against it is sorted to the fields it belongs to. How pages look is not here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from traceability import asking, problems
from traceability.asking import Done, new_id
from traceability.domain.acts import Kind
from traceability.domain.errors import Refused
from traceability.services import PERFORMERS, people
from traceability.web import forms, now
from traceability.words import sentence

SIGNING = ("password", "second_password")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing was saved. `act_id` is kept only when the outcome is unknown: then nobody may try under another.

    `entry` is the number under which the refusal stands in the ledger, where it came that far.
    """

    status: int
    fields: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    code: str = "input_malformed"
    act_id: str | None = None
    entry: int | None = None


def perform(
    name: str, target_id: str | None = None, prepared: Mapping[str, Any] | None = None, /, **told: Any
) -> Done | Trouble:
    """Perform an act with these values of the posted form, what was prepared of it, and its passwords where it is signed."""
    act_id = request.form.get("act_id") or new_id()
    act = PERFORMERS[name].act
    more = "second_username" in request.form or (act.also_when == "frees" and request.form.get("password"))
    meanings = (*act.signatures, *act.also) if more else act.signatures
    missing = {key: _("Needed to sign.") for key in SIGNING[: len(meanings)] if not request.form.get(key)}
    if len(meanings) > 1 and not request.form.get("second_username"):
        missing["second_username"] = _("Needed to sign.")
    asked = {key: value for key, value in told.items() if value not in ("", None, [])}
    if "occurred_at" not in asked and act.kind is Kind.FACT and (sent := kept_since()):
        asked |= {"occurred_at": forms.moment(sent), "source": "late"}
    if meanings and not missing:
        asked["signatures"] = _signatures([str(meaning) for meaning in meanings])
    try:
        loaded = asking.schema(name)().load(asked)
    except ValidationError:
        return Trouble(422, forms.errors(name, asked) | missing)
    if missing:
        return Trouble(422, missing)
    try:
        return asking.ask(name, target_id, {**loaded, **(prepared or {})}, act_id)
    except Refused as refused:
        return refusal(refused, [str(meaning) for meaning in meanings])


def kept_since() -> str:
    """When a form was sent first that a sign-in came between (web/kept.py); its page need not ask for a time of its own."""
    return request.form.get("occurred_at", "").strip()


def refusal(refused: Refused, meanings: Iterable[str] = ()) -> Trouble:
    """A refusal as sentences; those about a signature stand at the password they speak of."""
    told = sentence(refused.code, refused.values)
    reasons = [problems.told(finding)["message"] for finding in refused.findings]
    status = problems.status_of(refused.code)
    at: dict[str, str] = {}
    if refused.code == "signature_not_accepted":
        meaning = str(refused.values.get("meaning"))
        at[dict(zip(meanings, SIGNING, strict=False)).get(meaning, "password")] = told
    elif refused.code == "signature_missing" and not meanings:
        at["password"] = told
    elif refused.code in ("signature_same_person", "signature_one_voice"):
        at["second_username"] = told
    elif refused.code == "lot_for_inspectors":
        at["lot_id"] = told
    elif refused.code == "knee_missing":
        at["laterality"] = told
    elif refused.code == "reason_missing":
        at["reason"] = _("This is needed.")
    act_id = request.form.get("act_id") if refused.code == "not_confirmed" else None
    entry = refused.values.get("entry")
    return Trouble(
        status, at, [] if at else [told, *reasons], refused.code, act_id, entry if isinstance(entry, int) else None
    )


def _signatures(meanings: list[str]) -> list[dict[str, str]]:
    """Who signs first is who is signed in; the second names themselves."""
    with asking.store().read(asking.actor()) as view:
        mine = people.person(view, asking.actor().person_id).username
    names = [mine, request.form.get("second_username", "").strip()]
    return [
        {"username": username, "password": request.form[key], "meaning": meaning}
        for username, key, meaning in zip(names, SIGNING, meanings, strict=False)
    ]


def form(*names: str) -> dict[str, str]:
    """The posted values of these fields, trimmed; those that were left out are empty."""
    posted: MultiDict[str, str] = request.form
    return {name: posted.get(name, "").strip() for name in names}


def posted() -> bool:
    return request.method == "POST"


def permitted(name: str) -> None:
    """Refuse the page of an act to who may not perform it, naming who may; the door asks again."""
    act = PERFORMERS[name].act
    if not act.roles & asking.actor().roles(now()):
        raise Refused("not_permitted", act=name, roles=sorted(act.roles))
