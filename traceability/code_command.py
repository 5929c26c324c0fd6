"""`flask code read`: codes as scanners send them, a line each; what each says, or why it is refused, a JSON line each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from json.encoder import encode_basestring
from typing import Any, BinaryIO

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.web.language import LANGUAGES
from traceability.words import sentence

CHUNK = 1 << 16
LONGEST_LINE = 4 * gs1.LONGEST + 3
"""In bytes: more than the longest code that is read, in whichever letters."""
NAMES = {
    "01": "gtin", "10": "lot", "21": "serial", "00": "sscc", "414": "gln", "254": "place", "8004": "giai", "8003": "grai",
    "8017": "staff", "8018": "gsrn", "8019": "instance", "place": "place", "badge": "badge", "wristband": "wristband",
    "=": "din", "=<": "product", "&,1": "lot",
}  # fmt: skip
"""How the identity calls what an element says."""


@click.group("code")
def code() -> None:
    """Codes on vials, boxes, places, wristbands."""


@code.command("read")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", help="of the sentences")
@with_appcontext
def read(file: BinaryIO, language: str) -> None:
    """Read the codes in FILE, or as they come on the standard input. Every line is answered, and nothing is kept.

    {"ok": true, "symbology", "elements": [["ai", "value"], …], "identity": {"kind", …}}, or
    {"ok": false, "code", "message"}. Separators are characters of the line: GS is 0x1D.
    """
    today = current_app.extensions["store"].clock().date()
    out = sys.stdout.buffer
    with force_locale(language):
        sentence("code_empty", {})  # sentences are read from their files once, before anybody waits
        for lines in batches(file):
            out.write("".join([answer(line.decode("utf-8", "replace"), today) + "\n" for line in lines]).encode())
            out.flush()


def batches(stream: Any) -> Iterator[list[bytes]]:
    """Whole lines as soon as they are there; of one without end no more is kept than shows that it is too long."""
    rest = b""
    while chunk := stream.read1(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[:LONGEST_LINE]
        if lines:
            yield lines
    if rest:
        yield [rest]


def answer(raw: str, today: date) -> str:
    """One JSON object without a line break in it. Written by hand: the encoder would take as long as the reader."""
    try:
        found = gs1.read_any(raw, today)
    except Refused as refused:
        told = sentence(refused.code, refused.values)
        return f'{{"ok": false, "code": "{refused.code}", "message": {encode_basestring(told)}}}'
    elements = ", ".join([f"[{encode_basestring(ai)}, {encode_basestring(value)}]" for ai, value in found.elements])
    named = ", ".join([f'"{name}": {encode_basestring(value)}' for name, value in identity(found).items()])
    symbology = f'"{found.symbology}"' if found.symbology else "null"
    return f'{{"ok": true, "symbology": {symbology}, "elements": [{elements}], "identity": {{{named}}}}}'


def identity(found: gs1.Identity) -> dict[str, str]:
    """What it names: its kind, and what is known of it by that."""
    told: dict[str, str] = {"kind": found.kind}
    told |= {NAMES[ai]: value for ai, value in found.elements if ai in NAMES}
    if found.din:
        told["din"] = found.din
    if found.expires:
        told["expires"] = found.expires.isoformat()
    if found.expires_at:
        told["expires_at"] = found.expires_at.isoformat(timespec="minutes")
    if told["kind"] == "alias" and (alias := found.alias):
        told["scheme"], told["alias"] = alias
    return told
