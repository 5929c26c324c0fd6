"""What was filled in when the session ended: sealed on the sign-in page, given back to the same person and to nobody else.

Passwords are never kept, nor files. What is given back has been done by nobody yet: it is sent again by a click.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from traceability.asking import AHEAD, store
from traceability.services import sessions

NEVER = frozenset({"csrf_token", "old", "new", "again"})
"""Beside whatever is called a password: the fields of the pages that set one."""
NOTHING_IN_IT = frozenset({"web.sign_in", "web.sign_out", "web.stay", "web.password"})
A_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was posted: where to, and every field that may be kept."""

    path: str
    fields: list[tuple[str, str]]
    files: bool
    signed: bool
    at: datetime | None = None
    """When it was sent first, where that is some minutes ago: that is when it happened."""

    @classmethod
    def posted(cls) -> Kept:
        posted = list(request.form.items(multi=True))
        fields = [(name, told) for name, told in posted if name not in NEVER and "password" not in name]
        files = any(one.filename for one in request.files.values())
        return cls(request.full_path.rstrip("?"), fields, files, any("password" in name for name, _ in posted))


def ask_again(ours: str) -> ResponseReturnValue | None:
    """The sign-in page with the posted form in it, where it was a form (`ours` its token) of a session that is over."""
    person_id = sessions.whose_was(store(), g.token) if g.token else None
    posted = request.form.get("csrf_token", "")
    if person_id is None or request.endpoint in NOTHING_IN_IT or not same(posted, ours):
        return None
    one = Kept.posted()
    told = json.dumps([person_id, one.path, one.fields, one.files, one.signed]).encode()
    return render_template(
        "session/sign_in.html", username="", kept=_seal().encrypt_at_time(told, _second()).decode()
    ), 401


def given_back(sealed: str, person_id: str) -> Kept | None:
    """What was sealed, for whoever it is theirs: None for anybody else, a day later, and for what we never sealed."""
    try:
        owner, path, fields, files, signed = json.loads(_seal().decrypt_at_time(sealed.encode(), A_DAY, _second()))
    except (InvalidToken, UnicodeEncodeError):
        return None
    if owner != person_id:
        return None
    sent = datetime.fromtimestamp(_seal().extract_timestamp(sealed.encode()), UTC)
    told = [(name, value) for name, value in fields if name != "occurred_at" or value]
    if store().clock() - sent <= AHEAD or any(name == "occurred_at" for name, _ in told):
        return Kept(path, told, files, signed)
    return Kept(path, [*told, ("occurred_at", sent.isoformat())], files, signed, sent)


def of_earlier(tokens: Iterable[str]) -> ResponseReturnValue | None:
    """A form of an earlier session of the same person, who signed in meanwhile in another window."""
    posted = request.form.get("csrf_token", "")
    if request.endpoint in NOTHING_IN_IT or not any(same(posted, token) for token in tokens):
        return None
    return render_template("session/kept.html", kept=Kept.posted(), section="")


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _seal() -> Fernet:
    """Encrypted, because a page of nobody may hold nothing about a person."""
    key = hmac.new(store().keys.inputs, b"kept form", sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _second() -> int:
    return int(store().clock().timestamp())
