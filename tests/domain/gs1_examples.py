"""A value that is right for every application identifier of the GS1 Syntax Dictionary, and codes in which each may stand."""

from __future__ import annotations

from functools import cache

from traceability.domain import gs1
from traceability.domain.gs1.linters import check_digit, check_pair
from traceability.domain.gs1.rows import Part
from traceability.domain.gs1.rules import standing

RIGHT = {
    "yymmd0": "270831", "yymmdd": "270831", "yyyymmdd": "19690503", "hh": "09", "hhmi": "0930", "mi": "30", "ss": "15",
    "iso3166": "360", "iso3166999": "999", "iso3166alpha2": "ID", "iso4217": "360", "iso5218": "2", "mediatype": "01",
    "packagetype": "BX", "winding": "9", "yesno": "1", "importeridx": "_", "hyphen": "-", "pcenc": "A%20b",
    "latitude": "0981234567", "longitude": "2912345678", "nozeroprefix": "12", "zero": "0", "pieceoftotal": "0203",
    "posinseqslash": "1/3", "couponcode": "106141416543213500110000310123196000", "couponposoffer": "001234561234560123456",
    "iban": "DE91100000000123456789",
}  # fmt: skip
WRONG = {
    "csum": ("code_check_digit", None), "csumalpha": ("code_check_digit", None),
    "yymmd0": ("code_date", ("271301", "270001", "270230", "270432", "270229")),
    "yymmdd": ("code_date", ("271301", "270230", "270200", "270431")),
    "yyyymmdd": ("code_date", ("19691301", "19690500", "19690230", "19000229")),
    "hh": ("code_date", ("24", "99")), "hhmi": ("code_date", ("2400", "0960", "9999")), "mi": ("code_date", ("60",)),
    "ss": ("code_date", ("60", "99")),
    "iso3166": ("code_not_listed", ("000", "999", "001")), "iso3166999": ("code_not_listed", ("000", "998")),
    "iso3166alpha2": ("code_not_listed", ("XX", "id", "00")), "iso4217": ("code_not_listed", ("000", "001")),
    "iso5218": ("code_not_listed", ("3", "8")), "mediatype": ("code_not_listed", ("00", "11", "79")),
    "packagetype": ("code_not_listed", ("XX", "bx", "ZZZ")), "winding": ("code_not_listed", ("2", "8")),
    "yesno": ("code_not_listed", ("2", "9")), "importeridx": ("code_characters", ("!", "/")),
    "hyphen": ("code_characters", ("A", "0")), "pcenc": ("code_characters", ("A%", "%2", "%G0", "A%2x")),
    "hasnondigit": ("code_characters", None), "cset64": ("code_characters", ("QUJD=", "QU===", "=")),
    "latitude": ("code_value", ("1800000001", "9999999999")), "longitude": ("code_value", ("3600000001",)),
    "nonzero": ("code_value", None), "nozeroprefix": ("code_value", ("012", "0")), "zero": ("code_value", ("1", "9")),
    "pieceoftotal": ("code_value", ("0001", "0100", "0302")),
    "posinseqslash": ("code_value", ("0/3", "1/0", "3/2", "1-3", "/12", "12/")),
    "couponcode": ("code_value", ("7061414165432135001100003", "1061414165432135", "106141416543213500110000310123196002",
                                  "10614141654321350011000031002301", "1061414165432135001100009600011", "A0614141654321350")),
    "couponposoffer": ("code_value", ("201234561234560123456", "0012345612345601234", "00123456123456012345678")),
    "iban": ("code_check_digit", ("DE91100000000123456788", "XX91100000000123456789", "DE9110000000012345678!", "DE91")),
    "gcppos1": ("code_prefix", ("952A1", "A9521", "952")),
}  # fmt: skip
"""By linter: the code of its refusal, and parts that it refuses; None where that takes a calculation."""


def part(one: Part) -> str:
    """A part that every linter of it lets through."""
    linters = set(one.linters)
    if "csum" in linters:
        body = "0952123454321095212345"[: one.low - 1]
        return body + check_digit(body)
    if "csumalpha" in linters:
        return "9500234A" + check_pair("9500234A")
    named = [RIGHT[name] for name in one.linters if name in RIGHT]
    if named:
        return named[0]
    if "nonzero" in linters:
        return "1".zfill(one.low)
    plain = {"N": "1234567890", "X": "9500A-b_(", "Y": "9500-A#/", "Z": "QUJD-_"}[one.kind]
    return (plain * 10)[: max(one.low, min(one.high, len(plain)))]


@cache
def value(ai: str) -> str:
    return "".join(part(one) for one in gs1.AIS[ai].parts)


@cache
def message(ai: str) -> gs1.Elements:
    """A code in which this identifier may stand: with what it needs, and no more."""
    found = _completed((ai,))
    assert found is not None, ai
    return tuple((one, value(one)) for one in found)


def _completed(ais: tuple[str, ...]) -> tuple[str, ...] | None:
    refused = standing(ais)
    if refused is None:
        return ais
    if refused.code != "code_ai_missing" or len(ais) > 6:
        return None
    for need in gs1.AIS[str(refused.values["ai"])].needs:
        for group in need:
            added = tuple(min(one) for one in group if not one & set(ais))
            if added and (found := _completed((*ais, *added))):
                return found
    return None
