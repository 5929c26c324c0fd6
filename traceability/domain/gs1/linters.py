"""What a part of a value has to be beside its length and signs: the linters that the GS1 Syntax Dictionary names.

One function a linter, True where the part is right. Dates are looked at in the window of years around today (R4).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from traceability.domain.gs1 import lists
from traceability.domain.gs1.coupons import coupon, positive_offer

CSET_82 = frozenset("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_ORDER_82 = {sign: place for place, sign in enumerate(sorted(CSET_82))}
_CSET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = tuple(n for n in range(2, 510) if all(n % d for d in range(2, int(n**0.5) + 1)))
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{7,30}")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


# ------------------------------------------------------------------------------------------------------ check digits


def check_digit(body: str) -> str:
    """The mod 10 check digit that follows the digits `body` (GTIN, SSCC, GLN, GSRN)."""
    return str(-_weighed(body) % 10)


def _weighed(body: str) -> int:
    signs = body.encode()
    threes, ones = signs[::-2], signs[-2::-2]
    return sum(threes) * 3 + sum(ones) - 48 * (3 * len(threes) + len(ones))


def mod_10(value: str) -> bool:
    return -_weighed(value[:-1]) % 10 == ord(value[-1]) - 48


def check_pair(body: str) -> str:
    """The two check characters of GS1's alphanumeric keys: any one changed sign of CSET 82 changes them."""
    total = sum(_ORDER_82[sign] * prime for sign, prime in zip(reversed(body), _PRIMES, strict=False)) % 1021
    return _CSET_32[total >> 5] + _CSET_32[total & 31]


def ends_in_check_pair(value: str) -> bool:
    return len(value) >= 2 and check_pair(value[:-2]) == value[-2:]


def iban(value: str) -> bool:
    if not _IBAN.fullmatch(value) or value[:2] not in lists.COUNTRY_LETTERS:
        return False
    return int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


# ------------------------------------------------------------------------------------------------------------- dates


def year_of(two: int, today: date) -> int:
    """The whole year of two digits: at most 50 years ahead, at most 49 back (R4)."""
    ahead = two - today.year % 100
    return today.year // 100 * 100 + two + (-100 if ahead >= 51 else 100 if ahead <= -50 else 0)


@lru_cache(maxsize=4096)
def day_of(yymmdd: str, today: date) -> date | None:
    """The day; day 00 is the last of its month. None: there is no such day."""
    year, month, day = year_of(int(yymmdd[:2]), today), int(yymmdd[2:4]), int(yymmdd[4:])
    if not 1 <= month <= 12 or day > monthrange(year, month)[1]:
        return None
    return date(year, month, day or monthrange(year, month)[1])


def longest_month(month: str) -> str:
    """How many days a month has at most, as two digits."""
    return f"{monthrange(2000, int(month))[1]:02}"


def _day_of_a_life(value: str, _today: date) -> bool:
    year, month, day = int(value[:4]), int(value[4:6]), int(value[6:])
    return 1 <= month <= 12 and 1 <= day <= monthrange(year or 4, month)[1]


def _hour_and_minute(value: str) -> bool:
    return value[:2] < "24" and value[2:] < "60"


# ----------------------------------------------------------------------------------------------------- numbers, texts


def _piece_of_total(value: str) -> bool:
    half = len(value) // 2
    return 0 < int(value[:half]) <= int(value[half:])


def _position_in_sequence(value: str) -> bool:
    match = re.fullmatch(r"([1-9][0-9]*)/([1-9][0-9]*)", value)
    return match is not None and int(match[1]) <= int(match[2])


def _base_64(value: str) -> bool:
    """Padding is optional; where it stands, GS1's own linter wants the whole in threes."""
    return len(value) - len(value.rstrip("=")) <= (2 if len(value) % 3 == 0 else 0) and value.rstrip("=") != ""


class Linter(NamedTuple):
    """How a part is looked at, and what it is called where it is wrong."""

    holds: Callable[[str], bool]
    code: str


class DateLinter(NamedTuple):
    holds: Callable[[str, date], bool]
    code: str = "code_date"


LINTERS: Mapping[str, Linter | DateLinter] = {
    "csum": Linter(mod_10, "code_check_digit"),
    "csumalpha": Linter(ends_in_check_pair, "code_check_digit"),
    "iban": Linter(iban, "code_check_digit"),
    "yymmd0": DateLinter(lambda value, today: day_of(value, today) is not None),
    "yymmdd": DateLinter(lambda value, today: value[4:] != "00" and day_of(value, today) is not None),
    "yyyymmdd": DateLinter(_day_of_a_life),
    "hh": Linter(lambda value: value < "24", "code_date"),
    "hhmi": Linter(_hour_and_minute, "code_date"),
    "mi": Linter(lambda value: value < "60", "code_date"),
    "ss": Linter(lambda value: value < "60", "code_date"),
    "gcppos1": Linter(lambda value: value[:4].isdigit() and len(value) >= 4, "code_prefix"),
    "gcppos2": Linter(lambda value: value[1:5].isdigit() and len(value) >= 5, "code_prefix"),
    "iso3166": Linter(lambda value: value in lists.COUNTRIES, "code_not_listed"),
    "iso3166999": Linter(lambda value: value == "999" or value in lists.COUNTRIES, "code_not_listed"),
    "iso3166alpha2": Linter(lambda value: value in lists.COUNTRY_LETTERS, "code_not_listed"),
    "iso4217": Linter(lambda value: value in lists.CURRENCIES, "code_not_listed"),
    "iso5218": Linter(lambda value: value in "0129", "code_not_listed"),
    "mediatype": Linter(lambda value: value in lists.MEDIA, "code_not_listed"),
    "packagetype": Linter(lambda value: value in lists.PACKAGES, "code_not_listed"),
    "winding": Linter(lambda value: value in "019", "code_not_listed"),
    "yesno": Linter(lambda value: value in "01", "code_not_listed"),
    "importeridx": Linter(lambda value: re.fullmatch(r"[-0-9A-Z_a-z]", value) is not None, "code_characters"),
    "hyphen": Linter(lambda value: value.strip("-") == "", "code_characters"),
    "pcenc": Linter(lambda value: _BAD_ESCAPE.search(value) is None, "code_characters"),
    "hasnondigit": Linter(lambda value: not value.isdigit(), "code_characters"),
    "cset64": Linter(_base_64, "code_characters"),
    "latitude": Linter(lambda value: value <= "1800000000", "code_value"),
    "longitude": Linter(lambda value: value <= "3600000000", "code_value"),
    "nonzero": Linter(lambda value: value.strip("0") != "", "code_value"),
    "nozeroprefix": Linter(lambda value: value[0] != "0", "code_value"),
    "zero": Linter(lambda value: value.strip("0") == "", "code_value"),
    "pieceoftotal": Linter(_piece_of_total, "code_value"),
    "posinseqslash": Linter(_position_in_sequence, "code_value"),
    "couponcode": Linter(coupon, "code_value"),
    "couponposoffer": Linter(positive_offer, "code_value"),
}
