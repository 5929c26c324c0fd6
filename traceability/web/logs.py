"""A logger's file on a page, for a sensor or for a box: sent once, asked about where it leaves something open, shown, confirmed.

Between these steps the file waits on the server; the page carries what opens it again, sealed for whoever sent it.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import request
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError

from traceability import asking, problems
from traceability.asking import Done, actor, new_id, store
from traceability.domain.errors import Refused
from traceability.services import attachments, importing
from traceability.services.importing import ANSWERS, Mission, Question, Shown
from traceability.web import posting
from traceability.words import sentence

WAITS_S, WAITING = 24 * 3600, b"waiting file"


@dataclass(slots=True)
class Step:
    """Where a file stands: refused (`trouble`), asked about, shown, or read in (`done`)."""

    given: dict[str, str] = field(default_factory=dict)
    sealed: str = ""
    name: str = ""
    trouble: posting.Trouble | None = None
    asked: Question | None = None
    why: str = ""
    shown: Shown | None = None
    against: str = ""
    done: Done | None = None

    @property
    def status(self) -> int:
        return self.trouble.status if self.trouble else 422 if self.asked else 200


def step(mission: Mission, schema: type[Schema], extra: tuple[str, ...] = ()) -> Step:
    """One step further with what the form brought."""
    one = Step(posting.form(*ANSWERS, *extra, "confirmed"))
    try:
        sent = _sent()
        if sent is None:
            one.trouble = posting.Trouble(422, {"log": _("Choose the file that the logger wrote.")})
            return one
        one.name, data = sent
        return _read(one, mission, data, schema)
    except ValidationError as wrong:
        told = {str(name): sentence(code[0], {}) for name, code in wrong.normalized_messages().items()}
        one.trouble = posting.Trouble(422, told)
    except Refused as refused:
        one.trouble = posting.Trouble(problems.status_of(refused.code), {"log": sentence(refused.code, refused.values)})
    return one


def _read(one: Step, mission: Mission, data: bytes, schema: type[Schema]) -> Step:
    told = schema().load({name: value for name, value in one.given.items() if value})
    try:
        log = importing.read(mission, one.name, data, one.given)
    except Refused as refused:
        one.asked = importing.question(refused)
        if one.asked is None:
            raise
        one.why = sentence(refused.code, refused.values)
        one.sealed = seal(attachments.keep_bytes(store(), data), one.name)
        return one
    digest = attachments.keep_bytes(store(), data)
    if one.given["confirmed"] == log.file.digest:
        act_id = request.form.get("act_id") or new_id()
        answered = {name: value for name, value in told.items() if name not in ANSWERS}
        one.done = asking.ask(mission.act, mission.id, {"log": log, **answered}, act_id)
        return one
    one.sealed = seal(digest, one.name)
    with store().read(actor()) as view:
        one.shown = importing.shown(view, mission, log)
    if one.shown.against is not None:
        one.against = sentence(one.shown.against.code, one.shown.against.values)
    return one


def _sent() -> tuple[str, bytes] | None:
    """The file of this form, or the one that waits."""
    sent = request.files.get("log")
    if sent is not None and sent.filename:
        with sent.stream as stream:  # a large one lies in a file of its own
            return sent.filename.replace("\\", "/").rpartition("/")[2][:200], stream.read()
    return opened(request.form.get("waiting", ""))


def seal(digest: str, name: str) -> str:
    told: list[Any] = [actor().person_id, digest, name]
    return sealing(WAITING).encrypt(json.dumps(told).encode()).decode()


def opened(sealed: str) -> tuple[str, bytes] | None:
    """The name and the bytes of a file that its sender left here; nothing for anybody else, or a day later."""
    try:
        person_id, digest, name = json.loads(sealing(WAITING).decrypt(sealed.encode(), ttl=WAITS_S))
        if person_id != actor().person_id:
            return None
        return name, (store().documents / digest).read_bytes()
    except (InvalidToken, UnicodeEncodeError, OSError):
        return None


def sealing(what: bytes) -> Fernet:
    """What seals that which waits in a page; of one kind nothing opens as another."""
    key = hmac.new(store().keys.inputs, what, sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def answered(given: Mapping[str, str]) -> dict[str, str]:
    """The answers so far, which the next page carries on."""
    return {name: value for name, value in given.items() if value and name != "confirmed"}
