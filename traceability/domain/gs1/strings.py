"""Text of a GS1 symbol into elements: the string that a scanner sends, and the text with brackets that people type."""

from __future__ import annotations

import re
from collections.abc import Iterable

from traceability.domain.errors import Refused
from traceability.domain.gs1.linters import CSET_82, mod_10
from traceability.domain.gs1.rules import AI_LENGTH, AIS, Ai
from traceability.domain.gs1.separators import GS, doubtful, restored, swallows
from traceability.domain.identity import Element

_BRACKET = re.compile(r"\(([0-9]{2,4})\)")
_RETAIL = (8, 12, 13, 14)
"""So many digits have the numbers of products in shops: EAN-8, UPC, EAN-13, ITF-14."""


def of_string(body: str, *, alone: bool = True) -> list[Element]:
    """An element string; FNC1 is GS, or a stand-in that is certain. A lost separator is refused, not guessed (R6)."""
    body = restored(body.removeprefix(GS)).removeprefix(GS).rstrip(GS)  # one at either end parts nothing
    if not (body[:2].isascii() and body[:2].isdigit()):
        raise Refused("code_unreadable")
    separated, at, end = GS in body, 0, len(body)
    found: list[Element] = []
    while at < end:
        ai = body[at : at + AI_LENGTH.get(body[at : at + 2], 2)]
        rule = AIS.get(ai)
        if rule is None:
            known = ai.isascii() and ai.isdigit()
            raise Refused("code_ai_unknown" if known else "code_separator_lost", ai=ai)
        at += len(ai)
        if rule.ends:
            stop = at + rule.high
            value = body[at:stop]
            at = stop + (body[stop : stop + 1] == GS)
        else:
            stop = body.find(GS, at) if separated else -1
            value = body[at:] if stop < 0 else body[at:stop]
            at += len(value) + 1
            if len(value) > rule.high or not _signs_fit(rule, value) or ("<" in value and doubtful(value)):
                raise Refused("code_separator_lost", ai=ai, value=value)
        found.append((ai, value))
    present = [ai for ai, _ in found]
    for ai, value in found:  # also where others came: one of several may be lost
        rule = AIS[ai]
        if not rule.ends and rule.low < rule.high and swallows(ai, value, present, alone=alone):
            raise Refused("code_separator_lost", ai=ai, value=value)
    return found


def _signs_fit(rule: Ai, value: str) -> bool:
    """Whether its signs may stand in a value at all: else something stands there that was meant to part two elements."""
    return CSET_82.issuperset(value) or rule.parts[0].kind == "Y"


def refuse_retail_number(body: str) -> None:
    """A bare EAN or UPC reads as an element string by chance (952… as AI 95): without a symbology identifier nobody knows."""
    if len(body) in _RETAIL and body.isascii() and body.isdigit() and mod_10(body):
        raise Refused("code_bare_number", digits=len(body))


def reads_as_element(value: str) -> bool:
    """Whether part of a value, typed with brackets, is taken for the identifier of the next."""
    return _BRACKET.search(value) is not None


def of_brackets(body: str) -> Iterable[Element]:
    parts = _BRACKET.split(body)
    if parts[0] or len(parts) < 3:
        raise Refused("code_unreadable")
    return zip(parts[1::2], parts[2::2], strict=True)
