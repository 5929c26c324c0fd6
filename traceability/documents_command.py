"""`flask documents verify FILE`: whether a PDF is ours, as it was issued, and still stands. The exit code says it too."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

import click
from flask import current_app
from flask.cli import with_appcontext

from traceability.domain.errors import Refused
from traceability.domain.releasing import Lapsed
from traceability.services.verifying import Authenticity, SealAnswer, Verified, received
from traceability.services.verifying import verify as verified
from traceability.words import sentence

CODES = {
    Authenticity.CURRENT: 0,
    Authenticity.SUPERSEDED: 3,
    Authenticity.REVOKED: 3,
    Authenticity.VOID: 3,
    Authenticity.ALTERED: 4,
    Authenticity.FOREIGN: 5,
}
"""0: rely on it. 3: ours and unchanged, but it does not stand any more. 4: altered. 5: not ours. 6: it could not be read."""
UNREAD = 6

SAID = {
    Authenticity.CURRENT: "{name} is as it was issued, and current.",
    Authenticity.SUPERSEDED: "{name} is as it was issued, and was superseded{by}. Do not rely on it.",
    Authenticity.REVOKED: "{name} is as it was issued, and was revoked. Do not rely on it.",
    Authenticity.VOID: "{name} is as it was issued; {lapsed}. Do not rely on it.",
    Authenticity.ALTERED: "It says that it is {name}, and is not as that was issued. Do not rely on it.",
    Authenticity.FOREIGN: "No such document was issued here{named}.",
}
LAPSED = {
    Lapsed.RECALLED: "the release that it tells of is recalled",
    Lapsed.VOIDED: "the release that it tells of was voided on {void}",
    Lapsed.RAN_OUT: "the release that it tells of was conditional, and its time is over",
    Lapsed.CHANGED: "the release that it tells of rests on what has changed since",
    Lapsed.TOLD_SINCE: "something stands against a dose on it that was not known when it was printed",
}
SEALS = {
    SealAnswer.VALID: "The seal is valid: intact, over the whole file, by the certificate of this site.",
    SealAnswer.NONE: "It has no electronic seal.",
    SealAnswer.MISSING: "It was issued with an electronic seal, and has none.",
    SealAnswer.BROKEN: "The electronic seal does not hold.",
    SealAnswer.UNKNOWN: "The electronic seal is by a certificate that is not known here.",
}


@click.group("documents")
def documents() -> None:
    """Printed records."""


@documents.command("verify")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def verify(file: BinaryIO, as_json: bool) -> None:
    """Say whether FILE is a document of this installation, unchanged, and still to be relied on.

    Exit code 0: rely on it; 3: superseded, revoked or void; 4: altered; 5: not ours; 6: it could not be read.
    """
    try:
        told = verified(current_app.extensions["store"], received(file))
    except Refused as refused:
        problem = {"answer": "unread", "code": refused.code}
        click.echo(json.dumps(problem) if as_json else sentence(refused.code, refused.values), err=not as_json)
        sys.exit(UNREAD)
    click.echo(json.dumps(plain(told), indent=2, sort_keys=True) if as_json else "\n".join(lines(told)))
    holds = told.seal in (SealAnswer.VALID, SealAnswer.NONE)
    sys.exit(CODES[told.answer] if holds or told.answer is not Authenticity.CURRENT else CODES[Authenticity.ALTERED])


def plain(told: Verified) -> dict[str, Any]:
    made = asdict(told) | {"unchanged": told.unchanged}
    made["seals"] = [{key: _plain(value) for key, value in one.items()} for one in made["seals"]]
    return {key: _plain(value) for key, value in made.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def lines(told: Verified) -> list[str]:
    name = f"{told.number}, version {told.version}"
    by = f" by {told.number}, version {told.newest}" if told.newest else ""
    void = f"{told.void_at:%Y-%m-%d}" if told.void_at else ""
    named = f"; it says that it is {name}" if told.number else ""
    lapsed = LAPSED[told.lapsed].format(void=void) if told.lapsed else ""
    made = [SAID[told.answer].format(name=name, by=by, lapsed=lapsed, named=named), SEALS[told.seal]]
    if told.record_kept is not None and not told.unchanged:
        made.append(f"The record within it is {'the one' if told.record_kept else 'not the one'} that was issued.")
    made += [f"seal {one.name}: certificate {one.certificate_sha256 or '-'}, {_moments(one)}" for one in told.seals]
    return [*made, f"sha256 {told.bytes_sha256}"]


def _moments(one: Any) -> str:
    if one.trouble:
        return f"not readable ({one.trouble})"
    if one.stamped_at is not None:
        return f"stamped {one.stamped_at.isoformat()}"
    return f"says {one.signed_at.isoformat() if one.signed_at else 'no time'}, time stamp: {one.stamp}"
