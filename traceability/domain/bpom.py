"""The 2D code of the Indonesian authority (PerBPOM 22/2022, R11): another name for what carries it, of one of two kinds.

*Otentifikasi* gives marketing number, lot, expiry and serial; *identifikasi* the marketing number alone. Both are printed
as text with brackets in a plain QR. A code that has a GTIN instead of the marketing number is a GS1 code like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Scheme = Literal["otentifikasi", "identifikasi"]
OF_ONE: Scheme = "otentifikasi"
NUMBER = "90"
NIE = re.compile(r"(?=.{9,16}$)[A-Z]{2,3}[0-9]{6,14}(?:[A-Z][0-9])?")
"""A marketing number: letters of the kind of product, digits, and of medicines letter and digit of form and strength."""
_WHOLE = frozenset((NUMBER, "10", "17", "21"))
_MAY_STAND = _WHOLE | {"11", "91"}


def scheme(elements: Iterable[tuple[str, str]]) -> Scheme | None:
    """Which of the two these elements are; None where they are neither."""
    told = dict(elements)
    if NUMBER not in told or not NIE.fullmatch(told[NUMBER]):
        return None
    if told.keys() <= {NUMBER, "91"}:
        return "identifikasi"
    return OF_ONE if _WHOLE <= told.keys() <= _MAY_STAND else None


def written(elements: Iterable[tuple[str, str]]) -> str:
    """One text for one code, in whichever order its elements came: how an alias is kept and found again."""
    told = dict(elements)
    return "".join(f"({ai}){told[ai]}" for ai in (NUMBER, "10", "17", "21") if ai in told)
