"""Titles that acts give to cases and holds, in the reader's language: their codes as words. What a person wrote stands."""

from __future__ import annotations

import re

from traceability.words.choices import CHOICES
from traceability.words.findings import FINDINGS
from traceability.words.said import N_, translated
from traceability.words.shown import choice, state, within

MADE = re.compile(
    r"((?:.*? )?[A-Z]{1,3}-\d+: |[A-Z0-9]{6}, [^:]+: |Vial \S+, [a-z_]+: |Vials of \S+: |Sensor [^:]+: |Paper \S+: |Lot \S+: )(.*)",
    re.DOTALL,
)
"""The number that an act puts before its codes."""
TOKEN = re.compile(r"(?<![\w-])[a-z]+(?:_[a-z]+)*(?![\w-])")
AGAINST, NOT_ON_RECORD, A_VIAL = N_("dose given against"), N_("not on record"), N_("Vial %(serial)s, %(state)s")
CONTENT, BEFORE = N_("Vials of %(place)s"), N_("was given before this was known")
SENSOR, TWICE = N_("Sensor %(serial)s"), N_("two temperatures for one time")
PAPER, SUSPENDED = N_("Paper %(number)s"), N_("suspended before these were made")
OUTSIDE, ANNOUNCED = N_("outside its specification"), N_("given before it was announced")


def title(told: str | None) -> str:
    """“C-4: K003 broken” as “C-4: K003 rusak”; nothing where it was erased."""
    if told is None:
        return ""
    if (made := MADE.fullmatch(told)) is None:
        return told
    head, rest = made.groups()
    if vial := re.fullmatch(r"Vial (\S+), ([a-z_]+): ", head):
        head = translated(A_VIAL) % {"serial": vial[1], "state": state(vial[2])} + ": "
    elif content := re.fullmatch(r"Vials of (\S+): ", head):
        head = translated(CONTENT) % {"place": content[1]} + ": "
    elif sensor := re.fullmatch(r"Sensor ([^:]+): ", head):
        head = translated(SENSOR) % {"serial": sensor[1]} + ": "
    elif paper := re.fullmatch(r"Paper (\S+): ", head):
        head = translated(PAPER) % {"number": paper[1]} + ": "
    for phrase in (AGAINST, NOT_ON_RECORD, BEFORE, TWICE, SUSPENDED, OUTSIDE, ANNOUNCED):
        rest = rest.replace(phrase, f"\0{translated(phrase)}\0")
    parts = rest.split("\0")  # what is said already stands at odd places
    return head + "".join(part if n % 2 else TOKEN.sub(_word, part) for n, part in enumerate(parts))


def numbered(told: str) -> str:
    """The same behind the number of its hold, as a finding lists them."""
    number, between, rest = told.partition(": ")
    return number + between + title(rest)


def _word(found: re.Match[str]) -> str:
    code = found[0]
    if code in FINDINGS:
        return f"“{translated(FINDINGS[code].title)}”"
    return next((within(choice(kind, code)) for kind in ("Found", "Seen") if code in CHOICES[kind]), code)
