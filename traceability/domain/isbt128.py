"""ISBT 128 (R10): donation, product, dates and lot of medical products of human origin, scanned, or a donation number typed.

Every data structure has its identifier and its length; a compound message is several of them behind `=+` and their count,
or simply one behind the other. What is not in the table is refused: its length is not known. Nothing is guessed.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from traceability.domain.errors import Refused
from traceability.domain.identity import Element, Elements, Identity

SYMBOLOGIES = frozenset(("]C0", "]C4", "]d1", "]Q1"))
"""Code 128, the same with ISBT's concatenation, DataMatrix, QR."""
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_FACILITY = "[A-NP-Z1-9][A-NP-Z0-9]{4}"
_DONATION = re.compile(_FACILITY + "[0-9]{8}")


class Structure(NamedTuple):
    """A data structure: how many signs follow its identifier, and which."""

    length: int
    signs: re.Pattern[str]
    dated: bool = False


_DAY, _MOMENT = Structure(6, re.compile("[0-9]{6}"), True), Structure(10, re.compile("[0-9]{10}"), True)
STRUCTURES: Mapping[str, Structure] = {
    "=": Structure(15, re.compile(_FACILITY + "[0-9]{10}")),  # 001 donation, its flags last; its first sign is data
    "=%": Structure(4, re.compile("[0-9A-Za-z]{4}")),  # 002 blood groups
    "=<": Structure(8, re.compile("[A-Z][0-9A-Z]{6}[0-9a-z]")),  # 003 product code
    "=>": _DAY,  # 004 expires on
    "&>": _MOMENT,  # 005 expires at
    "=*": _DAY,  # 006 collected on
    "&*": _MOMENT,  # 007
    "=}": _DAY,  # 008 produced on
    "&}": _MOMENT,  # 009
    "=+": Structure(5, re.compile("[0-9]{5}")),  # 023 a compound message: how many follow, which message it is
    "=,": Structure(6, re.compile("(?!000000)[0-9A-Z]{6}")),  # 032 division of a product
    "=/": Structure(16, re.compile("[A-NP-Z0-9]{5}[0-9A-Z]{11}")),  # 034 processor and product
    "&,1": Structure(18, re.compile("[0-9A-Za-z]{18}")),  # 035 lot of a product of human origin
}
_KEYED = re.compile(f"=?({_FACILITY}) ?([0-9]{{2}}) ?([0-9]{{6}}) ?([0-9A-Z*]?)")
NAMES = frozenset(("=", "=/", "&,1"))


def check_character(din: str) -> str:
    """ISO/IEC 7064 mod 37-2 over the thirteen signs of a donation number: what stands beside it in a box."""
    return _ALPHABET[_check(din)]


def _check(din: str) -> int:
    total = 0
    for sign in din:
        total = (total + _ALPHABET.index(sign)) * 2 % 37
    return (38 - total) % 37


def is_isbt(body: str) -> bool:
    """Whether it begins as ISBT 128 does; without an identifier a donation number is typed, and begins with a letter."""
    return body[:1] in ("=", "&") or (body[:1].isalpha() and _KEYED.fullmatch(body) is not None)


def read(symbology: str | None, body: str) -> Identity:
    elements = _keyed(body) if symbology is None and _KEYED.fullmatch(body) else _structures(body)
    dates = {ai: _moment(ai, value) for ai, value in elements if STRUCTURES[ai].dated}
    at, day = dates.get("&>"), dates.get("=>")
    return Identity(symbology, elements, (at or day).date() if at or day else None, at)  # type: ignore[union-attr]


def _keyed(body: str) -> Elements:
    match = _KEYED.fullmatch(body)
    assert match is not None
    *parts, check = match.groups()
    din = "".join(parts)
    if not check:
        raise Refused("code_check_missing")
    if check != check_character(din):
        raise Refused("code_check_digit", ai="=", value=body)
    return (("=", f"{din}{60 + _check(din)}"),)


def _structures(body: str) -> Elements:
    """One structure behind the other; a count in front has to be right."""
    found: list[Element] = []
    at, count = 0, None
    while at < len(body):
        ai = _identifier(body, at)
        structure = STRUCTURES[ai]
        at += len(ai)
        value = body[at : at + structure.length]
        at += structure.length
        if len(value) < structure.length:
            raise Refused("code_length", ai=ai, value=value, low=structure.length, high=structure.length)
        if not structure.signs.fullmatch(value):
            raise Refused("code_characters", ai=ai, value=value)
        if any(ai == before for before, _ in found):
            raise Refused("code_ai_twice", ai=ai)
        if ai == "=+":
            if count is not None:
                raise Refused("code_ai_twice", ai=ai)
            if found:
                raise Refused("code_unreadable")  # it stands in front, or nowhere
            count = int(value[:2])
            continue
        if ai == "=":
            _flags(value)
        found.append((ai, value))
    if not found:
        raise Refused("code_unreadable")
    if count is not None and count != len(found):
        raise Refused("code_count", said=count, found=len(found))
    return tuple(found)


def _identifier(body: str, at: int) -> str:
    for length in (3, 2):
        if (ai := body[at : at + length]) in STRUCTURES and len(ai) == length:
            return ai
    if body[at : at + 1] == "=" and body[at + 1 : at + 2].isalnum():
        return "="
    raise Refused("code_structure_unknown") if body[at : at + 1] in ("=", "&") else Refused("code_unreadable")


def _flags(value: str) -> None:
    """60 and more say the check character of what stands before; 97 to 99 are nobody's."""
    flags = int(value[13:])
    if flags > 96:
        raise Refused("code_value", ai="=", value=value)
    if flags >= 60 and flags - 60 != _check(value[:13]):
        raise Refused("code_check_digit", ai="=", value=value)


def _moment(ai: str, value: str) -> datetime:
    """cyyjjj and hhmm: the last digits of the century, the year, the day of the year; without an hour midnight."""
    year = int(value[1:3]) + (1900 if value[0] == "9" else 2000 + 100 * int(value[0]))
    day, hour, minute = int(value[3:6]), int(value[6:8] or 0), int(value[8:10] or 0)
    if not (1 <= day <= 365 + isleap(year) and hour < 24 and minute < 60) or "1" < value[0] < "9":
        raise Refused("code_date", ai=ai, value=value)
    return datetime(year, 1, 1, hour, minute) + timedelta(days=day - 1)  # noqa: DTZ001 - the label's own time


def donation(din: str, flags: str = "00") -> str:
    """The donation's number as it stands in a symbol."""
    if not _DONATION.fullmatch(din):
        raise Refused("code_characters", ai="=", value=din)
    return f"={din}{flags}"


def day(ai: str, told: date) -> str:
    """A date as it stands in a symbol: `=>` expires, `=}` produced, `=*` collected."""
    century = "9" if told.year < 2000 else str((told.year - 2000) // 100)
    return f"{ai}{century}{told:%y%j}"
