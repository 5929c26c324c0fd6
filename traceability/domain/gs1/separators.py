"""Separators that a scanner sent as something else, or not at all (R6). What is certain is read; nothing is guessed.

A stand-in is certain where it holds a sign outside CSET 82: no value of an element may have it, so it is no part of one.
`<GS>` or ` GS ` without such a sign could be what the label says. Lengths are never asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from traceability.domain.errors import Refused
from traceability.domain.gs1.linters import longest_month
from traceability.domain.gs1.rules import AIS, accompanied, content

GS = "\x1d"
ANY_DAY = date(2000, 1, 1)
"""From which the dates in a beginning are looked at: whether they are dates, not which, is asked."""
STAND_INS = (
    "␝",  # the picture of GS
    "↔",  # Alt+029, in programs that take it for a sign of code page 437
    "^]",  # Ctrl+], as terminals write it
    "]",  # Ctrl+] of which the Ctrl was lost
    "^",
    "|",
    "@",
    "{GS}", "[GS]", "{FNC1}", "[FNC1]", "^FNC1", "{1D}", "[1D]",
    "~d029", "\\F", "\\x1d", "\\u001d", "\\035", "&#29;", "&#x1d;",
)  # fmt: skip
"""What scanners, drivers and programs put in the place of GS: each is certain by the rule above, and none begins another
so that digits could follow it (`~` and `~1` do: neither is read)."""
UNCERTAIN = ("<GS>", "<FNC1>")
"""Seen as well, and made of signs that a lot may have."""

_KNOWN = re.compile("|".join(re.escape(one) for one in sorted(STAND_INS, key=len, reverse=True)), re.IGNORECASE)
_ODD = re.compile('[^\x1d!"%-?A-Z_a-z]')
_DOUBTFUL = re.compile("|".join(re.escape(one) for one in UNCERTAIN), re.IGNORECASE)
#: What stands on labels of medicines behind a lot or a serial; anything else of two digits would make every lot doubtful.
HIDDEN = ("10", "11", "17", "21", "7003")


def restored(body: str) -> str:
    """The element string with its separators as GS; a stand-in counts where it is the only kind of separator there."""
    if _ODD.search(body) is None:
        return body
    found = {one.lower() for one in _KNOWN.findall(body)}
    if not found or GS in body:
        return body
    if len(found) > 1:
        raise Refused("code_separator_lost")
    return _KNOWN.sub(GS, body)


def doubtful(value: str) -> bool:
    return _DOUBTFUL.search(value) is not None


def swallows(ai: str, value: str, present: Collection[str], *, alone: bool = True) -> bool:
    """Whether this value may hide elements that followed it, because the separator behind it was lost.

    It may if its beginning could be the whole value, and the rest reads as elements that could stand beside those that
    are `present`, each once; `alone` False: beside anything, for what they need may be in another code.
    """
    hidden = [other for other in HIDDEN if other not in present and other in value]
    starts: dict[int, list[str]] = {}
    for at in range(1, len(value) - 2) if hidden else ():
        for other in hidden:
            if value.startswith(other, at):
                starts.setdefault(at, []).append(other)
    if not starts:
        return False
    seen: set[tuple[int, frozenset[str]]] = set()
    waiting = [(at, frozenset(present)) for at in starts if _whole(ai, value[:at])]
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        at, there = state
        for other in starts.get(at, ()):
            if other in there or (alone and not accompanied(other, there)):
                continue
            for stop in _stops(other, value, at + len(other), starts):
                if stop == len(value):
                    return True
                waiting.append((stop, there | {other}))
    return False


def _whole(ai: str, value: str) -> bool:
    try:
        content(ai, value, ANY_DAY)
    except Refused:
        return False
    return True


def _stops(ai: str, value: str, at: int, starts: Collection[int]) -> list[int]:
    """Where an element that begins at `at` may end: at the end, or where another may begin."""
    low, high = AIS[ai].low, AIS[ai].high
    if ai in ("10", "21"):
        return [
            stop for stop in range(at + low, min(at + high, len(value)) + 1) if stop in starts or stop == len(value)
        ]
    told = value[at : at + high]
    return [at + high] if len(told) == high and _is_date(told) else []


def _is_date(told: str) -> bool:
    """A day, with hour and minute where they are given; 29 February in any year, and day 00, for doubt is enough."""
    if not (told.isascii() and told.isdigit()):
        return False
    month, day = told[2:4], told[4:6]
    return "01" <= month <= "12" and day <= longest_month(month) and told[6:8] < "24" and told[8:10] < "60"
