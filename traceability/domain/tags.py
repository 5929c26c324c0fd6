"""Labels of what has no serial of a maker: boxes, freezers, places, people, such a vial, and the scanner's self-test."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from traceability.domain import codes, gs1, own_codes, selftest
from traceability.domain.codes import Code, Elements
from traceability.domain.errors import Refused
from traceability.domain.labels import LAYOUTS, Layout, Line, bold

COLDEST_MC, WARMEST_MC = -9_999_990, 9_999_990


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """`serial` is the number by which it is known; `parts` is what a person reads, every encoded element among it."""

    serial: str
    parts: tuple[tuple[str, str], ...]
    datamatrix: Code
    qr: Code | None = None
    demonstration: bool = False

    @property
    def shared(self) -> Hashable:
        return self.serial, self.parts, self.demonstration

    @property
    def group(self) -> str:
        return self.serial

    def part(self, name: str) -> str:
        if name == "demonstration":
            return "DEMO" if self.demonstration else ""
        return dict(self.parts)[name]

    def codes(self, *, qr: bool) -> tuple[Code, ...]:
        return (self.datamatrix, self.qr) if qr and self.qr else (self.datamatrix,)

    @classmethod
    def of(cls, serial: str, elements: Elements, qr: Code | None = None, *, demonstration: bool = False,
           **parts: str) -> Self:  # fmt: skip
        return cls(
            serial=serial, parts=tuple(parts.items()), datamatrix=codes.datamatrix(elements), qr=qr, demonstration=demonstration
        )  # fmt: skip


# -------------------------------------------------------------------------------------------------- boxes on their way


def shipper(
    sscc: str, *, low_mc: int, high_mc: int, sender: str, receiver: str, name: str, gtin: str | None = None, count: int = 0,
    lot: str | None = None, expires: date | None = None, demonstration: bool = False,
) -> Tag:  # fmt: skip
    """SSCC, what is in the box and how cold it stays (R8). More than one product: SSCC and temperatures alone."""
    elements: list[gs1.Element] = [("00", gs1_number("00", sscc, 18))]
    contents = gtin is not None and count > 0
    if gtin is not None and contents:
        elements += [("02", gs1_number("02", gtin, 14)), ("37", str(count))]
        elements += [("17", f"{expires:%y%m%d}")] if expires else []
        elements += [("10", lot)] if lot else []
    elements += [("4333", hundredths(low_mc)), ("4331", hundredths(high_mc))]
    return Tag.of(
        sscc, tuple(elements), demonstration=demonstration, name=name, sender=sender, receiver=receiver,
        sscc=f"(00)\xa0{sscc}", contents=f"(02)\xa0{gtin} (37)\xa0{count}" if contents else "contents: see the list",
        lot=f"Lot\xa0{lot}" if contents and lot else "", expires=f"EXP\xa0{expires:%Y-%m-%d}" if contents and expires else "",
        low=f"(4333)\xa0min\xa0{celsius(low_mc)}\xa0°C", high=f"(4331)\xa0max\xa0{celsius(high_mc)}\xa0°C",
    )  # fmt: skip


def hundredths(temperature_mc: int) -> str:
    """N6 [X1]: hundredths of a degree, a hyphen after those below zero (AIs 4330 to 4333). Refuses what is finer."""
    whole, rest = divmod(abs(temperature_mc), 10)
    if rest or not COLDEST_MC <= temperature_mc <= WARMEST_MC:
        raise Refused("label_temperature", temperature_mc=temperature_mc)
    return f"{whole:06d}" + ("-" if temperature_mc < 0 else "")


def celsius(temperature_mc: int) -> str:
    return f"{Decimal(temperature_mc) / 1000:f}".replace("-", "−")


# ------------------------------------------------------------------------------------------- what stands in the house


def asset(giai: str, *, name: str, site: str, low_mc: int | None = None, high_mc: int | None = None,
          demonstration: bool = False) -> Tag:  # fmt: skip
    """A freezer or a logger, by its GIAI (8004)."""
    span = f"{celsius(low_mc)} to {celsius(high_mc)} °C" if low_mc is not None and high_mc is not None else ""
    elements = (("8004", lettered("8004", giai, 30)),)
    return Tag.of(
        giai, elements, demonstration=demonstration, name=name, site=site, giai=f"(8004)\xa0{giai}", span=span
    )


def place(code: str, *, name: str, site: str, gln: str | None, quarantine: bool = False,
          demonstration: bool = False) -> Tag:  # fmt: skip
    """A shelf, a freezer, a room: its site's GLN with its own code (414, 254); without GLN a code of this system (`STP.`)."""
    parts = {"name": name, "site": site, "code": code, "quarantine": "QUARANTINE" if quarantine else ""}
    if gln is None:
        own = own_codes.written("place", code)
        return _plain(code, own, parts | {"gln": own}, demonstration=demonstration)
    elements = (("414", gs1_number("414", gln, 13)), ("254", lettered("254", code, 20)))
    parts["gln"] = f"(414)\xa0{gln} (254)\xa0{code}"
    return Tag.of(code, elements, None, demonstration=demonstration, **parts)


# ------------------------------------------------------------------------------------------------------------- people


BADGE_SIGNS = 12


def badge(person_id: str, *, name: str, role: str, organisation: str, demonstration: bool = False) -> Tag:
    """Who works here, by a code of this system (`STB.`) made of the record's own id. The name is printed, not encoded (R9)."""
    number = person_id[-BADGE_SIGNS:].upper()  # the part of an id that is random: 48 bits, and says nothing of anybody
    own = own_codes.written("badge", number)
    parts = {"name": name, "role": role, "organisation": organisation, "code": own}
    return _plain(number, own, parts, demonstration=demonstration)


def _plain(serial: str, text: str, parts: Mapping[str, str], *, demonstration: bool) -> Tag:
    """A label whose code is none of GS1's."""
    told = codes.plain("datamatrix", text)
    return Tag(serial=serial, parts=tuple(parts.items()), datamatrix=told, demonstration=demonstration)


def wristband(pseudonym: str, *, demonstration: bool = False) -> Tag:
    """Who is treated, by a code of this system (`STW.`) that says the pseudonym: no name, no number of the house (R9)."""
    own = own_codes.written("wristband", pseudonym)
    return _plain(pseudonym, own, {"pseudonym": pseudonym, "code": own, "instance": ""}, demonstration=demonstration)


def wristband_of(gsrn: str, *, instance: str = "", pseudonym: str, demonstration: bool = False) -> Tag:
    """The patient's GSRN and its service instance (8018, 8019): no name, no number of the house, nothing else (R8, R9)."""
    elements: Elements = (("8018", gs1_number("8018", gsrn, 18)),)
    if instance:
        if not (instance.isascii() and instance.isdigit() and len(instance) <= 10):
            raise Refused("code_length", ai="8019", low=1, high=10)
        elements += (("8019", instance),)
    return Tag.of(
        gsrn, elements, demonstration=demonstration, pseudonym=pseudonym, code=f"(8018)\xa0{gsrn}",
        instance=f"(8019)\xa0{instance}" if instance else "",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------ a vial without its serial


def giai(gln: str, own: str) -> str:
    """The number of a vial that came without serial: the site's own, never a serial of the maker's.

    The body of the GLN begins with the site's company prefix, so with `own` behind it no other house can make the same.
    """
    return lettered("8004", gs1_number("414", gln, 13)[:-1] + own, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverLabel:
    """What is stuck on such a vial: `giai` ends in `serial`, the number that screens and lists name the vial by."""

    serial: str
    giai: str
    name: str
    lot: str
    expires: date
    demonstration: bool = False

    @property
    def shared(self) -> Hashable:
        return self.name, self.lot, self.expires, self.demonstration, self.giai.removesuffix(self.serial)

    @property
    def group(self) -> str:
        return self.lot

    def codes(self, *, qr: bool) -> tuple[Code, ...]:  # noqa: ARG002 - the DataMatrix alone: no phone opens a GIAI
        return (codes.datamatrix((("8004", lettered("8004", self.giai, 30)),)),)

    def part(self, name: str) -> str:
        match name:
            case "lot":
                return f"Lot\xa0{self.lot}"
            case "expires":
                return f"EXP\xa0{self.expires:%Y-%m-%d}"
            case "body":
                return f"(8004)\xa0{self.giai.removesuffix(self.serial)}"
            case "serial":
                return self.serial
            case "demonstration":
                return "DEMO" if self.demonstration else ""
            case "name":
                return self.name
        raise KeyError(name)


# --------------------------------------------------------------------------------------------- the scanner's self-test


def self_test() -> Tag:
    """One sheet, two codes: what `selftest.judge` compares a scan with."""
    matrix, square = selftest.DATAMATRIX, selftest.QR
    letters = " · ".join(dict(symbol.elements)["21"] for symbol in selftest.SYMBOLS)
    return Tag.of(
        "SELF-TEST", matrix.elements, codes.gs1_qr(square.elements), title="Scanner self-test",
        first=f"upper code: DataMatrix {matrix.symbology}", second=f"lower code: QR {square.symbology}",
        told="no medicine, no patient: for setting up a scanner", signs=f"(10)\xa0{selftest.LOT}", letters=f"(21)\xa0{letters}",
        gtin=f"(01)\xa0{selftest.GTIN}",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- what is checked


def gs1_number(ai: str, value: str, length: int) -> str:
    """All digits, of this length, its last the check digit."""
    if not (value.isascii() and value.isdigit()):
        raise Refused("code_characters", ai=ai)
    if len(value) != length:
        raise Refused("code_length", ai=ai, low=length, high=length)
    if gs1.check_digit(value[:-1]) != value[-1]:
        raise Refused("code_check_digit", ai=ai)
    return value


def lettered(ai: str, value: str, most: int) -> str:
    if not 0 < len(value) <= most:
        raise Refused("code_length", ai=ai, low=1, high=most)
    if not gs1.CSET_82.issuperset(value):
        raise Refused("code_characters", ai=ai)
    return value


OVERLABEL = "overlabel_16x30"
TAGS: Mapping[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(
            OVERLABEL, 30, 16,
            (bold("name"), bold("lot"), bold("expires"), Line(("body",)), bold("serial", "demonstration", points=6)), of="overlabel",
        ),
        Layout(
            "shipper_105x148", 105, 148,
            (
                bold("name", points=18), Line(("sender",), 12), bold("receiver", points=14), bold("lot", "expires", points=16),
                Line(("contents",), 12), bold("low", points=16), bold("high", points=16), Line(("sscc",), 14),
                bold("demonstration", points=12),
            ), datamatrix_mm=1.0, of="shipper", edge_mm=4,
        ),
        Layout(
            "asset_16x30", 30, 16, (bold("name", points=6), Line(("site",)), Line(("giai", "demonstration"))), of="asset",
        ),
        Layout(
            "asset_70x40", 70, 40,
            (bold("name", points=16), Line(("site",), 9), Line(("span",), 11), Line(("giai", "demonstration"), 9)),
            datamatrix_mm=0.889, of="asset", edge_mm=1.5,
        ),
        Layout(
            "place_70x40", 70, 40,
            (
                bold("name", points=14), bold("code", points=18), bold("quarantine", points=14), Line(("site",), 9),
                Line(("gln", "demonstration"), 8),
            ), datamatrix_mm=0.762, of="place", edge_mm=1.5,
        ),
        Layout(
            "place_50x30", 50, 30,
            (
                bold("name", points=9), bold("code", points=10), bold("quarantine", points=9), Line(("site",), 6),
                Line(("gln", "demonstration"), 6),
            ),
            datamatrix_mm=0.508, of="place", edge_mm=1,
        ),
        Layout(
            "badge_86x54", 86, 54,
            (bold("name", points=16), Line(("role",), 11), Line(("organisation",), 9), Line(("code", "demonstration"), 8)),
            datamatrix_mm=0.762, of="badge", edge_mm=3,
        ),
        Layout(
            "wristband_60x25", 60, 25,
            (bold("pseudonym", points=12), Line(("code",), 7), Line(("instance", "demonstration"), 7)), datamatrix_mm=0.508,
            of="wristband", edge_mm=1,
        ),
        Layout(
            "self_test_90x60", 90, 60,
            (
                bold("title", points=12), Line(("first",), 8), Line(("second",), 8), Line(("gtin",), 7), Line(("signs",), 7),
                Line(("letters",), 7), Line(("told",), 7),
            ), datamatrix_mm=0.508, qr_mm=0.508, of="self_test", edge_mm=2,
        ),
    )
}  # fmt: skip
"""Sizes of these, by name; a vial's are `LAYOUTS`."""


def sizes(of: str) -> Sequence[str]:
    """The layouts of one kind of thing, the usual first."""
    return [layout.name for layout in TAGS.values() if layout.of == of]


VIALS: Mapping[str, Layout] = {**LAYOUTS, OVERLABEL: TAGS[OVERLABEL]}
"""Sizes of labels that are stuck on vials: with the maker's serial, or over it with the hospital's own number."""
EVERY: Mapping[str, Layout] = {**LAYOUTS, **TAGS}
