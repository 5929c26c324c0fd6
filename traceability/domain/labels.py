"""What a label is, what a vial's says, and which sizes there are. How it is drawn is in `reports/labels.py`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from traceability.domain import codes, gs1

SMALLEST_PT = 5.0


PAPERS = ("A4", "Letter", "roll_203", "roll_300", "zpl_203", "zpl_300")
"""A sheet for cutting; a roll as PDF, a page a label, by the dots of its printer; a file for a Zebra printer."""


class Label(Protocol):
    """Anything that is labelled. Labels that share all but `serial` are laid out once."""

    @property
    def serial(self) -> str: ...

    @property
    def shared(self) -> Hashable: ...

    @property
    def group(self) -> str:
        """What stands at the foot of a sheet: the lot, the box, the place."""

    @property
    def demonstration(self) -> bool: ...

    def part(self, name: str) -> str:
        """One readable part, or nothing where this one has none; a space inside a code never breaks."""

    def codes(self, *, qr: bool) -> tuple[codes.Code, ...]:
        """The DataMatrix, and the QR where the layout has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VialLabel:
    """One vial as its label names it (R1, R13). Texts are printed as given; `strength` None is said so."""

    name: str
    volume_ul: int
    gtin: str
    lot: str
    expires: date
    serial: str
    storage: str
    maker: str
    route: str
    use: str = "for intra-articular use only"
    strength: str | None = None
    single_use: bool = True
    demonstration: bool = False
    domain: str = "https://id.gs1.org"

    @property
    def elements(self) -> gs1.Elements:
        return gs1.vial_elements(self.gtin, self.lot, self.expires, self.serial)

    @property
    def shared(self) -> Hashable:
        return (
            self.name, self.volume_ul, self.gtin, self.lot, self.expires, self.storage, self.maker, self.route,
            self.use, self.strength, self.single_use, self.demonstration,
        )  # fmt: skip

    @property
    def group(self) -> str:
        return self.lot

    def codes(self, *, qr: bool) -> tuple[codes.Code, ...]:
        elements = self.elements
        link = (codes.link_qr(gs1.digital_link(self.domain, elements)),) if qr else ()
        return (codes.datamatrix(elements), *link)

    def part(self, name: str) -> str:
        match name:
            case "volume":
                return f"{self.volume_ul / 1000:g}\xa0mL"
            case "strength":
                return self.strength or ""
            case "strength_or_not":
                return self.strength or "strength not stated"
            case "lot":
                return f"Lot\xa0{self.lot}"
            case "expires":
                return f"EXP\xa0{self.expires:%Y-%m-%d}"
            case "serial":
                return f"SN\xa0{self.serial}"
            case "gtin":
                return f"(01)\xa0{self.gtin}"
            case "single_use":
                return "single\xa0use" if self.single_use else ""
            case "demonstration":
                return "DEMO" if self.demonstration else ""
            case "name" | "storage" | "maker" | "route" | "use":
                return str(getattr(self, name))
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Line:
    """Parts printed together, in points; parts that are empty take their dot with them."""

    parts: tuple[str, ...]
    points: float = SMALLEST_PT
    bold: bool = False
    joint: str = " · "


@dataclass(frozen=True, slots=True)
class Layout:
    """One size of what it is `of`: width by height, the side of a module of each symbol, the lines from the top, in mm.

    A module is printed as whole dots of the device, the nearest number: 0.254 mm is 3 at 300 dpi and 2 at 203.
    """

    name: str
    width_mm: float
    height_mm: float
    lines: tuple[Line, ...]
    datamatrix_mm: float = 0.254
    qr_mm: float | None = None
    of: str = "vial"
    edge_mm: float = 0.5
    """White at every side: a cut may be this far off."""


def bold(*parts: str, points: float = SMALLEST_PT) -> Line:
    return Line(parts, points, bold=True, joint=" ")


_VIAL_10X20 = (bold("name"), bold("lot"), bold("expires"), bold("serial", "demonstration"))
_VIAL_16X30 = (
    Line(("name", "volume"), bold=True),
    Line(("use",)),
    bold("lot"),
    bold("expires"),
    bold("serial"),
    Line(("strength",)),
    bold("demonstration"),
)


def _full(name: float, codes: float, text: float) -> tuple[Line, ...]:
    """The full label of R13, by the size of its name, of lot, expiry and serial, and of the rest."""
    return (
        bold("name", points=name),
        Line(("volume", "strength_or_not"), text),
        Line(("use",), text),
        *(bold(part, points=codes) for part in ("lot", "expires", "serial")),
        Line(("gtin", "demonstration"), text),
        Line(("storage", "single_use"), text),
        Line(("maker",), text),
        Line(("route",), text),
    )


LAYOUTS: Mapping[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout("vial_10x20", 20, 10, _VIAL_10X20),
        Layout("vial_16x30", 30, 16, _VIAL_16X30, qr_mm=0.254),
        Layout("vial_38x21", 38, 21, _full(6.5, 6, 5), qr_mm=0.254),
        Layout("vial_50x30", 50, 30, _full(8, 6.5, 6), datamatrix_mm=0.3387, qr_mm=0.3387),
        Layout("carton_90x60", 90, 60, _full(11, 8, 7.5), datamatrix_mm=0.508, qr_mm=0.508, edge_mm=1.5),
    )
}
