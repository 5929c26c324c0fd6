"""Labels as a file for Zebra printers (ZPL II): what the printer does itself, and what it is given as dots.

Words are dots: a printer prints nothing for a letter its fonts have not, and its fonts are not as wide as ours; so what was
found to fit is what is printed. The DataMatrix is the printer's own (`^BX`) where every encoder makes the size that was laid
out; else, and a QR always, it is dots: of `^BQ` neither size nor place are ours to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from PIL import Image, ImageDraw, ImageFont

from reports import fonts, symbols
from reports.fitting import MARK, Box, Drawing, Fitter, Run, dots
from traceability.domain.codes import Code
from traceability.domain.gs1 import GS
from traceability.domain.labels import Label, Layout

ESCAPE = "_"
CAPACITY = {
    10: 3,
    12: 5,
    14: 8,
    16: 12,
    18: 18,
    20: 22,
    22: 30,
    24: 36,
    26: 44,
    32: 62,
    36: 86,
    40: 114,
    44: 144,
    48: 174,
}
"""Data codewords of a square DataMatrix, by its modules a side (ISO/IEC 16022, table 7)."""
_INK = 128
_FILES = {fonts.REGULAR: "Inter-Regular.ttf", fonts.BOLD: "Inter-Bold.ttf"}


def roll(
    out: TextIO, labels: Iterable[Label], size: Layout, *, dpi: int, progress: Callable[[int], None] | None = None
) -> int:
    """`roll_steps` to the end; gives how many there are. `progress` hears how many are drawn."""
    done = 0
    for done in roll_steps(out, labels, size, dpi=dpi):
        if progress:
            progress(done)
    return done


def roll_steps(out: TextIO, labels: Iterable[Label], size: Layout, *, dpi: int) -> Iterator[int]:
    """A format a label, in order, told by the hundred. What labels of one lot have in common is sent once and recalled.

    Refuses as `reports.labels.roll_steps` does. The graphics are taken off the printer at the end.
    """
    drawn, done = _Printer(out, size, dpi), 0
    for done, label in enumerate(labels, 1):
        drawn.label(label)
        if done % 100 == 0:
            yield done
    drawn.close()
    yield done


class _Printer:
    def __init__(self, out: TextIO, size: Layout, dpi: int) -> None:
        self.out, self.size, self.dpi = out, size, dpi
        self.fitter = Fitter(size, dpi)
        self.width, self.height = dots(size.width_mm, dpi), dots(size.height_mm, dpi)
        self._common: dict[int, tuple[Drawing, str]] = {}

    def label(self, label: Label) -> None:
        drawing, masks = self.fitter.fit(label)
        known = self._common.get(id(drawing))
        if known is None:
            known = self._common[id(drawing)] = (drawing, self._send(drawing))
        told = [f"^XA^CI28^LH0,0^PW{self.width}^LL{self.height}^FO0,0^XGR:{known[1]},1,1^FS"]
        told += [self._serial(run, label.serial) for run in drawing.runs if MARK in run.text]
        coded = {code.form: code for code in label.codes(qr=self.size.qr_mm is not None)}
        told += [_symbol(box, coded[box.form], masks, self.dpi) for box in drawing.boxes]
        self.out.write("\n".join([*told, "^PQ1,0,1,Y^XZ\n"]))

    def close(self) -> None:
        for _, name in self._common.values():
            self.out.write(f"^XA^IDR:{name}^FS^XZ\n")

    def _send(self, drawing: Drawing) -> str:
        """The words that do not change, as a graphic in the printer's memory."""
        image = Image.new("L", (self.width, self.height), 255)
        for run in drawing.runs:
            if MARK not in run.text:
                self._write(image, run, run.text, self._pixels(run.baseline))
        name = f"L{len(self._common) + 1}.GRF"
        self.out.write(f"~DGR:{name},{_graphic(image)}\n")
        return name

    def _serial(self, run: Run, serial: str) -> str:
        """The line with the serial, as a strip of dots."""
        rise = self._pixels(run.points)
        strip = Image.new("L", (self.width, rise + self._pixels(run.points * 0.3)), 255)
        self._write(strip, run, run.text.replace(MARK, serial), rise)
        right = strip.point(lambda level: 255 - level).getbbox()
        strip = strip.crop((0, 0, right[2] if right else 1, strip.height))
        return f"^FO0,{max(0, self._pixels(run.baseline) - rise)}^GFA,{_sized(strip)}^FS"

    def _write(self, image: Image.Image, run: Run, text: str, baseline: int) -> None:
        """Sign by sign where it was laid out: hinting would round each advance, and long lines would grow."""
        draw, font = ImageDraw.Draw(image), _font(run.font, run.points * self.dpi / 72)
        left = self.size.edge_mm / 25.4 * 72
        for at, char in enumerate(text):
            reached = (left + fonts.width(text[:at], run.font, run.points)) * self.dpi / 72
            draw.text((reached, baseline), char, 0, font, "ls")

    def _pixels(self, points: float) -> int:
        return round(points * self.dpi / 72)


def _font(name: str, pixels: float) -> ImageFont.FreeTypeFont:
    path = Path(fonts.__file__).parent / _FILES[name]
    return ImageFont.truetype(str(path), pixels, layout_engine=ImageFont.Layout.BASIC)


def _symbol(box: Box, code: Code, masks: Mapping[str, symbols.Mask], dpi: int) -> str:
    at = f"^FO{round(box.left * dpi / 72)},{round(box.top * dpi / 72)}"
    mask = masks[box.form]
    if box.form == "datamatrix" and code.gs1 and certain(code, mask.side):
        return f"{at}^BXN,{box.dots},200,{mask.side},{mask.side},,{ESCAPE},1^FD{field(code)}^FS"
    side = mask.side * box.dots
    image = (
        Image.frombytes("1", (mask.side, mask.side), mask.packed)
        .convert("L")
        .resize((side, side), Image.Resampling.NEAREST)
    )
    return f"{at}^GFA,{_sized(image)}^FS"


def field(code: Code) -> str:
    """The element string as `^BX` takes it: FNC1 in front and between is `_1`, the escape itself twice."""
    return f"{ESCAPE}1" + code.reads[3:].replace(ESCAPE, ESCAPE * 2).replace(GS, f"{ESCAPE}1")


def certain(code: Code, side: int) -> bool:
    """Whether even the plainest encoder, two digits a codeword and else one, comes out at this size: then every one does."""
    text, words, at = code.reads[3:], 1, 0
    while at < len(text):
        at += 2 if text[at : at + 2].isdigit() and len(text[at : at + 2]) == 2 else 1
        words += 1
    return words <= CAPACITY.get(side, 0)


def _sized(image: Image.Image) -> str:
    """Of `^GF`: bytes sent, bytes of the picture, bytes a row, picture."""
    total = (image.width + 7) // 8 * image.height
    return f"{total},{_graphic(image)}"


def _graphic(image: Image.Image) -> str:
    """Bytes of the picture, bytes a row, and rows in hexadecimal; zeros to the end of a row are a comma, a row as before a colon."""
    wide = (image.width + 7) // 8
    black = image.point(lambda level: 255 * (level < _INK)).convert("1", dither=Image.Dither.NONE).tobytes()
    rows, before = [], None
    for at in range(0, len(black), wide):
        row = black[at : at + wide].hex().upper()
        short = row.rstrip("0")
        rows.append(":" if row == before else row if len(row) - len(short) < 2 else short + ",")
        before = row
    return f"{wide * image.height},{wide},{''.join(rows)}"
