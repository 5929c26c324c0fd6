"""A printer that knows the part of ZPL II that we send: text in, one-bit pictures out. Anything else is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import zxingcpp
from PIL import Image

from traceability.domain.gs1 import GS

COMMAND = re.compile(r"([\^~])(XA|XZ|CI|LH|PW|LL|FO|XG|GFA|BX|FD|FS|PQ|DG|ID)([^\^~]*)")


@dataclass
class Printed:
    image: Image.Image
    fields: list[str] = field(default_factory=list)
    """Data of `^BX`, as the scanner will say it: FNC1 between is GS."""


@dataclass
class Zebra:
    graphics: dict[str, Image.Image] = field(default_factory=dict)
    printed: list[Printed] = field(default_factory=list)

    def take(self, told: str) -> list[Printed]:
        told = told.replace("\n", "")
        assert "".join(found.group(0) for found in COMMAND.finditer(told)) == told, (
            "a command that this printer has not"
        )
        here = sign = None
        at, width, bars, data = (0, 0), 0, None, None
        for _, name, rest in COMMAND.findall(told):
            if name == "DG":
                place, rest = rest.split(",", 1)
                self.graphics[place] = picture(rest)
            elif name == "PW":
                width = int(rest)
            elif name == "LL":
                here = Printed(Image.new("L", (width, int(rest)), 255))
            elif name == "FO":
                at = tuple(map(int, rest.split(",")))
            elif name == "XG":
                sign = self.graphics[rest.split(",")[0]]
            elif name == "GFA":
                sent, rest = rest.removeprefix(",").split(",", 1)
                assert sent == rest.split(",")[0]
                sign = picture(rest)
            elif name == "BX":
                bars = rest.split(",")
            elif name == "FD":
                data = rest
            elif name == "FS" and bars is not None:
                text = elements(data, bars[6])
                here.fields.append(text)
                sign, bars = datamatrix(text, int(bars[1]), int(bars[3])), None
            elif name == "ID":
                del self.graphics[rest]
            elif name == "XZ" and here is not None:
                self.printed.append(here)
                here = None
            if sign is not None and here is not None:
                here.image.paste(0, at, sign.point(lambda level: 255 - level))
                sign = None
        return self.printed


def picture(told: str) -> Image.Image:
    total, wide, data = told.split(",", 2)
    digits, rows, row = 2 * int(wide), [], ""
    for char in data:
        if char == ":":
            rows.append(rows[-1])
            continue
        row = row.ljust(digits, "0") if char == "," else row + char
        if len(row) == digits:
            rows.append(row)
            row = ""
    assert not row
    assert len(rows) * int(wide) == int(total)
    black = Image.frombytes("1", (8 * int(wide), len(rows)), bytes.fromhex("".join(rows)))
    return black.convert("L").point(lambda level: 255 - level)


def elements(data: str, escape: str) -> str:
    assert data.startswith(f"{escape}1"), "no GS1 DataMatrix without FNC1 in front"
    return re.sub(f"{escape}(.)", lambda found: GS if found[1] == "1" else found[1], data)[1:]


def datamatrix(text: str, dots: int, side: int) -> Image.Image:
    """By zxing: a printer's encoder may choose other codewords, and comes out at the same size (`zpl.certain`)."""
    bracketed, rest = "", text
    while rest:
        ai = next(rest[:n] for n in (2, 3, 4) if rest[:n] in AIS)
        length = AIS[ai]
        value, rest = (
            (rest[len(ai) :][:length], rest[len(ai) + length :]) if length else rest[len(ai) :].partition(GS)[::2]
        )
        bracketed += f"[{ai}]{value}"
    symbol = zxingcpp.create_barcode(bracketed, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
    image = Image.fromarray(zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False))
    assert image.size == (side, side)
    return image.convert("L").resize((side * dots, side * dots), Image.Resampling.NEAREST)


AIS = {"00": 18, "01": 14, "02": 14, "17": 6, "414": 13, "10": 0, "21": 0, "37": 0, "254": 0, "4331": 0, "4333": 0, "8004": 0,
       "8017": 0, "8018": 0, "8019": 0}  # fmt: skip
"""Length of the value, 0 where a separator ends it."""
