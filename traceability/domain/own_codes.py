"""Codes of this system, for who has no GS1 company prefix: a place's door, a badge, a wristband; two check characters each.

`STP.F-01.5C` names the place F-01, `STB.7KQ2.…` the badge 7KQ2, `STW.K7M4Q2.…` the subject of this pseudonym. Letters,
digits, point and hyphen come through every keyboard layout; of a person none carries a name or a number (R9).
"""

from __future__ import annotations

from typing import Literal

from traceability.domain.errors import Refused
from traceability.domain.gs1.linters import CSET_82, check_pair
from traceability.domain.identity import Element

Noun = Literal["place", "badge", "wristband"]
PREFIXES: dict[str, Noun] = {"STP.": "place", "STB.": "badge", "STW.": "wristband"}
LONGEST = 20


def of(body: str) -> Element | None:
    """The place, badge or wristband that a text names; None where it is no code of this kind at all."""
    noun = PREFIXES.get(body[:4])
    if noun is None:
        return None
    told, _, pair = body[4:].rpartition(".")
    _check(noun, told)
    if check_pair(body[:4] + told) != pair:
        raise Refused("code_check_digit", ai=noun, value=body)
    return (noun, told)


def written(noun: Noun, told: str) -> str:
    """The code as it is printed."""
    _check(noun, told)
    prefix = next(prefix for prefix, of_it in PREFIXES.items() if of_it == noun)
    return f"{prefix}{told}.{check_pair(prefix + told)}"


def _check(noun: Noun, told: str) -> None:
    if not 1 <= len(told) <= LONGEST:
        raise Refused("code_length", ai=noun, value=told, low=1, high=LONGEST)
    if not CSET_82.issuperset(told):
        raise Refused("code_characters", ai=noun, value=told)
