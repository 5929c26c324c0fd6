"""Codes of this system, for who has no GS1 company prefix: a place's door and a badge, each with two check characters.

`STP.F-01.5C` names the place F-01, `STB.7KQ2.…` the badge 7KQ2. Letters, digits, point and hyphen come through every
keyboard layout; a badge carries no name and no number of a person (R9).
"""

from __future__ import annotations

from typing import Literal

from traceability.domain.errors import Refused
from traceability.domain.gs1.linters import CSET_82, check_pair
from traceability.domain.identity import Element

Noun = Literal["place", "badge"]
PREFIXES: dict[str, Noun] = {"STP.": "place", "STB.": "badge"}
LONGEST = 20


def of(body: str) -> Element | None:
    """The place or badge that a text names; None where it is no code of this kind at all."""
    noun = PREFIXES.get(body[:4])
    if noun is None:
        return None
    told, _, pair = body[4:].rpartition(".")
    _check(noun, told)
    if check_pair(body[:4] + told) != pair:
        raise Refused("code_check_digit", ai=noun, value=body)
    return (noun, told)


def written(noun: Noun, told: str) -> str:
    """The code of a place or a badge, as it is printed."""
    _check(noun, told)
    prefix = next(prefix for prefix, of_it in PREFIXES.items() if of_it == noun)
    return f"{prefix}{told}.{check_pair(prefix + told)}"


def _check(noun: Noun, told: str) -> None:
    if not 1 <= len(told) <= LONGEST:
        raise Refused("code_length", ai=noun, value=told, low=1, high=LONGEST)
    if not CSET_82.issuperset(told):
        raise Refused("code_characters", ai=noun, value=told)
